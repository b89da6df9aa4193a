//! Ledgers as a workbook: one sheet, numbers and times as such, text never a formula.

use greenshield_domain::roster::Table;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::asked::CITY_OFFSET_MILLIS;
use super::csv::{header, table};
use super::{Cell, Ledger};

/// Media type.
pub const MIME: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Most characters of a cell, a little below the limit of the format.
const MOST_CHARACTERS: usize = 32_000;
/// Most characters of the name of a sheet.
const MOST_NAME: usize = 31;
/// Days from the beginning of the format's calendar to 1970.
const DAYS_BEFORE_1970: f64 = 25_569.0;
const DAY_MILLIS: f64 = 86_400_000.0;
/// Times of this range are dates of the format: 1900-03-01 to 9999-12-31.
const DATES_MILLIS: std::ops::Range<i64> = -2_203_891_200_000..253_402_300_800_000;
const COLUMN_WIDTH: f64 = 18.0;

/// Writes a ledger.
///
/// # Errors
/// [`XlsxError`].
pub fn workbook(ledger: &Ledger) -> Result<Vec<u8>, XlsxError> {
    let words = ledger.words();
    let (bold, time) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"));
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name(&ledger.label))?;
    sheet.set_freeze_panes(1, 0)?;
    let labels = header(ledger);
    for (column, label) in (0..).zip(&labels) {
        sheet.write_string_with_format(0, column, label, &bold)?;
        sheet.set_column_width(column, COLUMN_WIDTH)?;
    }
    for (line, row) in (1..).zip(&ledger.rows) {
        for (column, cell) in (0..).zip(table(ledger, row)) {
            match cell {
                Cell::Empty => {}
                Cell::Number(thousandths) => _ = sheet.write_number(line, column, thousandths as f64 / 1000.0)?,
                Cell::Time(millis) if DATES_MILLIS.contains(&millis) => {
                    let days = (millis + CITY_OFFSET_MILLIS) as f64 / DAY_MILLIS + DAYS_BEFORE_1970;
                    sheet.write_number_with_format(line, column, days, &time)?;
                }
                cell => {
                    let text: String = cell.text(&words).chars().take(MOST_CHARACTERS).collect();
                    sheet.write_string(line, column, text)?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}

/// Writes rows of text as one sheet: the first row says what the sheet is, and the second one heads the columns. Whole numbers
/// become numbers.
///
/// # Errors
/// [`XlsxError`].
pub fn sheet_of(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (line, row) in (0..).zip(&table.rows) {
        for (column, text) in (0..).zip(row) {
            // What an integer of a spreadsheet holds without loss; a longer one is a name, as of a telephone.
            let number = text.parse::<i32>().ok().filter(|number| number.to_string() == *text);
            let text: String = text.chars().take(MOST_CHARACTERS).collect();
            match number {
                Some(number) => sheet.write_number(line, column, f64::from(number))?,
                None if line < 2 => sheet.write_string_with_format(line, column, text, &bold)?,
                None => sheet.write_string(line, column, text)?,
            };
            sheet.set_column_width(column, COLUMN_WIDTH)?;
        }
    }
    workbook.save_to_buffer()
}

/// A name without the characters that the format forbids.
fn sheet_name(label: &str) -> String {
    let allowed = label.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control());
    let name: String = allowed.take(MOST_NAME).collect();
    if name.trim().is_empty() { "Greenshield".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_a_name_whatever_its_kind_is_called() {
        assert_eq!(sheet_name("线索"), "线索");
        assert_eq!(sheet_name("a/b:[c]"), "abc");
        assert_eq!(sheet_name("'*'"), "Greenshield");
        assert_eq!(sheet_name(&"长".repeat(40)).chars().count(), MOST_NAME);
    }
}
