//! The edit form of a record: what it was, what it is now, and the changes between.

use std::collections::BTreeMap;

use greenshield_client::engine::RecordView;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::City;
use greenshield_domain::incident::{Incident, field};
use greenshield_domain::merge::Merged;
use greenshield_domain::op::Entry;
use greenshield_domain::order;

use super::answers::Answer;
use super::draft::cut;

/// What can be changed of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditForm {
    /// Kind of the record.
    pub kind: u32,
    /// Catalogue category.
    pub category: Option<String>,
    /// Free words.
    pub note: String,
    /// Name of the place.
    pub place_name: String,
    /// Answers by the id of the question.
    pub answers: BTreeMap<String, Answer>,
}

impl EditForm {
    /// The form of a record as it is.
    #[must_use]
    pub fn of(view: &RecordView, city: &City) -> Self {
        Self::of_merged(view.row.kind, &view.merged, city)
    }

    fn of_merged(kind: u32, merged: &Merged, city: &City) -> Self {
        let incident = Incident(merged);
        let text = |f| incident.text(f).unwrap_or_default().to_owned();
        let category = incident.text(field::CATEGORY).map(str::to_owned);
        let asked = category.as_deref().and_then(|id| city.catalog.category(id)).into_iter().flat_map(|c| &c.fields);
        let answer = |question: &greenshield_domain::city::CategoryField| {
            let def = city.kind(kind)?.catalog_field(&question.id)?;
            let answer = Answer::from_value(merged.value(def.id)?, def.ty)?.as_asked(question);
            Some((question.id.clone(), answer))
        };
        Self {
            kind,
            answers: order::map_of(asked.filter_map(answer)),
            category,
            note: text(field::NOTE),
            place_name: text(field::PLACE_NAME),
        }
    }

    /// The entries that lead from `before` to this; none for what is the same. What was emptied is set to null.
    #[must_use]
    pub fn changes(&self, before: &Self, city: &City) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(category) = self.category.as_ref().filter(|_| self.category != before.category) {
            entries.push(Entry::set(field::CATEGORY, Value::text(category)));
        }
        for (id, new, old) in
            [(field::NOTE, &self.note, &before.note), (field::PLACE_NAME, &self.place_name, &before.place_name)]
        {
            if new.trim() != old.trim() {
                let value = if new.trim().is_empty() { Value::Null } else { Value::text(cut(new.trim())) };
                entries.push(Entry::set(id, value));
            }
        }
        let Some(kind) = city.kind(self.kind) else { return entries };
        for id in order::set_of(self.answers.keys().chain(before.answers.keys())) {
            let (new, old) = (self.answers.get(id).filter(|answer| !answer.is_empty()), before.answers.get(id));
            if let Some(def) = kind.catalog_field(id).filter(|_| new != old) {
                entries.push(Entry::set(def.id, new.map_or(Value::Null, |answer| answer.to_value(def.ty))));
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn only_what_changed_becomes_an_entry() {
        let city = city();
        let before = EditForm { kind: 10, note: "a".to_owned(), ..EditForm::default() };
        assert!(before.changes(&before, &city).is_empty());
        let mut after = before.clone();
        after.note = " ".to_owned();
        after.answers.insert("fireSize".to_owned(), Answer::Option("spot".to_owned()));
        let entries = after.changes(&before, &city);
        assert_eq!(
            entries.iter().map(|entry| entry.value.clone()).collect::<Vec<_>>(),
            [Value::Null, Value::text("spot")]
        );
    }
}
