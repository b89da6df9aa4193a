//! The patrol as code sees it: typed access to its fields.
//!
//! Owns: the numbers of those fields (the same as in `city/kinds.json`, kind `patrol`) and the bytes of their values. Fields that
//! mean the same as in an incident have the same number, so that one list shows both. Refuses: tracks, which are [`crate::track`].

use std::collections::BTreeSet;

use crate::cbor::Value;
use crate::coverage::Cell;
use crate::ids::RecordId;
use crate::incident::{BlobLink, Place};
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::rough::cells_of;
use crate::track::Mode;

/// The kind number of a patrol.
pub const KIND: u32 = 11;

/// The state of a patrol that is over; without a state it is under way.
pub const ENDED: &str = "ended";

/// The source of a patrol without a track: the person did not agree to one.
pub const NO_TRACK: &str = "none";

/// Field numbers of a patrol; never reused.
pub mod field {
    /// When it began (`once`, ms since 1970).
    pub const STARTED_AT: u32 = 1;
    /// Free words (`lww`).
    pub const NOTE: u32 = 6;
    /// Workflow state (`lww`).
    pub const STATE: u32 = 7;
    /// How the person moves (`lww`): a word of [`crate::track::Mode`].
    pub const MODE: u32 = 20;
    /// Who came along (`lww`, text).
    pub const COMPANIONS: u32 = 21;
    /// When the person wants to be back (`lww`, ms since 1970).
    pub const PLANNED_RETURN: u32 = 22;
    /// When it ended (`lww`, ms since 1970).
    pub const ENDED_AT: u32 = 23;
    /// Track segments (`set` of blob links).
    pub const TRACK: u32 = 24;
    /// Check-ins (`set`).
    pub const CHECK_INS: u32 = 25;
    /// Whether the person saw that all is well (`lww`, 0 or 1).
    pub const ALL_WELL: u32 = 26;
    /// Where the track comes from (`once`): `phone`, `gpx` for a file of another device, or [`super::NO_TRACK`].
    pub const SOURCE: u32 = 27;
    /// How the phone stood at the start, every hour and at the end (`set`).
    pub const PHONE: u32 = 28;
    /// The joint operation that it belongs to (`lww`, 16 bytes).
    pub const OPERATION: u32 = 29;
    /// As what the person walks (`lww`, array of words of [`crate::person::GROUPS`]); one walk counts for each of them.
    pub const HATS: u32 = 30;
    /// The cells of the grid that it went through (`set`, see [`crate::rough`]): what others see in place of the track.
    pub const CELLS: u32 = 31;
}

/// The field of an incident that names the patrol on which it was found (`once`).
pub const FOUND_ON: u32 = 20;

/// Somebody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckIn {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// Where; `None` = the phone had no position.
    pub place: Option<Place>,
    /// Whether all was well there.
    pub is_well: bool,
}

impl CheckIn {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(self) -> Entry {
        let place = self.place.map_or(Value::Null, Place::to_value);
        let value = Value::Array(vec![Value::Int(self.at_millis), place, Value::Int(i64::from(self.is_well))]);
        Entry { field: field::CHECK_INS, act: Act::Add, value }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [at, place, is_well] = value.as_array()? else { return None };
        Some(Self { at_millis: at.as_int()?, place: Place::from_value(place), is_well: is_well.as_int()? != 0 })
    }
}

/// How the phone stood on the way: what helps to judge its track later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneNote {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// How full the battery was, 0 to 100; `None` = the browser does not tell.
    pub battery_percent: Option<u8>,
    /// The server's clock minus the phone's, ms; `None` = this phone never met the server.
    pub offset_millis: Option<i64>,
}

impl PhoneNote {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(self) -> Entry {
        let int = |number: Option<i64>| number.map_or(Value::Null, Value::Int);
        let battery = int(self.battery_percent.map(i64::from));
        let value = Value::Array(vec![Value::Int(self.at_millis), battery, int(self.offset_millis)]);
        Entry { field: field::PHONE, act: Act::Add, value }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [at, battery, offset] = value.as_array()? else { return None };
        let battery_percent = battery.as_int().and_then(|percent| u8::try_from(percent).ok()).filter(|n| *n <= 100);
        Some(Self { at_millis: at.as_int()?, battery_percent, offset_millis: offset.as_int() })
    }
}

