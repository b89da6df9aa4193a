//! Erasing at the desk: what of a record can go, by what right, and what stands where something was.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::{City, FieldDef, FieldType};
use greenshield_domain::erasure::{Basis, Gone, is_erasable};
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::op::Act;
use greenshield_domain::order;
use greenshield_domain::policy::Action;

use super::record::Fact;
use super::time::Now;
use super::words::{self, t, tr};

/// A field of which something can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its number.
    pub field: u32,
    /// Its name.
    pub label: String,
    /// How often something was said of it.
    pub count: usize,
    /// Whether it mostly tells of people: words, places, pictures.
    pub is_personal: bool,
    /// Its files, each with the smallest picture of it, when there is more than one: one of them can go alone.
    pub files: Vec<FileChoice>,
}

/// A file that can go alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChoice {
    /// The original.
    pub id: BlobId,
    /// Its name: the field and its number there.
    pub label: String,
    /// What shows it, for a photo.
    pub picture: Option<BlobId>,
}

/// The files of a field in the order in which they were linked, when there is more than one.
fn files(view: &RecordView, def: &FieldDef) -> Vec<FileChoice> {
    let entries = view.ops.iter().flat_map(|row| row.op.body().entries());
    let links = entries.filter(|entry| entry.field == def.id && entry.act == Act::Link);
    let mut found: Vec<(BlobId, Vec<BlobLink>)> = Vec::new();
    for link in links.filter_map(|entry| BlobLink::from_value(&entry.value)) {
        let id = link.original.unwrap_or(link.blob);
        match found.iter_mut().find(|(known, _)| *known == id) {
            Some((_, links)) => links.push(link),
            None => found.push((id, vec![link])),
        }
    }
    if found.len() < 2 {
        return Vec::new();
    }
    let name = words::of(&def.label);
    let choice = |((id, links), n): ((BlobId, Vec<BlobLink>), usize)| {
        let pictures = links.iter().filter(|link| link.mime.starts_with("image/"));
        let picture = pictures.min_by_key(|link| (link.size_bytes, link.blob)).map(|link| link.blob);
        FileChoice { id, label: tr("erase.file", &[("field", name), ("n", &n.to_string())]), picture }
    };
    found.into_iter().zip(1..).map(choice).collect()
}

/// What of a record can be erased, in the order of the city's fields.
#[must_use]
pub fn choices(view: &RecordView, city: &City) -> Vec<Choice> {
    let kind = view.row.kind;
    let said = |def: &FieldDef| {
        let entries = view.ops.iter().flat_map(|row| row.op.body().entries());
        entries.filter(|entry| entry.field == def.id).count()
    };
    let fields = city.kind(kind).into_iter().flat_map(|kind| &kind.fields);
    let offered = fields.filter(|def| {
        // What only code reads is offered where it tells of the person who reported.
        let is_known = def.ty != FieldType::Map || (kind == KIND && def.id == field::CAPTURE);
        is_erasable(kind, def.id) && def.ty != FieldType::State && is_known
    });
    let choice = |def: &FieldDef| Choice {
        field: def.id,
        label: words::of(&def.label).to_owned(),
        count: said(def),
        is_personal: matches!(def.ty, FieldType::Text | FieldType::Place | FieldType::Blob | FieldType::Map),
        files: if def.ty == FieldType::Blob { files(view, def) } else { Vec::new() },
    };
    offered.map(choice).filter(|choice| choice.count > 0).collect()
}

/// By what right, in words.
#[must_use]
pub fn basis_words(basis: Option<Basis>) -> &'static str {
    t(match basis {
        Some(Basis::Withdrawn) => "erase.basis_withdrawn",
        Some(Basis::Purpose) => "erase.basis_purpose",
        Some(Basis::Retention) => "erase.basis_retention",
        Some(Basis::Order) => "erase.basis_order",
        Some(Basis::WrongPerson) => "erase.basis_wrong_person",
        None => "erase.basis_other",
    })
}

/// What stands where something was.
#[must_use]
pub fn gone_words(gone: &Gone, now: Now) -> String {
    tr("erase.gone", &[("day", &now.date_time(gone.at_millis)[..10]), ("basis", basis_words(gone.basis))])
}

/// The same for a field of a record; `None` when nothing of it was erased, or something was said since.
#[must_use]
pub fn gone_of(view: &RecordView, field: u32, now: Now) -> Option<String> {
    let is_said = view.merged.value(field).is_some() || view.merged.elements(field).next().is_some();
    view.gone.get(&field).filter(|_| !is_said).map(|gone| gone_words(gone, now))
}

/// A line for each field of which everything is erased.
#[must_use]
pub fn gone_facts(view: &RecordView, city: &City, now: Now) -> Vec<Fact> {
    let fields = order::set_of(view.gone.keys().copied().filter(|field| *field != field::PLACE));
    let fact = |field: u32| {
        let label = city.kind(view.row.kind).and_then(|kind| kind.field(field)).map(|def| words::of(&def.label));
        let value = gone_of(view, field, now)?;
        Some(Fact { label: label.unwrap_or_else(|| t("erase.unknown_field")).to_owned(), value, note: None })
    };
    fields.into_iter().filter_map(fact).collect()
}

/// Whether a role erases and holds.
#[must_use]
pub fn erases(city: &City, role: &str) -> bool {
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Erase)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use greenshield_domain::ids::AccountId;

    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn only_chiefs_the_desk_of_the_city_and_administrators_erase() {
        let city = city();
        let who: Vec<&str> =
            city.info.roles.iter().map(|role| role.id.as_str()).filter(|role| erases(&city, role)).collect();
        assert_eq!(who, ["chief", "city-desk", "admin"]);
    }

    #[test]
    fn every_right_has_words_and_what_is_gone_says_when_and_why() {
        let rights = Basis::ALL.map(Some).into_iter().chain([None]);
        let words: BTreeSet<&str> = rights.map(basis_words).collect();
        assert_eq!(words.len(), Basis::ALL.len() + 1);
        let gone = Gone { at_millis: 1_795_424_401_000, by: AccountId([1; 16]), basis: Some(Basis::Order) };
        let words = gone_words(&gone, Now { millis: 1_795_424_401_000, zone_minutes: 480 });
        assert!(words.contains("2026-11-23") && words.contains(basis_words(gone.basis)), "{words}");
    }
}
