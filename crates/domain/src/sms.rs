//! A report as one text message: for a place without data and with a bar of voice signal.
//!
//! Owns: the code, version 1, and what a code becomes at the desk. A code is `GS` and 53 characters in groups of five, 66
//! characters with their hyphens, so that it fits one message of 70. It carries the id of the record, category, urgency, position
//! (about 10 m), how exact that is, and the minute of finding. Six of the characters are a BCH check over GF(32) (the one of
//! Bech32m): every code with up to four wrong characters, and so every single wrong one and every two that changed places, is
//! refused. Refuses: free words and photos, which come with the record itself, and guessing: a code is read or it is not.
//!
//! The desk keeps a code as a record of its own whose id is the [`twin`] of the report's. So the report can come later from its
//! phone as if nothing had happened, nobody re-creates anybody's record, and both find each other without any further word.

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cbor::Value;
use crate::ids::RecordId;
use crate::incident::{Place, PlaceSource, field};
use crate::op::Entry;
use crate::rough::place_entries;

/// The kind number of a record that was made from a code.
pub const KIND: u32 = 13;
/// The field with the code itself (`once`); the others have the numbers of an incident.
pub const FIELD_CODE: u32 = 13;
/// Most characters of a code.
pub const MOST_CHARS: usize = 66;

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "GS";
const VERSION: u64 = 1;
const DATA_SYMBOLS: usize = 47;
const CHECK_SYMBOLS: usize = 6;
const GROUP: usize = 5;
/// Minute 0 of a code: 2020-01-01T00:00Z, in ms since 1970.
const EPOCH_MILLIS: i64 = 1_577_836_800_000;
/// Radii that a code can tell, in m. Rounding is part of them.
const RADII_M: [i64; 8] = [20, 50, 100, 300, 1_000, 3_000, 10_000, 50_000];
/// Steps of 0.0001° from the south pole and the date line.
const LAT_STEPS: i64 = 1_800_000;
const LON_STEPS: i64 = 3_600_000;

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SmsError {
    /// There is no `GS` with a code behind it.
    #[error("no code begins with GS in this text")]
    NoCode,
    /// Characters are missing, or there are too many.
    #[error("a code has 53 characters behind GS, this one {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// At least one character is wrong.
    #[error("the check characters do not fit: a character is wrong")]
    Check,
    /// A later app made it.
    #[error("version {0} of the code is not known here")]
    Version(u64),
    /// It says something that can not be.
    #[error("a position off the globe")]
    OffGlobe,
}

/// A place as exact as a code tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Latitude × 10,000.
    pub lat_e4: i64,
    /// Longitude × 10,000.
    pub lon_e4: i64,
    /// Radius in m.
    pub radius_m: i64,
}

impl Spot {
    /// The spot of a position.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        let round = |e7: i64| (e7 + 500 * e7.signum()) / 1_000;
        // Rounding moves a place by up to 8 m.
        let wanted = place.accuracy_cm / 100 + 8;
        let radius_m = RADII_M.into_iter().find(|radius| *radius >= wanted).unwrap_or(RADII_M[7]);
        Self { lat_e4: round(place.lat_e7), lon_e4: round(place.lon_e7), radius_m }
    }

    /// As a position that was measured then.
    #[must_use]
    pub fn to_place(self, fixed_millis: i64) -> Place {
        Place {
            lat_e7: self.lat_e4 * 1_000,
            lon_e7: self.lon_e4 * 1_000,
            accuracy_cm: self.radius_m * 100,
            fixed_millis,
            source: PlaceSource::Device,
        }
    }
}

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsReport {
    /// The record.
    pub record: RecordId,
    /// [`category_tag`] of its category, 0 = none.
    pub category: u32,
    /// [`urgency_tag`] of its urgency, 0 = none chosen.
    pub urgency: u32,
    /// Where, if that is known.
    pub spot: Option<Spot>,
    /// When it was found, minutes since 2020.
    pub minute: u32,
}

/// A word of the city as 20 bits. Found again by trying all words, so the order of the catalogue does not matter.
#[must_use]
pub fn category_tag(id: &str) -> u32 {
    tag(id, 20)
}

/// A word of the city as 10 bits.
#[must_use]
pub fn urgency_tag(id: &str) -> u32 {
    tag(id, 10)
}

fn tag(id: &str, bits: u32) -> u32 {
    let hash = Sha256::digest(id.as_bytes());
    let head = hash.iter().take(4).fold(0u32, |head, byte| head << 8 | u32::from(*byte));
    (head >> (32 - bits)).max(1)
}

/// The minute of a moment.
#[must_use]
pub fn minute_of(millis: i64) -> u32 {
    u32::try_from((millis - EPOCH_MILLIS).max(0) / 60_000).unwrap_or(u32::MAX).min((1 << 25) - 1)
}

