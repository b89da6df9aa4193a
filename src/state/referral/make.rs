//! Making a referral out of a report: what is proposed, and what is missing.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::{City, Flow};
use greenshield_domain::referral::{Item, NewReferral};

use crate::state::inbox::line::unit_words;
use crate::state::item;
use crate::state::record::RecordScreen;
use crate::state::words::{self, tr};

/// A unit that may be chosen: word and name.
pub type UnitChoice = (String, String);

/// What is proposed for a report: its facts by reference, all its photos, the department of its category.
#[must_use]
pub fn proposed(view: &RecordView, screen: &RecordScreen, city: &City, name: &str) -> NewReferral {
    let category = view.row.category.as_deref().and_then(|id| city.catalog.category(id));
    let department = category.map(|category| category.department.clone());
    let home = city.referrals.home.clone();
    // What is another department's duty goes there; what is the own duty came from elsewhere.
    let to_unit = department.filter(|unit| *unit != home).unwrap_or_default();
    let photos = screen.photos.iter().map(|photo| {
        // The original is what counts; where its phone had no room for it, the copy is all there is.
        let file = photo.files.iter().find(|file| file.original.is_none()).unwrap_or(&photo.shown);
        let name = tr("report.photo_n", &[("n", &photo.number.to_string())]);
        Item { name, count: 1, blob: Some(file.blob) }
    });
    let voices = screen.voices.iter().zip(1..).map(|(voice, n): (_, usize)| Item {
        name: tr("voice.n_plain", &[("n", &n.to_string())]),
        count: 1,
        blob: Some(voice.link.blob),
    });
    NewReferral {
        flow: city.referrals.flows.first().map(|flow| flow.id.clone()).unwrap_or_default(),
        from_unit: home,
        to_unit,
        title: item::title(&view.row, city),
        note: screen.note.clone(),
        contact: name.to_owned(),
        about: Some(view.row.record),
        items: photos.chain(voices).collect(),
        ..NewReferral::default()
    }
}

/// The same for another flow: units that it does not allow are taken away, the desk's own is proposed where it may stand.
pub fn choose_flow(new: &mut NewReferral, flow: &Flow, city: &City) {
    let home = &city.referrals.home;
    new.flow.clone_from(&flow.id);
    new.basis = words::of(&flow.basis).to_owned();
    let category_unit = std::mem::take(&mut new.to_unit);
    let other = if category_unit == *home { new.from_unit.clone() } else { category_unit };
    let has = |units: &[UnitChoice], unit: &str| units.iter().any(|(id, _)| id == unit);
    let (from, to) = (units(&flow.from, city), units(&flow.to, city));
    (new.from_unit, new.to_unit) = match (has(&from, home), has(&to, home)) {
        (true, _) if has(&to, &other) => (home.clone(), other),
        (true, _) => (home.clone(), String::new()),
        (false, true) if has(&from, &other) => (other, home.clone()),
        (false, true) => (String::new(), home.clone()),
        (false, false) => (String::new(), String::new()),
    };
}

/// The units of a side of a flow.
#[must_use]
pub fn units(side: &[String], city: &City) -> Vec<UnitChoice> {
    let is_any = side.iter().any(|unit| unit == greenshield_domain::city::ANY);
    let departments = city.catalog.departments.iter().filter(|unit| is_any || side.contains(&unit.id));
    departments.map(|unit| (unit.id.clone(), unit_words(&unit.id, city))).collect()
}

/// The key of what is missing before it can be saved.
#[must_use]
pub fn missing(new: &NewReferral, city: &City) -> Option<&'static str> {
    let flow = city.referrals.flow(&new.flow);
    if new.title.trim().is_empty() {
        Some("referral.title_missing")
    } else if flow.is_none_or(|flow| !flow.leads(&new.from_unit, &new.to_unit)) {
        Some("referral.units_missing")
    } else {
        None
    }
}
