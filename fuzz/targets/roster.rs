//! The roster of a stranger: never a panic, never more than the bounds, and a complaint names a cell of the table.

#![no_main]

use greenshield_domain::roster::{Column, MAX_COLUMNS, MAX_ROWS, Vocabulary, people, read_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(table) = read_csv(text) else { return };
    assert!(table.rows.len() <= MAX_ROWS + 2 && table.rows.iter().all(|row| row.len() <= MAX_COLUMNS + 1));
    let word = |word: &str, column| (word.to_owned(), column);
    let columns = [("name", Column::Name), ("areas", Column::Areas), ("from", Column::From), ("until", Column::Until)];
    let words =
        Vocabulary { columns: columns.map(|(name, column)| word(name, column)).into(), ..Vocabulary::default() };
    match people(&table, &words, |name| Some(name.to_owned()), 480) {
        Ok(people) => assert!(people.iter().all(|person| !person.name.is_empty())),
        Err(errors) => assert!(errors.iter().all(|error| (1..=table.rows.len().max(1)).contains(&error.row))),
    }
});
