//! The referral as code sees it: a lead or a case that one unit hands over to another, with what each side says about it.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `referral`), its states, the bytes of its
//! values, and which side takes which step. Fields that mean the same as in an incident or a task have the same number. What was
//! found stays in the incident, which is named and not copied. Refuses: limits of time, which are `crate::deadline` over data.

use crate::cbor::Value;
use crate::ids::{BlobId, RecordId};
use crate::incident::field as shared;
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::policy::UNIT;
use crate::task::field::{ABOUT, TITLE};

/// The kind number of a referral.
pub const KIND: u32 = 40;

/// Field numbers of a referral; never reused.
pub mod field {
    /// Which way it goes (`once`, text): a flow of `city/referrals.json`.
    pub const FLOW: u32 = 30;
    /// The unit that hands over (`once`, text).
    pub const FROM_UNIT: u32 = 31;
    /// The unit that takes over (`lww`, text).
    pub const TO_UNIT: u32 = 32;
    /// Its number on paper (`lww`, text).
    pub const NUMBER: u32 = 33;
    /// The day of the last step as the papers have it (`lww`, ms since 1970).
    pub const STEP_AT: u32 = 34;
    /// What goes along (`set`): see [`super::Item`].
    pub const ITEMS: u32 = 35;
    /// Who answers for it on the side that hands over (`lww`, text).
    pub const CONTACT: u32 = 36;
    /// What the last step says in words (`lww`, text).
    pub const WORDS: u32 = 37;
    /// On what law it rests (`lww`, text).
    pub const BASIS: u32 = 38;
    /// Until when an answer is asked for (`lww`, ms since 1970); the number of an incident's.
    pub const REPLY_BY: u32 = super::shared::REPLY_BY;
}

/// States of a referral that code knows, the words of `city/workflows.json`.
pub mod state {
    /// Written, not approved.
    pub const PREPARED: &str = "prepared";
    /// On its way to the other side.
    pub const SENT: &str = "sent";
    /// The other side has signed the receipt.
    pub const RECEIVED: &str = "received";
    /// The other side took it on: by this it is counted.
    pub const ACCEPTED: &str = "accepted";
}

/// Steps that the side which takes over takes; all others are of the side which hands over.
const OF_RECEIVER: [&str; 8] = ["receive", "ask", "extend", "accept", "refuse", "overturn", "uphold", "tell"];

/// Whether a step is one of the side that takes over.
#[must_use]
pub fn is_of_receiver(step: &str) -> bool {
    OF_RECEIVER.contains(&step)
}

/// Something that goes along: a line of the list of papers and things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// How many.
    pub count: u32,
    /// A file of the incident that it is.
    pub blob: Option<BlobId>,
}

impl Item {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(&self) -> Entry {
        let blob = self.blob.map_or(Value::Null, |blob| blob.to_value());
        let value = Value::Array(vec![Value::text(&self.name), Value::Int(self.count.into()), blob]);
        Entry { field: field::ITEMS, act: Act::Add, value }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [name, count, blob] = value.as_array()? else { return None };
        let blob = if *blob == Value::Null { None } else { Some(BlobId(blob.as_array_of()?)) };
        Some(Self { name: name.as_text()?.to_owned(), count: u32::try_from(count.as_int()?).ok()?, blob })
    }
}

/// What somebody wants to hand over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewReferral {
    /// Word of its flow.
    pub flow: String,
    /// The unit that hands over.
    pub from_unit: String,
    /// The unit that takes over.
    pub to_unit: String,
    /// A few words.
    pub title: String,
    /// What it is about, for who does not see the incident; may be empty.
    pub note: String,
    /// Its number on paper, if it has one.
    pub number: String,
    /// Who answers for it.
    pub contact: String,
    /// On what law it rests.
    pub basis: String,
    /// The incident that it is about.
    pub about: Option<RecordId>,
    /// What goes along.
    pub items: Vec<Item>,
    /// Until when an answer is asked for, ms since 1970.
    pub reply_by_millis: Option<i64>,
}

impl NewReferral {
    /// The op that makes it.
    #[must_use]
    pub fn to_entries(&self, now_millis: i64) -> Vec<Entry> {
        let text = |field, text: &str| (!text.is_empty()).then(|| Entry::set(field, Value::text(text)));
        let moment = |field, millis| Entry::set(field, Value::Int(millis));
        let fixed = [
            Some(moment(shared::FOUND_AT, now_millis)),
            Some(Entry::set(shared::STATE, Value::text(state::PREPARED))),
            Some(moment(field::STEP_AT, now_millis)),
            text(field::FLOW, &self.flow),
            text(field::FROM_UNIT, &self.from_unit),
            text(field::TO_UNIT, &self.to_unit),
            // Who takes over may see it from here on.
            text(UNIT, &self.to_unit),
            text(TITLE, &self.title),
            text(shared::NOTE, &self.note),
            text(field::NUMBER, &self.number),
            text(field::CONTACT, &self.contact),
            text(field::BASIS, &self.basis),
            self.about.map(|record| Entry::set(ABOUT, record.to_value())),
            self.reply_by_millis.map(|millis| moment(field::REPLY_BY, millis)),
        ];
        fixed.into_iter().flatten().chain(self.items.iter().map(Item::to_entry)).collect()
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state that it led to.
    pub state: String,
    /// When, as the papers have it, else when it was said, ms since 1970.
    pub at_millis: i64,
}

impl Step {
    /// The step in an op; `None` when it takes none.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, said_millis: i64) -> Option<Self> {
        let (mut state, mut at_millis) = (None, said_millis);
        for entry in entries.into_iter().filter(|entry| entry.act == Act::Set) {
            match entry.field {
                shared::STATE => state = entry.value.as_text().map(str::to_owned),
                field::STEP_AT => at_millis = entry.value.as_int().unwrap_or(said_millis),
                _ => {}
            }
        }
        Some(Self { state: state?, at_millis })
    }

