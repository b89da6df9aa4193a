//! What has to be chosen with a step, of one report or of many: people, a unit with a day, or the report that tells the same.

use std::collections::BTreeSet;

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::{AccountId, RecordId};
use leptos::html;
use leptos::prelude::*;

use crate::context::App;
use crate::state::inbox::decide::{Choice, Chosen, Missing};
use crate::state::inbox::page::role_words;
use crate::state::item;
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;

/// Where the choice goes. Copied freely; a copy is the same choice.
#[derive(Clone, Copy)]
pub struct Chooser {
    /// The app.
    pub app: App,
    /// What was chosen.
    pub chosen: RwSignal<Chosen>,
    /// Somebody wanted to go on without it.
    pub missing: RwSignal<Option<Missing>>,
    /// It shall get the focus.
    pub is_choosing: RwSignal<bool>,
}

/// What is offered.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// Who is not offered: the reporter.
    pub without: Option<AccountId>,
    /// The unit that is proposed.
    pub unit: Option<String>,
    /// Reports that may be the same.
    pub same: Vec<Offered>,
}

/// A report to choose.
#[derive(Debug, Clone)]
pub struct Offered {
    record: RecordId,
    title: String,
    facts: String,
}

/// Reports as they are offered.
#[must_use]
pub fn offered(app: App, rows: &[&ListRow]) -> Vec<Offered> {
    let (city, people, now) = (app.city(), app.state.people.get_untracked(), app.state.now.get_untracked());
    let offer = |row: &&ListRow| {
        let who = row.reporter.map(|account| item::person_name(&people, account)).unwrap_or_default();
        let facts = format!("{who} · {}", now.moment(row.sort_millis));
        Offered { record: row.record, title: item::title(row, &city), facts }
    };
    rows.iter().map(offer).collect()
}

/// The choice of a step.
#[component]
pub fn Choices(
    /// Where it goes.
    chooser: Chooser,
    /// What has to be chosen.
    choice: Choice,
    /// What is offered.
    offer: Offer,
) -> impl IntoView {
    let group = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(group) = group.get().filter(|_| chooser.is_choosing.get()) {
            chooser.is_choosing.set(false);
            // What can not take the focus is reached by Tab.
            let _ = group.focus();
        }
    });
    let is_missing = move || chooser.missing.get() == Some(Missing::Choice);
    let missing =
        move || {
            is_missing().then(|| view! {
            <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("desk.choice_missing")}</span>
        })
        };
    let inner = match choice {
        Choice::None => return ().into_any(),
        Choice::People => view! { <People chooser without=offer.without/> }.into_any(),
        Choice::Unit => view! { <Unit chooser proposed=offer.unit/> }.into_any(),
        Choice::Same => view! { <Same chooser same=offer.same/> }.into_any(),
    };
    view! { <div class="stack desk-choice" tabindex="-1" node_ref=group>{inner}{missing}</div> }.into_any()
}

/// To whom it is given.
#[component]
fn People(
    /// Where the choice goes.
    chooser: Chooser,
    /// Who is not offered.
    without: Option<AccountId>,
) -> impl IntoView {
    let state = chooser.app.state;
    let options = move || {
        let people = state.people.get();
        let me = state.me();
        let others = people.iter().filter(|(account, _)| Some(**account) != me && Some(**account) != without);
        let option = |(account, person): (&AccountId, &greenshield_client::rows::PersonRow)| {
            let account = *account;
            let words = format!("{} · {}", person.name, role_words(&person.role, &chooser.app.city()));
            let pressed = move || chooser.chosen.with(|chosen| chosen.people.contains(&account)).to_string();
            let toggle = move |_| {
                choose(chooser, |chosen| {
                    let mut people: BTreeSet<AccountId> = chosen.people.drain(..).collect();
                    if !people.remove(&account) {
                        people.insert(account);
                    }
                    chosen.people = people.into_iter().collect();
                });
            };
            view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{words}</button> }
        };
        others.map(option).collect_view()
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{t("desk.assign_whom")}</legend>
            <div class="options">{options}</div>
            <span class="field-hint">{t("desk.assign_hint")}</span>
        </fieldset>
    }
}

/// The unit, and until when it is asked to answer.
#[component]
fn Unit(
    /// Where the choice goes.
    chooser: Chooser,
    /// The unit that is proposed.
    proposed: Option<String>,
) -> impl IntoView {
    let city = chooser.app.city();
    // Proposed, and so chosen, unless it is the desk's own.
    let proposed = proposed.filter(|unit| *unit != city.referrals.home);
    choose(chooser, |chosen| chosen.unit.clone_from(&proposed));
    let options = city.catalog.departments.iter().filter(|unit| unit.id != city.referrals.home).map(|unit| {
        let is_selected = Some(&unit.id) == proposed.as_ref();
        view! { <option value=unit.id.clone() selected=is_selected>{words::of(&unit.name).to_owned()}</option> }
    });
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), chooser.app.state.now.get_untracked());
        choose(chooser, |chosen| chosen.reply_by_millis = now.ends_of(&date).map(|(_, last)| last));
    };
    view! {
        <label class="field">
            <span class="field-label">{t("desk.forward_unit")}</span>
            <select class="input" aria-label=t("desk.forward_unit") on:change=move |event| {
                let id = event_target_value(&event);
                choose(chooser, |chosen| chosen.unit = Some(id).filter(|id| !id.is_empty()));
            }>
                <option value="">{t("desk.forward_unit_none")}</option>
                {options.collect_view()}
            </select>
        </label>
        <label class="field">
            <span class="field-label">{t("desk.forward_by")}</span>
            <input class="input" type="date" on:change=picked/>
        </label>
    }
}

/// The report that tells the same.
#[component]
fn Same(
    /// Where the choice goes.
    chooser: Chooser,
    /// What is offered.
    same: Vec<Offered>,
) -> impl IntoView {
    let is_none = same.is_empty();
    let options = same.into_iter().map(|Offered { record, title, facts }| {
        let pressed = move || chooser.chosen.with(|chosen| chosen.same == Some(record)).to_string();
        view! {
            <button class="option option--row" type="button" aria-pressed=pressed
                on:click=move |_| choose(chooser, |chosen| chosen.same = Some(record))>
                <b>{title}</b>" "<span class="muted">{facts}</span>
            </button>
        }
    });
    view! {
        <fieldset class="field">
            <legend class="field-label">{t("desk.same_as")}</legend>
            <div class="options">{options.collect_view()}</div>
            {is_none.then(|| view! { <p class="muted">{t("desk.same_none")}</p> })}
            <span class="field-hint">{t("desk.same_hint")}</span>
        </fieldset>
    }
}

fn choose(chooser: Chooser, change: impl FnOnce(&mut Chosen)) {
    chooser.missing.set(None);
    chooser.chosen.update(change);
}
