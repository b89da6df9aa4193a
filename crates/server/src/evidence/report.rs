//! The report of an export, for people: one page of HTML that needs nothing else.
//!
//! Invariant: every word that a person wrote is escaped.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::City;
use greenshield_domain::ids::{BlobId, RecordId, sha256, to_hex};
use greenshield_domain::incident::{BlobLink, Place};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::{PersonRow, PulledOp, Verdict};

use crate::store::BlobRow;

/// How to check an export.
pub(super) const README: &str = include_str!("../../templates/evidence-readme.txt");
const REPORT: &str = include_str!("../../templates/evidence-report.html");

const WORDS: &str = include_str!("../../templates/evidence-words.json");

/// The words of the report, by key.
pub(super) struct Words(BTreeMap<String, String>);

impl Words {
    pub(super) fn load() -> Self {
        // The file is part of the program; a test reads it.
        Self(serde_json::from_str(WORDS).unwrap_or_default())
    }

    fn of(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }
}

/// What the report tells.
pub(super) struct Report<'a> {
    pub(super) words: Words,
    pub(super) city: &'a City,
    pub(super) record: RecordId,
    pub(super) now_millis: i64,
    pub(super) server: &'a PublicKey,
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) ops: &'a [(PulledOp, SignedOp)],
    pub(super) people: &'a [PersonRow],
    pub(super) files: &'a [BlobRow],
    pub(super) missing: &'a [BlobId],
}

impl Report<'_> {
    /// The page.
    pub(super) fn html(&self) -> String {
        let facts = [
            ("record", self.record.to_hex()),
            ("created", beijing(self.now_millis)),
            ("ops", self.ops.len().to_string()),
            ("log_size", self.checkpoint.size.to_string()),
            ("root", to_hex(&self.checkpoint.root)),
            ("fingerprint", to_hex(&sha256(&[&self.server.0]))),
        ];
        let facts: String = facts
            .iter()
            .map(|(name, value)| {
                format!("<tr><th>{}</th><td><code>{}</code></td></tr>", self.words.of(name), escape(value))
            })
            .collect();
        let story: String = self.ops.iter().map(|(pulled, op)| self.line(pulled, op)).collect();
        let present = self.files.iter().map(|row| {
            let (id, size, at) = (row.id, row.size_bytes, beijing(row.received_millis));
            format!("<tr><td><code>{id}</code></td><td>{size}</td><td>{at}</td></tr>")
        });
        let missing = self
            .missing
            .iter()
            .map(|id| format!("<tr><td><code>{id}</code></td><td>-</td><td>{}</td></tr>", self.words.of("absent")));
        let files: String = present.chain(missing).collect();
        // What people wrote comes last, so that their braces mean nothing.
        REPORT.replace("{{facts}}", &facts).replace("{{files}}", &files).replace("{{story}}", &story)
    }

    fn line(&self, pulled: &PulledOp, op: &SignedOp) -> String {
        let person = self.people.iter().find(|person| person.account == pulled.account);
        let who = person.map_or_else(|| pulled.account.to_hex(), |person| person.name.clone());
        let what: String = op.body().entries().map(|entry| self.entry(op.header().kind, entry)).collect();
        let state = match &pulled.verdict {
            Verdict::Ok => String::new(),
            Verdict::Held(reason) => format!("<div>({}{})</div>", self.words.of("held"), escape(reason)),
            Verdict::Void => format!("<div>({})</div>", self.words.of("void")),
        };
        format!(
            "<tr><td>{} {}<br>{} {}</td><td>{}</td><td>{what}{state}<code>{}</code></td></tr>",
            self.words.of("phone"),
            beijing(op.header().wall_millis),
            self.words.of("delivered"),
            beijing(pulled.received_millis),
            escape(&who),
            op.id(),
        )
    }

    fn entry(&self, kind: u32, entry: &Entry) -> String {
        let field = self.city.kind(kind).and_then(|kind| kind.field(entry.field));
        let name = field.map_or_else(|| format!("#{}", entry.field), |field| field.label.zh.clone());
        let act = if entry.act == Act::Remove { self.words.of("removed") } else { "" };
        format!("<div>{} {act}{}{}</div>", escape(&name), self.words.of("colon"), escape(&self.told(&entry.value)))
    }

    fn told(&self, value: &Value) -> String {
        if let Some(link) = BlobLink::from_value(value) {
            return format!("{}, {} {}, {}", link.mime, link.size_bytes, self.words.of("bytes"), link.blob);
        }
        if let Some(place) = Place::from_value(value) {
            let degrees = |e7: i64| {
                format!("{}{}.{:07}", if e7 < 0 { "-" } else { "" }, e7.abs() / 10_000_000, e7.abs() % 10_000_000)
            };
            return format!(
                "{}, {} (WGS-84, ±{} {})",
                degrees(place.lat_e7),
                degrees(place.lon_e7),
                place.accuracy_cm / 100,
                self.words.of("metres"),
            );
        }
        match value {
            Value::Text(text) => {
                self.city.catalog.category(text).map_or_else(|| text.clone(), |found| found.name.zh.clone())
            }
            Value::Int(number) if (1_000_000_000_000..10_000_000_000_000).contains(number) => beijing(*number),
            Value::Int(number) => number.to_string(),
            Value::Bytes(bytes) => to_hex(bytes),
            Value::Array(items) => {
                items.iter().map(|item| self.told(item)).collect::<Vec<_>>().join(self.words.of("and"))
            }
            Value::Map(pairs) => {
                let pair = |(key, value): &(Value, Value)| format!("{}={}", self.told(key), self.told(value));
                pairs.iter().map(pair).collect::<Vec<_>>().join(self.words.of("and"))
            }
            Value::Null => self.words.of("empty").to_owned(),
        }
    }
}

/// `2026-11-24 09:30:05` at UTC+8; the number where no calendar has that moment.
fn beijing(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).and_then(|time| time.checked_add_signed(TimeDelta::hours(8)));
    time.map_or_else(|| millis.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S").to_string())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_beijing() {
        assert_eq!(beijing(0), "1970-01-01 08:00:00");
        assert_eq!(beijing(1_795_424_400_000), "2026-11-23 17:00:00");
        assert_eq!(beijing(951_782_400_000), "2000-02-29 08:00:00");
        assert_eq!(beijing(-1), "1970-01-01 07:59:59");
    }

    #[test]
    fn every_word_of_the_report_is_there() {
        let asked = include_str!("report.rs").split("words.of(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let words = Words::load();
        assert!(asked.into_iter().all(|key| key.contains("\\") || !words.of(key).is_empty()));
        assert!(
            ["record", "created", "ops", "log_size", "root", "fingerprint"].iter().all(|key| !words.of(key).is_empty())
        );
    }

    #[test]
    fn what_people_wrote_is_no_markup() {
        assert_eq!(escape("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
    }
}
