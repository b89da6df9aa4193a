//! What a patrol belongs to: the joint operation that it is a part of, and as what the person walks. Somebody who serves in two
//! fields walks once, and the walk counts for both.

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldDef, Source};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::op::Entry;
use greenshield_domain::order;
use greenshield_domain::patrol::{self, field};
use greenshield_domain::person::{Person, record_of};

use crate::state::item;
use crate::state::record::Fact;
use crate::state::register::{day_of, field_words};
use crate::state::task::is_open;
use crate::state::time::Now;
use crate::state::words;

/// So many days before and after its own an operation is offered: it may go on over night.
const DAYS_AROUND: i64 = 1;

/// A field of patrols, where the city knows it.
fn known(city: &City, field: u32) -> Option<&FieldDef> {
    city.kind(patrol::KIND)?.field(field)
}

/// As what somebody may walk, as ids of the city with their words; none where nothing is known of the person.
#[must_use]
pub fn hats(city: &City, rows: &[ListRow], me: Option<AccountId>) -> Vec<(String, String)> {
    let own = me.map(record_of);
    let person = rows.iter().filter(|row| Some(row.record) == own).find_map(|row| row.person.as_deref());
    person.map(|person| hats_of(city, person)).unwrap_or_default()
}

/// The same of a person who is known.
#[must_use]
pub fn hats_of(city: &City, person: &Person) -> Vec<(String, String)> {
    let Some(def) = known(city, field::HATS) else { return Vec::new() };
    let options = def.options.iter().map(|known| (known.id.clone(), words::of(&known.label).to_owned()));
    let hats = person.hats();
    options.filter(|(id, _)| hats.contains(id)).collect()
}

/// Operations of these days that somebody may walk for, the newest first.
#[must_use]
pub fn operations(city: &City, rows: &[ListRow], now: Now) -> Vec<(RecordId, String)> {
    let Some(Source::Records(kind)) = known(city, field::OPERATION).and_then(|def| def.source.as_ref()) else {
        return Vec::new();
    };
    let Some(kind) = city.kind_named(kind) else { return Vec::new() };
    let today = now.day_of(now.millis);
    let is_near = |row: &&ListRow| {
        row.kind == kind.id && is_open(row, city) && (now.day_of(day_of(row)) - today).abs() <= DAYS_AROUND
    };
    let mut near: Vec<&ListRow> = rows.iter().filter(is_near).collect();
    order::sort_by_key(&mut near, |row| (-day_of(row), row.record));
    near.into_iter().map(|row| (row.record, item::title(row, city))).collect()
}

/// What a patrol says of it; nothing that the city does not know.
#[must_use]
pub fn entries(city: &City, hats: &[String], operation: Option<RecordId>) -> Vec<Entry> {
    let operation = operation.map(|record| Entry::set(field::OPERATION, record.to_value()));
    let hats = (!hats.is_empty()).then(|| Value::Array(hats.iter().map(Value::text).collect()));
    let hats = hats.map(|hats| Entry::set(field::HATS, hats));
    operation.into_iter().chain(hats).filter(|entry| known(city, entry.field).is_some()).collect()
}

/// What the page of a patrol says of it.
#[must_use]
pub fn facts(view: &RecordView, city: &City, rows: &[ListRow], now: Now) -> Vec<Fact> {
    let fact = |id: u32| {
        let (def, value) = (known(city, id)?, view.merged.value(id)?);
        let value = field_words(city, def, value, rows, now).filter(|words| !words.is_empty())?;
        Some(Fact { label: words::of(&def.label).to_owned(), value, note: None })
    };
    [field::HATS, field::OPERATION].into_iter().filter_map(fact).collect()
}

/// Walks that are over, and how many of them count for each hat: one that was walked in two counts for both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walks {
    /// All of them.
    pub n: usize,
    /// By word, in the order of the city; only those that were worn.
    pub by_hat: Vec<(String, usize)>,
}

