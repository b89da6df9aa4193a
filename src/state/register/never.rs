//! Who is missing from a register with a sign-in: people of the roster who serve now and never came to any of its records.

use std::collections::BTreeSet;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Kind};
use greenshield_domain::ids::RecordId;
use greenshield_domain::order;
use greenshield_domain::person;
use greenshield_domain::register::{LineValue, field};

use super::attendance::has_sign_in;
use crate::state::item;
use crate::state::time::Now;

/// People who never came, by name; none for kinds that nobody has to come to: only a training, which has a quiz, is meant for all.
#[must_use]
pub fn never_came(city: &City, kind: &Kind, rows: &[ListRow], now: Now) -> Vec<(RecordId, String)> {
    if !has_sign_in(kind) || kind.field(field::QUIZ).is_none() {
        return Vec::new();
    }
    let records = rows.iter().filter(|row| row.kind == kind.id);
    let came: BTreeSet<&str> = records
        .filter_map(|row| row.values.get(&field::SIGNED_IN))
        .flat_map(LineValue::texts)
        .map(String::as_str)
        .collect();
    let serves = |row: &&ListRow| {
        row.kind == person::KIND && row.person.as_deref().is_some_and(|person| person.serves_at(now.millis))
    };
    // The record of a person has the id of the account.
    let missing = rows.iter().filter(serves).filter(|row| !came.contains(row.record.to_hex().as_str()));
    let mut missing: Vec<(RecordId, String)> = missing.map(|row| (row.record, item::title(row, city))).collect();
    order::sort_by_key(&mut missing, |(record, name)| (name.clone(), *record));
    missing
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use greenshield_domain::person::Person;

    use super::*;
    use crate::state::item::tests::{city, row};

    #[test]
    fn who_serves_and_never_came_is_missing_and_a_meeting_misses_nobody() {
        let city = city();
        let now = Now { millis: 1_000, zone_minutes: 480 };
        let training = city.kind_named("training").unwrap();
        let person = |n: u8, until: Option<i64>| {
            let person = Person { until_millis: until, ..Person::default() };
            ListRow { kind: person::KIND, person: Some(Box::new(person)), title: Some(format!("{n}")), ..row(n) }
        };
        let came = LineValue::Texts(vec![RecordId([1; 16]).to_hex()]);
        let held = ListRow { kind: training.id, values: BTreeMap::from([(field::SIGNED_IN, came)]), ..row(9) };
        let rows = [person(2, None), person(1, None), person(3, Some(500)), held];
        let found = never_came(&city, training, &rows, now);
        assert_eq!(found.iter().map(|(record, _)| record.0[0]).collect::<Vec<_>>(), [2]);
        assert_eq!(never_came(&city, city.kind_named("meeting").unwrap(), &rows, now), []);
    }
}
