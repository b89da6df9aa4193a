//! What the desk decides about a report, as entries of one op: the new state, the words that go along, and for whom.
//!
//! Owns: what a step needs before it can be saved, and the reports that may be the same. Refuses: to save.

use greenshield_client::rows::{ListRow, RowPlace};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, Transition};
use greenshield_domain::geo::{Position, distance_cm};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::{self, field};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::order;
use greenshield_domain::policy::{ASSIGNED, UNIT};

use super::{part_of, urgency};
use crate::state::draft::cut;
use crate::state::words;

/// Reports that are proposed as the same.
const MOST_PROPOSED: usize = 6;
/// How far away a report may be to count as near, cm.
const SAME_CM: i64 = 300_000;
/// How long before or after, ms.
const SAME_MILLIS: i64 = 7 * 24 * 3_600_000;

/// A step that the person may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOption {
    /// Id of the transition.
    pub id: String,
    /// The state that it leads to.
    pub to: String,
    /// What the button says.
    pub label: String,
    /// Picture, a name of the sprite.
    pub icon: &'static str,
    /// The key that takes it.
    pub key: Option<&'static str>,
    /// The field of the words without which it can not be taken.
    pub words: Option<u32>,
    /// What has to be chosen with it.
    pub choice: Choice,
}

/// What has to be chosen with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nothing.
    #[default]
    None,
    /// People.
    People,
    /// A unit, and until when it is asked to answer.
    Unit,
    /// The report that tells the same.
    Same,
}

/// Keys of steps.
const KEYS: [(&str, &str); 9] = [
    ("sign", "s"),
    ("handle", "h"),
    ("take", "h"),
    ("assign", "p"),
    ("forward", "f"),
    ("return", "b"),
    ("duplicate", "m"),
    ("close", "c"),
    ("nothing", "n"),
];

/// The steps that a key may take: which of them is there decides.
#[must_use]
pub fn steps_of_key(key: &str) -> Vec<&'static str> {
    let key = key.to_ascii_lowercase();
    KEYS.iter().filter(|(_, known)| *known == key).map(|(step, _)| *step).collect()
}

impl StepOption {
    /// A transition of a kind of record as a button.
    #[must_use]
    pub fn of(step: &Transition, kind: u32, city: &City) -> Self {
        let of_need = |need: &String| {
            let fields = city.kind(kind).into_iter().flat_map(|kind| &kind.fields);
            fields.into_iter().find(|field| field.name == *need).map(|field| field.id)
        };
        Self {
            id: step.id.clone(),
            to: step.to.clone(),
            label: words::of(&step.label).to_owned(),
            icon: match step.id.as_str() {
                "sign" | "take" => "circle-check",
                "handle" | "help" => "player-play",
                "assign" => "users",
                "forward" => "share",
                "return" => "arrow-back-up",
                "close" | "over" => "check",
                "nothing" => "eye",
                "duplicate" => "copy",
                "feedback" => "message",
                "reopen" | "again" => "rotate-clockwise",
                _ => "chevron-right",
            },
            key: KEYS.iter().find(|(known, _)| *known == step.id).map(|(_, key)| *key),
            words: step.needs.iter().find_map(of_need),
            choice: match step.id.as_str() {
                "assign" => Choice::People,
                "forward" => Choice::Unit,
                "duplicate" => Choice::Same,
                _ => Choice::None,
            },
        }
    }

    /// Whether it opens a form.
    #[must_use]
    pub fn needs_form(&self) -> bool {
        self.words.is_some() || self.choice != Choice::None
    }
}

/// What was chosen in the form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chosen {
    /// To whom it is given.
    pub people: Vec<AccountId>,
    /// The unit that it is passed on to.
    pub unit: Option<String>,
    /// Until when that is asked to answer, ms since 1970.
    pub reply_by_millis: Option<i64>,
    /// The report that tells the same.
    pub same: Option<RecordId>,
}

/// What is missing before a step can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Words.
    Words,
    /// A choice.
    Choice,
}

