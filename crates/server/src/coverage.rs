//! Coverage of the areas of responsibility, from the records that the caller may read.
//!
//! Owns: which records tell of a visit, how far it is looked back, how much is read for one answer. Refuses: to tell whose visit it
//! was; and the counting, which is `domain::coverage`. Invariants: an area, a track, a place counts exactly if the policy lets the
//! caller read that field of that record; what is held, void or erased is no visit; what was not read for want of time is told.

use std::collections::BTreeMap;
use std::time::Duration;

use greenshield_domain::city::{City, Kind};
use greenshield_domain::coverage::{self, How, Sheet};
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{self, BlobLink, Incident, Place, PlaceSource};
use greenshield_domain::land::{self, Area};
use greenshield_domain::merge::Merged;
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::policy::{self, Action, Facts, Target};
use greenshield_domain::register::field::DAY;
use greenshield_domain::wire::{CoverageReport, CoverageRow, MAX_COVERAGE_AREAS};

use crate::blobs::Blobs;
use crate::ledger::{LedgerError, Shown, ops_of, shape};
use crate::scope::Scope;
use crate::store::{Store, StoreError};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// The last visit of an area is looked for so far back, however few days are asked for.
const LOOK_BACK_DAYS: u32 = 90;
/// A record that was made so long before the time that is looked at tells of no visit in it.
const LONGEST_PATROL_MILLIS: i64 = 7 * DAY_MILLIS;
/// A phone's clock may be so much ahead; a visit after that is none.
const MOST_AHEAD_MILLIS: i64 = DAY_MILLIS;
/// A place that is less exact than half a cell says nothing of cells.
const MOST_ACCURACY_CM: i64 = 50_000;
/// Bytes of tracks that are read for one answer.
const MOST_TRACK_BYTES: u64 = 128 * 1024 * 1024;
/// Tracks are read for so long.
const MOST_READING: Duration = Duration::from_secs(20);
const FACTS_AT_ONCE: usize = 5_000;
const RECORDS_AT_ONCE: usize = 500;
/// The word of the kind of flights in a city package that has them, and its states that say that it was flown.
const FLIGHT: &str = "flight";
const FLOWN: [&str; 2] = ["flown", "closed"];

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Visits within so many days count.
    pub days: u32,
    /// Only areas of this element.
    pub element: Option<&'a str>,
    /// Server clock, ms since 1970.
    pub now_millis: i64,
}

/// Whom and what it is counted from.
#[derive(Debug, Clone, Copy)]
pub struct Coverage<'a, S> {
    /// The database.
    pub store: &'a S,
    /// The tracks.
    pub blobs: &'a Blobs,
    /// Kinds.
    pub city: &'a City,
    /// Who asks.
    pub scope: Scope<'a>,
}

type Records = Vec<(RecordId, Facts)>;

/// A track that may be read.
struct Way {
    newest_millis: i64,
    record: RecordId,
    links: Vec<BlobLink>,
}

/// The areas while visits are put into them.
struct Sheets {
    all: Vec<(CoverageRow, Sheet)>,
    since_millis: i64,
    now_millis: i64,
}

impl Sheets {
    /// When a visit counts as one of the time that is looked at.
    fn moment(&self, millis: i64) -> Option<i64> {
        let latest = self.now_millis + MOST_AHEAD_MILLIS;
        (self.since_millis..=latest).contains(&millis).then(|| millis.min(self.now_millis))
    }

    fn visit(&mut self, place: Option<Place>, millis: Option<i64>, how: How) {
        let Some((place, millis)) = place.zip(millis.and_then(|millis| self.moment(millis))) else { return };
        self.all.iter_mut().for_each(|(_, sheet)| sheet.visit(Position::of(&place), millis, how));
    }
}

/// Where the phone itself was: not where somebody pointed, nor what a picture says.
fn stood_at(place: Option<Place>) -> Option<Place> {
    place.filter(|place| place.source == PlaceSource::Device && place.accuracy_cm <= MOST_ACCURACY_CM)
}

/// Whether a record can tell of a time from `since_millis` on: the id says when it was made, if it is one that says so.
fn may_tell(record: RecordId, since_millis: i64) -> bool {
    let [a, b, c, d, e, f, version, _, variant, ..] = record.0;
    let is_timed = version >> 4 == 7 && variant >> 6 == 2;
    !is_timed || i64::from_be_bytes([0, 0, a, b, c, d, e, f]) >= since_millis - LONGEST_PATROL_MILLIS
}

