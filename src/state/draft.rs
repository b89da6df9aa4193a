//! The report form as data: what is kept on disk while somebody fills it in, and the op that it becomes.
//!
//! Invariant: a photo is named here only after its bytes are in the store in the same transaction.

use std::collections::BTreeMap;

use greenshield_client::rows::ListRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::Kind;
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, Place, PlaceSource, field};
use greenshield_domain::op::Entry;
use serde::{Deserialize, Serialize};

use super::answers::Answer;

/// The name of the report form among the drafts.
pub const REPORT: &str = "report";
/// Most photos of one report: two links each, and an op has 64 entries.
pub const MOST_PHOTOS: usize = 12;
/// Most characters of a free text; an op has 16 KiB.
pub const MOST_CHARS: usize = 1_500;

/// Where a photo comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhotoSource {
    /// Taken just now.
    Camera,
    /// Chosen from the gallery: when and where it was taken is not known.
    Album,
}

/// A photo of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPhoto {
    /// The file as it was taken.
    pub original: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// Its media type.
    pub mime: String,
    /// The small copy and its size, if one could be made.
    pub copy: Option<(BlobId, u64)>,
    /// Camera or gallery.
    pub source: PhotoSource,
    /// Whether there was a network.
    pub was_online: bool,
    /// Last change of the file, ms since 1970.
    pub modified_millis: i64,
}

impl DraftPhoto {
    /// The file to show: the small one.
    #[must_use]
    pub fn shown(&self) -> (BlobId, &str) {
        self.copy.map_or((self.original, self.mime.as_str()), |(copy, _)| (copy, "image/jpeg"))
    }

    /// Both files.
    #[must_use]
    pub fn files(&self) -> Vec<BlobId> {
        [Some(self.original), self.copy.map(|(copy, _)| copy)].into_iter().flatten().collect()
    }

    /// The entries that link its files: the original, and the copy made of it.
    pub fn links(&self) -> impl Iterator<Item = Entry> {
        let original = BlobLink {
            blob: self.original,
            size_bytes: self.size_bytes,
            mime: self.mime.clone(),
            name: None,
            original: None,
        };
        let copy = self.copy.map(|(blob, size_bytes)| BlobLink {
            blob,
            size_bytes,
            mime: "image/jpeg".to_owned(),
            name: None,
            original: Some(self.original),
        });
        [Some(original), copy].into_iter().flatten().map(|link| link.to_entry(field::PHOTOS))
    }
}

/// A position of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPlace {
    /// Latitude × 1e7.
    pub lat_e7: i64,
    /// Longitude × 1e7.
    pub lon_e7: i64,
    /// Radius in cm.
    pub accuracy_cm: i64,
    /// When it was measured, ms since 1970.
    pub fixed_millis: i64,
}

/// Facts of the phone at the moment of saving.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaptureFacts {
    /// Version of the app.
    pub app_version: String,
    /// Short user agent.
    pub agent: String,
    /// Whether there was a network.
    pub is_online: bool,
}

/// The form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportDraft {
    /// When it was begun, ms since 1970: the time of finding.
    pub started_millis: i64,
    /// Its photos.
    pub photos: Vec<DraftPhoto>,
    /// The chosen category.
    pub category: Option<String>,
    /// Answers by the id of the question.
    pub answers: BTreeMap<String, Answer>,
    /// Free words.
    pub note: String,
    /// Name of the place.
    pub place_name: String,
    /// The best position so far.
    pub place: Option<DraftPlace>,
    /// Whether the person went on without a photo.
    pub skipped_photo: bool,
}

/// What the first page tells about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftSummary {
    /// When it was begun, ms since 1970.
    pub started_millis: i64,
    /// How many photos are in it.
    pub photos: usize,
}

impl ReportDraft {
    /// An empty form.
    #[must_use]
    pub fn begun(now_millis: i64) -> Self {
        Self { started_millis: now_millis, ..Self::default() }
    }

    /// Whether throwing it away would lose something.
    #[must_use]
    pub fn is_worth_keeping(&self) -> bool {
        !self.photos.is_empty()
            || self.category.is_some()
            || !self.note.trim().is_empty()
            || !self.place_name.trim().is_empty()
    }

    /// What the first page tells, when there is anything in it.
    #[must_use]
    pub fn summary(&self) -> Option<DraftSummary> {
        let summary = DraftSummary { started_millis: self.started_millis, photos: self.photos.len() };
        self.is_worth_keeping().then_some(summary)
    }

    /// Bytes to keep.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Plain data with text keys: serialising it has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads kept bytes. A draft of another version reads as far as it is understood.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Changes the category. Answers to questions that it does not ask stay, unseen, until the report is saved.
    pub fn choose(&mut self, category: &str) {
        self.category = Some(category.to_owned());
    }

    /// The files of all photos.
    #[must_use]
    pub fn files(&self) -> Vec<BlobId> {
        self.photos.iter().flat_map(DraftPhoto::files).collect()
    }

