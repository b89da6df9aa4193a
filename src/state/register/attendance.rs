//! Who was asked to a training or a meeting, who came, who passed its quiz, and who is missing.
//!
//! Owns: these lists for those who keep the register, and the own part of everybody else. Refuses: to put people in an order of
//! merit; who is missing stands first, then it goes by name.

use std::collections::BTreeMap;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::attempt::{self, Outcome};
use greenshield_domain::attendance::{SignIn, came};
use greenshield_domain::city::{City, FieldType, Kind};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::order;
use greenshield_domain::person;
use greenshield_domain::register::field;

use super::{day_of, keeps, may_write};
use crate::state::item::{self, People, person_name};
use crate::state::lamp::{Lamp, Tone};
use crate::state::quiz::{passed_lamp, quiz_of};
use crate::state::rights::{Who, may_say};
use crate::state::task::is_open;
use crate::state::time::Now;
use crate::state::words::{self, t, tr};

/// Somebody on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Who.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// Whether somebody asked for this person.
    pub is_asked: bool,
    /// Whether the person is here, and who said so.
    pub lamp: Lamp,
    /// Whether the person came.
    pub has_come: bool,
    /// Whether somebody else said so, who can take it back.
    pub is_said_for: bool,
    /// How the quiz went, where there is one.
    pub quiz: Option<Lamp>,
}

/// The part of whoever looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    /// Whether somebody asked for this person.
    pub is_asked: bool,
    /// That and when the person was signed in.
    pub came: Option<String>,
    /// Whether the person can sign in now.
    pub may_sign: bool,
    /// The quiz that belongs to it: where it is done, its title, and how it went.
    pub quiz: Option<(String, String, Lamp)>,
}

/// The sign-in of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: u32,
    /// The part of whoever looks.
    pub mine: Mine,
    /// Everybody who was asked or came; `None` for those who do not keep the list.
    pub list: Option<Vec<Guest>>,
    /// How many of how many.
    pub counts: Vec<String>,
    /// Whether whoever looks may ask people.
    pub may_ask: bool,
}

/// Whether records of a kind have a sign-in.
#[must_use]
pub fn has_sign_in(kind: &Kind) -> bool {
    let is_set = |id| kind.field(id).is_some_and(|def| (def.rule, def.ty) == (MergeRule::Set, FieldType::Map));
    is_set(field::SIGNED_IN) && is_set(field::SIGNED_FOR)
}

/// Whether people still come: it is not closed, or it is on this day.
fn is_on(row: &ListRow, city: &City, now: Now) -> bool {
    is_open(row, city) || now.days_ago(day_of(row)) == 0
}

/// What a person was asked to and has still to sign in at or pass the quiz of, the next one first.
#[must_use]
pub fn invitations(city: &City, rows: &[ListRow], me: Option<AccountId>, now: Now) -> Vec<ListRow> {
    let Some(me) = me else { return Vec::new() };
    let is_meant = |row: &&ListRow| {
        row.assignees.contains(&me) && city.kind(row.kind).is_some_and(has_sign_in) && is_on(row, city, now)
    };
    let is_done = |row: &&ListRow| {
        let has_come = row.values.get(&field::SIGNED_IN).is_some_and(|all| all.texts().contains(&me.to_hex()));
        let needs_quiz = quiz_of(row).is_some_and(|quiz| city.quizzes.get(quiz).is_some());
        has_come && (!needs_quiz || tries(rows, row.record, quiz_of(row)).get(&me) == Some(&true))
    };
    let mut found: Vec<ListRow> = rows.iter().filter(is_meant).filter(|row| !is_done(row)).cloned().collect();
    order::sort_by_key(&mut found, |row| (day_of(row), row.record));
    found
}

/// An invitation in words: title, kind and day.
#[must_use]
pub fn invitation_words(row: &ListRow, city: &City, now: Now) -> (String, String) {
    let kind = city.kind(row.kind).map(|kind| words::of(&kind.label)).unwrap_or_default();
    (item::title(row, city), format!("{kind} · {}", now.day(day_of(row))))
}

