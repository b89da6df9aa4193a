//! A roster of people as a table: read from CSV, checked cell by cell, and nothing of it taken while anything is wrong.
//!
//! Owns: the reader of CSV with its bounds, what a column means, every complaint with its row and column as a spreadsheet
//! counts them. Refuses: words for people (they come with the call, in whatever language the table is), files of spreadsheets
//! (the server makes a table of them), clocks.

use serde::{Deserialize, Serialize};

use crate::calendar::{civil, day_of};
use crate::person::Person;

/// Most rows of a roster, the heading aside.
pub const MAX_ROWS: usize = 2_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 40;
/// Most characters of a cell.
pub const MAX_CELL_CHARS: usize = 300;
/// Most bytes of a file.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Complaints that are told at once.
const MOST_ERRORS: usize = 200;

/// Rows of cells; the first one is the heading.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// All rows.
    pub rows: Vec<Vec<String>>,
}

/// What is wrong with a table or a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No rows below the heading.
    #[error("there is nobody in it")]
    Empty,
    /// Too many of something.
    #[error("more than {0}")]
    TooMany(usize),
    /// A quote that does not end.
    #[error("a quote does not end")]
    Quote,
    /// No column of the heading is the name.
    #[error("no column has the names")]
    NoNames,
    /// Two columns mean the same.
    #[error("two columns mean the same")]
    Twice,
    /// The name is missing.
    #[error("the name is missing")]
    NoName,
    /// A role that nobody knows, or that may not be given.
    #[error("{0:?} is no role that may be given")]
    Role(String),
    /// A unit that nobody knows.
    #[error("{0:?} is no unit")]
    Unit(String),
    /// An area that nobody knows, or a name that more than one has.
    #[error("{0:?} is no area, or more than one")]
    Area(String),
    /// What somebody is, and nobody knows.
    #[error("{0:?} is not known")]
    Group(String),
    /// A level that nobody knows.
    #[error("{0:?} is no level")]
    Level(String),
    /// No date as year, month and day.
    #[error("{0:?} is no date")]
    Date(String),
    /// The term ends before it begins.
    #[error("the term ends before it begins")]
    Term,
    /// The same person stands in another row.
    #[error("the same person is in row {0}")]
    Again(usize),
}

/// A complaint about a cell, or about a row where the column is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Row as a spreadsheet counts it, from 1; the heading is row 1.
    pub row: usize,
    /// Column from 0.
    pub column: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

impl CellError {
    fn at(row: usize, column: Option<usize>, problem: Problem) -> Self {
        Self { row: row + 1, column, problem }
    }
}

