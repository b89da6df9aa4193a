//! Who was asked to come, and who came: the sign-in 签到 of trainings and meetings.
//!
//! Owns: the two sets that say who came, in any register whose kind has them. A person signs in with an op of an own log, so
//! nobody signs in somebody else: the word counts for its author alone. Somebody without a phone is signed in 代签 by those who
//! keep the list, and it stays visible who did. Refuses: who may say either, which is `policy`.

use std::collections::BTreeMap;

use crate::cbor::Value;
use crate::ids::AccountId;
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::register::field::{SIGNED_FOR, SIGNED_IN};

/// How somebody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// Who said so: the person, or whoever keeps the list.
    pub by: AccountId,
    /// When, as the merge orders it, ms since 1970.
    pub at_millis: i64,
}

/// A person signs in.
#[must_use]
pub fn sign_in(account: AccountId, now_millis: i64) -> Entry {
    // With the moment in it, nobody else can say the same element before, and so take its place.
    let value = Value::Array(vec![account.to_value(), Value::Int(now_millis)]);
    Entry { field: SIGNED_IN, act: Act::Add, value }
}

/// Somebody who keeps the list signs a person in, or takes that back.
#[must_use]
pub fn sign_for(account: AccountId, act: Act) -> Entry {
    Entry { field: SIGNED_FOR, act, value: account.to_value() }
}

/// Who came. What a person said counts before what was said for that person.
#[must_use]
pub fn came(merged: &Merged) -> BTreeMap<AccountId, SignIn> {
    let said_for = merged.elements(SIGNED_FOR).filter_map(|element| {
        let account = element.value.as_array_of().map(AccountId)?;
        Some((account, SignIn { by: element.account, at_millis: element.eff_millis }))
    });
    let mut came: BTreeMap<AccountId, SignIn> = said_for.collect();
    let mut own: BTreeMap<AccountId, SignIn> = BTreeMap::new();
    for element in merged.elements(SIGNED_IN) {
        let [account, _] = element.value.as_array().unwrap_or_default() else { continue };
        if account.as_array_of().map(AccountId) != Some(element.account) {
            continue;
        }
        let said = SignIn { by: element.account, at_millis: element.eff_millis };
        let first = own.entry(element.account).or_insert(said);
        first.at_millis = first.at_millis.min(said.at_millis);
    }
    came.append(&mut own);
    came
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::{MergeRule, RecordOp, merge};

    const DESK: u8 = 9;

    fn op(n: u8, account: u8, entry: Entry) -> RecordOp {
        RecordOp::said(n, account, vec![entry])
    }

    fn who(ops: &[RecordOp]) -> Vec<(u8, u8, i64)> {
        let came = came(&merge(ops, |_| MergeRule::Set));
        came.into_iter().map(|(account, sign)| (account.0[0], sign.by.0[0], sign.at_millis)).collect()
    }

    #[test]
    fn a_person_signs_in_alone_and_the_list_keeper_signs_for_others_visibly() {
        let person = |n: u8| AccountId([n; 16]);
        let ops = [
            op(1, 1, sign_in(person(1), 100)),
            // Somebody says it for somebody else, as if it were that person: it counts for nobody.
            op(2, 2, sign_in(person(3), 100)),
            op(3, DESK, sign_for(person(4), Act::Add)),
            op(4, DESK, sign_for(person(1), Act::Add)),
            // The same person with another phone, and once more.
            op(5, 1, sign_in(person(1), 90)),
            op(6, DESK, Entry { field: SIGNED_IN, act: Act::Add, value: Value::text("x") }),
        ];
        assert_eq!(who(&ops), [(1, 1, 1), (4, DESK, 3)]);
        // Whoever ticked the wrong name takes it back; the others stay.
        let back = op(7, DESK, sign_for(person(4), Act::Remove));
        assert_eq!(who(&[ops.to_vec(), vec![back]].concat()), [(1, 1, 1)]);
    }

    #[test]
    fn a_word_that_was_said_first_by_somebody_else_does_not_take_the_place_of_the_persons_own() {
        let person = AccountId([1; 16]);
        let ops = [op(1, 2, sign_in(person, 50)), op(2, 1, sign_in(person, 60))];
        assert_eq!(who(&ops), [(1, 1, 2)]);
    }
}
