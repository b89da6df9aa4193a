//! One record as a page: what is true, who says so, what is disputed, what has arrived.

use greenshield_client::engine::{BlobView, RecordView};
use greenshield_client::rows::BlobRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldType};
use greenshield_domain::ids::{AccountId, BlobId, OpId, RecordId};
use greenshield_domain::incident::state::RETURNED;
use greenshield_domain::incident::{BlobLink, Incident, Place, field, links};
use greenshield_domain::merge::{Candidate, MergeRule};
use greenshield_domain::rough::{has_exact_place, is_rough, told_place};
use greenshield_domain::{land, order};

use super::answers::value_words;
use super::capture::capture_of;
use super::draft::DraftExif;
use super::erasing::{gone_facts, gone_of};
use super::item::{self, People, person_name};
use super::lamp::{Lamp, Tone, state_words};
use super::photo_steps;
use super::story::{self, StepView};
use super::time::Now;
use super::voice::{self, VoiceView};
use super::words::{self, t, tr};

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: String,
    /// A smaller line below.
    pub note: Option<String>,
}

/// A photo as people count them: a file, or a copy and its original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoView {
    /// From 1.
    pub number: usize,
    /// The file to show.
    pub shown: BlobLink,
    /// All its files.
    pub files: Vec<BlobLink>,
    /// What the phone knew when it was added: from the gallery, or taken without a network.
    pub origin: Option<String>,
    /// What the picture says of itself.
    pub said: Option<String>,
}

/// A value of a disputed field.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictValue {
    /// In words.
    pub words: String,
    /// Who and when.
    pub who: String,
    /// Whether it shows now.
    pub is_shown: bool,
    /// The value itself, to choose it.
    pub value: Value,
}

/// A field of which people said different things.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictView {
    /// The field.
    pub field: u32,
    /// Its name.
    pub label: String,
    /// What was said, the shown one first.
    pub values: Vec<ConflictValue>,
}

/// The delivery of the words or of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// What.
    pub label: String,
    /// How far.
    pub lamp: Lamp,
    /// Percent of a running upload.
    pub percent: Option<u8>,
    /// SHA-256 of a file in short.
    pub fingerprint: Option<String>,
    /// The file.
    pub blob: Option<BlobId>,
}

/// What the desk answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerView {
    /// The words.
    pub words: String,
    /// Who and when.
    pub who: String,
}

/// A record as a page.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordScreen {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: u32,
    /// Number that people can read out.
    pub number: String,
    /// Category and place.
    pub title: String,
    /// The category in words.
    pub what: String,
    /// When it was found, ms since 1970.
    pub found_millis: i64,
    /// Who reported it.
    pub person: String,
    /// That account.
    pub reporter: Option<AccountId>,
    /// What the desk asks the reporter and is not answered yet.
    pub question: Option<String>,
    /// How far it is.
    pub lamp: Lamp,
    /// Urgency in words, and whether it is the highest.
    pub urgency: Option<(String, bool)>,
    /// Workflow state: its id and its words.
    pub state: (String, String),
    /// The category's id.
    pub category: Option<String>,
    /// The patrol on which it was found.
    pub patrol: Option<RecordId>,
    /// What is known.
    pub facts: Vec<Fact>,
    /// The answer of the desk.
    pub answer: Option<AnswerView>,
    /// The photos.
    pub photos: Vec<PhotoView>,
    /// What stands where no photo is.
    pub photos_none: String,
    /// The voice notes.
    pub voices: Vec<VoiceView>,
    /// What is disputed.
    pub conflicts: Vec<ConflictView>,
    /// What has arrived.
    pub delivery: Vec<DeliveryView>,
    /// What happened.
    pub story: Vec<StepView>,
    /// Free words as they are now, for the edit form.
    pub note: String,
    /// Name of the place as it is now.
    pub place_name: String,
    /// Where, as exactly as it may be read here.
    pub place: Option<Place>,
    /// Where, for words that leave the app.
    pub told_place: Option<Place>,
    /// Whether the person who looks reported it.
    pub is_mine: bool,
}

