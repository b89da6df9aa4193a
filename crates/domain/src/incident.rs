//! The incident as code sees it: typed access to the fields whose meaning code needs.
//!
//! Owns: the numbers of those fields (the same as in `city/kinds.json`, kind `incident`) and the bytes of their values.
//! Refuses: labels, forms and rules, which are data of the city package.

use crate::cbor::Value;
use crate::ids::{AccountId, BlobId, OpId, RecordId};
use crate::merge::{Candidate, Merged};
use crate::op::{Act, Entry};
use crate::policy::ASSIGNED;

/// The kind number of an incident.
pub const KIND: u32 = 10;

/// Field numbers of an incident; never reused.
pub mod field {
    /// When it was found (`once`, ms since 1970).
    pub const FOUND_AT: u32 = 1;
    /// Where (`once`).
    pub const PLACE: u32 = 2;
    /// Facts of the capture (`once`): what the phone knew.
    pub const CAPTURE: u32 = 3;
    /// Catalogue category (`review`).
    pub const CATEGORY: u32 = 4;
    /// Name of the place (`lww`).
    pub const PLACE_NAME: u32 = 5;
    /// Free words (`lww`).
    pub const NOTE: u32 = 6;
    /// Workflow state (`lww`).
    pub const STATE: u32 = 7;
    /// What the desk answers the reporter (`lww`).
    pub const ANSWER: u32 = 8;
    /// Photos (`set` of blob links).
    pub const PHOTOS: u32 = 9;
    /// What was done on the spot (`lww`).
    pub const HANDLED: u32 = 10;
    /// Urgency chosen by a person (`lww`).
    pub const URGENCY: u32 = 11;
    /// Position filled in later (`lww`).
    pub const CORRECTED_PLACE: u32 = 12;
    /// Voice notes (`set` of blob links).
    pub const VOICE: u32 = 13;
    /// What the desk asks the reporter (`lww`).
    pub const QUESTION: u32 = 14;
    /// What the reporter says to that (`lww`).
    pub const REPLY: u32 = 15;
    /// The report that tells the same and goes on (`lww`, 16 bytes).
    pub const DUPLICATE_OF: u32 = 16;
    /// Why it was passed on to a unit (`lww`).
    pub const FORWARD_REASON: u32 = 17;
    /// What the unit says to that (`lww`).
    pub const UNIT_REPLY: u32 = 18;
    /// How far its referral is (`lww`): a state of that workflow, all that the reporter sees of it.
    pub const REFERRAL_STATE: u32 = 19;
    /// Until when the unit is asked to answer (`lww`, ms since 1970).
    pub const REPLY_BY: u32 = 22;
    /// Where exactly (`once`), when [`PLACE`] is rough because not everybody may know.
    pub const EXACT_PLACE: u32 = 23;
    /// Where photos say that they were taken (`once`, of the shape of [`CAPTURE`]), when not everybody may know.
    pub const EXACT_CAPTURE: u32 = 24;
}

/// States of an incident that code knows, the words of `city/workflows.json`.
pub mod state {
    /// The desk asked the reporter something.
    pub const RETURNED: &str = "returned";
    /// The reporter or the unit said something that the desk has not seen.
    pub const REPLIED: &str = "replied";
    /// With a unit.
    pub const FORWARDED: &str = "forwarded";
    /// It tells the same as another report.
    pub const DUPLICATE: &str = "duplicate";
    /// A referral was made of it.
    pub const REFERRED: &str = "referred";
}

/// Where a position comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceSource {
    /// The phone's positioning.
    Device,
    /// A pin set by hand.
    Pin,
    /// The EXIF of an imported picture: a hint.
    Exif,
}

/// A WGS-84 position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Latitude × 1e7.
    pub lat_e7: i64,
    /// Longitude × 1e7.
    pub lon_e7: i64,
    /// Radius of 95 % confidence, in cm.
    pub accuracy_cm: i64,
    /// When the fix was made, ms since 1970.
    pub fixed_millis: i64,
    /// Where it comes from.
    pub source: PlaceSource,
}

impl Place {
    /// The value of a `place` field.
    #[must_use]
    pub fn to_value(self) -> Value {
        let numbers = [self.lat_e7, self.lon_e7, self.accuracy_cm, self.fixed_millis, self.source as i64];
        Value::Array(numbers.map(Value::Int).to_vec())
    }

    /// Reads a value; `None` when it is none or lies outside the globe.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [lat, lon, accuracy, fixed, source] = value.as_array()? else { return None };
        let sources = [PlaceSource::Device, PlaceSource::Pin, PlaceSource::Exif];
        let source = source.as_int().and_then(|i| usize::try_from(i).ok()).and_then(|i| sources.get(i))?;
        let place = Self {
            lat_e7: lat.as_int()?,
            lon_e7: lon.as_int()?,
            accuracy_cm: accuracy.as_int()?,
            fixed_millis: fixed.as_int()?,
            source: *source,
        };
        let on_globe = place.lat_e7.unsigned_abs() <= 900_000_000 && place.lon_e7.unsigned_abs() <= 1_800_000_000;
        (on_globe && place.accuracy_cm >= 0).then_some(place)
    }
}

