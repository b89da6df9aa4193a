//! Areas of responsibility and patrols of the demo city, so that its map of coverage shows what is visited and what is not.
//!
//! Owns: how `demo-areas.geojson` and the ways of `demo-walks.json` become records and tracks. Invariant: nobody walked there; a
//! track is as fast and as dense as its mode, and one with a gap has a typed one.

use greenshield_domain::cbor::Value;
use greenshield_domain::geo::geojson;
use greenshield_domain::geo::{Position, distance_cm};
use greenshield_domain::ids::{AccountId, BlobId};
use greenshield_domain::incident::{BlobLink, Place, PlaceSource, field};
use greenshield_domain::land;
use greenshield_domain::op::Entry;
use greenshield_domain::patrol::{self, CheckIn};
use greenshield_domain::policy::AREA;
use greenshield_domain::rough::cells_entry;
use greenshield_domain::track::{self, Cause, Fix, Item, Mode, Segment};
use serde::Deserialize;

use super::{Clerk, DAY_MILLIS, DemoError, ZONE_MILLIS};
use crate::app::App;
use crate::uploads;

const AREAS: &[u8] = include_bytes!("../../../demo-areas.geojson");
const WALKS: &str = include_str!("../../../demo-walks.json");
const HOUR_MILLIS: i64 = 3_600_000;
/// Between two fixes.
const PACE_MILLIS: i64 = 20_000;
const ACCURACY_CM: i64 = 800;

#[derive(Deserialize)]
struct Script {
    note: String,
    walks: Vec<Walk>,
}

/// The same way on several days.
#[derive(Deserialize)]
struct Walk {
    mode: String,
    /// The county that it lies in.
    code: String,
    /// Days before today; today's is under way.
    days: Vec<i64>,
    /// Longitude and latitude of where it turns.
    way: Vec<(f64, f64)>,
    /// Whether the phone found no position for a while.
    #[serde(default)]
    gap: bool,
    /// As what it was walked, by somebody of the roster who is just that; none = by the clerk.
    #[serde(default)]
    hats: Vec<String>,
}

/// Makes them; returns the files of the tracks.
pub(super) fn say(clerk: &mut Clerk<'_>) -> Result<Vec<Vec<u8>>, DemoError> {
    let fault = |error: &dyn std::fmt::Display| DemoError::Track(error.to_string());
    for (_, area) in geojson::read(AREAS).map_err(|error| fault(&error))? {
        let area = area.map_err(|error| fault(&error))?;
        let at = clerk.now - 200 * DAY_MILLIS;
        let code = area.code.as_ref().map(|code| Entry::set(AREA, Value::text(code)));
        let (record, entries) = (clerk.record(), area.to_entries(at).into_iter().chain(code).collect());
        clerk.say(record, land::KIND, entries, at)?;
    }
    let script: Script = serde_json::from_str(WALKS)?;
    let midnight = (clerk.now + ZONE_MILLIS).div_euclid(DAY_MILLIS) * DAY_MILLIS - ZONE_MILLIS;
    let mut files = Vec::new();
    for walk in &script.walks {
        let mode = Mode::from_word(&walk.mode).ok_or_else(|| DemoError::Track(walk.mode.clone()))?;
        let walker = if walk.hats.is_empty() { None } else { Some(clerk.member(&walk.hats)?) };
        for days in &walk.days {
            let is_over = *days > 0;
            let from = if is_over { midnight - days * DAY_MILLIS + 9 * HOUR_MILLIS } else { clerk.now - HOUR_MILLIS };
            let segment = track_of(mode, &walk.turns(), from, walk.gap);
            let until = segment.span().1;
            let file = segment.encode();
            let mut entries = vec![
                Entry::set(patrol::field::STARTED_AT, Value::Int(from)),
                Entry::set(patrol::field::MODE, Value::text(mode.word())),
                Entry::set(patrol::field::NOTE, Value::text(&script.note)),
                Entry::set(AREA, Value::text(&walk.code)),
            ];
            let (turns, last) = (walk.turns(), i64::try_from(walk.way.len()).unwrap_or(2).max(2) - 1);
            let moment = |turn: i64| from + (until - from) * turn / last;
            entries.extend(turns.into_iter().zip(0..).map(|(at, turn)| check_in(at, moment(turn))));
            if walker.is_some() {
                let hats = walk.hats.iter().map(Value::text).collect();
                entries.push(Entry::set(patrol::field::HATS, Value::Array(hats)));
            }
            if is_over {
                entries.extend([
                    Entry::set(field::STATE, Value::text(patrol::ENDED)),
                    Entry::set(patrol::field::ENDED_AT, Value::Int(until)),
                    Entry::set(patrol::field::ALL_WELL, Value::Int(1)),
                    link(&file).to_entry(patrol::field::TRACK),
                ]);
                entries.extend(cells_entry(patrol::field::CELLS, std::slice::from_ref(&segment)));
                files.push(file);
            }
            let record = clerk.record();
            match walker {
                Some(member) => {
                    clerk.phone_of(member)?.say((record, patrol::KIND), Vec::new(), entries, until)?;
                }
                None => clerk.say(record, patrol::KIND, entries, until)?,
            }
        }
    }
    Ok(files)
}

