//! The report form as data: what is kept on disk while somebody fills it in, and the op that it becomes.
//!
//! Invariant: a photo is named here only after its bytes are in the store in the same transaction.

mod facts;

use std::collections::BTreeMap;

use greenshield_client::rows::ListRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, Kind};
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, Place, PlaceSource, field};
use greenshield_domain::op::Entry;
use greenshield_domain::rough::{guards, place_entries};
use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::storage::Keep;
use super::voice::{DraftRecording, DraftVoice, MOST_VOICES};

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
    /// What of it is on this phone.
    #[serde(default)]
    pub keep: Keep,
    /// Camera or gallery.
    pub source: PhotoSource,
    /// Whether there was a network.
    pub was_online: bool,
    /// Last change of the file, ms since 1970.
    pub modified_millis: i64,
    /// What it shows, a word of the catalogue: from far, from near.
    #[serde(default)]
    pub step: Option<String>,
    /// What the file itself says, for one from the gallery.
    #[serde(default)]
    pub exif: Option<DraftExif>,
}

/// What a picture says of itself: a hint, never the truth of the report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DraftExif {
    /// When it was taken, by the camera's own clock and zone: `2026-11-23 14:05:00`.
    pub taken: Option<String>,
    /// Where: latitude and longitude × 1e7.
    pub place: Option<(i64, i64)>,
}

/// What was taken out of a form and can be put back: where it stood, and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// A photo.
    Photo(usize, DraftPhoto),
    /// A voice note.
    Voice(usize, DraftVoice),
}

impl DraftPhoto {
    /// The file to show: the small one.
    #[must_use]
    pub fn shown(&self) -> (BlobId, &str) {
        self.copy.map_or((self.original, self.mime.as_str()), |(copy, _)| (copy, "image/jpeg"))
    }

    /// Its files on this phone.
    #[must_use]
    pub fn files(&self) -> Vec<BlobId> {
        [self.has_original().then_some(self.original), self.copy.map(|(copy, _)| copy)].into_iter().flatten().collect()
    }

    /// Whether the file as it was taken is here; of one that had no room only the hash is noted.
    #[must_use]
    pub fn has_original(&self) -> bool {
        self.keep == Keep::Original
    }

    /// The entries that link its files: the original, and the copy made of it. The copy names the original in any case.
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
        [self.has_original().then_some(original), copy].into_iter().flatten().map(|link| link.to_entry(field::PHOTOS))
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
    /// Whether somebody pointed at it on the map.
    #[serde(default)]
    pub is_pinned: bool,
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
    /// Its voice notes.
    pub voices: Vec<DraftVoice>,
    /// The voice note that is being recorded.
    pub recording: Option<DraftRecording>,
    /// Files that were taken out; they keep their room until the form is saved or thrown away.
    pub removed: Vec<BlobId>,
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
            || !self.voices.is_empty()
            || self.recording.is_some()
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

    /// All its files, also those that were taken out.
    #[must_use]
    pub fn files(&self) -> Vec<BlobId> {
        let voices = self.voices.iter().map(|voice| voice.blob);
        self.photos.iter().flat_map(DraftPhoto::files).chain(voices).chain(self.removed.iter().copied()).collect()
    }

    /// Takes a photo out.
    pub fn remove_photo(&mut self, original: BlobId) -> Option<Removed> {
        let at = self.photos.iter().position(|photo| photo.original == original)?;
        let photo = self.photos.remove(at);
        self.removed.extend(photo.files());
        Some(Removed::Photo(at, photo))
    }

    /// Takes a voice note out.
    pub fn remove_voice(&mut self, blob: BlobId) -> Option<Removed> {
        let at = self.voices.iter().position(|voice| voice.blob == blob)?;
        self.removed.push(blob);
        Some(Removed::Voice(at, self.voices.remove(at)))
    }

    /// Puts back what was taken out.
    pub fn restore(&mut self, removed: Removed) {
        let files = match removed {
            Removed::Photo(at, photo) => {
                let files = photo.files();
                self.photos.insert(at.min(self.photos.len()), photo);
                files
            }
            Removed::Voice(at, voice) => {
                let files = vec![voice.blob];
                self.voices.insert(at.min(self.voices.len()), voice);
                files
            }
        };
        self.removed.retain(|file| !files.contains(file));
    }

    /// The changes that the report is made of: what is asked follows from its category, and whether all may know the exact place.
    #[must_use]
    pub fn entries(&self, city: &City, kind: &Kind, facts: &CaptureFacts) -> Vec<Entry> {
        let category = self.category.as_deref().and_then(|id| city.catalog.category(id));
        let asked = |id: &str| category.is_some_and(|category| category.fields.iter().any(|field| field.id == id));
        let is_guarded = guards(city, kind.id, self.category.as_deref());
        let mut entries = vec![Entry::set(field::FOUND_AT, Value::Int(self.started_millis))];
        entries.extend(self.place.into_iter().flat_map(|place| place_entries(place_of(place), is_guarded)));
        entries.push(Entry::set(field::CAPTURE, self.capture(facts, is_guarded)));
        entries.extend(self.exact_capture().filter(|_| is_guarded).map(|said| Entry::set(field::EXACT_CAPTURE, said)));
        if let Some(category) = &self.category {
            entries.push(Entry::set(field::CATEGORY, Value::text(category)));
        }
        for (id, answer) in self.answers.iter().filter(|(id, answer)| asked(id) && !answer.is_empty()) {
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
        entries.extend(self.voices.iter().take(MOST_VOICES).map(DraftVoice::link));
        entries
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
        source: if place.is_pinned { PlaceSource::Pin } else { PlaceSource::Device },
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
            keep: Keep::Original,
            source: PhotoSource::Camera,
            was_online: false,
            modified_millis: 5,
            step: Some("far".to_owned()),
            exif: None,
        }
    }

