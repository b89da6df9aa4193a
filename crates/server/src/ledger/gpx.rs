//! Ledgers as GPX 1.1: a waypoint for each place, a track for each patrol, a segment between two gaps of it; the format
//! knows no areas, so borders are tracks without times, a segment each.
//!
//! Records without a place are none of these; the description of the file counts them.

use std::fmt::Write as _;

use greenshield_domain::calendar::utc;

use super::xml::{degrees, escape, metres};
use super::{Cell, Ledger, Row, Shape};

/// Media type.
pub const MIME: &str = "application/gpx+xml";
const BEGIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Greenshield\" \
    xmlns=\"http://www.topografix.com/GPX/1/1\">\n";

/// Writes a ledger.
#[must_use]
pub fn write(ledger: &Ledger, now_millis: i64) -> Vec<u8> {
    let mut text = String::from(BEGIN);
    let (name, counted, now) = (escape(&ledger.label), escape(&counted(ledger)), utc(now_millis));
    let _ = writeln!(text, "<metadata><name>{name}</name><desc>{counted}</desc><time>{now}</time></metadata>");
    for row in &ledger.rows {
        if let Shape::At(place) = &row.shape {
            let (lat, lon, time) = (degrees(place.lat_e7), degrees(place.lon_e7), utc(row.at_millis));
            let said = told(ledger, row);
            let _ = writeln!(text, "<wpt lat=\"{lat}\" lon=\"{lon}\"><time>{time}</time>{said}</wpt>");
        }
    }
    for row in &ledger.rows {
        if let Shape::Along(lines) = &row.shape {
            let _ = writeln!(text, "<trk>{}", told(ledger, row));
            for line in lines {
                text.push_str("<trkseg>\n");
                for fix in line {
                    let (lat, lon) = (degrees(fix.lat_e7), degrees(fix.lon_e7));
                    let _ = write!(text, "<trkpt lat=\"{lat}\" lon=\"{lon}\">");
                    if let Some(cm) = fix.altitude_cm {
                        let _ = write!(text, "<ele>{}</ele>", metres(cm));
                    }
                    let _ = writeln!(text, "<time>{}</time></trkpt>", utc(fix.at_millis));
                }
                text.push_str("</trkseg>\n");
            }
            text.push_str("</trk>\n");
        }
        if let Shape::Within(polygons) = &row.shape {
            let _ = writeln!(text, "<trk>{}", told(ledger, row));
            for ring in polygons.iter().flatten() {
                text.push_str("<trkseg>\n");
                for at in ring {
                    let (lat, lon) = (degrees(at.lat_e7), degrees(at.lon_e7));
                    let _ = writeln!(text, "<trkpt lat=\"{lat}\" lon=\"{lon}\"/>");
                }
                text.push_str("</trkseg>\n");
            }
            text.push_str("</trk>\n");
        }
    }
    text.push_str("</gpx>\n");
    text.into_bytes()
}

/// How many records there are, and that those without a place are left out.
pub(super) fn counted(ledger: &Ledger) -> String {
    let words = ledger.words();
    let left_out = if ledger.nowhere() > 0 { format!(". {}", words.of("left_out")) } else { String::new() };
    format!("{}{left_out}", ledger.counted())
}

fn told(ledger: &Ledger, row: &Row) -> String {
    let words = ledger.words();
    let said = ledger.columns.iter().zip(&row.cells).filter(|(_, cell)| **cell != Cell::Empty);
    let lines = said.map(|(column, cell)| format!("{}{}{}", column.label, words.of("colon"), cell.text(&words)));
    let author = format!("{}{}{}", words.of("author"), words.of("colon"), row.author);
    let lines: Vec<String> = lines.chain([author]).collect();
    let (name, text, kind) = (escape(&title(ledger, row)), escape(&lines.join("\n")), escape(&ledger.label));
    format!("<name>{name}</name><cmt>{}</cmt><desc>{text}</desc><type>{kind}</type>", row.record)
}

/// What a map writes beside a record: its title, name or category, else its kind, with the day.
pub(super) fn title(ledger: &Ledger, row: &Row) -> String {
    let said = |name: &&str| {
        let at = ledger.columns.iter().position(|column| column.name == **name)?;
        row.cells.get(at).filter(|cell| matches!(cell, Cell::Text(_))).map(|cell| cell.text(&ledger.words()))
    };
    let label = ["title", "name", "category"].iter().find_map(said).unwrap_or_else(|| ledger.label.clone());
    let day = super::cells::local(row.at_millis);
    format!("{label} {}", day.split(' ').next().unwrap_or_default())
}