/// What would be saved. Words that were typed go along with a step that needs them, or alone as an answer; they stay in the form
/// when a step needs none.
///
/// # Errors
/// [`Missing`].
pub fn decision(step: Option<&StepOption>, typed: &str, chosen: &Chosen) -> Result<Vec<Entry>, Missing> {
    let typed = cut(typed.trim());
    let Some(step) = step else {
        let answer = Entry::set(field::ANSWER, Value::text(&typed));
        return if typed.is_empty() { Err(Missing::Words) } else { Ok(vec![answer]) };
    };
    let mut entries = vec![Entry::set(field::STATE, Value::text(&step.to))];
    match step.choice {
        Choice::None => {}
        Choice::People if chosen.people.is_empty() => return Err(Missing::Choice),
        Choice::People => {
            let give = |account: &AccountId| Entry { field: ASSIGNED, act: Act::Add, value: account.to_value() };
            entries.extend(chosen.people.iter().map(give));
        }
        Choice::Unit => {
            let unit = chosen.unit.as_ref().ok_or(Missing::Choice)?;
            entries.push(Entry::set(UNIT, Value::text(unit)));
            entries.extend(chosen.reply_by_millis.map(|by| Entry::set(field::REPLY_BY, Value::Int(by))));
        }
        Choice::Same => {
            let same = chosen.same.ok_or(Missing::Choice)?;
            entries.push(Entry::set(field::DUPLICATE_OF, same.to_value()));
        }
    }
    if let Some(words) = step.words {
        if typed.is_empty() {
            return Err(Missing::Words);
        }
        entries.push(Entry::set(words, Value::text(&typed)));
    }
    Ok(entries)
}

/// Whether an op of the desk has words for the reporter, which those who reported the same get too.
#[must_use]
pub fn answer_of(entries: &[Entry]) -> Option<&Entry> {
    entries.iter().find(|entry| entry.field == field::ANSWER && entry.act == Act::Set)
}

/// Reports that may tell the same as one: open ones of the same category that lie near, then others of that category, then what
/// else is open; the nearest in time first.
#[must_use]
pub fn proposed_same<'a>(rows: &'a [ListRow], of: &ListRow, city: &City) -> Vec<&'a ListRow> {
    let place = |row: &ListRow| match row.place {
        RowPlace::At { lat_e7, lon_e7 } => Some(Position { lat_e7, lon_e7 }),
        _ => None,
    };
    let here = place(of);
    let is_other = |row: &&ListRow| {
        row.kind == incident::KIND
            && row.record != of.record
            && row.about != Some(of.record)
            && row.state.as_deref() != Some(incident::state::DUPLICATE)
            && part_of(row, city).is_some()
    };
    let rank = |row: &ListRow| {
        let apart_millis = (row.sort_millis - of.sort_millis).abs();
        let is_near = here.zip(place(row)).is_some_and(|(here, there)| distance_cm(here, there) <= SAME_CM);
        let is_same = row.category == of.category;
        let rank = match (is_same, is_near) {
            (true, true) => 0,
            (false, true) => 1,
            (true, false) => 2,
            (false, false) => 3,
        };
        (rank, apart_millis)
    };
    let mut found: Vec<_> = rows.iter().filter(is_other).map(|row| (rank(row), row)).collect();
    found.retain(|((rank, apart), _)| *rank < 3 && (*apart <= SAME_MILLIS || *rank == 0));
    order::sort_by_key(&mut found, |(rank, row)| (*rank, row.record));
    found.into_iter().take(MOST_PROPOSED).map(|(_, row)| row).collect()
}

/// Whether a row is of the highest urgency.
#[must_use]
pub fn is_critical(row: &ListRow, city: &City) -> bool {
    urgency(row, city).is_some_and(|urgency| urgency.id == "critical")
}

#[cfg(test)]
mod tests {
    use super::super::steps;
    use super::super::tests::{city, row};
    use super::*;

    fn option(id: &str, state: Option<&str>) -> StepOption {
        let (city, row) = (city(), row(1, "garbage-dumping", state, 0));
        let found = steps(&row, &city, "desk").into_iter().find(|step| step.id == id).unwrap();
        StepOption::of(found, incident::KIND, &city)
    }

