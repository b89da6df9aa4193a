//! Records by distance: what a map shows, as a list that needs no map.

use greenshield_client::rows::ListRow;
use greenshield_domain::geo::{Position, Way, way};
use greenshield_domain::order;

use serde::{Deserialize, Serialize};

use super::item::ItemView;
use super::place::way_words;
use super::words::{t, tr};

/// So many of the newest records are looked through; the map shows all of them.
pub const MAX_RECORDS: usize = 10_000;
/// So many of them are listed.
pub const MAX_LINES: usize = 200;

/// How the page shows what is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NearbyView {
    /// On a map.
    #[default]
    Map,
    /// As a list.
    List,
}

/// What was read of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Its line.
    pub row: ListRow,
    /// Where; `None` = it has no position.
    pub at: Option<Position>,
}

/// Where the phone is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MyPlace {
    /// No fix yet.
    Searching,
    /// Here.
    Found {
        /// The position.
        at: Position,
        /// How exact, in cm.
        accuracy_cm: i64,
    },
    /// The person or the system forbids it.
    Denied,
    /// The device can not tell.
    Unavailable,
}

impl MyPlace {
    /// The position, when there is one.
    #[must_use]
    pub fn at(self) -> Option<Position> {
        match self {
            Self::Found { at, .. } => Some(at),
            _ => None,
        }
    }

    /// What is known, in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Searching => t("nearby.searching").to_owned(),
            Self::Found { accuracy_cm, .. } => tr("nearby.found", &[("m", &(accuracy_cm / 100).max(1).to_string())]),
            Self::Denied => t("nearby.denied").to_owned(),
            Self::Unavailable => t("nearby.unavailable").to_owned(),
        }
    }
}

/// Steps shorter than this do not sort the list anew: lines that move under the finger are worse than a few metres.
const STEP_METRES: u64 = 20;

/// The position to sort by, after the one that was used until now.
#[must_use]
pub fn settled(used: Option<Position>, new: Option<Position>) -> Option<Position> {
    match (used, new) {
        (Some(used), Some(new)) if way(used, new).metres < STEP_METRES => Some(used),
        (_, new) => new,
    }
}

/// The records that have a position, the nearest first, at most [`MAX_LINES`]; without an own position the newest first and without a way.
#[must_use]
pub fn nearest(placed: &[Placed], me: Option<Position>) -> Vec<(ListRow, Option<Way>)> {
    let mut found: Vec<_> = placed.iter().filter_map(|p| p.at.map(|at| (&p.row, me.map(|me| way(me, at))))).collect();
    match me {
        Some(_) => order::sort_by_key(&mut found, |(row, way)| (way.map(|way| way.metres), row.record)),
        None => order::sort_by_key(&mut found, |(row, _)| (std::cmp::Reverse(row.sort_millis), row.record)),
    }
    found.into_iter().take(MAX_LINES).map(|(row, way)| (row.clone(), way)).collect()
}

/// How far and where another place is, in words; without an own position nothing.
#[must_use]
pub fn way_between(me: Option<Position>, at: Position) -> Option<String> {
    me.map(|me| way_words(way(me, at)))
}

/// A line with the way before its other facts.
#[must_use]
pub fn with_way(mut item: ItemView, way: Option<Way>) -> ItemView {
    if let Some(way) = way {
        item.facts = format!("{} · {}", way_words(way), item.facts);
    }
    item
}

/// How many of the records have no position.
#[must_use]
pub fn without_place(placed: &[Placed]) -> usize {
    placed.iter().filter(|p| p.at.is_none()).count()
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::row;
    use super::*;

    fn placed(n: u8, lat_e7: Option<i64>) -> Placed {
        Placed { row: row(n), at: lat_e7.map(|lat_e7| Position { lat_e7, lon_e7: 1_000_000_000 }) }
    }

    fn numbers(found: &[(ListRow, Option<Way>)]) -> Vec<u8> {
        found.iter().map(|(row, _)| row.record.0[0]).collect()
    }

    #[test]
    fn the_nearest_comes_first_and_a_record_without_a_place_is_counted() {
        let all = [placed(1, Some(392_000_000)), placed(2, None), placed(3, Some(390_100_000))];
        let me = Position { lat_e7: 390_000_000, lon_e7: 1_000_000_000 };
        let found = nearest(&all, Some(me));
        assert_eq!(numbers(&found), [3, 1]);
        assert_eq!(found[0].1.map(|way| (way.metres, way.bearing)), Some((1110, 0)));
        assert_eq!(without_place(&all), 1);
    }

    #[test]
    fn of_many_records_the_nearest_are_listed() {
        let all: Vec<Placed> = (0..250).map(|n| placed(n, Some(390_000_000 + i64::from(n) * 10_000))).collect();
        let found = nearest(&all, Some(Position { lat_e7: 392_490_000, lon_e7: 1_000_000_000 }));
        assert_eq!((found.len(), numbers(&found)[0]), (MAX_LINES, 249));
    }

    #[test]
    fn a_few_metres_do_not_move_the_lines_and_a_walk_does() {
        let at = |lat_e7| Some(Position { lat_e7, lon_e7: 1_000_000_000 });
        assert_eq!(settled(at(390_000_000), at(390_001_000)), at(390_000_000));
        assert_eq!(settled(at(390_000_000), at(390_010_000)), at(390_010_000));
        assert_eq!((settled(None, at(1)), settled(at(1), None)), (at(1), None));
    }

    #[test]
    fn without_an_own_position_the_newest_comes_first_and_no_distance_is_told() {
        let all = [placed(1, Some(392_000_000)), placed(3, Some(390_100_000))];
        let found = nearest(&all, None);
        assert_eq!(numbers(&found), [3, 1]);
        assert!(found.iter().all(|(_, way)| way.is_none()));
    }
}
