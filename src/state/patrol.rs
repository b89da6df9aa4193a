//! A patrol under way as plain data: what was recorded, what is a gap, what is due; and what the pages show of it.
//!
//! Owns: [`Recorder`], which decides what becomes of a fix, and its bytes among the drafts. Refuses: clocks, the browser, the
//! store. Invariant: a gap is open from the moment after which nothing is known, and only a fix (or the end) closes it; so a
//! time without positions is never told as walked.

pub mod belongs;
pub mod hints;
pub mod imported;
pub mod pulse;
pub mod ready;
pub mod screen;
pub mod words;

use greenshield_domain::ids::{RecordId, from_hex, to_hex};
use greenshield_domain::incident::{Place, PlaceSource};
use greenshield_domain::track::{Cause, Facts, Fix, Item, Mode, Segment, measure};
use serde::{Deserialize, Serialize};

/// The name of the patrol among the drafts.
pub const PATROL: &str = "patrol";
/// A segment becomes an op after so long.
const SEGMENT_MILLIS: i64 = 15 * 60_000;
/// Or after so many items: an op every few minutes at the fastest pace.
const SEGMENT_ITEMS: usize = 600;
/// Without a fix for so long there is a gap.
pub const LOST_MILLIS: i64 = 60_000;
/// A position older than this is not where the person is now.
const FRESH_MILLIS: i64 = 60_000;
/// Battery and clock are noted so often.
const NOTE_MILLIS: i64 = 3_600_000;

/// What a person says before setting out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// How.
    pub mode: Mode,
    /// With whom; empty = alone.
    pub companions: String,
    /// Back by, ms since 1970.
    pub planned_return_millis: Option<i64>,
    /// Whether the person agreed that the way is recorded.
    pub has_track: bool,
    /// As what the person walks, ids of the city; `None` = as all that the person is.
    pub hats: Option<Vec<String>>,
    /// The joint operation that it is a part of.
    pub operation: Option<RecordId>,
}

/// A time of which nothing is known, until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenGap {
    /// Why.
    pub cause: Cause,
    /// Since when, ms since 1970.
    pub from_millis: i64,
}

/// A patrol under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Its record.
    pub record: RecordId,
    /// When it began, ms since 1970.
    pub started_millis: i64,
    /// Back by, ms since 1970.
    pub planned_return_millis: Option<i64>,
    /// Segments that are ops already.
    pub earlier: Vec<Segment>,
    /// What is recorded now; its mode is how the person moves.
    pub segment: Segment,
    /// The gap that is open now.
    pub open: Option<OpenGap>,
    /// The newest fix, also when it was too soon to be kept.
    pub newest: Option<Fix>,
    /// Whether something is not on disk yet.
    pub is_dirty: bool,
    /// The position is forbidden.
    pub is_denied: bool,
    /// Check-ins so far.
    pub check_ins: u32,
    /// Whether the way is recorded; without it no position is taken at all.
    pub has_track: bool,
    /// When battery and clock were noted last, ms since 1970; `None` after a restart, which is worth a note.
    pub noted_millis: Option<i64>,
}

/// A patrol among the drafts.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    record: RecordId,
    started_millis: i64,
    planned_return_millis: Option<i64>,
    /// Bytes of the segment in hex.
    segment: String,
    paused_since_millis: Option<i64>,
    /// Up to when it is known what happened.
    alive_millis: i64,
    #[serde(default)]
    check_ins: u32,
    #[serde(default)]
    no_track: bool,
}

impl Recorder {
    /// Sets out. Until the first fix nothing is known.
    #[must_use]
    pub fn begun(record: RecordId, plan: &Plan, now_millis: i64) -> Self {
        Self {
            record,
            started_millis: now_millis,
            planned_return_millis: plan.planned_return_millis,
            earlier: Vec::new(),
            segment: Segment { mode: plan.mode, items: Vec::new() },
            open: plan.has_track.then_some(OpenGap { cause: Cause::NoFix, from_millis: now_millis }),
            newest: None,
            is_dirty: false,
            is_denied: false,
            check_ins: 0,
            has_track: plan.has_track,
            noted_millis: Some(now_millis),
        }
    }

