//! Ledgers as a GeoPackage 1.3: one layer, a row for each record, whether it has a place or not.
//!
//! Owns: geometries in the format's own bytes, and which values the columns take. Refuses: SQL, which is the store's.

use greenshield_domain::calendar::utc;
use greenshield_domain::track::Fix;

use super::{Cell, ColumnType, Ledger, LedgerError, Row, Shape};
use crate::store::geopackage::{self, Field, Layer, SqlType, SqlValue};

/// Media type.
pub const MIME: &str = "application/geopackage+sqlite3";
/// WGS 84.
const SRS: i32 = 4326;
const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE: u32 = 5;
const MULTI_POLYGON: u32 = 6;

/// Writes a ledger.
///
/// # Errors
/// [`LedgerError`].
pub async fn write(ledger: &Ledger, now_millis: i64) -> Result<Vec<u8>, LedgerError> {
    let words = ledger.words();
    let field = |name: &str, title: &str, ty| Field { name: name.to_owned(), title: title.to_owned(), ty };
    let mut fields = vec![
        field("_record", words.of("record"), SqlType::Text),
        field("_time", words.of("at"), SqlType::Time),
        field("_author", words.of("author"), SqlType::Text),
        field("_accuracy", words.of("accuracy"), SqlType::Real),
        field("_erased", words.of("erased"), SqlType::Text),
    ];
    fields.extend(ledger.columns.iter().map(|column| field(&column.name, &column.label, sql_type(column.ty))));
    let layer = Layer {
        name: ledger.kind.clone(),
        title: ledger.label.clone(),
        description: ledger.counted(),
        geometry: geometry_type(ledger),
        bounds: bounds(ledger),
        changed: utc(now_millis),
        fields,
        rows: ledger.rows.iter().map(|row| (geometry(&row.shape), values(ledger, row))).collect(),
    };
    Ok(geopackage::write(&layer).await?)
}

fn sql_type(ty: ColumnType) -> SqlType {
    match ty {
        ColumnType::Text => SqlType::Text,
        ColumnType::Number => SqlType::Real,
        ColumnType::Bool => SqlType::Bool,
        ColumnType::Time => SqlType::Time,
    }
}

fn values(ledger: &Ledger, row: &Row) -> Vec<SqlValue> {
    let erased = ledger.columns.iter().zip(&row.cells).filter(|(_, cell)| **cell == Cell::Erased);
    let erased: Vec<&str> = erased.map(|(column, _)| column.name.as_str()).collect();
    let accuracy = match &row.shape {
        Shape::At(place) => SqlValue::Real(place.accuracy_cm as f64 / 100.0),
        Shape::Nowhere | Shape::Along(_) | Shape::Within(_) => SqlValue::Null,
    };
    let mut values = vec![
        SqlValue::Text(row.record.to_hex()),
        SqlValue::Text(utc(row.at_millis)),
        SqlValue::Text(row.author.clone()),
        accuracy,
        if erased.is_empty() { SqlValue::Null } else { SqlValue::Text(erased.join(",")) },
    ];
    values.extend(ledger.columns.iter().zip(&row.cells).map(|(column, cell)| match (column.ty, cell) {
        (ColumnType::Text, Cell::Text(text)) => SqlValue::Text(text.clone()),
        (ColumnType::Number, Cell::Number(thousandths)) => SqlValue::Real(*thousandths as f64 / 1000.0),
        (ColumnType::Bool, Cell::Bool(flag)) => SqlValue::Int(i64::from(*flag)),
        (ColumnType::Time, Cell::Time(millis)) => SqlValue::Text(utc(*millis)),
        // Readers of the format take a value that is not of its column's type for damage.
        _ => SqlValue::Null,
    }));
    values
}

/// The one type of all geometries, else `GEOMETRY`; points where there is none.
fn geometry_type(ledger: &Ledger) -> &'static str {
    let mut types = ledger.rows.iter().filter_map(|row| match &row.shape {
        Shape::Nowhere => None,
        Shape::At(_) => Some("POINT"),
        Shape::Along(_) if row.shape.lines().is_empty() => Some("MULTIPOINT"),
        Shape::Along(_) => Some("MULTILINESTRING"),
        Shape::Within(_) => Some("MULTIPOLYGON"),
    });
    let first = types.next().unwrap_or("POINT");
    if types.all(|ty| ty == first) { first } else { "GEOMETRY" }
}

fn positions(shape: &Shape) -> Vec<(i64, i64)> {
    match shape {
        Shape::Nowhere => Vec::new(),
        Shape::At(place) => vec![(place.lon_e7, place.lat_e7)],
        Shape::Along(lines) => lines.iter().flatten().map(|fix| (fix.lon_e7, fix.lat_e7)).collect(),
        Shape::Within(polygons) => polygons.iter().flatten().flatten().map(|at| (at.lon_e7, at.lat_e7)).collect(),
    }
}

