//! What a person sees of their own data: the answers about consent, requests and what became of them, and a copy of everything.
//!
//! Refuses: clocks and stores. The copy holds what the ops say, in plain JSON, whatever this version knows to show of it.

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::City;
use greenshield_domain::consent::{Answer, TRACKS, newest};
use greenshield_domain::ids::{AccountId, RecordId, to_hex};
use greenshield_domain::incident::field;
use greenshield_domain::op::Act;
use greenshield_domain::person;
use greenshield_domain::wish::{self, Wish};
use serde_json::json;

use super::item::{People, person_name};
use super::lamp::state_words;
use super::record::number;
use super::time::Now;
use super::words::{t, tr};

/// An answer is due within so many days (GB/T 35273-2020, 8.7).
const DUE_MILLIS: i64 = 30 * 24 * 3_600_000;

/// Whether walks may be recorded; `None` = the person was never asked.
#[must_use]
pub fn tracks(answers: &[Answer]) -> Option<bool> {
    newest(answers, TRACKS).map(|answer| answer.is_given)
}

/// Since when that holds, in words.
#[must_use]
pub fn tracks_words(answers: &[Answer], now: Now) -> String {
    match newest(answers, TRACKS) {
        None => t("consent.unasked").to_owned(),
        Some(answer) => {
            let words = if answer.is_given { "consent.given_since" } else { "consent.refused_since" };
            tr(words, &[("time", &now.moment(answer.at_millis))])
        }
    }
}

/// A request in words.
#[must_use]
pub fn wish_words(wish: Wish) -> &'static str {
    match wish {
        Wish::Copy => t("own.wish_copy"),
        Wish::Correct => t("own.wish_correct"),
        Wish::Delete => t("own.wish_delete"),
    }
}

/// A request as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishView {
    /// Its record.
    pub record: RecordId,
    /// What is asked for.
    pub what: String,
    /// Who asks, and when.
    pub facts: String,
    /// The words of the person.
    pub note: Option<String>,
    /// How it stands.
    pub state: String,
    /// Until when it is to be answered; `None` once it was.
    pub due: Option<String>,
    /// Whether that is over.
    pub is_late: bool,
    /// What was answered.
    pub answer: Option<String>,
}

impl WishView {
    /// The view of a record.
    #[must_use]
    pub fn of(view: &RecordView, city: &City, people: &People, now: Now) -> Self {
        let row = &view.row;
        let text = |field| view.merged.value(field).and_then(Value::as_text).map(str::to_owned);
        let what = text(wish::field::WHAT).and_then(|word| Wish::from_word(&word));
        let who = row.reporter.map(|account| person_name(people, account)).unwrap_or_default();
        let is_open = row.state.is_none();
        Self {
            record: row.record,
            what: what.map_or_else(String::new, |wish| wish_words(wish).to_owned()),
            facts: format!("{who} · {} · {}", now.moment(row.sort_millis), number(row.record)),
            note: text(field::NOTE),
            state: state_words(row, city),
            due: is_open.then(|| tr("own.due", &[("day", &now.day(row.sort_millis + DUE_MILLIS))])),
            is_late: is_open && now.millis > row.sort_millis + DUE_MILLIS,
            answer: text(field::ANSWER),
        }
    }
}

/// The rows of requests, those without an answer first, the oldest of them on top.
#[must_use]
pub fn wishes(rows: &[ListRow]) -> Vec<RecordId> {
    let mut found: Vec<&ListRow> = rows.iter().filter(|row| row.kind == wish::KIND).collect();
    let place =
        |row: &ListRow| (row.state.is_some(), if row.state.is_some() { -row.sort_millis } else { row.sort_millis });
    found.sort_by_key(|row| place(row));
    found.into_iter().map(|row| row.record).collect()
}

/// Who the copy is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name.
    pub name: String,
    /// The role word.
    pub role: String,
    /// The account.
    pub account: AccountId,
}

/// A copy of everything that a person wrote, and of what is written down about the person, as JSON. What others said in the same
/// records is theirs.
#[must_use]
pub fn copy_text(owner: &Owner, records: &[RecordView], city: &City, now_millis: i64) -> String {
    let record = |view: &RecordView| {
        let kind = city.kind(view.row.kind);
        let is_about = view.row.record == person::record_of(owner.account);
        let ops = view.ops.iter().filter(|row| is_about || row.account == owner.account).map(|row| {
            let header = row.op.header();
            let entries = row.op.body().entries().map(|entry| {
                let field = kind.and_then(|kind| kind.field(entry.field));
                let act = match entry.act {
                    Act::Set => "set",
                    Act::Add => "add",
                    Act::Remove => "remove",
                    Act::Link => "file",
                };
                json!({
                    "field": field.map_or_else(|| entry.field.to_string(), |field| field.name.clone()),
                    "act": act, "value": plain(&entry.value),
                })
            });
            json!({
                "op": row.op.id().to_hex(), "log": header.log.to_hex(), "seq": header.seq, "written_millis": header.wall_millis,
                "received_millis": row.received_millis, "says": entries.collect::<Vec<_>>(),
            })
        });
        json!({
            "record": view.row.record.to_hex(), "number": number(view.row.record),
            "kind": kind.map_or_else(|| view.row.kind.to_string(), |kind| kind.name.clone()),
            "ops": ops.collect::<Vec<_>>(),
        })
    };
    let copy = json!({
        "of": { "name": owner.name, "role": owner.role, "account": owner.account.to_hex() },
        "made_millis": now_millis,
        "records": records.iter().map(record).collect::<Vec<_>>(),
    });
    format!("{copy:#}\n")
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(to_hex(bytes)),
        Value::Array(parts) => parts.iter().map(plain).collect(),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| json!([plain(key), plain(value)])).collect(),
        Value::Null => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::row;
    use super::*;

    fn answer(is_given: bool, at_millis: i64) -> Answer {
        Answer { purpose: TRACKS.to_owned(), is_given, at_millis, version: 1 }
    }

    #[test]
    fn an_answer_holds_until_the_next_one() {
        assert_eq!(tracks(&[]), None);
        assert_eq!(tracks(&[answer(true, 1)]), Some(true));
        assert_eq!(tracks(&[answer(true, 1), answer(false, 2)]), Some(false));
    }

    #[test]
    fn what_waits_for_an_answer_stands_on_top_the_oldest_first() {
        let wish = |n, state: Option<&str>| ListRow { kind: wish::KIND, state: state.map(str::to_owned), ..row(n) };
        let rows = [row(9), wish(3, None), wish(4, Some("done")), wish(2, None), wish(1, Some("refused"))];
        let order: Vec<u8> = wishes(&rows).iter().map(|record| record.0[0]).collect();
        assert_eq!(order, [2, 3, 4, 1]);
    }

    #[test]
    fn a_value_is_copied_whole() {
        let value = Value::Array(vec![Value::Int(1), Value::text("a"), Value::Bytes(vec![255]), Value::Null]);
        assert_eq!(plain(&value).to_string(), r#"[1,"a","ff",null]"#);
    }
}