    /// Bytes for the drafts.
    #[must_use]
    pub fn encode(&self, now_millis: i64) -> Vec<u8> {
        self.encode_without(0, now_millis)
    }

    /// Bytes for the drafts, without the first `items` of the segment: they are an op by then.
    #[must_use]
    pub fn encode_without(&self, items: usize, now_millis: i64) -> Vec<u8> {
        let rest = Segment { items: self.segment.items.iter().skip(items).copied().collect(), ..self.segment };
        let alive_millis = match self.open {
            Some(gap) if gap.cause != Cause::Paused => gap.from_millis,
            _ => now_millis,
        };
        let kept = Kept {
            record: self.record,
            started_millis: self.started_millis,
            planned_return_millis: self.planned_return_millis,
            segment: to_hex(&rest.encode()),
            paused_since_millis: self.paused_since(),
            alive_millis,
            check_ins: self.check_ins,
            no_track: !self.has_track,
        };
        // Plain data with text keys; serialising it has no way to fail.
        serde_json::to_vec(&kept).unwrap_or_default()
    }

    /// Takes a patrol up again after the app was ended: what lies between is a gap.
    #[must_use]
    pub fn resumed(bytes: &[u8], earlier: Vec<Segment>) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(bytes).ok()?;
        let segment = Segment::decode(&from_hex(&kept.segment)?).ok()?;
        let open = match kept.paused_since_millis {
            Some(from_millis) => Some(OpenGap { cause: Cause::Paused, from_millis }),
            None if kept.no_track => None,
            None => Some(OpenGap { cause: Cause::Restart, from_millis: kept.alive_millis }),
        };
        Some(Self {
            record: kept.record,
            started_millis: kept.started_millis,
            planned_return_millis: kept.planned_return_millis,
            earlier,
            segment,
            open,
            newest: None,
            is_dirty: false,
            is_denied: false,
            check_ins: kept.check_ins,
            has_track: !kept.no_track,
            noted_millis: None,
        })
    }

    /// Whose patrol among the drafts it is; `None` when the bytes are none.
    #[must_use]
    pub fn record_of(bytes: &[u8]) -> Option<RecordId> {
        serde_json::from_slice::<Kept>(bytes).ok().map(|kept| kept.record)
    }

    /// Since when it is paused, ms since 1970.
    #[must_use]
    pub fn paused_since(&self) -> Option<i64> {
        self.open.filter(|gap| gap.cause == Cause::Paused).map(|gap| gap.from_millis)
    }

    /// The phone measured a position.
    pub fn fix(&mut self, fix: Fix) {
        if !self.has_track
            || self.paused_since().is_some()
            || self.newest.is_some_and(|newest| fix.at_millis <= newest.at_millis)
        {
            return;
        }
        (self.newest, self.is_denied) = (Some(fix), false);
        if let Some(gap) = self.open.take() {
            self.close(gap, fix.at_millis);
        } else {
            let last = self.segment.items.iter().rev().find_map(|item| match item {
                Item::Fix(fix) => Some(fix.at_millis),
                Item::Gap { .. } => None,
            });
            if last.is_some_and(|last| fix.at_millis - last < self.segment.mode.pace_millis()) {
                return;
            }
        }
        self.segment.items.push(Item::Fix(fix));
        self.is_dirty = true;
    }

    fn close(&mut self, gap: OpenGap, until_millis: i64) {
        if until_millis > gap.from_millis {
            let (cause, from_millis) = (gap.cause, gap.from_millis);
            self.segment.items.push(Item::Gap { cause, from_millis, until_millis });
        }
        self.is_dirty = true;
    }

    fn begin(&mut self, cause: Cause, from_millis: i64) {
        // Without a track there is nothing to miss.
        if self.open.is_none() && (self.has_track || cause == Cause::Paused) {
            self.open = Some(OpenGap { cause, from_millis });
            self.is_dirty = true;
        }
    }

    /// The screen went off, or another app came to the front: browsers measure nothing then.
    pub fn look_away(&mut self, now_millis: i64) {
        self.begin(Cause::Hidden, now_millis);
    }

    /// Time passes. Returns whether the position was lost just now.
    pub fn tick(&mut self, now_millis: i64) -> bool {
        match self.newest {
            Some(newest) if self.open.is_none() && now_millis - newest.at_millis > LOST_MILLIS => {
                self.begin(Cause::NoFix, newest.at_millis);
                true
            }
            _ => false,
        }
    }

    /// The person rests.
    pub fn pause(&mut self, now_millis: i64) {
        if let Some(gap) = self.open.take() {
            self.close(gap, now_millis);
        }
        self.begin(Cause::Paused, now_millis);
    }

    /// The person goes on; until the first fix nothing is known.
    pub fn go_on(&mut self, now_millis: i64) {
        if let Some(gap) = self.open.filter(|gap| gap.cause == Cause::Paused) {
            self.open = None;
            self.close(gap, now_millis);
            self.begin(Cause::NoFix, now_millis);
        }
    }

    /// Ends: what is open is closed.
    pub fn end(&mut self, now_millis: i64) {
        if let Some(gap) = self.open.take() {
            self.close(gap, now_millis);
        }
    }

    /// The end could not be saved: a gap that was open before it is open again, unless a fix came.
    pub fn go_on_with(&mut self, open: Option<OpenGap>, now_millis: i64) {
        let has_moved = self.newest.is_some_and(|newest| newest.at_millis > now_millis);
        if let Some(gap) = open.filter(|gap| gap.cause == Cause::Paused || !has_moved) {
            self.begin(gap.cause, now_millis);
        }
    }

    /// Whether battery and clock should be noted again.
    #[must_use]
    pub fn is_note_due(&self, now_millis: i64) -> bool {
        self.noted_millis.is_none_or(|noted| now_millis - noted >= NOTE_MILLIS)
    }

    /// Whether the segment should become an op.
    #[must_use]
    pub fn is_segment_due(&self, now_millis: i64) -> bool {
        let first = self.segment.items.first().map(|item| match item {
            Item::Fix(fix) => fix.at_millis,
            Item::Gap { from_millis, .. } => *from_millis,
        });
        first.is_some_and(|first| now_millis - first >= SEGMENT_MILLIS) || self.segment.items.len() >= SEGMENT_ITEMS
    }

    /// The first `items` of the segment are an op now; what came meanwhile stays.
    pub fn closed(&mut self, items: usize) {
        let done = self.segment.items.drain(..items.min(self.segment.items.len())).collect();
        self.earlier.push(Segment { mode: self.segment.mode, items: done });
    }

    /// All that was recorded, piece by piece.
    #[must_use]
    pub fn way(&self) -> Vec<Segment> {
        self.earlier.iter().chain([&self.segment]).cloned().collect()
    }

    /// What can be said of it now; an open gap lasts until now.
    #[must_use]
    pub fn facts(&self, now_millis: i64) -> Facts {
        let mut segments = self.way();
        let open = self.open.filter(|gap| gap.from_millis < now_millis);
        if let (Some(OpenGap { cause, from_millis }), Some(current)) = (open, segments.last_mut()) {
            current.items.push(Item::Gap { cause, from_millis, until_millis: now_millis });
        }
        measure(&segments)
    }

    /// The person does not agree any more: what was recorded stays, and nothing more is.
    pub fn give_up_track(&mut self, now_millis: i64) {
        if !self.has_track {
            return;
        }
        let rest = self.open.filter(|gap| gap.cause == Cause::Paused);
        self.end(now_millis);
        (self.has_track, self.newest, self.is_dirty) = (false, None, true);
        if rest.is_some() {
            self.begin(Cause::Paused, now_millis);
        }
    }

    /// How long it lasts so far, ms, without pauses as far as they are known.
    #[must_use]
    pub fn lasting_millis(&self, facts: &Facts, now_millis: i64) -> i64 {
        if self.has_track { facts.duration_millis } else { now_millis - self.started_millis }
    }

    /// Where the person is now; `None` when the phone does not know.
    #[must_use]
    pub fn place(&self, now_millis: i64) -> Option<Place> {
        let fix = self.newest.filter(|fix| now_millis - fix.at_millis < FRESH_MILLIS)?;
        Some(Place {
            lat_e7: fix.lat_e7,
            lon_e7: fix.lon_e7,
            accuracy_cm: fix.accuracy_cm,
            fixed_millis: fix.at_millis,
            source: PlaceSource::Device,
        })
    }
}

#[cfg(test)]
mod tests;