impl<S: Store> Coverage<'_, S> {
    /// How the areas stand.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn report(&self, asked: &Asked<'_>) -> Result<CoverageReport, LedgerError> {
        let Asked { days, now_millis, .. } = *asked;
        let looked_days = days.max(LOOK_BACK_DAYS);
        let since_millis = now_millis - i64::from(looked_days) * DAY_MILLIS;
        let mut records = self.records(since_millis).await?;
        let mut of_kind = |kind: u32| records.remove(&kind).unwrap_or_default();
        let (all, areas_left) = self.areas(&of_kind(land::KIND), asked.element).await?;
        let mut sheets = Sheets { all, since_millis, now_millis };
        let (mut tracks, mut tracks_left) = (0, 0);
        if !sheets.all.is_empty() {
            self.places(&mut sheets, &of_kind(incident::KIND), incident::KIND, |merged| {
                let report = Incident(merged);
                vec![(stood_at(report.place()), report.found_at_millis(), How::Ground)]
            })
            .await?;
            if let Some(flight) = self.city.kind_named(FLIGHT) {
                self.places(&mut sheets, &of_kind(flight.id), flight.id, flown).await?;
            }
            let ways = self.patrols(&mut sheets, &of_kind(patrol::KIND)).await?;
            (tracks, tracks_left) = self.walk(&mut sheets, ways).await?;
        }
        let counted_from = now_millis - i64::from(days) * DAY_MILLIS;
        let mut areas: Vec<CoverageRow> =
            sheets.all.into_iter().map(|(row, sheet)| told(row, &sheet, counted_from)).collect();
        coverage::sort(&mut areas, days, now_millis);
        Ok(CoverageReport { days, looked_days, areas, areas_left, tracks, tracks_left, time_millis: now_millis })
    }

    /// The records that the caller may read and that may tell something, by kind.
    async fn records(&self, since_millis: i64) -> Result<BTreeMap<u32, Records>, StoreError> {
        let flight = self.city.kind_named(FLIGHT).map(|kind| kind.id);
        let tells = |record: RecordId, kind: u32| match kind {
            land::KIND => true,
            incident::KIND | patrol::KIND => may_tell(record, since_millis),
            other => Some(other) == flight && may_tell(record, since_millis),
        };
        let (mut records, mut after): (BTreeMap<u32, Records>, _) = (BTreeMap::new(), None);
        loop {
            let found = self.store.facts_after(after, FACTS_AT_ONCE).await?;
            let is_last = found.len() < FACTS_AT_ONCE;
            after = found.last().map(|(record, _)| *record);
            for (record, facts) in found {
                if tells(record, facts.kind) && self.scope.allows(Action::Read, &facts) {
                    records.entry(facts.kind).or_default().push((record, facts));
                }
            }
            if is_last {
                return Ok(records);
            }
        }
    }

    /// What the caller may read of some records of a kind.
    async fn shown(&self, kind: &Kind, some: &[(RecordId, Facts)]) -> Result<Vec<(RecordId, Merged)>, StoreError> {
        let ids: Vec<RecordId> = some.iter().map(|(record, _)| *record).collect();
        let mut ops = ops_of(self.store, &ids).await?;
        let shown = some.iter().filter_map(|(record, facts)| {
            let may =
                |field| policy::authorize(self.scope.rules, self.scope.who, Action::Read, Target::Field(facts, field));
            Some((*record, Shown::of(kind, facts, &ops.remove(record).unwrap_or_default(), may)?.merged))
        });
        Ok(shown.collect())
    }

    /// The areas that hold, unvisited, and how many are beyond the limit.
    async fn areas(
        &self,
        records: &Records,
        element: Option<&str>,
    ) -> Result<(Vec<(CoverageRow, Sheet)>, u64), StoreError> {
        let (mut areas, mut left) = (Vec::new(), 0);
        let Some(kind) = self.city.kind(land::KIND) else { return Ok((areas, left)) };
        for some in records.chunks(RECORDS_AT_ONCE) {
            for (record, merged) in self.shown(kind, some).await? {
                let area = Area(&merged);
                let state = merged.value(incident::field::STATE).and_then(|state| state.as_text());
                let is_other = element.is_some_and(|element| area.element() != Some(element));
                if state == Some(land::WITHDRAWN) || is_other {
                    continue;
                }
                let (Some(name), Some(sheet)) = (area.name(), Sheet::of(&area.outline())) else { continue };
                if areas.len() >= MAX_COVERAGE_AREAS {
                    left += 1;
                    continue;
                }
                areas.push((row(record, name, &area, &sheet), sheet));
                tokio::task::yield_now().await;
            }
        }
        Ok((areas, left))
    }

    /// Visits by the places of records.
    async fn places(
        &self,
        sheets: &mut Sheets,
        records: &Records,
        kind: u32,
        visits: impl Fn(&Merged) -> Vec<(Option<Place>, Option<i64>, How)>,
    ) -> Result<(), StoreError> {
        let Some(kind) = self.city.kind(kind) else { return Ok(()) };
        for some in records.chunks(RECORDS_AT_ONCE) {
            for (_, merged) in self.shown(kind, some).await? {
                visits(&merged).into_iter().for_each(|(place, millis, how)| sheets.visit(place, millis, how));
            }
        }
        Ok(())
    }

    /// Visits by check-ins, and the tracks that may be read, the newest first. Who checks in stands there, also who flies.
    async fn patrols(&self, sheets: &mut Sheets, records: &Records) -> Result<Vec<Way>, StoreError> {
        let mut ways = Vec::new();
        let Some(kind) = self.city.kind(patrol::KIND) else { return Ok(ways) };
        for some in records.chunks(RECORDS_AT_ONCE) {
            for (record, merged) in self.shown(kind, some).await? {
                let walk = Patrol(&merged);
                for check_in in walk.check_ins() {
                    sheets.visit(stood_at(check_in.place), Some(check_in.at_millis), How::Ground);
                }
                let links: Vec<BlobLink> = walk.segments().collect();
                let ends = walk.ended_millis().max(walk.started_millis()).unwrap_or(i64::MAX);
                if !links.is_empty() && ends >= sheets.since_millis - LONGEST_PATROL_MILLIS {
                    ways.push(Way { newest_millis: ends, record, links });
                }
            }
        }
        ways.sort_by_key(|way| std::cmp::Reverse((way.newest_millis, way.record)));
        Ok(ways)
    }

    /// Visits by tracks; how many were read, and how many not.
    async fn walk(&self, sheets: &mut Sheets, ways: Vec<Way>) -> Result<(u64, u64), LedgerError> {
        let (begun, all, mut bytes, mut read) = (tokio::time::Instant::now(), ways.len() as u64, 0, 0);
        for Way { record, links, .. } in ways {
            if bytes > MOST_TRACK_BYTES || begun.elapsed() > MOST_READING {
                break;
            }
            let line = match shape::line(self.store, self.blobs, record, links.into_iter(), &mut bytes).await {
                Err(LedgerError::TooLarge) => break,
                line => line?,
            };
            for mut leg in line {
                leg.fixes.retain_mut(|fix| match sheets.moment(fix.at_millis) {
                    Some(millis) => {
                        fix.at_millis = millis;
                        true
                    }
                    None => false,
                });
                coverage::walk(sheets.all.iter_mut().map(|(_, sheet)| sheet), &leg);
            }
            read += 1;
        }
        Ok((read, all - read))
    }
}

