//! The rough place: where something is, no finer than a cell of the grid of [`crate::coverage`]. Some see a nest, a rare plant or
//! the way of a colleague only like this.
//!
//! Owns: how a place becomes a rough one, and the cells of a way. Refuses: to say who sees what, which is the policy's: what is
//! exact stands in fields of its own, so that it can be hidden under its hash while the rough place stays readable.

use std::collections::BTreeSet;

use crate::cbor::Value;
use crate::city::City;
use crate::coverage::{Cell, Step, cells_along};
use crate::geo::Position;
use crate::incident::{Incident, Place, field};
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::track::{Fix, Segment, measure};

/// How far the corners of a cell are from its middle at most, in cm: at the equator, where cells are widest.
pub const REACH_CM: i64 = 89_200;
/// Cells that one entry tells at most: two numbers each, of 5 bytes at most.
const MOST_CELLS: usize = 1_000;

/// The place as others see it: the middle of its cell, as uncertain as the cell is large. When it was and where it comes from stay.
#[must_use]
pub fn rough(place: &Place) -> Place {
    let middle = Step::USUAL.middle(Step::USUAL.cell(Position::of(place)));
    let accuracy_cm = place.accuracy_cm.max(REACH_CM);
    Place { lat_e7: middle.lat_e7, lon_e7: middle.lon_e7, accuracy_cm, ..*place }
}

/// Whether a place is the middle of a cell, and says no more.
#[must_use]
pub fn is_rough(place: &Place) -> bool {
    rough(place) == *place
}

/// Whether the exact place of such a record is not for everybody: its category says so, and its kind has a field for it.
#[must_use]
pub fn guards(city: &City, kind: u32, category: Option<&str>) -> bool {
    let is_guarded = category.and_then(|id| city.catalog.category(id)).is_some_and(|known| known.guarded_place);
    is_guarded && city.kind(kind).is_some_and(|kind| kind.field(field::EXACT_PLACE).is_some())
}

/// The entries that say where a report is. Of a guarded one the readable place is rough, and the exact one stands apart.
#[must_use]
pub fn place_entries(place: Place, is_guarded: bool) -> Vec<Entry> {
    if !is_guarded {
        return vec![Entry::set(field::PLACE, place.to_value())];
    }
    vec![Entry::set(field::PLACE, rough(&place).to_value()), Entry::set(field::EXACT_PLACE, place.to_value())]
}

/// Whether a record has an exact place apart from the readable one.
#[must_use]
pub fn has_exact_place(merged: &Merged) -> bool {
    merged.value(field::EXACT_PLACE).and_then(Place::from_value).is_some()
}

/// Where a report is for eyes outside of the app: rough when its category or what was said keeps the exact place from some.
#[must_use]
pub fn told_place(city: &City, kind: u32, incident: &Incident<'_>) -> Option<Place> {
    let place = incident.place();
    let is_guarded = has_exact_place(incident.0) || guards(city, kind, incident.text(field::CATEGORY));
    if is_guarded { place.as_ref().map(rough) } else { place }
}

/// The entry that tells in which cells a way was: no order and no times, so that nobody can follow it. It is written when the way is
/// over. `None` for a way without a position.
#[must_use]
pub fn cells_entry(field: u32, way: &[Segment]) -> Option<Entry> {
    let mut cells = BTreeSet::new();
    for leg in measure(way).line {
        cells.extend(cells_along(Step::USUAL, leg.fixes.iter().map(Fix::position)));
    }
    let numbers = cells.into_iter().take(MOST_CELLS).flat_map(|(row, col)| [Value::Int(row), Value::Int(col)]);
    let numbers: Vec<Value> = numbers.collect();
    (!numbers.is_empty()).then_some(Entry { field, act: Act::Add, value: Value::Array(numbers) })
}

/// Reads the value of such an entry; what is no cell of the globe is left out.
#[must_use]
pub fn cells_of(value: &Value) -> Vec<Cell> {
    let numbers: Vec<i64> = value.as_array().unwrap_or_default().iter().filter_map(Value::as_int).collect();
    let (rows, cols) = (900_000_000 / Step::USUAL.lat_e7, 1_800_000_000 / Step::USUAL.lon_e7);
    let cells = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    cells.filter(|(row, col)| (-rows..rows).contains(row) && (-cols..cols).contains(col)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::PlaceSource;
    use crate::track::{Item, Mode};

    fn at(lat_e7: i64, lon_e7: i64) -> Place {
        Place { lat_e7, lon_e7, accuracy_cm: 800, fixed_millis: 7, source: PlaceSource::Device }
    }

    #[test]
    fn all_places_of_a_cell_look_alike_and_each_lies_within_reach() {
        for place in [at(389_300_000, 1_004_499_999), at(389_399_999, 1_004_375_000), at(-1, -1)] {
            let seen = rough(&place);
            assert!(is_rough(&seen) && !is_rough(&place), "{seen:?}");
            let (lat, lon) = ((seen.lat_e7 - place.lat_e7).abs(), (seen.lon_e7 - place.lon_e7).abs());
            assert!(lat <= 50_000 && lon <= 62_500, "{lat} {lon}");
            // A degree is 111.32 km: 1.1132 cm for each 1e-7.
            assert!(((lat * lat + lon * lon) as f64).sqrt() * 1.1132 <= REACH_CM as f64);
        }
        assert_eq!(rough(&at(389_300_000, 1_004_375_000)), rough(&at(389_399_999, 1_004_499_999)));
        assert_ne!(rough(&at(389_300_000, 1_004_375_000)), rough(&at(389_299_999, 1_004_375_000)));
    }

    #[test]
    fn a_guarded_place_is_rough_where_all_read_it() {
        let place = at(389_312_345, 1_004_412_345);
        let open = place_entries(place, false);
        assert_eq!(open, [Entry::set(field::PLACE, place.to_value())]);
        let guarded = place_entries(place, true);
        assert_eq!(guarded[0], Entry::set(field::PLACE, rough(&place).to_value()));
        assert_eq!(guarded[1], Entry::set(field::EXACT_PLACE, place.to_value()));
    }

    #[test]
    fn a_way_tells_its_cells_and_neither_order_nor_time() {
        let fix = |at_millis, lat_e7| {
            Item::Fix(Fix { at_millis, lat_e7, lon_e7: 1_004_400_000, accuracy_cm: 500, altitude_cm: None })
        };
        let there =
            Segment { mode: Mode::Foot, items: (0..40).map(|n| fix(n * 60_000, 389_300_000 + n * 5_000)).collect() };
        let back =
            Segment { mode: Mode::Foot, items: (0..40).map(|n| fix(n * 60_000, 389_495_000 - n * 5_000)).collect() };
        let entry = cells_entry(31, &[there]).unwrap();
        assert_eq!(Some(&entry), cells_entry(31, &[back]).as_ref());
        assert_eq!(cells_of(&entry.value), [(3893, 8035), (3894, 8035)]);
        assert_eq!(cells_entry(31, &[]), None);
    }

    #[test]
    fn what_is_no_cell_is_left_out() {
        let odd = Value::Array([9_001, 0, 1, 2, 5].map(Value::Int).to_vec());
        assert_eq!(cells_of(&odd), [(1, 2)]);
        assert!(cells_of(&Value::Null).is_empty());
    }
}
