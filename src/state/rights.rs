//! Who may say what about one record, as far as this phone can tell, so that nobody is offered what would only wait for a decision.
//!
//! Owns: how whoever looks stands to a record, by what its ops say. Refuses: to decide; the server does. What this phone does not know
//! is taken for granted.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Grant, Relation};
use greenshield_domain::ids::AccountId;
use greenshield_domain::merge::Merged;
use greenshield_domain::person;
use greenshield_domain::policy::{ASSIGNED, HELPERS};

use super::register::writes;

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who<'a> {
    /// The account.
    pub account: AccountId,
    /// The role word.
    pub role: &'a str,
    /// The unit, as far as it is known here.
    pub unit: Option<&'a str>,
}

impl<'a> Who<'a> {
    /// Somebody of a role, with the unit that the record of that person says.
    #[must_use]
    pub fn of(rows: &'a [ListRow], (account, role): (AccountId, &'a str)) -> Self {
        Self { account, role, unit: unit_of(rows, account) }
    }
}

/// The unit in which somebody works, by the record of that person.
#[must_use]
pub fn unit_of(rows: &[ListRow], account: AccountId) -> Option<&str> {
    let own = rows.iter().find(|row| row.record == person::record_of(account));
    own.and_then(|row| row.person.as_deref()).and_then(|person| person.unit.as_deref())
}

/// Whether somebody may say a field, by its word, of a record.
#[must_use]
pub fn may_say(city: &City, row: &ListRow, merged: &Merged, who: Who<'_>, name: &str) -> bool {
    let Some(kind) = city.kind(row.kind) else { return false };
    let stands = |relation: &Relation| match relation {
        // Whoever sees it because of an area works there.
        Relation::All | Relation::Area => true,
        Relation::Own => row.reporter == Some(who.account),
        Relation::Assigned => merged.elements(ASSIGNED).any(|given| given.value == who.account.to_value()),
        Relation::Unit => who.unit.zip(row.unit.as_deref()).is_none_or(|(own, its)| own == its),
        Relation::Helper => {
            who.unit.is_none_or(|own| merged.elements(HELPERS).any(|unit| unit.value.as_text() == Some(own)))
        }
    };
    let may = |grant: &Grant| writes(grant, kind, name) && grant.relations.iter().any(stands);
    city.policy.roles.iter().filter(|known| known.role == who.role).flat_map(|known| &known.grants).any(may)
}

#[cfg(test)]
mod tests {
    use greenshield_domain::cbor::Value;
    use greenshield_domain::ids::OpId;
    use greenshield_domain::merge::{Candidate, FieldState, MergeRule};
    use greenshield_domain::person::Person;

    use super::super::item::tests::{city, row};
    use super::*;

    const ME: AccountId = AccountId([7; 16]);

    fn helped_by(unit: &str) -> Merged {
        let (op, account) = (OpId([1; 32]), AccountId([1; 16]));
        let said = Candidate { value: Value::text(unit), op, account, eff_millis: 1 };
        let helpers = FieldState { rule: MergeRule::Set, shown: vec![said], conflicts: Vec::new() };
        Merged { fields: [(HELPERS, helpers)].into(), ..Merged::default() }
    }

    #[test]
    fn the_liaison_of_a_unit_that_helps_adds_photos_and_takes_no_step() {
        let city = city();
        let person = Person { unit: Some("water".to_owned()), ..Person::default() };
        let rows = [ListRow { kind: 31, record: person::record_of(ME), person: Some(Box::new(person)), ..row(1) }];
        let treatment = |unit: &str| ListRow { kind: 64, unit: Some(unit.to_owned()), ..row(2) };
        let who = Who::of(&rows, (ME, "liaison"));
        assert_eq!(who.unit, Some("water"));
        let says = |row: &ListRow, merged: &Merged| {
            ["photos", "documents", "state", "title"].map(|name| may_say(&city, row, merged, who, name))
        };
        assert_eq!(says(&treatment("police"), &helped_by("water")), [true, true, false, false]);
        assert_eq!(says(&treatment("water"), &Merged::default()), [true; 4], "the unit that leads");
        assert_eq!(says(&treatment("police"), &helped_by("forestry-grassland")), [false; 4]);
        let own = ListRow { reporter: Some(ME), ..treatment("police") };
        assert_eq!(says(&own, &Merged::default()), [true; 4], "whoever made it");
        let task = ListRow { kind: 20, ..treatment("police") };
        assert_eq!(says(&task, &helped_by("water")), [false; 4], "of a task it only reads");
    }

    #[test]
    fn whoever_works_in_the_area_is_offered_what_the_role_may_do() {
        let city = city();
        let record = ListRow { kind: 64, unit: Some("water".to_owned()), ..row(2) };
        let may = |role: &str| {
            let who = Who { account: ME, role, unit: None };
            may_say(&city, &record, &Merged::default(), who, "state")
        };
        assert!(may("desk") && may("officer") && may("chief"));
        assert!(!may("volunteer") && !may("auditor"));
    }
}