    /// The changes that the report is made of. `asked` are the ids of the questions of its category.
    #[must_use]
    pub fn entries(&self, kind: &Kind, asked: &[String], facts: &CaptureFacts) -> Vec<Entry> {
        let mut entries = vec![Entry::set(field::FOUND_AT, Value::Int(self.started_millis))];
        if let Some(place) = self.place {
            entries.push(Entry::set(field::PLACE, place_of(place).to_value()));
        }
        entries.push(Entry::set(field::CAPTURE, self.capture(facts)));
        if let Some(category) = &self.category {
            entries.push(Entry::set(field::CATEGORY, Value::text(category)));
        }
        for (id, answer) in self.answers.iter().filter(|(id, answer)| asked.contains(id) && !answer.is_empty()) {
            if let Some(field) = kind.catalog_field(id) {
                entries.push(Entry::set(field.id, answer.to_value(field.ty)));
            }
        }
        for (id, text) in [(field::NOTE, &self.note), (field::PLACE_NAME, &self.place_name)] {
            if !text.trim().is_empty() {
                entries.push(Entry::set(id, Value::text(cut(text.trim()))));
            }
        }
        entries.extend(self.photos.iter().take(MOST_PHOTOS).flat_map(DraftPhoto::links));
        entries
    }

    fn capture(&self, facts: &CaptureFacts) -> Value {
        let pair = |key: &str, value: Value| (Value::text(key), value);
        let photos = self.photos.iter().map(|photo| {
            let source = if photo.source == PhotoSource::Camera { "camera" } else { "album" };
            Value::map([
                pair("blob", photo.original.to_value()),
                pair("modified", Value::Int(photo.modified_millis)),
                pair("online", Value::Int(i64::from(photo.was_online))),
                pair("source", Value::text(source)),
            ])
        });
        Value::map([
            pair("app", Value::text(&facts.app_version)),
            pair("agent", Value::text(&facts.agent)),
            pair("online", Value::Int(i64::from(facts.is_online))),
            pair("photos", Value::Array(photos.collect())),
        ])
    }
}

/// A position of the device as the domain writes it.
#[must_use]
pub fn place_of(place: DraftPlace) -> Place {
    Place {
        lat_e7: place.lat_e7,
        lon_e7: place.lon_e7,
        accuracy_cm: place.accuracy_cm,
        fixed_millis: place.fixed_millis,
        source: PlaceSource::Device,
    }
}

/// A text that fits an op.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARS).collect()
}

/// Browser and system in a few letters: what matters for a later question, and no more.
#[must_use]
pub fn short_agent(user_agent: &str) -> String {
    let known = ["MicroMessenger/", "HuaweiBrowser/", "EdgA/", "Edg/", "Firefox/", "CriOS/", "Chrome/", "Version/"];
    let browser = known.iter().find_map(|name| {
        let at = user_agent.find(name)?;
        user_agent[at..].split([' ', '.']).next()
    });
    let systems = ["Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux"];
    let system = systems.iter().find(|system| user_agent.contains(**system));
    format!("{} {}", browser.unwrap_or_default(), system.copied().unwrap_or_default()).trim().to_owned()
}

/// Whether a row is a report of the category list at all.
#[must_use]
pub fn is_incident(row: &ListRow) -> bool {
    row.kind == greenshield_domain::incident::KIND
}

#[cfg(test)]
mod tests {
    use greenshield_domain::incident::links;
    use greenshield_domain::op::Act;

    use super::super::item::tests::city;
    use super::*;

    fn photo() -> DraftPhoto {
        DraftPhoto {
            original: BlobId([1; 32]),
            size_bytes: 4_000_000,
            mime: "image/jpeg".to_owned(),
            copy: Some((BlobId([2; 32]), 350_000)),
            source: PhotoSource::Camera,
            was_online: false,
            modified_millis: 5,
        }
    }

    #[test]
    fn a_kept_form_reads_back_and_an_empty_one_is_not_worth_keeping() {
        let mut draft = ReportDraft::begun(7);
        assert_eq!(draft.summary(), None);
        draft.photos.push(photo());
        draft.answers.insert("wasteType".to_owned(), Answer::Option("x".to_owned()));
        assert_eq!(ReportDraft::decode(&draft.encode()), Some(draft.clone()));
        assert_eq!(draft.summary().map(|summary| summary.photos), Some(1));
    }

    #[test]
    fn a_report_links_original_and_copy_and_only_asked_answers() {
        let city = city();
        let kind = city.kind(10).unwrap();
        let mut draft = ReportDraft::begun(7);
        draft.photos.push(photo());
        draft.choose("forest-grassland-fire");
        draft.answers.insert("fireSize".to_owned(), Answer::Option("spot".to_owned()));
        draft.answers.insert("catchKg".to_owned(), Answer::Number(1_000));
        draft.note = "  冒烟  ".to_owned();
        let entries = draft.entries(kind, &["fireSize".to_owned()], &CaptureFacts::default());
        let linked: Vec<_> = links(&entries).map(|link| (link.blob.0[0], link.original.map(|o| o.0[0]))).collect();
        assert_eq!(linked, [(1, None), (2, Some(1))]);
        assert!(entries.iter().filter(|entry| entry.act == Act::Link).all(|entry| entry.field == field::PHOTOS));
        let note = entries.iter().find(|entry| entry.field == field::NOTE).unwrap();
        assert_eq!(note.value.as_text(), Some("冒烟"));
        assert_eq!(entries.iter().filter(|entry| entry.field >= 100).count(), 1);
    }

    #[test]
    fn the_agent_is_short() {
        let chrome = "Mozilla/5.0 (Linux; Android 13; X) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36";
        assert_eq!(short_agent(chrome), "Chrome/131 Android");
    }
}
