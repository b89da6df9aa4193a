//! What the phone noted while a report was made: of itself and of each file; and where the photos say that they were taken, which stands
//! apart when not everybody may know.

use greenshield_domain::cbor::Value;

use super::{CaptureFacts, DraftPhoto, DraftVoice, PhotoSource, ReportDraft};

impl DraftPhoto {
    /// Where the photo says that it was taken.
    fn said_place(&self) -> Option<Value> {
        let (lat, lon) = self.exif.as_ref()?.place?;
        Some(Value::Array(vec![Value::Int(lat), Value::Int(lon)]))
    }
}

impl ReportDraft {
    /// Where the photos say that they were taken; `None` when none does.
    pub(super) fn exact_capture(&self) -> Option<Value> {
        let said = self.photos.iter().filter_map(|photo| {
            let place = pair("place", photo.said_place()?);
            Some(Value::map(vec![pair("blob", photo.original.to_value()), place]))
        });
        let said: Vec<Value> = said.collect();
        (!said.is_empty()).then(|| Value::map(vec![pair("photos", Value::Array(said))]))
    }

    pub(super) fn capture(&self, facts: &CaptureFacts, is_guarded: bool) -> Value {
        let photos = self.photos.iter().map(|photo| {
            let source = if photo.source == PhotoSource::Camera { "camera" } else { "album" };
            let mut facts = vec![
                pair("blob", photo.original.to_value()),
                pair("modified", Value::Int(photo.modified_millis)),
                pair("online", Value::Int(i64::from(photo.was_online))),
                pair("source", Value::text(source)),
            ];
            facts.extend(photo.keep.word().map(|word| pair("kept", Value::text(word))));
            facts.extend(photo.step.iter().map(|step| pair("step", Value::text(step))));
            let exif = photo.exif.as_ref();
            facts.extend(exif.and_then(|exif| exif.taken.as_ref()).map(|taken| pair("taken", Value::text(taken))));
            facts.extend(photo.said_place().filter(|_| !is_guarded).map(|place| pair("place", place)));
            Value::map(facts)
        });
        let mut facts = vec![
            pair("app", Value::text(&facts.app_version)),
            pair("agent", Value::text(&facts.agent)),
            pair("online", Value::Int(i64::from(facts.is_online))),
            pair("photos", Value::Array(photos.collect())),
        ];
        if !self.voices.is_empty() {
            facts.push(pair("voices", Value::Array(self.voices.iter().map(DraftVoice::facts).collect())));
        }
        Value::map(facts)
    }
}

fn pair(key: &str, value: Value) -> (Value, Value) {
    (Value::text(key), value)
}