    fn voice() -> DraftVoice {
        DraftVoice {
            blob: BlobId([3; 32]),
            size_bytes: 9_000,
            mime: "audio/webm".to_owned(),
            length_millis: 2_400,
            started_millis: 6,
            was_cut: false,
        }
    }

    #[test]
    fn of_a_photo_without_room_the_copy_is_linked_and_the_hash_of_its_original_noted() {
        let small = DraftPhoto { keep: Keep::Small, ..photo() };
        let entries: Vec<Entry> = small.links().collect();
        let found: Vec<_> = links(&entries).map(|link| (link.blob, link.original)).collect();
        assert_eq!(found, [(BlobId([2; 32]), Some(BlobId([1; 32])))]);
        assert_eq!((small.files(), small.has_original()), (vec![BlobId([2; 32])], false));
        let draft = ReportDraft { photos: vec![small], ..ReportDraft::begun(7) };
        let told = format!("{:?}", draft.capture(&CaptureFacts::default(), false));
        assert!(told.contains(r#""kept": "small""#), "{told}");
        // A draft of an older app kept everything.
        let older = draft.encode();
        let older = String::from_utf8_lossy(&older).replace(r#""keep":"small","#, "");
        let read = ReportDraft::decode(older.as_bytes()).map(|draft| draft.photos[0].keep);
        assert_eq!(read, Some(Keep::Original));
    }

    #[test]
    fn what_was_taken_out_can_be_put_back_where_it_stood_and_keeps_its_files_until_then() {
        let mut draft = ReportDraft::begun(7);
        let second = DraftPhoto { original: BlobId([9; 32]), copy: None, ..photo() };
        draft.photos = vec![photo(), second];
        draft.voices = vec![voice()];
        let before = draft.clone();
        let photo = draft.remove_photo(BlobId([1; 32])).unwrap();
        let voice = draft.remove_voice(BlobId([3; 32])).unwrap();
        assert_eq!((draft.photos.len(), draft.voices.len(), draft.files().len()), (1, 0, 4));
        draft.restore(voice);
        draft.restore(photo);
        assert_eq!(draft, before);
        assert_eq!(draft.remove_photo(BlobId([5; 32])), None);
    }

    #[test]
    fn a_voice_note_is_linked_and_its_length_stands_in_the_capture_facts() {
        let city = city();
        let mut draft = ReportDraft::begun(7);
        draft.voices.push(voice());
        assert!(draft.is_worth_keeping());
        let entries = draft.entries(&city, city.kind(10).unwrap(), &CaptureFacts::default());
        let linked = entries.iter().find(|entry| entry.field == field::VOICE).unwrap();
        assert_eq!((linked.act, BlobLink::from_value(&linked.value).unwrap().blob), (Act::Link, BlobId([3; 32])));
        let Value::Map(facts) = draft.capture(&CaptureFacts::default(), false) else { unreachable!("a map") };
        let (_, voices) = facts.iter().find(|(key, _)| key.as_text() == Some("voices")).unwrap();
        assert_eq!(voices, &Value::Array(vec![voice().facts()]));
    }

    #[test]
    fn a_draft_of_an_earlier_version_opens() {
        let old = br#"{"started_millis":7,"photos":[],"category":"x","answers":{},"note":"n","place_name":"","place":null,"skipped_photo":true}"#;
        let draft = ReportDraft::decode(old).unwrap();
        assert_eq!((draft.note.as_str(), draft.voices.len(), draft.recording), ("n", 0, None));
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
        let entries = draft.entries(&city, kind, &CaptureFacts::default());
        let linked: Vec<_> = links(&entries).map(|link| (link.blob.0[0], link.original.map(|o| o.0[0]))).collect();
        assert_eq!(linked, [(1, None), (2, Some(1))]);
        assert!(entries.iter().filter(|entry| entry.act == Act::Link).all(|entry| entry.field == field::PHOTOS));
        let note = entries.iter().find(|entry| entry.field == field::NOTE).unwrap();
        assert_eq!(note.value.as_text(), Some("冒烟"));
        assert_eq!(entries.iter().filter(|entry| entry.field >= 100).count(), 1);
    }

    #[test]
    fn where_a_rare_animal_was_stands_exactly_only_in_a_field_that_not_all_may_read() {
        let (city, mut draft) = (city(), ReportDraft::begun(7));
        draft.place = Some(DraftPlace { lat_e7: 1, lon_e7: 2, accuracy_cm: 8, fixed_millis: 7, is_pinned: true });
        let told = |draft: &ReportDraft, wanted: u32| {
            let entries = draft.entries(&city, city.kind(10).unwrap(), &CaptureFacts::default());
            entries.into_iter().find(|entry| entry.field == wanted).and_then(|entry| Place::from_value(&entry.value))
        };
        draft.choose("illegal-logging");
        assert!(told(&draft, field::PLACE) == draft.place.map(place_of) && told(&draft, field::EXACT_PLACE).is_none());
        draft.choose("wildlife-sighting");
        assert!(told(&draft, field::PLACE).is_some_and(|place| greenshield_domain::rough::is_rough(&place)));
        assert_eq!(told(&draft, field::EXACT_PLACE), draft.place.map(place_of));
    }

    #[test]
    fn the_agent_is_short() {
        let chrome = "Mozilla/5.0 (Linux; Android 13; X) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36";
        assert_eq!(short_agent(chrome), "Chrome/131 Android");
    }
}