impl Walks {
    /// Counts more lines of the list: patrols that are over and began since then, ms since 1970.
    pub fn add(&mut self, city: &City, rows: &[ListRow], since_millis: i64) {
        let is_one = |row: &&ListRow| {
            row.kind == patrol::KIND && row.state.as_deref() == Some(patrol::ENDED) && row.sort_millis >= since_millis
        };
        let options = known(city, field::HATS).map_or(&[][..], |def| &def.options);
        for row in rows.iter().filter(is_one) {
            self.n += 1;
            let worn = row.values.get(&field::HATS).map_or(&[][..], |value| value.texts());
            for option in options.iter().filter(|option| worn.contains(&option.id)) {
                let label = words::of(&option.label);
                match self.by_hat.iter_mut().find(|(known, _)| known == label) {
                    Some((_, n)) => *n += 1,
                    None => self.by_hat.push((label.to_owned(), 1)),
                }
            }
        }
        let place = |label: &str| options.iter().position(|option| words::of(&option.label) == label);
        order::sort_by_key(&mut self.by_hat, |(label, _)| place(label));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use greenshield_domain::register::LineValue;

    use super::*;
    use crate::state::item::tests::{city, row};

    const NOW: Now = Now { millis: 1_796_000_000_000, zone_minutes: 480 };

    fn of_kind(kind: u32, n: u8) -> ListRow {
        ListRow { kind, ..row(n) }
    }

    #[test]
    fn who_serves_in_two_fields_is_asked_for_both_and_nobody_is_asked_for_what_he_is_not() {
        let city = city();
        let also = vec!["volunteer-water".to_owned(), "nothing".to_owned()];
        let person = Person { group: Some("volunteer-forest".to_owned()), also, ..Person::default() };
        let me = ListRow { person: Some(Box::new(person)), ..of_kind(31, 7) };
        let found = hats(&city, &[of_kind(31, 6), me], Some(AccountId([7; 16])));
        assert_eq!(
            found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            ["volunteer-forest", "volunteer-water"]
        );
        assert_eq!(hats(&city, &[], Some(AccountId([7; 16]))), []);
        assert_eq!(hats(&city, &[], None), []);
    }

    #[test]
    fn operations_of_these_days_are_offered_and_a_city_without_them_says_nothing() {
        let mut city = city();
        let kind = city.kind_named("operation").unwrap();
        let on = |days: i64, n: u8| {
            let values = BTreeMap::from([(31, LineValue::Int(NOW.millis + days * 86_400_000))]);
            let state = Some("planned".to_owned());
            ListRow { values, state, title: Some(format!("行动 {n}")), ..of_kind(kind.id, n) }
        };
        let over = ListRow { state: Some("done".to_owned()), ..on(0, 9) };
        let rows = [on(-3, 1), on(0, 2), on(1, 3), on(5, 4), over];
        let found = operations(&city, &rows, NOW);
        assert_eq!(found.iter().map(|(record, _)| record.0[0]).collect::<Vec<_>>(), [3, 2]);
        let hats = ["volunteer-water".to_owned()];
        assert_eq!(entries(&city, &hats, Some(found[0].0)).len(), 2);
        assert_eq!(entries(&city, &[], None), []);
        let walk = city.kinds.iter_mut().find(|kind| kind.id == patrol::KIND).unwrap();
        walk.fields.retain(|def| def.id < field::OPERATION);
        assert_eq!(operations(&city, &rows, NOW), []);
        assert_eq!(entries(&city, &hats, Some(RecordId([3; 16]))), []);
    }

    #[test]
    fn a_walk_with_two_hats_is_one_walk_and_counts_for_both() {
        let walk = |hats: &[&str], at: i64, state: Option<&str>| {
            let texts = LineValue::Texts(hats.iter().map(|hat| (*hat).to_owned()).collect());
            let values = BTreeMap::from([(field::HATS, texts)]);
            ListRow { values, sort_millis: at, state: state.map(str::to_owned), ..of_kind(patrol::KIND, 1) }
        };
        let over = Some(patrol::ENDED);
        let rows = [
            walk(&["volunteer-water", "volunteer-forest"], 10, over),
            walk(&["volunteer-water"], 11, over),
            walk(&[], 12, over),
            walk(&["volunteer-water"], 9, over),
            walk(&["volunteer-water"], 13, None),
        ];
        let mut walks = Walks::default();
        walks.add(&city(), &rows[..2], 10);
        walks.add(&city(), &rows[2..], 10);
        assert_eq!((walks.n, walks.by_hat.iter().map(|(_, n)| *n).collect::<Vec<_>>()), (3, vec![1, 2]));
    }
}
