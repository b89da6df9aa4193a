//! A patrol in words: ways, spans, modes, gaps.

use greenshield_domain::patrol::PhoneNote;
use greenshield_domain::track::{Cause, Gap, Mode};

use crate::state::time::Now;
use crate::state::words::{t, tr};

/// A way: metres below one kilometre, then kilometres with one digit.
#[must_use]
pub fn way(cm: i64) -> String {
    let metres = (cm + 50) / 100;
    if metres < 1_000 {
        tr("patrol.metres", &[("n", &metres.to_string())])
    } else {
        let tenths = (metres + 50) / 100;
        tr("patrol.kilometres", &[("n", &format!("{}.{}", tenths / 10, tenths % 10))])
    }
}

/// A span in hours and minutes.
#[must_use]
pub fn lasting(millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    let (hours, rest) = ((minutes / 60).to_string(), (minutes % 60).to_string());
    if minutes < 60 {
        tr("patrol.minutes", &[("m", &rest)])
    } else {
        tr("patrol.hours", &[("h", &hours), ("m", &rest)])
    }
}

/// A mode.
#[must_use]
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Foot => t("patrol.mode_foot"),
        Mode::Horse => t("patrol.mode_horse"),
        Mode::Motorbike => t("patrol.mode_motorbike"),
        Mode::Car => t("patrol.mode_car"),
        Mode::Boat => t("patrol.mode_boat"),
        Mode::Drone => t("patrol.mode_drone"),
    }
}

/// The picture of a mode, a name of the sprite.
#[must_use]
pub fn mode_icon(mode: Mode) -> &'static str {
    match mode {
        Mode::Foot => "walk",
        Mode::Horse => "horse-toy",
        Mode::Motorbike => "motorbike",
        Mode::Car => "car",
        Mode::Boat => "ship",
        Mode::Drone => "drone",
    }
}

/// Why nothing was recorded.
#[must_use]
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Hidden => t("patrol.gap_hidden"),
        Cause::NoFix => t("patrol.gap_no_fix"),
        Cause::Restart => t("patrol.gap_restart"),
        Cause::Paused => t("patrol.gap_paused"),
    }
}

/// A gap: from, to, how long, why.
#[must_use]
pub fn gap(gap: &Gap, now: Now) -> String {
    let (from, until) = (now.clock(gap.from_millis), now.clock(gap.until_millis));
    let long = lasting(gap.until_millis - gap.from_millis);
    tr("patrol.gap", &[("from", &from), ("until", &until), ("long", &long), ("why", cause(gap.cause))])
}

/// A clock that is off by less than this is right.
const RIGHT_MILLIS: i64 = 2_000;

/// How the phone stood: when, how full its battery was, whether its clock was right.
#[must_use]
pub fn phone(note: &PhoneNote, now: Now) -> String {
    let battery = note.battery_percent.map(|n| tr("patrol.phone_battery", &[("n", &n.to_string())]));
    let clock = match note.offset_millis {
        None => t("patrol.phone_clock_unknown").to_owned(),
        Some(off) if off.abs() < RIGHT_MILLIS => t("patrol.phone_clock_right").to_owned(),
        Some(off) => {
            let seconds = (off.abs() / 1_000).to_string();
            // The server ahead of the phone: the phone is late.
            tr(if off > 0 { "patrol.phone_clock_slow" } else { "patrol.phone_clock_fast" }, &[("s", &seconds)])
        }
    };
    [Some(now.clock(note.at_millis)), battery, Some(clock)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_is_told_as_far_as_it_is_known() {
        let now = Now { millis: 0, zone_minutes: 480 };
        let note =
            |battery_percent, offset_millis| phone(&PhoneNote { at_millis: 0, battery_percent, offset_millis }, now);
        assert_eq!(note(Some(82), Some(-3_400)), "08:00 · 电量 82% · 手机时钟快 3 秒");
        assert_eq!(note(Some(5), Some(90_000)), "08:00 · 电量 5% · 手机时钟慢 90 秒");
        assert_eq!(note(None, Some(900)), "08:00 · 手机时钟准");
        assert_eq!(note(None, None), "08:00 · 手机时钟没有对过");
    }

    #[test]
    fn ways_and_spans_are_said_as_people_say_them() {
        assert_eq!([0, 99_949, 99_950, 1_234_567].map(way), ["0 米", "999 米", "1.0 公里", "12.3 公里"]);
        assert_eq!([0, 59 * 60_000, 135 * 60_000].map(lasting), ["0 分钟", "59 分钟", "2 小时 15 分"]);
    }
}