/// A flight that was flown.
fn flown(merged: &Merged) -> Vec<(Option<Place>, Option<i64>, How)> {
    let value = |field| merged.value(field);
    let state = value(incident::field::STATE).and_then(|state| state.as_text());
    let place = value(incident::field::PLACE).and_then(Place::from_value);
    let day = value(DAY).and_then(|day| day.as_int());
    let is_flown = state.is_some_and(|state| FLOWN.contains(&state));
    is_flown.then_some((place, day, How::Air)).into_iter().collect()
}

/// An area of which nothing is counted yet.
fn row(record: RecordId, name: &str, area: &Area<'_>, sheet: &Sheet) -> CoverageRow {
    let step = sheet.step();
    CoverageRow {
        record,
        name: name.to_owned(),
        element: area.element().map(str::to_owned),
        keeper: area.keeper().map(str::to_owned),
        need_days: area.need_days(),
        cells: 0,
        ground: 0,
        air: 0,
        seen: 0,
        last_ground_millis: None,
        last_air_millis: None,
        step_e7: (step.lat_e7, step.lon_e7),
        gaps: Vec::new(),
        target_e7: None,
    }
}

fn told(row: CoverageRow, sheet: &Sheet, since_millis: i64) -> CoverageRow {
    let tally = sheet.tally(since_millis);
    CoverageRow {
        cells: tally.cells,
        ground: tally.ground,
        air: tally.air,
        seen: tally.seen,
        last_ground_millis: tally.last_ground_millis,
        last_air_millis: tally.last_air_millis,
        gaps: tally.gaps,
        target_e7: tally.target.map(|at| (at.lat_e7, at.lon_e7)),
        ..row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_says_its_time_is_passed_over_when_it_is_too_old_and_any_other_is_not() {
        let since = 1_795_000_000_000;
        assert!(may_tell(RecordId::v7(since, [0; 10]), since));
        assert!(may_tell(RecordId::v7(since - LONGEST_PATROL_MILLIS, [9; 10]), since));
        assert!(!may_tell(RecordId::v7(since - LONGEST_PATROL_MILLIS - 1, [9; 10]), since));
        assert!(may_tell(RecordId([0; 16]), since), "no id of a time");
    }
}