    fn saved(step: Option<&StepOption>, typed: &str) -> Result<Vec<Entry>, Missing> {
        decision(step, typed, &Chosen::default())
    }

    #[test]
    fn closing_needs_words_and_signing_does_not() {
        let (sign, close) = (option("sign", None), option("close", Some("handling")));
        assert_eq!((sign.label.as_str(), close.label.as_str()), ("签收", "办结"));
        let state = |word: &str| Entry::set(field::STATE, Value::text(word));
        assert_eq!(saved(Some(&sign), ""), Ok(vec![state("signed")]));
        assert_eq!(saved(Some(&close), "  "), Err(Missing::Words));
        let answer = Entry::set(field::ANSWER, Value::text("清走了"));
        assert_eq!(saved(Some(&close), " 清走了\n"), Ok(vec![state("closed"), answer]));
    }

    #[test]
    fn signing_does_not_send_words_that_are_still_being_written() {
        assert_eq!(saved(Some(&option("sign", None)), "半句").map(|entries| entries.len()), Ok(1));
    }

    #[test]
    fn an_answer_alone_changes_no_state_and_is_never_empty() {
        assert_eq!(saved(None, "谢谢"), Ok(vec![Entry::set(field::ANSWER, Value::text("谢谢"))]));
        assert_eq!(saved(None, " "), Err(Missing::Words));
    }

    #[test]
    fn people_a_unit_and_the_same_report_have_to_be_chosen() {
        let (assign, forward, same) = (option("assign", None), option("forward", None), option("duplicate", None));
        assert_eq!(saved(Some(&assign), ""), Err(Missing::Choice));
        assert_eq!(saved(Some(&forward), "归你们管"), Err(Missing::Choice));
        assert_eq!(saved(Some(&same), "有人报过"), Err(Missing::Choice));
        let chosen = Chosen {
            people: vec![AccountId([7; 16])],
            unit: Some("water".to_owned()),
            reply_by_millis: Some(9),
            same: Some(RecordId([2; 16])),
        };
        let fields = |step, typed| {
            decision(Some(step), typed, &chosen).map(|found| found.iter().map(|entry| entry.field).collect::<Vec<_>>())
        };
        assert_eq!(fields(&assign, ""), Ok(vec![field::STATE, ASSIGNED]));
        assert_eq!(fields(&forward, ""), Err(Missing::Words), "a reason belongs to it");
        let passed_on = vec![field::STATE, UNIT, field::REPLY_BY, field::FORWARD_REASON];
        assert_eq!(fields(&forward, "归你们管"), Ok(passed_on));
        assert_eq!(fields(&same, "有人报过"), Ok(vec![field::STATE, field::DUPLICATE_OF, field::ANSWER]));
    }

    #[test]
    fn a_question_goes_back_with_the_report() {
        let back = option("return", Some("signed"));
        let entries = saved(Some(&back), "是哪条沟？").unwrap();
        assert_eq!(entries[1], Entry::set(field::QUESTION, Value::text("是哪条沟？")));
        assert_eq!(answer_of(&entries), None, "those who reported the same are not asked");
    }

    #[test]
    fn what_lies_near_and_is_of_the_same_category_is_proposed_first() {
        let city = city();
        let at = |n, category, metres: i64| {
            let mut row = row(n, category, None, 0);
            row.place = RowPlace::At { lat_e7: 389_000_000 + metres * 90, lon_e7: 1_004_000_000 };
            row
        };
        let mut told = at(6, "garbage-dumping", 0);
        told.state = Some("duplicate".to_owned());
        let rows = [
            at(1, "garbage-dumping", 0),
            at(2, "poaching", 100),
            at(3, "garbage-dumping", 90_000),
            at(4, "garbage-dumping", 500),
            at(5, "poaching", 90_000),
            told,
        ];
        let found = proposed_same(&rows, &rows[0], &city);
        assert_eq!(found.iter().map(|row| row.record.0[0]).collect::<Vec<_>>(), [4, 2, 3]);
    }

    #[test]
    fn each_key_takes_one_kind_of_step() {
        assert_eq!(steps_of_key("H"), ["handle", "take"]);
        assert!(steps_of_key("x").is_empty());
    }
}
