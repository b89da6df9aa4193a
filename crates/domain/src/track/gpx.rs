//! GPX 1.1, the file that every other tool reads. Gaps end a `trkseg`, as the format asks for.

use std::fmt::Write as _;

use super::Line;
use crate::calendar::utc;

/// Writes the line of a track.
#[must_use]
pub fn to_gpx(name: &str, line: &Line) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Greenshield\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
    );
    let _ = writeln!(text, "<trk><name>{}</name>", escaped(name));
    for leg in line {
        let _ = writeln!(text, "<trkseg>");
        for fix in &leg.fixes {
            let _ = write!(text, "<trkpt lat=\"{}\" lon=\"{}\">", degrees(fix.lat_e7), degrees(fix.lon_e7));
            if let Some(cm) = fix.altitude_cm {
                let sign = if cm < 0 { "-" } else { "" };
                let _ = write!(text, "<ele>{sign}{}.{:02}</ele>", cm.abs() / 100, cm.abs() % 100);
            }
            let _ = writeln!(text, "<time>{}</time></trkpt>", utc(fix.at_millis));
        }
        let _ = writeln!(text, "</trkseg>");
    }
    text.push_str("</trk>\n</gpx>\n");
    text
}

fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    format!("{sign}{}.{:07}", e7.abs() / 10_000_000, e7.abs() % 10_000_000)
}

fn escaped(text: &str) -> String {
    let visible = text.chars().filter(|c| !c.is_control());
    visible.fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Fix, Leg, Mode};
    use super::*;

    #[test]
    fn each_leg_is_a_segment_and_a_name_can_not_break_the_file() {
        let fix = Fix { at_millis: 0, lat_e7: -5, lon_e7: 1_004_500_000, accuracy_cm: 1, altitude_cm: Some(-150) };
        let leg = Leg { mode: Mode::Foot, fixes: vec![fix] };
        let text = to_gpx("<b>&\u{0}", &vec![leg.clone(), leg]);
        assert_eq!(text.matches("<trkseg>").count(), 2);
        assert!(text.contains("<name>&lt;b&gt;&amp;</name>"), "{text}");
        let point =
            "<trkpt lat=\"-0.0000005\" lon=\"100.4500000\"><ele>-1.50</ele><time>1970-01-01T00:00:00.000Z</time>";
        assert!(text.contains(point), "{text}");
    }
}
