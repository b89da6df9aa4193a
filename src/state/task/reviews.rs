//! The days on which a task is reviewed: which is next, how near it is, and what was found on those that were.

use greenshield_domain::order;
use greenshield_domain::task::{Task, state};

use crate::state::item::{People, person_name};
use crate::state::lamp::{Lamp, Tone};
use crate::state::record::Fact;
use crate::state::time::{Now, span};
use crate::state::words::{t, tr};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// With fewer days than this left a review is near.
const NEAR_DAYS: i64 = 7;

/// The last moment of a day of review, ms since 1970.
#[must_use]
pub fn ends_millis(day_millis: i64) -> i64 {
    day_millis.saturating_add(DAY_MILLIS - 1)
}

/// The next review as a lamp, while the task is under way.
#[must_use]
pub fn review_lamp(state: Option<&str>, review_millis: Option<i64>, now: Now) -> Option<Lamp> {
    let day = review_millis.filter(|_| state::is_running(state))?;
    let lamp = |tone, icon| Lamp { tone, icon, words: words(day, now) };
    Some(match -now.days_ago(day) {
        ..0 => lamp(Tone::Alarm, "alert-triangle"),
        0..NEAR_DAYS => lamp(Tone::Warn, "clock"),
        _ => lamp(Tone::Plain, "calendar"),
    })
}

/// Whether the day of a review is near or over: until then nobody is asked, so that no day is taken for another.
#[must_use]
pub fn is_near(day: i64, now: Now) -> bool {
    -now.days_ago(day) < NEAR_DAYS
}

/// How a day of review stands of which nobody said anything.
fn words(day: i64, now: Now) -> String {
    match -now.days_ago(day) {
        over @ ..0 => tr("task.review_over", &[("span", &span(-over * DAY_MILLIS))]),
        0 => t("task.review_today").to_owned(),
        _ => tr("task.review_by", &[("day", &now.day(day))]),
    }
}

/// Each day with how it stands: who looked when, and what they found; or when somebody has to. Words about a day that was taken back
/// stay.
#[must_use]
pub fn review_facts(task: &Task<'_>, state: Option<&str>, people: &People, now: Now) -> Vec<Fact> {
    let done = task.reviewed();
    let days = order::set_of(task.reviews().into_iter().chain(done.iter().map(|(review, _)| review.day_millis)));
    let of_day = |day: i64| {
        let told = done.iter().filter(move |(review, _)| review.day_millis == day);
        let mut facts: Vec<Fact> = told
            .map(|(review, account)| Fact {
                label: now.day(day),
                value: review.text.clone(),
                note: Some(tr(
                    "record.who_when",
                    &[("person", &person_name(people, *account)), ("time", &now.moment(review.at_millis))],
                )),
            })
            .collect();
        if facts.is_empty() {
            let value = if state::is_running(state) { words(day, now) } else { t("task.review_rests").to_owned() };
            facts.push(Fact { label: now.day(day), value, note: None });
        }
        facts
    };
    days.into_iter().flat_map(of_day).collect()
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;
    use greenshield_domain::ids::{AccountId, OpId};
    use greenshield_domain::merge::{Candidate, FieldState, MergeRule, Merged};
    use greenshield_domain::task::{NewTask, Review, field};

    use super::*;

    /// 2026-11-26 09:00 in China.
    const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };

    /// The first moment of a day from today.
    fn day(days: i64) -> i64 {
        NOW.ends_of(&NOW.iso_day(NOW.millis + days * DAY_MILLIS)).unwrap().0
    }

    #[test]
    fn a_review_turns_from_plain_to_alarm_with_its_days_and_rests_with_the_task() {
        let told = |state: &str, days| {
            let lamp = review_lamp(Some(state), Some(day(days)), NOW)?;
            Some((lamp.tone, lamp.words))
        };
        assert_eq!(told("underway", 35), Some((Tone::Plain, "应在 12 月 31 日 前复核".to_owned())));
        assert_eq!(told("underway", 7).map(|(tone, _)| tone), Some(Tone::Plain));
        assert_eq!(told("assigned", 6), Some((Tone::Warn, "应在 12 月 2 日 前复核".to_owned())));
        assert_eq!(told("assigned", 0), Some((Tone::Warn, "今天应复核".to_owned())));
        assert_eq!(told("underway", -3), Some((Tone::Alarm, "复核已过期 3 天".to_owned())));
        assert!(["done", "accepted", "cancelled"].iter().all(|state| told(state, -3).is_none()));
        assert_eq!(review_lamp(None, None, NOW), None);
        assert_eq!([7, 6, 0, -90].map(|days| is_near(day(days), NOW)), [false, true, true, true]);
    }

    #[test]
    fn each_day_says_who_looked_and_what_was_found_or_when_somebody_has_to() {
        let review = Review { day_millis: day(-40), at_millis: day(-39), text: "巡查照常".to_owned() };
        let taken_back = Review { day_millis: day(-90), at_millis: day(-90), text: "改了日期".to_owned() };
        let given = NewTask { reviews: vec![day(-40), day(-5), day(35)], ..NewTask::default() };
        let mut merged = Merged::default();
        for entry in given.to_entries(1).into_iter().chain([review.to_entry(), taken_back.to_entry()]) {
            let (op, account) = (OpId([1; 32]), AccountId([1; 16]));
            let said = Candidate { value: entry.value, op, account, eff_millis: 1 };
            let state = FieldState { rule: MergeRule::Set, shown: Vec::new(), conflicts: Vec::new() };
            merged.fields.entry(entry.field).or_insert(state).shown.push(said);
        }
        assert!(merged.fields.contains_key(&field::REVIEWED));
        let person = PersonRow { name: "指挥台".to_owned(), role: "desk".to_owned() };
        let people = People::from([(AccountId([1; 16]), person)]);
        let told = |state: &str| {
            let facts = review_facts(&Task(&merged), Some(state), &people, NOW);
            facts.into_iter().map(|fact| (fact.value, fact.note.is_some())).collect::<Vec<_>>()
        };
        let open = ["改了日期", "巡查照常", "复核已过期 5 天", "应在 12 月 31 日 前复核"];
        let expected: Vec<_> = open.iter().zip([true, true, false, false]).map(|(w, n)| ((*w).to_owned(), n)).collect();
        assert_eq!(told("underway"), expected);
        assert_eq!(told("done")[2].0, "现在不用复核");
    }
}