/// The letters of a column: A, B … Z, AA.
#[must_use]
pub fn letters(column: usize) -> String {
    let (mut rest, mut letters) = (column + 1, Vec::new());
    while rest > 0 {
        letters.push(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// Reads CSV: comma, semicolon or tab, whichever the heading has most; quotes as in RFC 4180; any line ends.
///
/// # Errors
/// [`CellError`] for what is too much, or a quote that does not end.
pub fn read_csv(text: &str) -> Result<Table, CellError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let heading = text.lines().next().unwrap_or_default();
    let count = |mark: char| heading.chars().filter(|c| *c == mark).count();
    let mark = [',', ';', '\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == ',')).unwrap_or(',');
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if is_quoted || cell.trim().is_empty() => is_quoted = !is_quoted,
            '\r' | '\n' if !is_quoted => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == mark && !is_quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
        let at = rows.len();
        if at > MAX_ROWS + 1 {
            return Err(CellError::at(at - 1, None, Problem::TooMany(MAX_ROWS)));
        }
        if row.len() > MAX_COLUMNS {
            return Err(CellError::at(at, Some(MAX_COLUMNS), Problem::TooMany(MAX_COLUMNS)));
        }
        if cell.len() > 4 * MAX_CELL_CHARS {
            return Err(CellError::at(at, Some(row.len()), Problem::TooMany(MAX_CELL_CHARS)));
        }
    }
    if is_quoted {
        return Err(CellError::at(rows.len(), Some(row.len()), Problem::Quote));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    Ok(Table { rows })
}

/// A meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Name.
    Name,
    /// What somebody is.
    Group,
    /// Role.
    Role,
    /// Unit.
    Unit,
    /// Areas, one or several.
    Areas,
    /// Level of a chief.
    Level,
    /// First day of the term.
    From,
    /// Last day of the term.
    Until,
    /// Telephone.
    Phone,
}

/// The words of a table: what each may be called, and what is meant.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Names of columns.
    pub columns: Vec<(String, Column)>,
    /// Roles that may be given.
    pub roles: Vec<(String, String)>,
    /// Words of groups.
    pub groups: Vec<(String, String)>,
    /// Units and departments.
    pub units: Vec<(String, String)>,
    /// Levels of chiefs.
    pub levels: Vec<(String, String)>,
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn meant<T: Clone>(words: &[(String, T)], text: &str) -> Option<T> {
    let asked = plain(text);
    words.iter().find(|(word, _)| plain(word) == asked).map(|(_, meaning)| meaning.clone())
}

/// People of a table, in its order. `area` finds the code of an area by name or code; `zone_minutes` is what the local clock
/// is ahead of UTC, for the days of terms.
///
/// # Errors
/// Every complaint, by row and column; then nothing of the table is to be taken.
pub fn people(
    table: &Table,
    words: &Vocabulary,
    area: impl Fn(&str) -> Option<String>,
    zone_minutes: i32,
) -> Result<Vec<Person>, Vec<CellError>> {
    let Some((heading, rows)) = table.rows.split_first() else {
        return Err(vec![CellError::at(0, None, Problem::Empty)]);
    };
    let mut errors = Vec::new();
    let mut columns: Vec<(usize, Column)> = Vec::new();
    for (at, cell) in heading.iter().enumerate() {
        let Some(column) = meant(&words.columns, cell) else { continue };
        if columns.iter().any(|(_, known)| *known == column) {
            errors.push(CellError::at(0, Some(at), Problem::Twice));
        }
        columns.push((at, column));
    }
    if !columns.iter().any(|(_, column)| *column == Column::Name) {
        errors.push(CellError::at(0, None, Problem::NoNames));
        return Err(errors);
    }
    let mut people: Vec<(usize, Person)> = Vec::new();
    for (row, cells) in rows.iter().enumerate().map(|(at, cells)| (at + 1, cells)) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if people.len() == MAX_ROWS {
            errors.push(CellError::at(row, None, Problem::TooMany(MAX_ROWS)));
            break;
        }
        let mut reader =
            Reader { words, area: &area, zone_minutes, row, errors: &mut errors, person: Person::default() };
        for (at, column) in &columns {
            reader.read(*at, *column, cells.get(*at).map_or("", |cell| cell.trim()));
        }
        let person = reader.person;
        if let (Some(from), Some(until)) = (person.from_millis, person.until_millis)
            && until <= from
        {
            errors.push(CellError::at(row, None, Problem::Term));
        }
        let same = people.iter().find(|(_, known)| known.name == person.name && known.phone == person.phone);
        if let Some((first, _)) = same.filter(|_| !person.name.is_empty()) {
            errors.push(CellError::at(row, None, Problem::Again(first + 1)));
        }
        people.push((row, person));
    }
    if people.is_empty() && errors.is_empty() {
        errors.push(CellError::at(0, None, Problem::Empty));
    }
    errors.truncate(MOST_ERRORS);
    if errors.is_empty() { Ok(people.into_iter().map(|(_, person)| person).collect()) } else { Err(errors) }
}

struct Reader<'a, A> {
    words: &'a Vocabulary,
    area: &'a A,
    zone_minutes: i32,
    row: usize,
    errors: &'a mut Vec<CellError>,
    person: Person,
}

impl<A: Fn(&str) -> Option<String>> Reader<'_, A> {
    fn read(&mut self, at: usize, column: Column, text: &str) {
        let long = text.chars().count() > MAX_CELL_CHARS;
        let problem = match column {
            _ if long => Some(Problem::TooMany(MAX_CELL_CHARS)),
            Column::Name if text.is_empty() => Some(Problem::NoName),
            _ if text.is_empty() => None,
            Column::Name => self.take(|person| text.clone_into(&mut person.name)),
            Column::Phone => self.take(|person| person.phone = Some(text.to_owned())),
            Column::Group => match meant(&self.words.groups, text) {
                Some(group) => self.take(|person| person.group = Some(group)),
                None => Some(Problem::Group(text.to_owned())),
            },
            Column::Role => match meant(&self.words.roles, text) {
                Some(role) => self.take(|person| person.role = Some(role)),
                None => Some(Problem::Role(text.to_owned())),
            },
            Column::Unit => match meant(&self.words.units, text) {
                Some(unit) => self.take(|person| person.unit = Some(unit)),
                None => Some(Problem::Unit(text.to_owned())),
            },
            Column::Level => match meant(&self.words.levels, text) {
                Some(level) => self.take(|person| person.level = Some(level)),
                None => Some(Problem::Level(text.to_owned())),
            },
            Column::Areas => self.areas(text),
            Column::From => match self.day(text) {
                Some(first) => self.take(|person| person.from_millis = Some(first)),
                None => Some(Problem::Date(text.to_owned())),
            },
            Column::Until => match self.day(text) {
                Some(last) => self.take(|person| person.until_millis = Some(last + DAY)),
                None => Some(Problem::Date(text.to_owned())),
            },
        };
        self.errors.extend(problem.map(|problem| CellError::at(self.row, Some(at), problem)));
    }

    fn take(&mut self, set: impl FnOnce(&mut Person)) -> Option<Problem> {
        set(&mut self.person);
        None
    }

    fn areas(&mut self, text: &str) -> Option<Problem> {
        // Commas of both kinds, the enumeration comma, semicolons of both kinds, slashes, line ends.
        let parts = text.split([',', '\u{ff0c}', '\u{3001}', ';', '\u{ff1b}', '/', '\n']);
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            let Some(code) = (self.area)(part) else { return Some(Problem::Area(part.to_owned())) };
            if !self.person.areas.contains(&code) {
                self.person.areas.push(code);
            }
        }
        self.person.areas.sort();
        None
    }

    /// The first moment of a date: year, month and day, apart by anything that is no digit.
    fn day(&self, text: &str) -> Option<i64> {
        let mut parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let mut number = || parts.next().filter(|part| part.len() <= 4).and_then(|part| part.parse::<i64>().ok());
        let (year, month, day) = (number()?, number()?, number()?);
        if !(1990..2100).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let days = day_of(year, month, day);
        (civil(days) == (year, month, day)).then_some(days * DAY - i64::from(self.zone_minutes) * 60_000)
    }
}