impl RecordScreen {
    /// The page of a record.
    #[must_use]
    pub fn of(view: &RecordView, city: &City, people: &People, me: Option<AccountId>, now: Now) -> Self {
        let incident = Incident(&view.merged);
        let row = &view.row;
        let photos = photos(view, city);
        let initial = city.kind(row.kind).and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
        let state = row.state.clone().or_else(|| initial.map(|workflow| workflow.initial.clone())).unwrap_or_default();
        let answer = view.merged.candidate(field::ANSWER).and_then(|candidate| {
            let words = candidate.value.as_text()?.to_owned();
            Some(AnswerView { words, who: who_when(candidate, people, now) })
        });
        Self {
            record: row.record,
            kind: row.kind,
            number: number(row.record),
            title: item::title(row, city),
            what: item::what(row, city),
            found_millis: row.sort_millis,
            reporter: row.reporter,
            question: incident
                .text(field::QUESTION)
                .filter(|_| row.state.as_deref() == Some(RETURNED))
                .map(str::to_owned),
            person: row.reporter.map(|account| person_name(people, account)).unwrap_or_default(),
            lamp: Lamp::of_row(row, city, now),
            urgency: item::urgency_of(row, city)
                .map(|urgency| (words::of(&urgency.name).to_owned(), urgency.id == "critical")),
            state: (state, state_words(row, city)),
            category: row.category.clone(),
            patrol: row.patrol,
            facts: facts(view, city, people, &photos, now),
            answer,
            conflicts: conflicts(view, city, people, now),
            delivery: delivery(view, &photos, now),
            photos,
            photos_none: gone_of(view, field::PHOTOS, now).unwrap_or_else(|| t("record.photos_none").to_owned()),
            voices: voice::voices(view),
            story: story::steps(view, city, people, now),
            note: incident.text(field::NOTE).unwrap_or_default().to_owned(),
            place_name: incident.text(field::PLACE_NAME).unwrap_or_default().to_owned(),
            place: incident.place(),
            told_place: told_place(city, row.kind, &incident),
            is_mine: me.is_some() && row.reporter == me,
        }
    }
}

/// The number of a record that people read out: the random end of its id.
#[must_use]
pub fn number(record: RecordId) -> String {
    let hex = record.to_hex().to_uppercase();
    format!("{}-{}", &hex[24..28], &hex[28..])
}

/// Who said it and when.
#[must_use]
pub fn who_when(candidate: &Candidate, people: &People, now: Now) -> String {
    let (person, time) = (person_name(people, candidate.account), now.moment(candidate.eff_millis));
    tr("record.who_when", &[("person", &person), ("time", &time)])
}

/// A position in words.
#[must_use]
pub fn place_words(place: &Place) -> String {
    let degrees = |e7: i64| {
        format!("{}{}.{:05}", if e7 < 0 { "-" } else { "" }, e7.abs() / 10_000_000, e7.abs() % 10_000_000 / 100)
    };
    tr("record.place_value", &[("lat", &degrees(place.lat_e7)), ("lon", &degrees(place.lon_e7))])
}

fn facts(view: &RecordView, city: &City, people: &People, photos: &[PhotoView], now: Now) -> Vec<Fact> {
    let incident = Incident(&view.merged);
    let fact =
        |label: &'static str, value: String, note: Option<String>| Fact { label: t(label).to_owned(), value, note };
    let mut facts = Vec::new();
    if let Some(account) = view.row.reporter {
        facts.push(fact("record.reporter", person_name(people, account), None));
    }
    if let Some(found) = incident.found_at_millis() {
        let received = view.ops.iter().find_map(|op| op.received_millis);
        let note = received.map(|to| tr("record.not_after", &[("to", &now.moment(to))]));
        facts.push(fact("record.found_at", now.moment(found), note));
    }
    facts.push(match incident.place() {
        Some(place) => {
            let metres = (place.accuracy_cm / 100).max(1).to_string();
            let accuracy = tr("record.place_accuracy", &[("m", &metres)]);
            let note = if is_rough(&place) && !view.gone.contains_key(&field::EXACT_PLACE) {
                t("record.place_rough").to_owned()
            } else if has_exact_place(&view.merged) {
                tr("record.place_guarded", &[("accuracy", &accuracy)])
            } else {
                accuracy
            };
            fact("record.place", place_words(&place), Some(note))
        }
        None => fact("record.place", place_none(view, now), None),
    });
    facts.extend(photos.iter().filter_map(|photo| {
        let label = tr("photo.says_label", &[("n", &photo.number.to_string())]);
        Some(Fact { label, value: photo.said.clone()?, note: Some(t("photo.says_note").to_owned()) })
    }));
    let category = view.row.category.as_deref();
    let shown = city.kind(view.row.kind).into_iter().flat_map(|kind| &kind.fields).filter(|def| {
        let is_told_elsewhere = matches!(def.id, field::CATEGORY | field::STATE | field::ANSWER);
        !is_told_elsewhere && !matches!(def.ty, FieldType::Time | FieldType::Place | FieldType::Map | FieldType::Blob)
    });
    let days = city.kind(view.row.kind).filter(|kind| kind.id == land::KIND).into_iter().flat_map(|kind| &kind.fields);
    let days = days.filter(|def| def.ty == FieldType::Time && def.id != field::FOUND_AT);
    for def in shown.chain(days) {
        let value = view.merged.value(def.id);
        let words = match def.ty {
            FieldType::Time => value.and_then(Value::as_int).map(|millis| now.day(millis)),
            _ => value.and_then(|value| value_words(city, category, def, value)),
        };
        if let Some(value) = words.filter(|value| !value.is_empty()) {
            facts.push(Fact { label: words::of(&def.label).to_owned(), value, note: None });
        }
    }
    facts.extend(gone_facts(view, city, now));
    facts.push(fact("record.number", number(view.row.record), None));
    facts
}

