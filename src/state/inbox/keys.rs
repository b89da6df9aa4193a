//! What a key does at the desk.
//!
//! Owns: the keys and where a step through the list leads. Refuses: keys with a modifier and keys that are typed into a form,
//! which belong to the browser.

use greenshield_domain::ids::RecordId;

use super::InboxPart;
use super::decide::steps_of_key;
use super::index::Mark;

/// What a key asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// So many lines down; negative = up.
    Move(isize),
    /// The same, and all lines between are chosen.
    Extend(isize),
    /// The line is chosen, or no longer.
    Toggle,
    /// Take the first of these steps that may be taken with the open record.
    Step(Vec<&'static str>),
    /// Another part of the inbox.
    Show(InboxPart),
    /// To the words for the reporter.
    Answer,
    /// Explain the keys.
    Help,
}

/// Where the focus is when a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// In a form or a dialog: every key is its own.
    Typing,
    /// In the list, or nowhere.
    List,
    /// On something that arrow keys may scroll.
    Elsewhere,
}

/// What a key with Shift asks for in the list.
fn with_shift(key: &str) -> Option<Command> {
    match key {
        "ArrowDown" => Some(Command::Extend(1)),
        "ArrowUp" => Some(Command::Extend(-1)),
        _ => None,
    }
}

/// What a key asks for; `None` = nothing, the browser does what it always does. Shift is no modifier: it makes capitals.
#[must_use]
pub fn command(key: &str, has_modifier: bool, is_shift: bool, focus: Focus) -> Option<Command> {
    if has_modifier || focus == Focus::Typing {
        return None;
    }
    if let Some(command) = with_shift(key).filter(|_| is_shift) {
        return (focus == Focus::List).then_some(command);
    }
    Some(match key {
        "ArrowDown" if focus == Focus::List => Command::Move(1),
        "ArrowUp" if focus == Focus::List => Command::Move(-1),
        "j" | "J" => Command::Move(1),
        "k" | "K" => Command::Move(-1),
        "x" | "X" => Command::Toggle,
        "a" | "A" => Command::Answer,
        "1" => Command::Show(InboxPart::Waiting),
        "2" => Command::Show(InboxPart::Open),
        "3" => Command::Show(InboxPart::Closed),
        "?" | "？" => Command::Help,
        // A key with a name, like Escape, is none of a letter.
        _ if key.len() != 1 => return None,
        _ => Command::Step(Some(steps_of_key(key)).filter(|steps| !steps.is_empty())?),
    })
}

/// The line that the arrow keys are at: its record, and its place for when it leaves the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The record.
    pub record: RecordId,
    /// Its place, from 0.
    pub index: usize,
}

/// Where a step leads. From nowhere it leads to the first line; a line that left the list is counted from its old place.
#[must_use]
pub fn step(items: &[Mark], from: Option<Cursor>, by: isize) -> Option<Cursor> {
    let last = items.len().checked_sub(1)?;
    let place = |record| items.iter().position(|item| item.record == record);
    let index = match from.map(|cursor| (cursor.index, place(cursor.record))) {
        None => 0,
        Some((_, Some(index))) => index.saturating_add_signed(by).min(last),
        // The next line moved up into the place of the one that left.
        Some((old, None)) => old.saturating_add_signed(if by > 0 { by - 1 } else { by }).min(last),
    };
    Some(Cursor { record: items[index].record, index })
}

#[cfg(test)]
mod tests {
    use super::super::index::Index;
    use super::super::tests::{city, row};
    use super::*;

    fn items(numbers: &[u8]) -> Vec<Mark> {
        let rows: Vec<_> = numbers.iter().map(|n| row(*n, "garbage-dumping", None, i64::from(*n))).collect();
        Index::of(&rows, &city()).part(InboxPart::Waiting).to_vec()
    }

    fn at(n: u8, index: usize) -> Option<Cursor> {
        Some(Cursor { record: RecordId([n; 16]), index })
    }

    #[test]
    fn keys_of_the_browser_stay_with_the_browser() {
        let command = |key: &str, has_modifier, focus| command(key, has_modifier, false, focus);
        assert_eq!(command("s", true, Focus::List), None);
        assert_eq!(command("Enter", false, Focus::List), None);
        assert_eq!(command("s", false, Focus::Typing), None);
        assert_eq!(command("ArrowDown", false, Focus::Elsewhere), None, "it scrolls the record");
        assert_eq!(command("ArrowDown", false, Focus::List), Some(Command::Move(1)));
        assert_eq!(command("j", false, Focus::Elsewhere), Some(Command::Move(1)));
        assert_eq!(command("S", false, Focus::List), Some(Command::Step(vec!["sign"])));
        assert_eq!(command("Escape", false, Focus::List), None);
        assert_eq!(command("z", false, Focus::List), None);
    }

    #[test]
    fn a_line_is_chosen_by_a_key_and_more_of_them_with_shift() {
        assert_eq!(command("x", false, false, Focus::List), Some(Command::Toggle));
        assert_eq!(command("ArrowDown", false, true, Focus::List), Some(Command::Extend(1)));
        assert_eq!(command("ArrowUp", false, true, Focus::List), Some(Command::Extend(-1)));
        assert_eq!(command("ArrowDown", false, true, Focus::Elsewhere), None, "there it chooses words of the page");
        assert_eq!(command("S", false, true, Focus::List), Some(Command::Step(vec!["sign"])));
        assert_eq!(command("?", false, true, Focus::List), Some(Command::Help));
        assert_eq!(command("x", false, false, Focus::Typing), None);
    }

    #[test]
    fn a_step_stays_inside_the_list() {
        let items = items(&[1, 2, 3]);
        assert_eq!(step(&items, None, 1), at(1, 0));
        assert_eq!(step(&items, at(1, 0), 1), at(2, 1));
        assert_eq!(step(&items, at(3, 2), 1), at(3, 2));
        assert_eq!(step(&items, at(1, 0), -1), at(1, 0));
        assert_eq!(step(&[], at(1, 0), 1), None);
    }

    #[test]
    fn after_signing_the_next_line_is_the_one_that_moved_up() {
        let items = items(&[1, 3, 4]);
        assert_eq!(step(&items, at(2, 1), 1), at(3, 1));
        assert_eq!(step(&items, at(2, 1), -1), at(1, 0));
    }

    #[test]
    fn a_report_that_arrives_above_does_not_move_the_cursor() {
        let items = items(&[1, 2, 3]);
        assert_eq!(step(&items, at(2, 0), 1), at(3, 2));
    }
}