/// The id of the record that stands for another one's code, and back: twice is the same again.
#[must_use]
pub fn twin(record: RecordId) -> RecordId {
    let mut id = record;
    // The bytes before carry the time, the version and the variant of the id.
    id.0.iter_mut().skip(9).for_each(|byte| *byte = !*byte);
    id
}

impl SmsReport {
    /// When it was found, ms since 1970.
    #[must_use]
    pub fn found_millis(&self) -> i64 {
        EPOCH_MILLIS + i64::from(self.minute) * 60_000
    }

    /// The code.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bits = Bits::default();
        bits.push(VERSION, 5);
        self.record.0.iter().for_each(|byte| bits.push(u64::from(*byte), 8));
        bits.push(u64::from(self.category), 20);
        bits.push(u64::from(self.urgency), 10);
        bits.push(u64::from(self.spot.is_some()), 1);
        let spot = self.spot.unwrap_or(Spot { lat_e4: -LAT_STEPS / 2, lon_e4: -LON_STEPS / 2, radius_m: RADII_M[0] });
        let steps = |e4: i64, most: i64| (e4 + most / 2).clamp(0, most).unsigned_abs();
        bits.push(steps(spot.lat_e4, LAT_STEPS), 21);
        bits.push(steps(spot.lon_e4, LON_STEPS), 22);
        let radius = RADII_M.iter().position(|radius| *radius >= spot.radius_m).unwrap_or(RADII_M.len() - 1);
        bits.push(radius as u64, 3);
        bits.push(u64::from(self.minute), 25);
        let mut symbols = bits.0.chunks(5).map(|five| five.iter().fold(0, |n, bit| n << 1 | *bit)).collect::<Vec<u8>>();
        symbols.extend(check_of(&symbols));
        let mut code = PREFIX.to_owned();
        for group in symbols.chunks(GROUP) {
            code.push('-');
            code.extend(group.iter().filter_map(|symbol| ALPHABET.get(usize::from(*symbol))).map(|c| char::from(*c)));
        }
        code
    }

    /// Reads the code in a text, whatever stands before it, in capitals or not, with or without hyphens and spaces.
    ///
    /// # Errors
    /// [`SmsError`].
    pub fn decode(text: &str) -> Result<Self, SmsError> {
        let symbols = symbols_of(text)?;
        if checksum(&symbols) != CHECK {
            return Err(SmsError::Check);
        }
        let mut bits = Reader { symbols: &symbols, at: 0 };
        let version = bits.take(5);
        if version != VERSION {
            return Err(SmsError::Version(version));
        }
        let mut record = RecordId([0; 16]);
        record.0.iter_mut().for_each(|byte| *byte = bits.take(8) as u8);
        let (category, urgency) = (bits.take(20) as u32, bits.take(10) as u32);
        let has_spot = bits.take(1) == 1;
        let (lat, lon) = (bits.take(21).cast_signed(), bits.take(22).cast_signed());
        let radius = bits.take(3) as usize;
        let minute = bits.take(25) as u32;
        if lat > LAT_STEPS || lon > LON_STEPS {
            return Err(SmsError::OffGlobe);
        }
        let radius_m = RADII_M.get(radius).copied().unwrap_or(RADII_M[7]);
        let spot = Spot { lat_e4: lat - LAT_STEPS / 2, lon_e4: lon - LON_STEPS / 2, radius_m };
        Ok(Self { record, category, urgency, spot: has_spot.then_some(spot), minute })
    }

    /// What the desk's record says. Category and urgency are words of the city, where it knows them; of a guarded category the place
    /// that all may read is rough.
    #[must_use]
    pub fn to_entries(&self, category: Option<&str>, urgency: Option<&str>, is_guarded: bool) -> Vec<Entry> {
        let found = self.found_millis();
        let mut entries =
            vec![Entry::set(field::FOUND_AT, Value::Int(found)), Entry::set(FIELD_CODE, Value::text(self.encode()))];
        entries.extend(self.spot.into_iter().flat_map(|spot| place_entries(spot.to_place(found), is_guarded)));
        entries.extend(category.map(|id| Entry::set(field::CATEGORY, Value::text(id))));
        entries.extend(urgency.map(|id| Entry::set(field::URGENCY, Value::text(id))));
        entries
    }
}