/// Longest MIME type of a blob.
const MAX_MIME_BYTES: usize = 100;

/// Whether a text is a MIME type that a blob may have: without parameters.
#[must_use]
pub fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    text.len() <= MAX_MIME_BYTES && text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// A link to a photo, voice note or document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobLink {
    /// The blob.
    pub blob: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// MIME type.
    pub mime: String,
    /// File name, for imports.
    pub name: Option<String>,
    /// For a smaller copy: the original it was made from.
    pub original: Option<BlobId>,
}

impl BlobLink {
    /// The entry that links it to a set field.
    #[must_use]
    pub fn to_entry(&self, field: u32) -> Entry {
        let size = i64::try_from(self.size_bytes).unwrap_or(i64::MAX);
        let mut pairs = vec![(1, self.blob.to_value()), (2, Value::Int(size)), (3, Value::text(&self.mime))];
        pairs.extend(self.name.as_ref().map(|name| (4, Value::text(name))));
        pairs.extend(self.original.map(|original| (5, original.to_value())));
        Entry { field, act: Act::Link, value: Value::int_map(pairs) }
    }

    /// Reads the value of a link entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            blob: BlobId(value.get(1)?.as_array_of()?),
            size_bytes: u64::try_from(value.get(2)?.as_int()?).ok()?,
            mime: value.get(3)?.as_text()?.to_owned(),
            name: value.get(4).and_then(Value::as_text).map(str::to_owned),
            original: value.get(5).and_then(Value::as_array_of).map(BlobId),
        })
    }
}

/// The blobs that an op links, in the order of its entries, of whatever field.
pub fn links(entries: &[Entry]) -> impl Iterator<Item = BlobLink> {
    entries.iter().filter(|entry| entry.act == Act::Link).filter_map(|entry| BlobLink::from_value(&entry.value))
}

/// Typed view of a merged incident.
#[derive(Debug, Clone, Copy)]
pub struct Incident<'a>(pub &'a Merged);

impl<'a> Incident<'a> {
    /// The text of a text-like field.
    #[must_use]
    pub fn text(&self, field: u32) -> Option<&'a str> {
        self.0.value(field).and_then(Value::as_text)
    }

    /// When it was found, ms since 1970.
    #[must_use]
    pub fn found_at_millis(&self) -> Option<i64> {
        self.0.value(field::FOUND_AT).and_then(Value::as_int)
    }

    /// Where, as exactly as it may be read here: the capture position, else the one filled in later.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let fields = [field::EXACT_PLACE, field::PLACE, field::CORRECTED_PLACE];
        fields.iter().find_map(|f| self.0.value(*f).and_then(Place::from_value))
    }

    /// Who reported it: the author of the first capture fact.
    #[must_use]
    pub fn reported_by(&self) -> Option<&'a Candidate> {
        self.0.candidate(field::FOUND_AT)
    }

    /// The report that tells the same and goes on.
    #[must_use]
    pub fn duplicate_of(&self) -> Option<RecordId> {
        self.0.value(field::DUPLICATE_OF).and_then(Value::as_array_of).map(RecordId)
    }

    /// The people whom somebody gave it to.
    #[must_use]
    pub fn assigned(&self) -> Vec<AccountId> {
        self.0.elements(ASSIGNED).filter_map(|who| who.value.as_array_of().map(AccountId)).collect()
    }

    /// Its photos with the op that linked each.
    pub fn photos(&self) -> impl Iterator<Item = (BlobLink, OpId)> + use<'a> {
        self.0.elements(field::PHOTOS).filter_map(|c| Some((BlobLink::from_value(&c.value)?, c.op)))
    }

    /// Its voice notes.
    pub fn voices(&self) -> impl Iterator<Item = BlobLink> + use<'a> {
        self.0.elements(field::VOICE).filter_map(|c| BlobLink::from_value(&c.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_one_off_the_globe_is_none() {
        let place = Place {
            lat_e7: -389_712_340,
            lon_e7: 1_800_000_000,
            accuracy_cm: 0,
            fixed_millis: 1,
            source: PlaceSource::Exif,
        };
        assert_eq!(Place::from_value(&place.to_value()), Some(place));
        for bad in [
            [900_000_001, 0, 0, 0, 0],
            [0, -1_800_000_001, 0, 0, 0],
            [i64::MIN, 0, 0, 0, 0],
            [0, i64::MIN, 0, 0, 0],
            [0, 0, -1, 0, 0],
            [0, 0, 0, 0, 3],
            [0, 0, 0, 0, -1],
        ] {
            assert_eq!(Place::from_value(&Value::Array(bad.map(Value::Int).to_vec())), None, "{bad:?}");
        }
    }
}