impl Walk {
    fn turns(&self) -> Vec<Position> {
        let e7 = |degrees: f64| (degrees * 1e7).round() as i64;
        self.way.iter().map(|(lon, lat)| Position { lat_e7: e7(*lat), lon_e7: e7(*lon) }).collect()
    }
}

fn check_in(at: Position, at_millis: i64) -> Entry {
    let source = PlaceSource::Device;
    let Position { lat_e7, lon_e7 } = at;
    let place = Place { lat_e7, lon_e7, accuracy_cm: ACCURACY_CM, fixed_millis: at_millis, source };
    CheckIn { at_millis, place: Some(place), is_well: true }.to_entry()
}

fn link(file: &[u8]) -> BlobLink {
    let size_bytes = file.len() as u64;
    BlobLink { blob: BlobId::of(file), size_bytes, mime: track::MIME.to_owned(), name: None, original: None }
}

/// From turn to turn at half of the greatest speed of a mode.
fn track_of(mode: Mode, turns: &[Position], from_millis: i64, has_gap: bool) -> Segment {
    let stride_cm = (mode.top_speed_cm_s() / 2 * PACE_MILLIS / 1_000).max(1);
    let mut way: Vec<Position> = turns.first().copied().into_iter().collect();
    for pair in turns.windows(2) {
        let strides = distance_cm(pair[0], pair[1]) / stride_cm + 1;
        let between = |from: i64, to: i64, n: i64| from + (to - from) * n / strides;
        way.extend((1..=strides).map(|n| Position {
            lat_e7: between(pair[0].lat_e7, pair[1].lat_e7, n),
            lon_e7: between(pair[0].lon_e7, pair[1].lon_e7, n),
        }));
    }
    // A third of the way nobody knows.
    let (lost_from, lost_until) = if has_gap { (way.len() / 3, way.len() * 2 / 3) } else { (0, 0) };
    let mut items = Vec::with_capacity(way.len());
    for ((n, at), turn) in way.iter().enumerate().zip(0..) {
        let at_millis = from_millis + turn * PACE_MILLIS;
        if n == lost_from && lost_until > lost_from {
            let lost = i64::try_from(lost_until - lost_from).unwrap_or(1) * PACE_MILLIS;
            items.push(Item::Gap { cause: Cause::NoFix, from_millis: at_millis, until_millis: at_millis + lost });
        }
        if !(lost_from..lost_until).contains(&n) {
            let Position { lat_e7, lon_e7 } = *at;
            items.push(Item::Fix(Fix { at_millis, lat_e7, lon_e7, accuracy_cm: ACCURACY_CM, altitude_cm: None }));
        }
    }
    Segment { mode, items }
}

/// Brings the files, as a phone would.
pub(super) async fn bring(app: &App, account: AccountId, files: Vec<Vec<u8>>) -> Result<(), DemoError> {
    let fault = |error: &dyn std::fmt::Display| DemoError::Track(error.to_string());
    for file in files {
        let blob = BlobId::of(&file);
        let upload = uploads::create(app, account, blob, track::MIME.to_owned(), file.len() as u64).await;
        let row = upload.map_err(|error| fault(&error))?.row;
        if !row.complete {
            tokio::fs::write(app.blobs.staged(&row.id), &file).await.map_err(|error| fault(&error))?;
            uploads::settle(app, row).await.map_err(|error| fault(&error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_the_script_is_a_track_that_counts_and_its_gap_is_one() {
        let script: Script = serde_json::from_str(WALKS).unwrap();
        assert!(script.walks.len() > 10);
        for walk in &script.walks {
            let mode = Mode::from_word(&walk.mode).unwrap();
            let segment = track_of(mode, &walk.turns(), 1_795_000_000_000, walk.gap);
            assert_eq!(Segment::decode(&segment.encode()).as_ref(), Ok(&segment));
            let facts = track::measure(&[segment]);
            assert_eq!(
                (facts.left_out, facts.gaps.len(), facts.line.len()),
                (0, usize::from(walk.gap), 1 + usize::from(walk.gap))
            );
            assert!(facts.distance_cm > 100_000, "{}", walk.code);
        }
        assert!(geojson::read(AREAS).unwrap().iter().all(|(_, area)| area.is_ok()));
    }
}