/// West, south, east, north in degrees.
fn box_of(positions: impl Iterator<Item = (i64, i64)>) -> Option<[f64; 4]> {
    let grown = positions.fold(None::<[i64; 4]>, |grown, (lon, lat)| {
        let [west, south, east, north] = grown.unwrap_or([lon, lat, lon, lat]);
        Some([west.min(lon), south.min(lat), east.max(lon), north.max(lat)])
    });
    grown.map(|ends| ends.map(degrees))
}

fn bounds(ledger: &Ledger) -> Option<[f64; 4]> {
    box_of(ledger.rows.iter().flat_map(|row| positions(&row.shape)))
}

fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}

/// A geometry as the format writes it: its head, then well-known binary, all little-endian.
fn geometry(shape: &Shape) -> Option<Vec<u8>> {
    let point = |out: &mut Vec<u8>, lon_e7, lat_e7| {
        begin(out, POINT);
        number(out, lon_e7);
        number(out, lat_e7);
    };
    let mut out = head(shape);
    match shape {
        Shape::Nowhere => return None,
        Shape::At(place) => point(&mut out, place.lon_e7, place.lat_e7),
        Shape::Along(all) => {
            let lines = shape.lines();
            if lines.is_empty() {
                let fixes: Vec<&Fix> = all.iter().flatten().collect();
                begin(&mut out, MULTI_POINT);
                count(&mut out, fixes.len());
                fixes.iter().for_each(|fix| point(&mut out, fix.lon_e7, fix.lat_e7));
            } else {
                begin(&mut out, MULTI_LINE);
                count(&mut out, lines.len());
                for line in lines {
                    begin(&mut out, LINE);
                    count(&mut out, line.len());
                    for fix in line {
                        number(&mut out, fix.lon_e7);
                        number(&mut out, fix.lat_e7);
                    }
                }
            }
        }
        Shape::Within(polygons) => {
            begin(&mut out, MULTI_POLYGON);
            count(&mut out, polygons.len());
            for rings in polygons {
                begin(&mut out, POLYGON);
                count(&mut out, rings.len());
                for ring in rings {
                    count(&mut out, ring.len());
                    for at in ring {
                        number(&mut out, at.lon_e7);
                        number(&mut out, at.lat_e7);
                    }
                }
            }
        }
    }
    Some(out)
}

/// Magic, version, flags (little-endian; with a box for all but points), reference system, box.
fn head(shape: &Shape) -> Vec<u8> {
    let is_wide = matches!(shape, Shape::Along(_) | Shape::Within(_));
    let around = if is_wide { box_of(positions(shape).into_iter()) } else { None };
    let mut out = vec![b'G', b'P', 0, if around.is_some() { 0b11 } else { 0b01 }];
    out.extend(SRS.to_le_bytes());
    if let Some([west, south, east, north]) = around {
        [west, east, south, north].iter().for_each(|end| out.extend(end.to_le_bytes()));
    }
    out
}

fn begin(out: &mut Vec<u8>, ty: u32) {
    out.push(1);
    out.extend(ty.to_le_bytes());
}

fn count(out: &mut Vec<u8>, n: usize) {
    out.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
}

fn number(out: &mut Vec<u8>, e7: i64) {
    out.extend(degrees(e7).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use greenshield_domain::incident::{Place, PlaceSource};

    use super::*;

    #[test]
    fn a_point_has_the_bytes_that_the_format_says() {
        let place = Place {
            lat_e7: 389_342_000,
            lon_e7: 1_004_517_000,
            accuracy_cm: 800,
            fixed_millis: 0,
            source: PlaceSource::Device,
        };
        let bytes = geometry(&Shape::At(place)).unwrap();
        assert_eq!(bytes[..13], [b'G', b'P', 0, 1, 0xe6, 0x10, 0, 0, 1, 1, 0, 0, 0]);
        assert_eq!(bytes[13..21], 100.4517_f64.to_le_bytes());
        assert_eq!(bytes[21..], 38.9342_f64.to_le_bytes());
        assert_eq!(geometry(&Shape::Nowhere), None);
    }

    #[test]
    fn a_track_is_lines_in_a_box_and_one_fix_alone_is_a_point() {
        let fix = |lat_e7| Fix { at_millis: 0, lat_e7, lon_e7: 1_000_000_000, accuracy_cm: 1, altitude_cm: None };
        let walked = Shape::Along(vec![vec![fix(1), fix(2)], vec![fix(3)]]);
        let bytes = geometry(&walked).unwrap();
        assert_eq!((bytes[3], bytes[8..16].to_vec()), (0b11, 100.0_f64.to_le_bytes().to_vec()));
        assert_eq!(bytes[40..49], [1, 5, 0, 0, 0, 1, 0, 0, 0]);
        let stood = geometry(&Shape::Along(vec![vec![fix(3)]])).unwrap();
        assert_eq!(stood[40..49], [1, 4, 0, 0, 0, 1, 0, 0, 0]);
    }
}
