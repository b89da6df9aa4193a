//! Patrols once more, as they went: who was where at a moment, and what had happened until then.
//!
//! Owns: the time of a replay, its events, what is drawn; below it the words and what plays. Refuses: to invent. A measured
//! position holds until the next one, two minutes at most and never across a gap; nobody is drawn between two of them, and no
//! line leads over a time that was not recorded.

pub mod drawn;
pub mod player;
pub mod words;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::order;
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::track::{Fix, Gap, Line, Segment, measure};

use super::item::{icon_of, title, urgency_of};
use super::map::{self, Corners};
use super::patrol::screen::put_in_order;
use super::patrol::words::mode_icon;

/// So long a measured position is where somebody is; afterwards nobody knows.
const HOLD_MILLIS: i64 = 120_000;
/// A shorter gap is no event; on the line it shows all the same.
const TOLD_GAP_MILLIS: i64 = 60_000;
/// More patrols of a day are not shown at once.
pub const MOST_WALKS: usize = 100;

/// A report that was made on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its record.
    pub record: RecordId,
    /// Category and place.
    pub title: String,
    /// Picture of the category, a name of the sprite.
    pub icon: String,
    /// Whether the picture is red.
    pub is_urgent: bool,
    /// Its mark on the map.
    pub mark: &'static str,
    /// The photo to show.
    pub thumb: Option<BlobId>,
    /// How many photos there are.
    pub photos: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody set out.
    Began,
    /// Somebody checked in.
    CheckIn {
        /// Whether all was well there.
        is_well: bool,
    },
    /// Somebody reported something.
    Found(Box<Finding>),
    /// From here on nothing was recorded.
    Gap(Gap),
    /// The patrol ended.
    Ended,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// On which walk, its place in [`Film::walks`].
    pub walk: usize,
    /// Where, if that is known.
    pub at: Option<Position>,
    /// What.
    pub what: What,
}

/// Where somebody was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Not on the way yet.
    NotYet,
    /// Measured here, less than [`HOLD_MILLIS`] ago.
    Here(Fix),
    /// Nothing was recorded, and why is known.
    Gap(Gap),
    /// Nothing was recorded.
    Unknown,
    /// On the way no longer.
    Over,
}

/// One patrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Its record.
    pub record: RecordId,
    /// Who; empty where there is only one.
    pub name: String,
    /// Picture of the mode, a name of the sprite.
    pub icon: &'static str,
    /// When it began, ms since 1970.
    pub from_millis: i64,
    /// When it ended, or the last that is known of it, ms since 1970.
    pub until_millis: i64,
    line: Line,
    gaps: Vec<Gap>,
    events: Vec<(i64, Option<Position>, What)>,
}

impl Walk {
    /// The walk of a patrol; `findings` are the reports that were made on it. `None` when nothing of it has a time.
    #[must_use]
    pub fn of(
        record: RecordId,
        name: String,
        patrol: &Patrol<'_>,
        mut segments: Vec<Segment>,
        findings: &[ListRow],
        city: &City,
    ) -> Option<Self> {
        put_in_order(&mut segments);
        let track = measure(&segments);
        let (began, ended) = (patrol.started_millis(), patrol.ended_millis());
        let check_ins = patrol.check_ins().into_iter().map(|check_in| {
            let at = check_in.place.as_ref().map(Position::of);
            (check_in.at_millis, at, What::CheckIn { is_well: check_in.is_well })
        });
        let found = findings.iter().map(|row| (row.sort_millis, map::place(row), What::Found(finding(row, city))));
        let told = track.gaps.iter().filter(|gap| gap.until_millis - gap.from_millis >= TOLD_GAP_MILLIS);
        let gaps = told.map(|gap| (gap.from_millis, None, What::Gap(*gap)));
        let ends = [began.map(|at| (at, None, What::Began)), ended.map(|at| (at, None, What::Ended))];
        let events: Vec<_> = ends.into_iter().flatten().chain(check_ins).chain(found).chain(gaps).collect();
        let fixes = track.line.iter().flat_map(|leg| &leg.fixes).map(|fix| fix.at_millis);
        let of_gaps = track.gaps.iter().flat_map(|gap| [gap.from_millis, gap.until_millis]);
        let times = || events.iter().map(|(at, ..)| *at).chain(fixes.clone()).chain(of_gaps.clone());
        Some(Self {
            record,
            name,
            icon: mode_icon(patrol.mode().unwrap_or_default()),
            from_millis: times().min()?,
            until_millis: times().max()?,
            line: track.line.clone(),
            gaps: track.gaps.clone(),
            events,
        })
    }