/// The symbols behind the first `GS` that something follows.
fn symbols_of(text: &str) -> Result<Vec<u8>, SmsError> {
    let text = text.to_ascii_uppercase();
    let mut closest = SmsError::NoCode;
    for (at, _) in text.match_indices(PREFIX) {
        let mut symbols = Vec::new();
        for c in text[at + PREFIX.len()..].chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let Some(symbol) = symbol_of(c) else { break };
            symbols.push(symbol);
        }
        match symbols.len() {
            n if n == DATA_SYMBOLS + CHECK_SYMBOLS => return Ok(symbols),
            0 => {}
            found => closest = SmsError::Length { found },
        }
    }
    Err(closest)
}

fn symbol_of(c: char) -> Option<u8> {
    let c = match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).map(|at| at as u8)
}

#[derive(Default)]
struct Bits(Vec<u8>);

impl Bits {
    fn push(&mut self, value: u64, width: u32) {
        self.0.extend((0..width).rev().map(|bit| (value >> bit & 1) as u8));
    }
}

struct Reader<'a> {
    symbols: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, width: usize) -> u64 {
        let bit = |at: usize| self.symbols.get(at / 5).map_or(0, |symbol| symbol >> (4 - at % 5) & 1);
        let value = (self.at..self.at + width).fold(0, |value, at| value << 1 | u64::from(bit(at)));
        self.at += width;
        value
    }
}

/// What the check of a whole code comes to.
const CHECK: u32 = 0x2bc8_30a3;

fn checksum(symbols: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    symbols.iter().fold(1, |check: u32, symbol| {
        let top = check >> 25;
        let shifted = (check & 0x01ff_ffff) << 5 ^ u32::from(*symbol);
        let terms = GENERATOR.iter().enumerate().filter(|(i, _)| top >> i & 1 == 1);
        terms.fold(shifted, |check, (_, term)| check ^ term)
    })
}

fn check_of(data: &[u8]) -> [u8; CHECK_SYMBOLS] {
    let check = checksum(&[data, &[0; CHECK_SYMBOLS]].concat()) ^ CHECK;
    [25, 20, 15, 10, 5, 0].map(|shift| (check >> shift & 31) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> SmsReport {
        let record = RecordId::from_hex("0193a1b2c3d47e5f8a6b7c8d9eafb0c1").unwrap();
        let place = Place {
            lat_e7: 389_256_049,
            lon_e7: 1_004_498_000,
            accuracy_cm: 800,
            fixed_millis: 0,
            source: PlaceSource::Device,
        };
        SmsReport {
            record,
            category: category_tag("forest-grassland-fire"),
            urgency: urgency_tag("critical"),
            spot: Some(Spot::of(&place)),
            minute: minute_of(1_795_572_300_000),
        }
    }

    /// Frozen: a code that was sent once must be readable for ever.
    const GOLDEN: &str = "GS-1069T-3CP3T-HZ5Z2-KBFJ6-SXBXG-R5ZTW-JZV7B-18NCP-4G3EQ-VXFE2-1PS";

    #[test]
    fn the_golden_code_is_read_and_written_for_ever() {
        assert_eq!(report().encode(), GOLDEN);
        assert_eq!(SmsReport::decode(GOLDEN), Ok(report()));
        assert!(GOLDEN.len() <= MOST_CHARS && MOST_CHARS <= 70);
    }

    #[test]
    fn every_single_wrong_character_is_found() {
        let (code, whole) = (report().encode(), report());
        for at in 0..code.len() {
            for other in 0x20..0x7f_u8 {
                let mut wrong = code.clone().into_bytes();
                wrong[at] = other;
                let read = SmsReport::decode(std::str::from_utf8(&wrong).unwrap());
                assert!(read.is_err() || read == Ok(whole), "{} at {at}", char::from(other));
            }
        }
    }

    #[test]
    fn every_two_characters_that_changed_places_are_found() {
        let (code, whole) = (report().encode().into_bytes(), report());
        for one in 0..code.len() {
            for other in one + 1..code.len() {
                let mut wrong = code.clone();
                wrong.swap(one, other);
                let read = SmsReport::decode(std::str::from_utf8(&wrong).unwrap());
                assert!(read.is_err() || (read == Ok(whole)), "{one} and {other}");
            }
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = report().encode();
        let typed = format!("收到: {} 谢谢", code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"));
        assert_eq!(SmsReport::decode(&typed), Ok(report()));
        assert_eq!(SmsReport::decode("no code here"), Err(SmsError::NoCode));
        assert_eq!(SmsReport::decode(&code[..code.len() - 1]), Err(SmsError::Length { found: 52 }));
        assert_eq!(SmsReport::decode(&format!("{code}7")), Err(SmsError::Length { found: 54 }));
    }

    #[test]
    fn a_twin_of_a_twin_is_the_record_itself() {
        let record = report().record;
        assert_eq!(twin(twin(record)), record);
        assert_ne!(twin(record), record);
        assert_eq!(twin(record).0[..9], record.0[..9]);
    }
}
