//! Files of maps and of drones as the table that a register takes: places as rows, a flown track as one row.

use greenshield_domain::calendar::day_of;
use greenshield_domain::city::{FieldDef, FieldType, Kind};
use greenshield_domain::exif::Exif;
use greenshield_domain::geo::Position;
use greenshield_domain::geo::marks::{Feature, Mark};
use greenshield_domain::register::field::DAY;
use greenshield_domain::roster::Table;
use greenshield_domain::task::field::TITLE;
use greenshield_domain::track::{Fix, Item, Mode, Segment, measure};

use super::form::asked;
use crate::state::answers::number_words;
use crate::state::areas::fault_words;
use crate::state::time::Now;

/// The field of a register that says where.
#[must_use]
pub fn place_field(kind: &Kind) -> Option<&FieldDef> {
    asked(kind, true).find(|def| def.ty == FieldType::Place)
}

/// Whether a flown track makes a record of it: it asks how long and how far.
#[must_use]
pub fn takes_tracks(kind: &Kind) -> bool {
    place_field(kind).is_some() && [MINUTES, DISTANCE].iter().all(|name| kind.field_named(name).is_some())
}

const MINUTES: &str = "minutes";
const DISTANCE: &str = "distance";

/// Places as a table: name, position, and a column for each heading of the file.
///
/// # Errors
/// What is wrong with features, in words.
pub fn of_marks(kind: &Kind, found: Vec<Feature>) -> Result<Table, Vec<String>> {
    let (mut marks, mut faults): (Vec<Mark>, Vec<String>) = (Vec::new(), Vec::new());
    for (at, mark) in found {
        match mark {
            Ok(mark) => marks.push(mark),
            Err(fault) => faults.push(fault_words(at, fault)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut headings: Vec<&str> = Vec::new();
    for (heading, _) in marks.iter().flat_map(|mark| &mark.about) {
        if !headings.contains(&heading.as_str()) && heading != "name" {
            headings.push(heading);
        }
    }
    let of_kind = |name: Option<&FieldDef>| name.map(|def| def.name.clone()).unwrap_or_default();
    let first = [of_kind(kind.field(TITLE)), of_kind(place_field(kind))];
    let heading = first.into_iter().chain(headings.iter().map(|heading| (*heading).to_owned())).collect();
    let row = |mark: &Mark| {
        let said = headings.iter().map(|heading| {
            let said = mark.about.iter().find(|(known, _)| known == heading);
            said.map(|(_, words)| words.clone()).unwrap_or_default()
        });
        [mark.name.clone(), place_words(mark.at)].into_iter().chain(said).collect()
    };
    Ok(Table { rows: std::iter::once(heading).chain(marks.iter().map(row)).collect() })
}

/// A flown track as a table of one row: name, day, where it began, minutes and kilometres; `None` without a fix.
#[must_use]
pub fn of_track(kind: &Kind, name: &str, stretches: Vec<Vec<Fix>>, now: Now) -> Option<Table> {
    let items = |fixes: Vec<Fix>| fixes.into_iter().map(Item::Fix).collect();
    let segments: Vec<Segment> = stretches
        .into_iter()
        .filter(|fixes| !fixes.is_empty())
        .map(|fixes| Segment { mode: Mode::Drone, items: items(fixes) })
        .collect();
    let (from, until) = (segments.first()?.span().0, segments.last()?.span().1);
    let facts = measure(&segments);
    let first = facts.line.first()?.fixes.first()?;
    let at = Position { lat_e7: first.lat_e7, lon_e7: first.lon_e7 };
    let metres = facts.distance_cm / 100;
    let cells = [
        (kind.field(TITLE), name.to_owned()),
        (kind.field(DAY), now.iso_day(from)),
        (place_field(kind), place_words(at)),
        (kind.field_named(MINUTES), number_words((until - from) / 60)),
        (kind.field_named(DISTANCE), number_words(metres)),
    ];
    let (heading, row) = cells.into_iter().filter_map(|(def, cell)| Some((def?.name.clone(), cell))).unzip();
    Some(Table { rows: vec![heading, row] })
}

/// The fixes of a log of a drone: a table with a column for time, latitude and longitude each, under one of the names that
/// recorders give them. `None` for any other table; a row without a position, as before the first fix, is left out.
#[must_use]
pub fn of_log(table: &Table) -> Option<Vec<Fix>> {
    let heading = table.rows.first()?;
    let column = |names: &[&str]| {
        let plain = |word: &String| word.trim().to_lowercase();
        names.iter().find_map(|name| heading.iter().position(|word| plain(word) == *name))
    };
    let time = column(&["datetime(utc)", "time(utc)", "datetime", "timestamp", "time"])?;
    let (lat, lon) = (column(&["latitude", "lat"])?, column(&["longitude", "lon", "lng"])?);
    let high = column(&["altitude(m)", "height(m)", "altitude_above_sealevel(m)"]);
    let fix = |row: &Vec<String>| {
        let number = |at: usize| row.get(at)?.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let (lat, lon) = (number(lat)?, number(lon)?);
        // Recorders write 0,0 until they know where they are.
        let is_somewhere = lat.abs() <= 90.0 && lon.abs() <= 180.0 && (lat != 0.0 || lon != 0.0);
        is_somewhere.then_some(())?;
        Some(Fix {
            at_millis: millis_of(row.get(time)?)?,
            lat_e7: (lat * 1e7).round() as i64,
            lon_e7: (lon * 1e7).round() as i64,
            accuracy_cm: ASSUMED_ACCURACY_CM,
            altitude_cm: high.and_then(number).map(|metres| (metres * 100.0).round() as i64),
        })
    };
    let fixes: Vec<Fix> = table.rows[1..].iter().filter_map(fix).collect();
    (!fixes.is_empty()).then_some(fixes)
}

/// Where the photos of a flight were taken, oldest first, by what they say of themselves; those that say no place or no time are
/// left out. Cameras write the time of the zone that they fly in.
#[must_use]
pub fn of_photos(photos: &[Exif], now: Now) -> Vec<Fix> {
    let fix = |exif: &Exif| {
        let ((lat_e7, lon_e7), taken) = (exif.place_e7?, exif.taken?);
        let day = day_of(taken.year.into(), taken.month.into(), taken.day.into());
        let minutes = (day * 24 + i64::from(taken.hour)) * 60 + i64::from(taken.minute) - i64::from(now.zone_minutes);
        let at_millis = (minutes * 60 + i64::from(taken.second)) * 1_000;
        Some(Fix { at_millis, lat_e7, lon_e7, accuracy_cm: ASSUMED_ACCURACY_CM, altitude_cm: None })
    };
    let mut fixes: Vec<Fix> = photos.iter().filter_map(fix).collect();
    greenshield_domain::order::sort_by_key(&mut fixes, |fix| fix.at_millis);
    fixes
}

/// Logs do not say how exact a fix is.
const ASSUMED_ACCURACY_CM: i64 = 1_000;

/// A time of a log in UTC: ISO 8601 with or without its letters, or ms or seconds since 1970.
fn millis_of(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        // Seconds of this century have ten digits, its milliseconds thirteen.
        return (number >= 1e9).then_some(if number < 1e11 { (number * 1e3) as i64 } else { number as i64 });
    }
    let (day, clock) = text.split_once(['T', ' '])?;
    let parts = |text: &str, mark: &[char]| -> Option<Vec<i64>> {
        text.split(mark).map(|part| part.trim().parse().ok()).collect()
    };
    let [year, month, day] = parts(day, &['-', '/'])?[..] else { return None };
    let clock = clock.trim().trim_end_matches('Z');
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = parts(clock, &[':'])?[..] else { return None };
    let is_time = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..61).contains(&second);
    let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let seconds = (day_of(year, month, day) * 24 + hour) * 3_600 + minute * 60 + second;
    is_time.then_some(seconds * 1_000 + thousandths)
}

fn place_words(at: Position) -> String {
    format!("{:.7}, {:.7}", at.lat_e7 as f64 / 1e7, at.lon_e7 as f64 / 1e7)
}

#[cfg(test)]
mod tests {
    use greenshield_domain::city::City;
    use greenshield_domain::exif::CameraTime;
    use greenshield_domain::geo::geojson::GeoJsonFault;

    use super::super::table::plan;
    use super::*;
    use crate::state::item::tests::city;

    const NOW: Now = Now { millis: 1_795_655_000_000, zone_minutes: 480 };

    fn kind<'a>(city: &'a City, name: &str) -> &'a Kind {
        city.kind_named(name).unwrap()
    }

    fn mark(name: &str, about: &[(&str, &str)]) -> Mark {
        let about = about.iter().map(|(heading, words)| ((*heading).to_owned(), (*words).to_owned())).collect();
        Mark { name: name.to_owned(), at: Position { lat_e7: 382_000_000, lon_e7: 1_002_500_001 }, about }
    }

    #[test]
    fn places_of_a_file_become_records_with_what_the_file_says_of_them() {
        let city = city();
        let site = kind(&city, "site");
        let found = vec![
            (1, Ok(mark("祁连站", &[("负责人", "王某"), ("x", "1")]))),
            (2, Ok(mark("山丹站", &[("name", "山丹站")]))),
        ];
        let plan = plan(&city, site, &of_marks(site, found).unwrap(), "desk", NOW).unwrap();
        assert_eq!((plan.records.len(), plan.ignored), (2, vec!["x".to_owned()]));
        assert_eq!(plan.records[0].title, "祁连站");
        assert!(plan.records[0].facts.contains("38.2000000, 100.2500001") && plan.records[0].facts.contains("王某"));
        let wrong = vec![(1, Ok(mark("祁连站", &[]))), (2, Err(GeoJsonFault::NoPoint))];
        assert_eq!(of_marks(site, wrong).unwrap_err(), [fault_words(2, GeoJsonFault::NoPoint)]);
        assert_eq!(
            ["site", "hotspot", "flight", "meeting"].map(|name| takes_tracks(kind(&city, name))),
            [false, false, true, false]
        );
    }

    #[test]
    fn a_flown_track_is_one_flight_with_its_day_minutes_and_kilometres() {
        let city = city();
        let flight = kind(&city, "flight");
        let fix = |n: i64| Fix {
            at_millis: NOW.millis + n * 60_000,
            lat_e7: 389_000_000 + n * 90_000,
            lon_e7: 1_004_000_000,
            accuracy_cm: 500,
            altitude_cm: None,
        };
        let table =
            of_track(flight, "DJI_0042", vec![vec![fix(0), fix(1)], vec![], vec![fix(2), fix(3)]], NOW).unwrap();
        let plan = plan(&city, flight, &table, "pilot", NOW).unwrap();
        let [one] = &plan.records[..] else { panic!("{plan:?}") };
        assert_eq!(one.title, "DJI_0042");
        assert!(one.facts.contains("2026-11-26") && one.facts.contains("飞行分钟 3"), "{}", one.facts);
        assert!(one.facts.contains("飞行公里 2"), "{}", one.facts);
        assert_eq!(of_track(flight, "", vec![vec![]], NOW), None);
    }

    #[test]
    fn photos_of_a_flight_are_its_way_in_the_order_in_which_they_were_taken() {
        let photo = |minute: u8, lat_e7: i64| Exif {
            taken: Some(CameraTime { year: 2026, month: 11, day: 26, hour: 9, minute, second: 0 }),
            place_e7: Some((lat_e7, 1_004_000_000)),
        };
        let silent = Exif { taken: None, ..photo(1, 5) };
        let fixes = of_photos(&[photo(5, 389_000_002), silent, photo(1, 389_000_001), Exif::default()], NOW);
        assert_eq!(fixes.iter().map(|fix| fix.lat_e7 % 10).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(NOW.date_time(fixes[0].at_millis), "2026-11-26 09:01");
    }

    #[test]
    fn a_log_is_known_by_its_headings_and_rows_without_a_position_are_left_out() {
        let table = |rows: &[&str]| Table {
            rows: rows.iter().map(|row| row.split(';').map(str::to_owned).collect()).collect(),
        };
        let log = table(&[
            "time(millisecond);datetime(utc);latitude;longitude;altitude(m)",
            "0;2026-11-26 01:00:00;0.0;0.0;",
            "100;2026-11-26 01:00:01;38.9;100.4;1500.5",
            "200;2026/11/26 01:00:02.5;38.91;100.4;",
        ]);
        let fixes = of_log(&log).unwrap();
        assert_eq!(fixes.len(), 2);
        assert_eq!(
            (fixes[0].at_millis, fixes[0].lat_e7, fixes[0].altitude_cm),
            (1_795_654_801_000, 389_000_000, Some(150_050))
        );
        assert_eq!(fixes[1].at_millis - fixes[0].at_millis, 1_500);
        assert_eq!(
            ["2026-11-26T01:00:01Z", "1795654801", "1795654801000", "soon", "12"].map(millis_of),
            [Some(1_795_654_801_000), Some(1_795_654_801_000), Some(1_795_654_801_000), None, None]
        );
        assert_eq!(of_log(&table(&["名称;日期", "a;b"])), None);
    }
}