    /// Where somebody was.
    #[must_use]
    pub fn at(&self, millis: i64) -> Where {
        if millis < self.from_millis {
            return Where::NotYet;
        }
        if millis > self.until_millis {
            return Where::Over;
        }
        if let Some(gap) = self.gaps.iter().find(|gap| gap.from_millis < millis && millis < gap.until_millis) {
            return Where::Gap(*gap);
        }
        let before = self.line.iter().filter_map(|leg| leg.fixes[..passed(&leg.fixes, millis)].last());
        let last = before.max_by_key(|fix| fix.at_millis);
        // What was measured before a gap says nothing about the time behind it.
        let since = self.gaps.iter().map(|gap| gap.until_millis).filter(|until| *until <= millis).max();
        let is_known =
            |fix: &&Fix| millis - fix.at_millis <= HOLD_MILLIS && since.is_none_or(|since| since <= fix.at_millis);
        last.filter(is_known).map_or(Where::Unknown, |fix| Where::Here(*fix))
    }
}

fn finding(row: &ListRow, city: &City) -> Box<Finding> {
    Box::new(Finding {
        record: row.record,
        title: title(row, city),
        icon: icon_of(row, city),
        is_urgent: urgency_of(row, city).is_some_and(|urgency| urgency.id == "critical"),
        mark: map::mark(row, city),
        thumb: row.thumb,
        photos: row.photos,
    })
}

/// How many of them were measured until a moment.
fn passed(fixes: &[Fix], millis: i64) -> usize {
    fixes.partition_point(|fix| fix.at_millis <= millis)
}

/// The patrols that are shown together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// The patrols.
    pub walks: Vec<Walk>,
    /// Where it begins, ms since 1970.
    pub from_millis: i64,
    /// Where it ends, ms since 1970.
    pub until_millis: i64,
    /// Everything that happened, in its order.
    pub events: Vec<Event>,
}

impl Film {
    /// The film of some walks, which begin in this order; `None` without any.
    #[must_use]
    pub fn of(mut walks: Vec<Walk>) -> Option<Self> {
        order::sort_by_key(&mut walks, |walk| (walk.from_millis, walk.record));
        let (from, until) = (walks.iter().map(|walk| walk.from_millis), walks.iter().map(|walk| walk.until_millis));
        let (from_millis, until_millis) = (from.min()?, until.max()?);
        let mut events = Vec::new();
        for (walk, of) in walks.iter_mut().enumerate() {
            let told = std::mem::take(&mut of.events);
            events.extend(told.into_iter().map(|(at_millis, at, what)| Event { at_millis, walk, at, what }));
        }
        order::sort_by_key(&mut events, |event| event.at_millis);
        Some(Self { walks, from_millis, until_millis, events })
    }

    /// How many events had happened.
    #[must_use]
    pub fn happened(&self, millis: i64) -> usize {
        self.events.partition_point(|event| event.at_millis <= millis)
    }

    /// When the next thing happens after a moment, or the last one before it.
    #[must_use]
    pub fn beside(&self, millis: i64, is_after: bool) -> Option<i64> {
        let mut times = self.events.iter().map(|event| event.at_millis);
        if is_after { times.find(|at| *at > millis) } else { times.rfind(|at| *at < millis) }
    }

    /// How many positions had been measured.
    #[must_use]
    pub fn measured(&self, millis: i64) -> usize {
        self.walks.iter().flat_map(|walk| &walk.line).map(|leg| passed(&leg.fixes, millis)).sum()
    }

    /// The part of the map in which all of it happens.
    #[must_use]
    pub fn corners(&self) -> Option<Corners> {
        let fixes = self.walks.iter().flat_map(|walk| &walk.line).flat_map(|leg| &leg.fixes).map(Fix::position);
        let events = self.events.iter().filter_map(|event| event.at);
        fixes.chain(events).fold(None, |known, at| Some(Corners::with(known, at)))
    }
}

/// The patrols that began in a time, both ends included, the first ones first.
#[must_use]
pub fn walks_of(rows: &[ListRow], (from, until): (i64, i64)) -> Vec<RecordId> {
    let is_of = |row: &&ListRow| row.kind == patrol::KIND && (from..=until).contains(&row.sort_millis);
    let mut found: Vec<&ListRow> = rows.iter().filter(is_of).collect();
    order::sort_by_key(&mut found, |row| (row.sort_millis, row.record));
    found.into_iter().take(MOST_WALKS).map(|row| row.record).collect()
}

#[cfg(test)]
pub(crate) mod tests;
