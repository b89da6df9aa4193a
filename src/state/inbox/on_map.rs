//! The lines of the inbox as points of the map, made a stretch at a time, so that fifty thousand of them never hold the page up.
//!
//! Invariant: every line is a point, or counted as one without a position.

use std::collections::BTreeMap;
use std::fmt::Write;

use greenshield_client::rows::{ListRow, RowPlace};
use greenshield_domain::city::City;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;

use super::index::Mark;
use crate::state::map::{self, Corners, lon_lat, mark, order};

/// So many lines are made into points before the page gets its turn: some 10 ms.
pub const STRETCH: usize = 2_000;
/// Room for a point in words, bytes.
const POINT_BYTES: usize = 170;

/// Positions of lines that do not tell theirs, as their records told them.
pub type Told = BTreeMap<RecordId, Option<Position>>;

/// How many lines are on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Those that are.
    pub placed: usize,
    /// Those that have no position.
    pub unplaced: usize,
    /// The part of the map in which they lie.
    pub corners: Option<Corners>,
}

/// Points that are being made.
#[derive(Debug, Default)]
pub struct Points {
    features: String,
    counted: Counted,
}

impl Points {
    /// Room for so many lines.
    #[must_use]
    pub fn of(lines: usize) -> Self {
        Self { features: String::with_capacity(lines * POINT_BYTES), counted: Counted::default() }
    }

    /// Adds a stretch of lines. `rows` are those that the marks were made of.
    pub fn add(&mut self, marks: &[Mark], rows: &[ListRow], city: &City, told: &Told) {
        // What kind, state, urgency and category decide together is found out once.
        let mut signs = BTreeMap::new();
        for line in marks {
            let row = rows.get(line.at).filter(|row| row.record == line.record);
            let at = row.and_then(|row| map::place(row).or_else(|| told.get(&row.record).copied().flatten()));
            let Some((row, at)) = row.zip(at) else {
                self.counted.unplaced += 1;
                continue;
            };
            let like = (row.kind, row.state.as_deref(), row.urgency.as_deref(), row.category.as_deref());
            let sign = *signs.entry(like).or_insert_with(|| mark(row, city));
            self.counted.placed += 1;
            self.counted.corners = Some(Corners::with(self.counted.corners, at));
            let (comma, (lon, lat)) = (if self.features.is_empty() { "" } else { "," }, lon_lat(at));
            let (id, rank) = (row.record.to_hex(), order(sign));
            // Nothing of it needs to be escaped; writing to a text never fails.
            let _ = write!(
                self.features,
                r#"{comma}{{"type":"Feature","properties":{{"id":"{id}","mark":"{sign}","order":{rank}}},"geometry":{{"type":"Point","coordinates":[{lon},{lat}]}}}}"#
            );
        }
    }

    /// All of them as GeoJSON, and how many.
    #[must_use]
    pub fn done(self) -> (String, Counted) {
        (format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, self.features), self.counted)
    }
}

/// The lines that do not tell where they are, and that nobody asked their records about.
#[must_use]
pub fn untold(marks: &[Mark], rows: &[ListRow], told: &Told) -> Vec<RecordId> {
    let is_untold = |row: &&ListRow| row.place == RowPlace::Untold && !told.contains_key(&row.record);
    marks.iter().filter_map(|line| rows.get(line.at)).filter(is_untold).map(|row| row.record).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::InboxPart;
    use super::super::index::Index;
    use super::super::tests::{city, row};
    use super::*;

    fn at(lat_e7: i64) -> RowPlace {
        RowPlace::At { lat_e7, lon_e7: 1_004_500_000 }
    }

    fn rows() -> Vec<ListRow> {
        let mut rows =
            [("forest-grassland-fire", at(389_000_000)), ("garbage-dumping", at(-5)), ("poaching", RowPlace::Nowhere)]
                .iter()
                .zip(1..)
                .map(|((category, place), n)| ListRow { place: *place, ..row(n, category, None, i64::from(n)) })
                .collect::<Vec<_>>();
        rows.push(ListRow { place: RowPlace::Untold, ..row(4, "poaching", None, 4) });
        rows
    }

    fn made(rows: &[ListRow], stretch: usize, told: &Told) -> (Vec<Value>, Counted) {
        let (city, index) = (city(), Index::of(rows, &city()));
        let mut points = Points::of(rows.len());
        for marks in index.part(InboxPart::Waiting).chunks(stretch) {
            points.add(marks, rows, &city, told);
        }
        let (text, counted) = points.done();
        let read: Value = serde_json::from_str(&text).unwrap();
        (read["features"].as_array().unwrap().clone(), counted)
    }

    #[test]
    fn every_line_is_a_point_or_counted_as_one_without_a_position() {
        let (features, counted) = made(&rows(), 2, &Told::new());
        assert_eq!((features.len(), counted.placed, counted.unplaced), (2, 2, 2));
        let fire = features.iter().find(|one| one["properties"]["mark"] == "alarm").unwrap();
        assert_eq!(fire["properties"]["id"], RecordId([1; 16]).to_hex());
        assert_eq!(fire["geometry"]["coordinates"], serde_json::json!([100.45, 38.9]));
        let corners = counted.corners.unwrap();
        assert_eq!((corners.low.lat_e7, corners.high.lat_e7), (-5, 389_000_000));
        assert_eq!(made(&[], 2, &Told::new()).0.len(), 0);
    }

    #[test]
    fn a_line_that_does_not_tell_is_asked_once() {
        let (rows, mut told) = (rows(), Told::new());
        let index = Index::of(&rows, &city());
        let marks = index.part(InboxPart::Waiting);
        assert_eq!(untold(marks, &rows, &told), [RecordId([4; 16])]);
        told.insert(RecordId([4; 16]), Some(Position { lat_e7: 7, lon_e7: 7 }));
        assert!(untold(marks, &rows, &told).is_empty());
        assert_eq!(made(&rows, 9, &told).1.placed, 3);
    }

    #[test]
    fn a_line_whose_row_moved_meanwhile_is_not_put_where_another_one_is() {
        let rows = rows();
        let index = Index::of(&rows, &city());
        let mut points = Points::of(1);
        points.add(index.part(InboxPart::Waiting), &rows[1..], &city(), &Told::new());
        assert_eq!(points.done().1, Counted { placed: 0, unplaced: 4, corners: None });
    }
}
