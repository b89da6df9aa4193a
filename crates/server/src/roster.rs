//! The cells of a spreadsheet that somebody uploads: its first sheet as text, within bounds on everything that could be large.
//!
//! Owns: the bounds. Refuses: to know what a cell means (`domain::roster`), formulas, styles, every other sheet.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use greenshield_domain::roster::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, Table};
use thiserror::Error;

/// Most bytes that all parts of the file may have unpacked: a file that shrinks more is no roster.
const MAX_UNPACKED_BYTES: u64 = 48 * 1024 * 1024;
/// Most parts of the file.
const MAX_PARTS: usize = 500;

/// Why there is no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RosterError {
    /// It is no such file, or a damaged one.
    #[error("the file is no spreadsheet")]
    Unread,
    /// It is larger inside than a roster is.
    #[error("the file is larger inside than a roster is")]
    TooLarge,
}

/// Reads the first sheet. Rows and columns beyond the bounds of a roster are an error, so that nothing is left out unseen.
///
/// # Errors
/// [`RosterError`].
pub fn read_xlsx(file: &[u8]) -> Result<Table, RosterError> {
    check_size(file)?;
    let unread = |_| RosterError::Unread;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(unread)?;
    let name = book.sheet_names().into_iter().next().ok_or(RosterError::Unread)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(unread)?;
    let mut table = Table::default();
    while let Some(cell) = cells.next_cell().map_err(unread)? {
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else {
            return Err(RosterError::TooLarge);
        };
        if row > MAX_ROWS || column >= MAX_COLUMNS || text.chars().count() > MAX_CELL_CHARS {
            return Err(RosterError::TooLarge);
        }
        let rows = table.rows.len().max(row + 1);
        table.rows.resize(rows, Vec::new());
        let cells = &mut table.rows[row];
        let columns = cells.len().max(column + 1);
        cells.resize(columns, String::new());
        cells[column] = text;
    }
    Ok(table)
}

/// Unpacks everything once and keeps nothing of it: what a file says of its own size is a claim.
fn check_size(file: &[u8]) -> Result<(), RosterError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(|_| RosterError::Unread)?;
    if archive.len() > MAX_PARTS {
        return Err(RosterError::TooLarge);
    }
    let mut left = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| RosterError::Unread)?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| RosterError::Unread)?;
        left = left.checked_sub(size).ok_or(RosterError::TooLarge)?;
    }
    Ok(())
}

/// A cell as text: days as year, month and day, whole numbers without a point.
fn text_of(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(n) => n.to_string(),
        // A telephone number that somebody typed as a number.
        DataRef::Float(n) => n.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) => text.chars().take(10).collect(),
        DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::Error(_) | DataRef::Empty => String::new(),
    };
    text.trim().to_owned()
}
