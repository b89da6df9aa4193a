//! A record as one line of a list.

use std::collections::BTreeMap;

use greenshield_client::rows::{ListRow, PersonRow};
use greenshield_domain::city::{City, Urgency};
use greenshield_domain::ids::{AccountId, BlobId, RecordId};
use greenshield_domain::{land, notice, patrol, person, referral, sms, sos, task, unit};

use super::lamp::Lamp;
use super::time::Now;
use super::words::{self, t, tr};

/// Names of people by account.
pub type People = BTreeMap<AccountId, PersonRow>;

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemView {
    /// The record.
    pub record: RecordId,
    /// Picture of the category, a name of the sprite.
    pub icon: String,
    /// Whether the picture is red.
    pub is_urgent: bool,
    /// Category and place.
    pub title: String,
    /// Time, photos, and who when it was somebody else.
    pub facts: String,
    /// How far it is.
    pub lamp: Lamp,
    /// The file to show instead of the picture.
    pub thumb: Option<BlobId>,
}

impl ItemView {
    /// The line of a row. `me` leaves out the name of the person who looks.
    #[must_use]
    pub fn of(row: &ListRow, city: &City, people: &People, me: Option<AccountId>, now: Now) -> Self {
        let time = now.clock(row.sort_millis);
        let photos = row.photos.to_string();
        let person = row.reporter.filter(|reporter| Some(*reporter) != me).map(|account| person_name(people, account));
        let facts = match (&person, row.photos) {
            (Some(person), 0) => tr("record.who_when", &[("person", person), ("time", &time)]),
            (Some(person), _) => {
                tr("records.facts_person", &[("person", person), ("time", &time), ("photos", &photos)])
            }
            (None, 0) => tr("records.facts_plain", &[("time", &time)]),
            (None, _) => tr("records.facts", &[("time", &time), ("photos", &photos)]),
        };
        Self {
            record: row.record,
            icon: icon_of(row, city),
            is_urgent: urgency_of(row, city).is_some_and(|urgency| urgency.id == "critical"),
            title: title(row, city),
            facts,
            lamp: Lamp::of_row(row, city, now),
            thumb: row.thumb,
        }
    }
}

/// The name of a person, or the start of the account when none is known yet.
#[must_use]
pub fn person_name(people: &People, account: AccountId) -> String {
    people.get(&account).map_or_else(|| account.to_hex().chars().take(6).collect(), |person| person.name.clone())
}

/// Category, and the place when it has a name.
#[must_use]
pub fn title(row: &ListRow, city: &City) -> String {
    let what = what(row, city);
    row.place_name.as_ref().filter(|name| !name.is_empty()).map_or(what.clone(), |place| format!("{what} · {place}"))
}

/// The category in words.
#[must_use]
pub fn what(row: &ListRow, city: &City) -> String {
    if city.kind(row.kind).is_none() {
        return t("records.unknown_kind").to_owned();
    }
    if let Some(title) = &row.title {
        return title.clone();
    }
    match &row.category {
        Some(id) => {
            city.catalog.category(id).map_or_else(|| id.clone(), |category| words::of(&category.name).to_owned())
        }
        None => city.kind(row.kind).map_or_else(String::new, |kind| words::of(&kind.label).to_owned()),
    }
}

/// The picture of the category.
#[must_use]
pub fn icon_of(row: &ListRow, city: &City) -> String {
    match row.kind {
        sos::KIND => return "lifebuoy".to_owned(),
        task::KIND => return "flag".to_owned(),
        notice::KIND => return "bell".to_owned(),
        land::KIND => return "map-2".to_owned(),
        referral::KIND => return "gavel".to_owned(),
        person::KIND | unit::KIND => return "user-circle".to_owned(),
        sms::KIND if row.category.is_none() => return "message".to_owned(),
        _ => {}
    }
    let icon = row.category.as_ref().and_then(|id| city.icons.categories.get(id));
    let plain = if row.kind == patrol::KIND { "route" } else { "file-text" };
    icon.cloned().unwrap_or_else(|| plain.to_owned())
}

/// The urgency: what a person chose, else the category's.
#[must_use]
pub fn urgency_of<'a>(row: &ListRow, city: &'a City) -> Option<&'a Urgency> {
    if row.kind == sos::KIND {
        return city.catalog.urgency("critical");
    }
    let of_category = || row.category.as_ref().and_then(|id| city.catalog.category(id)).map(|c| c.urgency.as_str());
    city.catalog.urgency(row.urgency.as_deref().or_else(of_category)?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The demo city.
    pub(crate) fn city() -> City {
        let files = greenshield_domain::city::FILES.map(|name| {
            let path = format!("{}/city/{name}", env!("CARGO_MANIFEST_DIR"));
            (name.to_owned(), std::fs::read_to_string(path).unwrap())
        });
        City::from_files(&files.into()).unwrap()
    }

    /// An empty row of record `n`, found at `n` ms.
    pub(crate) fn row(n: u8) -> ListRow {
        ListRow {
            record: RecordId([n; 16]),
            kind: 10,
            sort_millis: i64::from(n),
            category: Some("garbage-dumping".to_owned()),
            state: None,
            urgency: None,
            place_name: None,
            place: Default::default(),
            note: None,
            answered: false,
            reporter: Some(AccountId([1; 16])),
            photos: 0,
            photos_delivered: 0,
            files_waiting: 0,
            patrol: None,
            due_millis: None,
            review_millis: None,
            from_millis: None,
            title: None,
            assignees: Vec::new(),
            about: None,
            unit: None,
            state_millis: None,
            referral: None,
            audience: Vec::new(),
            person: None,
            unit_facts: None,
            values: Default::default(),
            voices_unsent: 0,
            thumb: None,
            ops_unsent: 0,
            conflicts: 0,
            held: 0,
            delivered_millis: None,
            updated_millis: 0,
            arrived_millis: None,
        }
    }

    #[test]
    fn a_line_names_others_but_not_myself() {
        let (city, mut row) = (city(), row(1));
        row.place_name = Some("老虎沟口".to_owned());
        row.photos = 2;
        let people: People =
            [(AccountId([1; 16]), PersonRow { name: "义警甲".to_owned(), role: "volunteer".to_owned() })].into();
        let now = Now { millis: 1, zone_minutes: 480 };
        let mine = ItemView::of(&row, &city, &people, Some(AccountId([1; 16])), now);
        assert_eq!((mine.title.as_str(), mine.facts.as_str()), ("乱倒生活建筑垃圾 · 老虎沟口", "08:00 · 照片 2"));
        let other = ItemView::of(&row, &city, &people, None, now);
        assert_eq!(other.facts, "义警甲 · 08:00 · 照片 2");
    }
}
