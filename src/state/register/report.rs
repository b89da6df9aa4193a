//! Figures over the months, and all of them as one file.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Figure};
use greenshield_domain::roster::Table;

use super::figures::{Asked, FigureView, dated};
use crate::state::time::Now;
use crate::state::words::{self, t, tr};

/// So many months are shown, this one included.
pub const MONTHS: usize = 12;
/// What spreadsheets take for UTF-8.
const MARK: char = '\u{feff}';

/// A month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// As ISO 8601 writes it.
    pub iso: String,
    /// Its number in the year, 1 to 12.
    pub number: usize,
    /// How many.
    pub n: usize,
    /// Of the largest month, percent.
    pub percent: usize,
}

/// How many there were in each of the last months, the oldest first; none for what is counted as it stands now.
#[must_use]
pub fn months(city: &City, figure: &Figure, rows: &[ListRow], now: Now) -> Vec<Month> {
    if figure.count.since.is_none() {
        return Vec::new();
    }
    let mut numbers = vec![0; MONTHS];
    let this = month_of(&now.iso_day(now.millis));
    for millis in rows.iter().filter_map(|row| dated(city, &figure.count, row, now)) {
        let back = this - month_of(&now.iso_day(millis));
        if let Some(n) = usize::try_from(back).ok().and_then(|back| numbers.get_mut(back)) {
            *n += 1;
        }
    }
    let most = numbers.iter().max().copied().unwrap_or(0).max(1);
    let month = |(back, n): (usize, usize)| {
        let month = this - i64::try_from(back).unwrap_or(0);
        let number = usize::try_from(month.rem_euclid(12)).unwrap_or(0) + 1;
        Month { iso: format!("{:04}-{number:02}", month.div_euclid(12)), number, n, percent: n * 100 / most }
    };
    numbers.into_iter().enumerate().rev().map(month).collect()
}

/// Months since the year 0 of a day as ISO 8601 writes it.
fn month_of(iso_day: &str) -> i64 {
    let mut parts = iso_day.split('-').map(|part| part.parse::<i64>().unwrap_or(0));
    parts.next().unwrap_or(0) * 12 + parts.next().unwrap_or(1) - 1
}

/// The months in words, for those who do not see the chart.
#[must_use]
pub fn months_in_words(months: &[Month]) -> String {
    months.iter().map(|month| format!("{}: {}", month.iso, month.n)).collect::<Vec<_>>().join("; ")
}

/// All figures with their parts and months as rows for a spreadsheet: what they are, the headings, then line by line.
#[must_use]
pub fn in_rows(city: &City, figures: &[FigureView], (now, period): Asked) -> Table {
    let head = [("city", words::of(&city.info.name)), ("day", &now.iso_day(now.millis)), ("period", period.label())];
    let mut lines = vec![vec![tr("figures.head", &head)]];
    lines.push(
        ["figures.column_what", "figures.column_part", "figures.column_since", "figures.column_n", "figures.column_of"]
            .map(|key| t(key).to_owned())
            .to_vec(),
    );
    for figure in figures {
        let of = figure.of.as_ref().map_or_else(String::new, |(all, _)| all.to_string());
        lines.push(vec![figure.label.clone(), String::new(), figure.period.clone(), figure.n.to_string(), of]);
        let parts = figure.parts.iter().map(|(words, n, _)| (words.clone(), *n));
        let months = figure.months.iter().map(|month| (month.iso.clone(), month.n));
        let part =
            |(part, n): (String, usize)| vec![figure.label.clone(), part, String::new(), n.to_string(), String::new()];
        lines.extend(parts.chain(months).map(part));
    }
    Table { rows: lines }
}

/// The same as CSV.
#[must_use]
pub fn in_csv(table: &Table) -> String {
    // A spreadsheet takes a cell that begins like this for something to run.
    let harmless = |cell: &String| match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.clone(),
    };
    let cell = |cell: &String| format!("\"{}\"", harmless(cell).replace('"', "\"\""));
    let line = |line: &Vec<String>| line.iter().map(cell).collect::<Vec<_>>().join(",");
    std::iter::once(MARK.to_string())
        .chain([table.rows.iter().map(line).collect::<Vec<_>>().join("\r\n")])
        .collect::<String>()
        + "\r\n"
}
