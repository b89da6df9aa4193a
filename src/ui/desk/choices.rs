//! What has to be chosen with a step: people, a unit with a day, or the report that tells the same.

use std::collections::BTreeSet;

use greenshield_domain::ids::{AccountId, RecordId};
use leptos::html;
use leptos::prelude::*;

use super::signals::{Desk, Opened};
use crate::state::inbox::decide::{Choice, Chosen, Missing, proposed_same};
use crate::state::inbox::page::role_words;
use crate::state::item;
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;

/// The choice of a step.
#[component]
pub fn Choices(
    /// The desk.
    desk: Desk,
    /// What has to be chosen.
    choice: Choice,
) -> impl IntoView {
    let group = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(group) = group.get().filter(|_| desk.is_choosing.get()) {
            desk.is_choosing.set(false);
            // What can not take the focus is reached by Tab.
            let _ = group.focus();
        }
    });
    let is_missing = move || desk.missing.get() == Some(Missing::Choice);
    let missing =
        move || {
            is_missing().then(|| view! {
            <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("desk.choice_missing")}</span>
        })
        };
    let inner = match choice {
        Choice::None => return ().into_any(),
        Choice::People => view! { <People desk/> }.into_any(),
        Choice::Unit => view! { <Unit desk/> }.into_any(),
        Choice::Same => view! { <Same desk/> }.into_any(),
    };
    view! { <div class="stack desk-choice" tabindex="-1" node_ref=group>{inner}{missing}</div> }.into_any()
}

/// To whom it is given.
#[component]
fn People(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let reporter = desk.shown(|page| page.screen.reporter);
    let options = move || {
        let people = state.people.get();
        let (me, reporter) = (state.me(), reporter.get().flatten());
        let others = people.iter().filter(|(account, _)| Some(**account) != me && Some(**account) != reporter);
        let option = |(account, person): (&AccountId, &greenshield_client::rows::PersonRow)| {
            let account = *account;
            let words = format!("{} · {}", person.name, role_words(&person.role, &desk.app.city()));
            let pressed = move || desk.chosen_for.with(|chosen| chosen.people.contains(&account)).to_string();
            let toggle = move |_| {
                choose(desk, |chosen| {
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
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let city = desk.app.city();
    let proposed = desk.page.with_untracked(|page| {
        let category = page.as_ref().and_then(|page| page.screen.category.clone())?;
        Some(city.catalog.category(&category)?.department.clone())
    });
    // Proposed, and so chosen, unless it is the desk's own.
    let proposed = proposed.filter(|unit| *unit != city.referrals.home);
    choose(desk, |chosen| chosen.unit.clone_from(&proposed));
    let options = city.catalog.departments.iter().filter(|unit| unit.id != city.referrals.home).map(|unit| {
        let is_selected = Some(&unit.id) == proposed.as_ref();
        view! { <option value=unit.id.clone() selected=is_selected>{words::of(&unit.name).to_owned()}</option> }
    });
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), desk.app.state.now.get_untracked());
        choose(desk, |chosen| chosen.reply_by_millis = now.ends_of(&date).map(|(_, last)| last));
    };
    view! {
        <label class="field">
            <span class="field-label">{t("desk.forward_unit")}</span>
            <select class="input" aria-label=t("desk.forward_unit") on:change=move |event| {
                let id = event_target_value(&event);
                choose(desk, |chosen| chosen.unit = Some(id).filter(|id| !id.is_empty()));
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
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let row = desk.opened.with_untracked(|opened| match opened {
        Opened::Ready(view) => Some(view.row.clone()),
        _ => None,
    });
    let (city, people, now) = (desk.app.city(), state.people.get_untracked(), state.now.get_untracked());
    let proposed: Vec<(RecordId, String, String)> = state.records.with_untracked(|list| {
        let Some(row) = row else { return Vec::new() };
        let told = |row: &greenshield_client::rows::ListRow| {
            let who = row.reporter.map(|account| item::person_name(&people, account)).unwrap_or_default();
            (row.record, item::title(row, &city), format!("{who} · {}", now.moment(row.sort_millis)))
        };
        proposed_same(&list.rows, &row, &city).into_iter().map(told).collect()
    });
    let is_none = proposed.is_empty();
    let options = proposed.into_iter().map(|(record, title, facts)| {
        let pressed = move || desk.chosen_for.with(|chosen| chosen.same == Some(record)).to_string();
        view! {
            <button class="option option--row" type="button" aria-pressed=pressed
                on:click=move |_| choose(desk, |chosen| chosen.same = Some(record))>
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

fn choose(desk: Desk, change: impl FnOnce(&mut Chosen)) {
    desk.missing.set(None);
    desk.chosen_for.update(change);
}