/// Who tried the quiz of a record, and whether it was passed once.
fn tries(rows: &[ListRow], record: RecordId, quiz: Option<u32>) -> BTreeMap<AccountId, bool> {
    let mut tries = BTreeMap::new();
    for row in rows.iter().filter(|row| row.kind == attempt::KIND && row.about == Some(record)) {
        let outcome = Outcome::of_line(&row.values).filter(|outcome| Some(outcome.quiz) == quiz);
        if let (Some(outcome), Some(who)) = (outcome, row.reporter) {
            *tries.entry(who).or_insert(false) |= outcome.passed;
        }
    }
    tries
}

impl Attendance {
    /// Of a record, for somebody of a role; `None` where its kind has no sign-in.
    #[must_use]
    pub fn of(
        view: &RecordView,
        city: &City,
        rows: &[ListRow],
        people: &People,
        (me, role): (AccountId, &str),
        now: Now,
    ) -> Option<Self> {
        let kind = city.kind(view.row.kind).filter(|kind| has_sign_in(kind))?;
        let (row, came) = (&view.row, came(&view.merged));
        let quiz = quiz_of(row).and_then(|number| city.quizzes.get(number));
        let tries = tries(rows, row.record, quiz.map(|quiz| quiz.number));
        let passed = |who: AccountId| tries.get(&who).copied();
        let mine = Mine {
            is_asked: row.assignees.contains(&me),
            came: came.get(&me).map(|sign| tr("attend.mine_done", &[("time", &now.moment(sign.at_millis))])),
            may_sign: is_on(row, city, now) && may_say(city, row, &view.merged, Who::of(rows, (me, role)), "signedIn"),
            quiz: quiz.map(|quiz| {
                let href = format!("/training/{}?about={}", quiz.number, row.record);
                (href, words::of(&quiz.title).to_owned(), passed_lamp(passed(me)))
            }),
        };
        let is_keeper = keeps(kind, role);
        let list = is_keeper.then(|| {
            let names = names(rows);
            let guest = |account: AccountId| guest(account, row, came.get(&account), &names, people, now);
            let all = order::set_of(row.assignees.iter().chain(came.keys()).copied());
            let mut list: Vec<Guest> = all.into_iter().map(guest).collect();
            for guest in &mut list {
                guest.quiz = quiz.map(|_| passed_lamp(passed(guest.account)));
            }
            order::sort_by_key(&mut list, |guest| (guest.has_come, guest.name.clone(), guest.account));
            list
        });
        Some(Self {
            record: row.record,
            kind: kind.id,
            mine,
            counts: if is_keeper { counts(row, &came, quiz.map(|_| &tries)) } else { Vec::new() },
            list,
            may_ask: is_keeper && may_write(city, kind, role, "assigned"),
        })
    }
}

/// The names that stand in the records of people.
fn names(rows: &[ListRow]) -> BTreeMap<AccountId, &str> {
    let named = rows.iter().filter(|row| row.kind == person::KIND);
    named.filter_map(|row| Some((person::account_of(row.record), row.title.as_deref()?))).collect()
}

fn guest(
    account: AccountId,
    row: &ListRow,
    sign: Option<&SignIn>,
    names: &BTreeMap<AccountId, &str>,
    people: &People,
    now: Now,
) -> Guest {
    let name = |who: AccountId| names.get(&who).map_or_else(|| person_name(people, who), |name| (*name).to_owned());
    let is_said_for = sign.is_some_and(|sign| sign.by != account);
    let lamp = match sign {
        None => Lamp { tone: Tone::Warn, icon: "clock", words: t("attend.missing").to_owned() },
        Some(sign) => {
            let time = now.moment(sign.at_millis);
            let words = if is_said_for {
                tr("attend.said_for", &[("person", &name(sign.by)), ("time", &time)])
            } else {
                tr("attend.came", &[("time", &time)])
            };
            Lamp { tone: Tone::Plain, icon: if is_said_for { "edit" } else { "circle-check" }, words }
        }
    };
    Guest {
        account,
        name: name(account),
        is_asked: row.assignees.contains(&account),
        lamp,
        has_come: sign.is_some(),
        is_said_for,
        quiz: None,
    }
}