/// Typed view of a merged patrol.
#[derive(Debug, Clone, Copy)]
pub struct Patrol<'a>(pub &'a Merged);

impl<'a> Patrol<'a> {
    fn int(&self, field: u32) -> Option<i64> {
        self.0.value(field).and_then(Value::as_int)
    }

    /// When it began, ms since 1970.
    #[must_use]
    pub fn started_millis(&self) -> Option<i64> {
        self.int(field::STARTED_AT)
    }

    /// When it ended, ms since 1970; `None` while it is under way.
    #[must_use]
    pub fn ended_millis(&self) -> Option<i64> {
        self.int(field::ENDED_AT)
    }

    /// When the person wants to be back, ms since 1970.
    #[must_use]
    pub fn planned_return_millis(&self) -> Option<i64> {
        self.int(field::PLANNED_RETURN)
    }

    /// How the person moves.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.text(field::MODE).and_then(Mode::from_word)
    }

    /// The text of a text-like field.
    #[must_use]
    pub fn text(&self, field: u32) -> Option<&'a str> {
        self.0.value(field).and_then(Value::as_text)
    }

    /// Whether the person saw that all is well.
    #[must_use]
    pub fn is_all_well(&self) -> bool {
        self.int(field::ALL_WELL) == Some(1)
    }

    /// The joint operation that it belongs to.
    #[must_use]
    pub fn operation(&self) -> Option<RecordId> {
        self.0.value(field::OPERATION).and_then(Value::as_array_of).map(RecordId)
    }

    /// As what the person walks: words of [`crate::person::GROUPS`].
    pub fn hats(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.value(field::HATS).and_then(Value::as_array).unwrap_or_default().iter().filter_map(Value::as_text)
    }

    /// Its track segments, in no order: each begins with its own time.
    pub fn segments(&self) -> impl Iterator<Item = BlobLink> + use<'a> {
        self.0.elements(field::TRACK).filter_map(|candidate| BlobLink::from_value(&candidate.value))
    }

    /// The cells that it went through.
    #[must_use]
    pub fn cells(&self) -> BTreeSet<Cell> {
        self.0.elements(field::CELLS).flat_map(|candidate| cells_of(&candidate.value)).collect()
    }

    /// Its check-ins, oldest first.
    #[must_use]
    pub fn check_ins(&self) -> Vec<CheckIn> {
        let found = self.0.elements(field::CHECK_INS).filter_map(|candidate| CheckIn::from_value(&candidate.value));
        let mut check_ins: Vec<CheckIn> = found.collect();
        crate::order::sort_by_key(&mut check_ins, |check_in| check_in.at_millis);
        check_ins
    }

    /// How the phone stood, oldest first.
    #[must_use]
    pub fn phone_notes(&self) -> Vec<PhoneNote> {
        let found = self.0.elements(field::PHONE).filter_map(|candidate| PhoneNote::from_value(&candidate.value));
        let mut notes: Vec<PhoneNote> = found.collect();
        crate::order::sort_by_key(&mut notes, |note| note.at_millis);
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::PlaceSource;

    #[test]
    fn a_check_in_reads_back_with_and_without_a_place() {
        let place = Place { lat_e7: 1, lon_e7: 2, accuracy_cm: 3, fixed_millis: 4, source: PlaceSource::Device };
        for place in [Some(place), None] {
            let check_in = CheckIn { at_millis: 9, place, is_well: place.is_some() };
            assert_eq!(CheckIn::from_value(&check_in.to_entry().value), Some(check_in));
        }
        assert_eq!(CheckIn::from_value(&Value::Int(1)), None);
    }

    #[test]
    fn a_phone_note_reads_back_and_an_impossible_battery_is_none() {
        let full = PhoneNote { at_millis: 9, battery_percent: Some(100), offset_millis: Some(-1_500) };
        for note in [full, PhoneNote { battery_percent: None, offset_millis: None, ..full }] {
            assert_eq!(PhoneNote::from_value(&note.to_entry().value), Some(note));
        }
        let odd = Value::Array([1, 101, 0].map(Value::Int).to_vec());
        assert_eq!(PhoneNote::from_value(&odd).and_then(|note| note.battery_percent), None);
        assert_eq!(PhoneNote::from_value(&Value::Array(vec![Value::Int(1)])), None);
    }
}
