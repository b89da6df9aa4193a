//! Who was asked to a training or a meeting, who came, and how they did in its quiz.
//!
//! Owns: the sign-ins, some by the people's own phones and some by the clerk, and the attempts. Invariant: what counts only when a
//! person said it is said by the phone of that person.

use greenshield_domain::attempt;
use greenshield_domain::attendance::{sign_for, sign_in};
use greenshield_domain::city::{Kind, Question, Quiz};
use greenshield_domain::ids::{AccountId, OpRef};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::person::account_of;
use greenshield_domain::policy::ASSIGNED;
use serde::Deserialize;

use super::{Clerk, DAY_MILLIS, DemoError, Made};

const MINUTE_MILLIS: i64 = 60_000;
/// People in one op; an op holds at most 64 entries.
const PEOPLE_OF_AN_OP: usize = 50;

/// How many of whom.
#[derive(Deserialize)]
pub(super) struct Guests {
    /// What they are.
    group: String,
    /// So many of them were asked.
    asked: usize,
    /// The first of those signed in by their own phones,
    own: usize,
    /// and the clerk signed in the next ones. The others are missing.
    said_for: usize,
    /// The wrong answers in each attempt of those with a phone, in their order.
    #[serde(default)]
    wrong: Vec<Vec<usize>>,
}

/// Asks them, and lets them come.
pub(super) fn come(
    clerk: &mut Clerk<'_>,
    kind: &Kind,
    guests: &Guests,
    to: &Made,
    quiz: Option<u32>,
) -> Result<(), DemoError> {
    let city = clerk.city;
    let is_one = |member: &usize| clerk.roster[*member].hats.first() == Some(&guests.group);
    let members: Vec<usize> = (0..clerk.roster.len()).filter(is_one).take(guests.asked).collect();
    let accounts: Vec<AccountId> = members.iter().map(|member| account_of(clerk.roster[*member].record)).collect();
    let ask = |account: &AccountId| Entry { field: ASSIGNED, act: Act::Add, value: account.to_value() };
    let said_for = accounts.iter().skip(guests.own).take(guests.said_for).map(|account| sign_for(*account, Act::Add));
    let said: [Vec<Entry>; 2] = [accounts.iter().map(ask).collect(), said_for.collect()];
    for entries in said.iter().flat_map(|entries| entries.chunks(PEOPLE_OF_AN_OP)) {
        clerk.say(to.record, kind.id, entries.to_vec(), to.at)?;
    }
    let known = |number: u32| city.quizzes.get(number).ok_or_else(|| DemoError::Unknown(format!("quiz {number}")));
    let quiz = quiz.map(known).transpose()?;
    let (seen, none): (OpRef, &[usize]) = (clerk.phone.head(), &[]);
    let tries = guests.wrong.iter().map(Vec::as_slice).chain(std::iter::repeat(none));
    let own = members.iter().zip(&accounts).take(guests.own).zip(tries).zip(1..);
    for (((member, account), wrong), n) in own {
        let came = to.at + n * MINUTE_MILLIS;
        // Somebody who signs in saw to what.
        let said = vec![sign_in(*account, came)];
        clerk.phone_of(*member)?.say((to.record, kind.id), vec![seen], said, came)?;
        let Some(quiz) = quiz else { continue };
        // Whoever did not pass tries again the next day.
        for (wrong, day) in wrong.iter().zip(0..) {
            let (record, at) = (clerk.record(), came + 2 * 60 * MINUTE_MILLIS + day * DAY_MILLIS);
            let said = attempt::entries(quiz, &answers(quiz, *wrong), Some(to.record), at);
            clerk.phone_of(*member)?.say((record, attempt::KIND), Vec::new(), said, at)?;
        }
    }
    Ok(())
}

/// Answers of which the first ones are wrong.
fn answers(quiz: &Quiz, wrong: usize) -> Vec<u32> {
    let of = |(at, question): (usize, &Question)| {
        let count = u32::try_from(question.answers.len()).unwrap_or(u32::MAX).max(1);
        if at < wrong { question.right % count + 1 } else { question.right }
    };
    quiz.questions.iter().enumerate().map(of).collect()
}