/// How many of those who were asked came, passed, and did both; and how many came besides.
fn counts(row: &ListRow, came: &BTreeMap<AccountId, SignIn>, tries: Option<&BTreeMap<AccountId, bool>>) -> Vec<String> {
    let asked = || row.assignees.iter();
    let has_passed = |who: &AccountId| tries.is_some_and(|tries| tries.get(who) == Some(&true));
    let of = |key: &'static str, n: usize| tr(key, &[("n", &n.to_string()), ("of", &asked().count().to_string())]);
    let n_came = asked().filter(|who| came.contains_key(who)).count();
    let besides = came.keys().filter(|who| !row.assignees.contains(who)).count();
    let mut counts = Vec::new();
    if asked().count() > 0 {
        counts.push(of("attend.n_came", n_came));
        if tries.is_some() {
            counts.push(of("attend.n_passed", asked().filter(|who| has_passed(who)).count()));
            counts.push(of("attend.n_both", asked().filter(|who| has_passed(who) && came.contains_key(who)).count()));
        }
    }
    if besides > 0 {
        counts.push(tr("attend.n_besides", &[("n", &besides.to_string())]));
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use greenshield_client::rows::PersonRow;
    use greenshield_domain::cbor::Value;
    use greenshield_domain::merge::{Candidate, FieldState, Merged};
    use greenshield_domain::register::LineValue;

    use super::*;
    use crate::state::item::tests::{city, row};

    /// 2026-11-26 09:00 in China.
    const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };
    const TRAINING: RecordId = RecordId([50; 16]);

    fn who(n: u8) -> AccountId {
        AccountId([n; 16])
    }

    fn training(asked: &[u8]) -> ListRow {
        let text = |word: &str| LineValue::Text(word.to_owned());
        ListRow {
            record: TRAINING,
            kind: 68,
            state: Some("planned".to_owned()),
            title: Some("training".to_owned()),
            assignees: asked.iter().map(|n| who(*n)).collect(),
            values: [(field::QUIZ, text("1")), (field::DAY, LineValue::Int(NOW.millis))].into(),
            ..row(50)
        }
    }

    fn tried(n: u8, account: u8, about: Option<RecordId>, passed: bool) -> ListRow {
        let values = [
            (field::QUIZ, LineValue::Text("1".to_owned())),
            (attempt::field::RIGHT, LineValue::Int(5_000)),
            (attempt::field::ASKED, LineValue::Int(7_000)),
            (attempt::field::PASSED, LineValue::Int(i64::from(passed))),
        ];
        ListRow { kind: attempt::KIND, about, reporter: Some(who(account)), values: values.into(), ..row(n) }
    }

    /// The training after the sign-ins: of a person, by an author, at so many minutes before now.
    fn view(row: ListRow, signs: &[(u32, u8, u8, i64)]) -> RecordView {
        let mut merged = Merged::default();
        for (id, person, author, minutes) in signs {
            let at = NOW.millis - minutes * 60_000;
            let value = match *id {
                field::SIGNED_IN => Value::Array(vec![who(*person).to_value(), Value::Int(at)]),
                _ => who(*person).to_value(),
            };
            let said =
                Candidate { value, op: greenshield_domain::ids::OpId([1; 32]), account: who(*author), eff_millis: at };
            let state = FieldState { rule: MergeRule::Set, shown: Vec::new(), conflicts: Vec::new() };
            merged.fields.entry(*id).or_insert(state).shown.push(said);
        }
        RecordView {
            row,
            ops: Vec::new(),
            merged,
            photos: Vec::new(),
            voices: Vec::new(),
            documents: Vec::new(),
            gone: BTreeMap::new(),
            hold: None,
        }
    }

    fn people() -> People {
        let person = |n: u8| (who(n), PersonRow { name: format!("person {n}"), role: "volunteer".to_owned() });
        (1..=9).map(person).collect()
    }

    #[test]
    fn the_desk_sees_who_came_who_is_missing_and_who_passed() {
        let city = city();
        let rows = [
            tried(1, 1, Some(TRAINING), false),
            tried(2, 1, Some(TRAINING), true),
            tried(3, 2, Some(TRAINING), false),
            tried(4, 3, None, true),
        ];
        let signs = [(field::SIGNED_IN, 1, 1, 10), (field::SIGNED_FOR, 2, 9, 5), (field::SIGNED_IN, 4, 4, 2)];
        let view = view(training(&[1, 2, 3]), &signs);
        let of = |me, role| Attendance::of(&view, &city, &rows, &people(), (who(me), role), NOW).unwrap();
        let seen = of(9, "desk");
        let list = seen.list.clone().unwrap();
        let told: Vec<(u8, bool, bool)> =
            list.iter().map(|guest| (guest.account.0[0], guest.has_come, guest.is_said_for)).collect();
        assert_eq!(told, [(3, false, false), (1, true, false), (2, true, true), (4, true, false)]);
        assert_eq!(seen.counts, ["签到 2 / 3", "测验合格 1 / 3", "两样都有 1 / 3", "没请也来了 1"]);
        assert!(list[2].lamp.words.contains("person 9"), "whoever ticked it stays visible: {}", list[2].lamp.words);
        let quiz = |guest: &Guest| guest.quiz.as_ref().map(|lamp| lamp.words.clone());
        assert_eq!(
            quiz(&list[0]).as_deref(),
            Some("没做"),
            "an attempt that belongs to nothing is not of this training"
        );
        assert!(seen.may_ask && of(9, "officer").may_ask);
        // A volunteer sees the own part and nobody else's.
        let own = of(1, "volunteer");
        assert_eq!((&own.list, own.counts.len(), own.may_ask), (&None, 0, false));
        assert!(own.mine.is_asked && own.mine.may_sign && own.mine.came.is_some());
        assert_eq!(own.mine.quiz.map(|(href, ..)| href), Some(format!("/training/1?about={TRAINING}")));
        assert_eq!(of(5, "volunteer").mine.came, None);
        assert!(!of(5, "auditor").mine.may_sign);
    }

    #[test]
    fn an_invitation_is_open_until_the_person_signed_in_and_passed() {
        let city = city();
        let found = |rows: &[ListRow]| invitations(&city, rows, Some(who(1)), NOW).len();
        let signed = || ListRow {
            values: [training(&[1]).values, [(field::SIGNED_IN, LineValue::Texts(vec![who(1).to_hex()]))].into()]
                .into_iter()
                .flatten()
                .collect(),
            ..training(&[1])
        };
        assert_eq!(found(&[training(&[1])]), 1);
        assert_eq!(found(&[training(&[2])]), 0);
        assert_eq!(found(&[signed()]), 1, "the quiz is still to be done");
        assert_eq!(found(&[signed(), tried(1, 1, Some(TRAINING), false)]), 1);
        assert_eq!(found(&[signed(), tried(1, 1, Some(TRAINING), true)]), 0);
        let held = |day: i64| {
            let mut row = training(&[1]);
            row.state = Some("held".to_owned());
            row.values.insert(field::DAY, LineValue::Int(day));
            row
        };
        assert_eq!(found(&[held(NOW.millis)]), 1, "on the same day people still sign in");
        assert_eq!(found(&[held(NOW.millis - 3 * 86_400_000)]), 0);
    }

    #[test]
    fn only_kinds_with_both_fields_have_a_sign_in() {
        let city = city();
        let with: Vec<&str> =
            city.kinds.iter().filter(|kind| has_sign_in(kind)).map(|kind| kind.name.as_str()).collect();
        assert_eq!(with, ["meeting", "training"]);
        let meeting = city.kind_named("meeting").unwrap();
        assert!(
            may_write(&city, meeting, "volunteer", "signedIn") && !may_write(&city, meeting, "volunteer", "signedFor")
        );
        assert!(may_write(&city, meeting, "desk", "signedFor") && !may_write(&city, meeting, "liaison", "assigned"));
    }
}