/// What stands where no place is: it was erased, or is not known yet.
#[must_use]
pub fn place_none(view: &RecordView, now: Now) -> String {
    gone_of(view, field::PLACE, now).unwrap_or_else(|| t("record.place_none").to_owned())
}

/// The photos in the order in which they were linked, copies joined to their originals.
fn photos(view: &RecordView, city: &City) -> Vec<PhotoView> {
    let mut photos: Vec<PhotoView> = Vec::new();
    let alive = |blob: &BlobId| view.photos.iter().any(|photo| photo.link.blob == *blob);
    for op in &view.ops {
        let entries: Vec<_> = op.op.body().entries().cloned().collect();
        for link in links(&entries).filter(|link| alive(&link.blob)) {
            let id = link.original.unwrap_or(link.blob);
            let known = photos.iter_mut().find(|photo| photo.files.iter().any(|f| f.original.unwrap_or(f.blob) == id));
            match known {
                Some(photo) if photo.files.iter().any(|file| file.blob == link.blob) => {}
                Some(photo) => photo.files.push(link),
                None => photos.push(PhotoView {
                    number: photos.len() + 1,
                    shown: link.clone(),
                    origin: origin(view, city, id),
                    said: said_by_photo(view, id),
                    files: vec![link],
                }),
            }
        }
    }
    for photo in &mut photos {
        order::sort_by_key(&mut photo.files, |file| file.original.is_none());
        photo.shown = photo.files[0].clone();
        // A copy whose original was never linked: its phone had no room for it.
        if photo.files.iter().all(|file| file.original.is_some()) {
            let words = t("photo.no_original").to_owned();
            photo.origin = Some(photo.origin.take().map_or(words.clone(), |origin| format!("{origin} · {words}")));
        }
    }
    photos
}

/// What the capture facts say of a photo.
fn origin(view: &RecordView, city: &City, original: BlobId) -> Option<String> {
    let of = |name| capture_of(view, "photos", original, name);
    let step = of("step").and_then(Value::as_text).and_then(|step| photo_steps::name(city, step));
    let is_offline = || of("online").and_then(Value::as_int) == Some(0);
    let from = match of("source").and_then(Value::as_text) {
        Some("album") => Some(t("report.photo_from_album")),
        Some(_) if is_offline() => Some(t("report.photo_no_signal")),
        _ => None,
    };
    let words: Vec<String> = step.into_iter().chain(from.map(str::to_owned)).collect();
    (!words.is_empty()).then(|| words.join(" · "))
}

/// What an imported picture says of itself: its own word, beside what the phone measured.
fn said_by_photo(view: &RecordView, original: BlobId) -> Option<String> {
    let of = |name| capture_of(view, "photos", original, name);
    let taken = of("taken").and_then(Value::as_text).map(str::to_owned);
    let place = of("place").and_then(Value::as_array).and_then(|pair| match pair {
        [lat, lon] => lat.as_int().zip(lon.as_int()),
        _ => None,
    });
    (taken.is_some() || place.is_some()).then(|| photo_steps::exif_words(&DraftExif { taken, place }))
}

