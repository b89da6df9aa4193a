//! Ledgers as text for spreadsheets: RFC 4180, UTF-8 with a byte order mark, so that they read Chinese.
//!
//! Invariant: what people wrote never begins like a formula.

use super::{Cell, Ledger, Shape};

/// Media type.
pub const MIME: &str = "text/csv; charset=utf-8";
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// A spreadsheet takes a cell that begins like this for something to run.
const FORMULA_MARKS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a ledger.
#[must_use]
pub fn write(ledger: &Ledger) -> Vec<u8> {
    let words = ledger.words();
    let mut text = String::from(BYTE_ORDER_MARK);
    line(&mut text, header(ledger).iter().map(|label| harmless(label)));
    for row in &ledger.rows {
        let cells = table(ledger, row);
        line(
            &mut text,
            cells.iter().map(|cell| match cell {
                Cell::Text(said) => harmless(said),
                cell => cell.text(&words),
            }),
        );
    }
    text.into_bytes()
}

/// The labels of all columns of a table.
pub(super) fn header(ledger: &Ledger) -> Vec<String> {
    let words = ledger.words();
    let mut labels = vec![words.of("record").to_owned()];
    if !ledger.has_moment {
        labels.push(words.of("at").to_owned());
    }
    labels.extend(ledger.columns.iter().map(|column| column.label.clone()));
    let fixed = [words.of("author"), words.of("lon"), words.of("lat"), words.of("accuracy")];
    labels.extend(fixed.map(str::to_owned));
    labels
}

/// The cells of a row of a table, one for each label.
pub(super) fn table(ledger: &Ledger, row: &super::Row) -> Vec<Cell> {
    let mut cells = vec![Cell::Text(row.record.to_hex())];
    if !ledger.has_moment {
        cells.push(Cell::Time(row.at_millis));
    }
    cells.extend(row.cells.iter().cloned());
    cells.push(Cell::Text(row.author.clone()));
    cells.extend(match &row.shape {
        Shape::At(place) => {
            let degrees = |e7| Cell::Text(super::xml::degrees(e7));
            [degrees(place.lon_e7), degrees(place.lat_e7), Cell::Number(place.accuracy_cm * 10)]
        }
        Shape::Nowhere | Shape::Along(_) | Shape::Within(_) => [Cell::Empty, Cell::Empty, Cell::Empty],
    });
    cells
}

/// A text that no spreadsheet runs. A position that lies west or south is a number and stays one.
fn harmless(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite) && !text.starts_with('+');
    if text.starts_with(FORMULA_MARKS) && !is_number { format!("'{text}") } else { text.to_owned() }
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_wrote_is_run_by_a_spreadsheet() {
        for bad in ["=1+1", "+86 139", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+1"] {
            assert_eq!(harmless(bad), format!("'{bad}"));
        }
        for good in ["两车", "-100.4517000", "1=1", "", "a@b"] {
            assert_eq!(harmless(good), good);
        }
    }

    #[test]
    fn cells_are_quoted_as_rfc_4180_says() {
        let mut out = String::new();
        line(&mut out, ["plain", "a,b", "say \"so\"", "two\nlines", ""].map(str::to_owned).into_iter());
        assert_eq!(out, "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\r\n");
    }
}