    /// What taking it says. `words` may be empty.
    #[must_use]
    pub fn to_entries(&self, words: &str) -> Vec<Entry> {
        let mut entries = vec![
            Entry::set(shared::STATE, Value::text(&self.state)),
            Entry::set(field::STEP_AT, Value::Int(self.at_millis)),
        ];
        entries.extend((!words.is_empty()).then(|| Entry::set(field::WORDS, Value::text(words))));
        entries
    }
}

/// Typed view of a merged referral.
#[derive(Debug, Clone, Copy)]
pub struct Referral<'a>(pub &'a Merged);

impl<'a> Referral<'a> {
    /// The text of a text-like field.
    #[must_use]
    pub fn text(&self, field: u32) -> Option<&'a str> {
        self.0.value(field).and_then(Value::as_text)
    }

    /// The moment of a field, ms since 1970.
    #[must_use]
    pub fn moment(&self, field: u32) -> Option<i64> {
        self.0.value(field).and_then(Value::as_int)
    }

    /// Where the clock of its state starts: the day that the same op names, else when it was said; ms since 1970.
    #[must_use]
    pub fn since_millis(&self) -> Option<i64> {
        let state = self.0.candidate(shared::STATE)?;
        let named = self.0.candidate(field::STEP_AT).filter(|at| at.op == state.op);
        Some(named.and_then(|at| at.value.as_int()).unwrap_or(state.eff_millis))
    }

    /// The incident that it is about.
    #[must_use]
    pub fn about(&self) -> Option<RecordId> {
        self.0.value(ABOUT).and_then(Value::as_array_of).map(RecordId)
    }

    /// What goes along, files first, each by its name.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let read = self.0.elements(field::ITEMS);
        let mut items: Vec<Item> = read.filter_map(|item| Item::from_value(&item.value)).collect();
        crate::order::sort_by_key(&mut items, |item| (item.blob.is_none(), counted(&item.name)));
        items
    }
}

/// A name as people count: each number as long as the longest, so that the second comes before the tenth.
fn counted(name: &str) -> String {
    let (mut counted, mut digits) = (String::new(), String::new());
    for letter in name.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            if !digits.is_empty() {
                counted.push_str(&format!("{:0>20}", std::mem::take(&mut digits)));
            }
            counted.push(letter);
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::{MergeRule, RecordOp, merge};

    fn op(n: u8, eff_millis: i64, entries: Vec<Entry>) -> RecordOp {
        RecordOp { eff_millis, ..RecordOp::said(n, 1, entries) }
    }

    #[test]
    fn an_item_reads_back_with_and_without_a_file() {
        let item = Item { name: "photo 1".to_owned(), count: 2, blob: Some(BlobId([7; 32])) };
        for item in [item.clone(), Item { blob: None, ..item }] {
            assert_eq!(Item::from_value(&item.to_entry().value), Some(item));
        }
        assert_eq!(Item::from_value(&Value::Array(vec![Value::text("x"), Value::Int(-1), Value::Null])), None);
    }

    #[test]
    fn the_second_thing_comes_before_the_tenth() {
        let mut names = vec!["第 10 份", "第 2 份", "第 1 份", "附图", ""];
        crate::order::sort_by_key(&mut names, |name| counted(name));
        assert_eq!(names, ["", "第 1 份", "第 2 份", "第 10 份", "附图"]);
    }

    #[test]
    fn a_new_one_says_only_what_was_said_and_gives_the_other_side_its_right() {
        let new = NewReferral { flow: "lead".to_owned(), to_unit: "water".to_owned(), ..NewReferral::default() };
        let fields: Vec<u32> = new.to_entries(9).iter().map(|entry| entry.field).collect();
        let expected = [shared::FOUND_AT, shared::STATE, field::STEP_AT, field::FLOW, field::TO_UNIT, UNIT];
        assert_eq!(fields, expected);
    }

    #[test]
    fn the_clock_starts_on_the_day_that_the_papers_have_and_else_when_it_was_said() {
        let rule = |_| MergeRule::Lww;
        let sent = Step { state: state::SENT.to_owned(), at_millis: 5 };
        let ops =
            [op(1, 100, sent.to_entries("")), op(2, 200, vec![Entry::set(shared::STATE, Value::text("received"))])];
        assert_eq!(Referral(&merge(&ops[..1], rule)).since_millis(), Some(5));
        assert_eq!(Referral(&merge(&ops, rule)).since_millis(), Some(200), "the day of another step does not count");
        assert_eq!(Step::of(&ops[0].entries, 100), Some(sent));
        assert_eq!(Step::of(&[Entry::set(field::STEP_AT, Value::Int(1))], 100), None);
    }

    #[test]
    fn each_step_belongs_to_one_side() {
        assert!(is_of_receiver("receive") && is_of_receiver("accept"));
        assert!(!is_of_receiver("send") && !is_of_receiver("review") && !is_of_receiver("close"));
    }
}