const DAY: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vocabulary {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Vocabulary {
            columns: [
                ("姓名", Column::Name),
                ("角色", Column::Role),
                ("负责区域", Column::Areas),
                ("电话", Column::Phone),
                ("任期从", Column::From),
                ("任期到", Column::Until),
                ("单位", Column::Unit),
            ]
            .map(|(word, column)| (word.to_owned(), column))
            .into(),
            roles: pairs(&[("生态义警", "volunteer"), ("民警", "officer")]),
            units: pairs(&[("水务局", "water")]),
            ..Vocabulary::default()
        }
    }

    fn area(name: &str) -> Option<String> {
        [("临泽县", "620723"), ("沙河镇", "620723101")]
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, c)| (*c).into())
    }

    fn read(text: &str) -> Result<Vec<Person>, Vec<CellError>> {
        people(&read_csv(text).unwrap(), &words(), area, 480)
    }

    fn told(text: &str) -> Vec<(usize, String, Problem)> {
        let errors = read(text).unwrap_err();
        errors.into_iter().map(|e| (e.row, e.column.map(letters).unwrap_or_default(), e.problem)).collect()
    }

    #[test]
    fn a_roster_becomes_people_whatever_the_order_of_its_columns() {
        let text = "\u{feff}电话,姓名,备用,角色,负责区域,任期从,任期到\r\n139,李 山,x,生态义警,\"临泽县、沙河镇\",2026-01-01,2026/12/31\r\n,,,,,,\r\n,王河,,民 警,,,\n";
        let found = read(text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].role.as_deref()), ("李 山", Some("volunteer")));
        assert_eq!(found[0].areas, ["620723", "620723101"]);
        let first = day_of(2026, 1, 1) * DAY - 8 * 3_600_000;
        assert_eq!((found[0].from_millis, found[0].until_millis), (Some(first), Some(first + 365 * DAY)));
        assert_eq!((found[1].role.as_deref(), found[1].phone.as_deref()), (Some("officer"), None));
    }

    #[test]
    fn every_complaint_names_its_cell_and_nothing_is_taken() {
        let text =
            "姓名;角色;负责区域;任期从;任期到;单位\n李山;校长;东海镇;2026-02-30;2026-01-01;水务局\n;民警;;;;xx\n";
        assert_eq!(
            told(text),
            [
                (2, "B".to_owned(), Problem::Role("校长".to_owned())),
                (2, "C".to_owned(), Problem::Area("东海镇".to_owned())),
                (2, "D".to_owned(), Problem::Date("2026-02-30".to_owned())),
                (3, "A".to_owned(), Problem::NoName),
                (3, "F".to_owned(), Problem::Unit("xx".to_owned())),
            ]
        );
        assert_eq!(told("姓名\t电话\na\t1\nb\t1\na\t1\n"), [(4, String::new(), Problem::Again(2))]);
        assert_eq!(told("姓名,任期从,任期到\na,2026-02-01,2026-01-01\n"), [(2, String::new(), Problem::Term)]);
        assert_eq!(told("电话\n1\n"), [(1, String::new(), Problem::NoNames)]);
        assert_eq!(told("姓名\n"), [(1, String::new(), Problem::Empty)]);
        assert_eq!(told("姓名,姓名\na,b\n")[0], (1, "B".to_owned(), Problem::Twice));
        assert_eq!(told(""), [(1, String::new(), Problem::Empty)]);
    }

    #[test]
    fn quotes_hold_commas_line_ends_and_quotes_and_what_is_too_much_is_refused() {
        let table = read_csv("a,\"b,\n\"\"c\"\"\"\r\nd").unwrap();
        assert_eq!(table.rows, [vec!["a".to_owned(), "b,\n\"c\"".to_owned()], vec!["d".to_owned()]]);
        assert_eq!(read_csv("a,\"b").unwrap_err().problem, Problem::Quote);
        assert_eq!(read_csv(&"a\n".repeat(MAX_ROWS + 2)).unwrap_err().problem, Problem::TooMany(MAX_ROWS));
        assert_eq!(read_csv(&",".repeat(MAX_COLUMNS + 1)).unwrap_err().problem, Problem::TooMany(MAX_COLUMNS));
        assert_eq!(read_csv(&"a".repeat(9_999)).unwrap_err().problem, Problem::TooMany(MAX_CELL_CHARS));
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