fn conflicts(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<ConflictView> {
    let kind = city.kind(view.row.kind);
    let category = view.row.category.as_deref();
    let disputed = view.merged.fields.iter().filter(|(_, state)| !state.conflicts.is_empty());
    let view_of = |(id, state): (&u32, &greenshield_domain::merge::FieldState)| {
        let def = kind.and_then(|kind| kind.field(*id))?;
        if state.rule == MergeRule::Once {
            return None;
        }
        let value = |candidate: &Candidate, is_shown| {
            Some(ConflictValue {
                words: value_words(city, category, def, &candidate.value)?,
                who: who_when(candidate, people, now),
                is_shown,
                value: candidate.value.clone(),
            })
        };
        let shown = state.shown.first().and_then(|candidate| value(candidate, true));
        let values: Vec<_> =
            shown.into_iter().chain(state.conflicts.iter().filter_map(|candidate| value(candidate, false))).collect();
        (values.len() > 1).then(|| ConflictView { field: *id, label: words::of(&def.label).to_owned(), values })
    };
    disputed.filter_map(view_of).collect()
}

fn delivery(view: &RecordView, photos: &[PhotoView], now: Now) -> Vec<DeliveryView> {
    let words = DeliveryView {
        label: t("record.delivery_text").to_owned(),
        lamp: if view.row.ops_unsent > 0 {
            saved()
        } else {
            sent(view.ops.iter().filter_map(|op| op.received_millis).max(), now)
        },
        percent: None,
        fingerprint: None,
        blob: None,
    };
    let files = photos.iter().flat_map(|photo| photo.files.iter().map(move |file| (photo, file)));
    let file_view = |(photo, file): (&PhotoView, &BlobLink)| {
        let row = view.photos.iter().find(|BlobView { link, .. }| link.blob == file.blob).and_then(|v| v.row.as_ref());
        let (lamp, percent) = file_lamp(row, now);
        let number = photo.number.to_string();
        let is_original = file.original.is_none() && photo.files.len() > 1;
        let label = if is_original { "record.delivery_original" } else { "record.delivery_photo" };
        DeliveryView {
            label: tr(label, &[("n", &number)]),
            lamp,
            percent,
            fingerprint: Some(fingerprint(file.blob)),
            blob: Some(photo.shown.blob),
        }
    };
    let other = |label: String, BlobView { link, row }: &BlobView| {
        let (lamp, percent) = file_lamp(row.as_ref(), now);
        DeliveryView { label, lamp, percent, fingerprint: Some(fingerprint(link.blob)), blob: None }
    };
    let voice = |(number, file): (usize, &BlobView)| other(tr("voice.n_plain", &[("n", &number.to_string())]), file);
    let voices = (1..).zip(&view.voices).map(voice);
    let document = |file: &BlobView| other(file.link.name.clone().unwrap_or_else(|| file.link.mime.clone()), file);
    let documents = view.documents.iter().map(document);
    std::iter::once(words).chain(files.map(file_view)).chain(voices).chain(documents).collect()
}

fn saved() -> Lamp {
    Lamp { tone: Tone::Saved, icon: "device-mobile", words: t("lamp.saved").to_owned() }
}

fn sent(millis: Option<i64>, now: Now) -> Lamp {
    let words = match millis {
        Some(millis) => tr("lamp.delivered_at", &[("time", &now.moment(millis))]),
        None => t("lamp.delivered").to_owned(),
    };
    Lamp { tone: Tone::Sent, icon: "circle-check", words }
}

fn file_lamp(row: Option<&BlobRow>, now: Now) -> (Lamp, Option<u8>) {
    match row {
        Some(row) if row.mine && row.delivered_millis.is_none() => {
            let percent = u8::try_from(row.offset_bytes * 100 / row.size_bytes.max(1)).unwrap_or(100);
            if row.offset_bytes == 0 {
                return (saved(), None);
            }
            let words = tr("lamp.sending_percent", &[("percent", &percent.to_string())]);
            (Lamp { tone: Tone::Warn, icon: "cloud-upload", words }, Some(percent))
        }
        Some(row) => (sent(row.delivered_millis, now), None),
        None => (Lamp { tone: Tone::Plain, icon: "download", words: t("record.photo_unfetched").to_owned() }, None),
    }
}

/// A hash that people can compare by eye.
#[must_use]
pub fn fingerprint(blob: BlobId) -> String {
    let hex = blob.to_hex();
    tr("record.fingerprint", &[("hash", &format!("{} {} … {}", &hex[..4], &hex[4..8], &hex[60..]))])
}

/// The ops of a record, so that pages can tell whether anything is new.
#[must_use]
pub fn op_ids(view: &RecordView) -> Vec<OpId> {
    view.ops.iter().map(|op| op.op.id()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_five_decimals_and_their_sign() {
        let place = |lat_e7, lon_e7| Place {
            lat_e7,
            lon_e7,
            accuracy_cm: 600,
            fixed_millis: 0,
            source: greenshield_domain::incident::PlaceSource::Device,
        };
        assert_eq!(place_words(&place(387_421_000, 998_835_012)), "38.74210, 99.88350");
        assert_eq!(place_words(&place(-5_000, -1)), "-0.00050, -0.00000");
    }

    #[test]
    fn a_file_on_the_way_tells_its_percent() {
        let row = BlobRow {
            size_bytes: 200,
            mime: String::new(),
            record: None,
            original: None,
            stored_millis: 0,
            mine: true,
            local: true,
            delivered_millis: None,
            upload_path: None,
            offset_bytes: 80,
            tries: 0,
            next_attempt_millis: 0,
            reason: String::new(),
        };
        let now = Now::default();
        assert_eq!(file_lamp(Some(&row), now).1, Some(40));
        assert_eq!(file_lamp(Some(&BlobRow { offset_bytes: 0, ..row.clone() }), now).0.tone, Tone::Saved);
        assert_eq!(file_lamp(Some(&BlobRow { delivered_millis: Some(1), ..row }), now).0.tone, Tone::Sent);
    }
}
