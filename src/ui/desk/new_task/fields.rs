//! The longer parts of the form of a task: for whom, when it is reviewed, which units.

use greenshield_domain::ids::AccountId;
use greenshield_domain::task::NewTask;
use leptos::prelude::*;

use crate::context::App;
use crate::state::inbox::page::role_words;
use crate::state::words::{self, t};
use crate::ui::components::day_list::DayList;

/// For whom: the people that are known here.
#[component]
pub fn Assignees(
    /// The app.
    app: App,
    /// The task.
    task: RwSignal<NewTask>,
) -> impl IntoView {
    let me = app.state.me();
    let proposed = task.with_untracked(|task| task.assignees.clone());
    let options = move || {
        let people = app.state.people.get();
        let (first, rest): (Vec<_>, Vec<_>) = people.iter().partition(|(account, _)| proposed.contains(account));
        let others = first.into_iter().chain(rest).filter(|(account, _)| Some(**account) != me);
        let option = |(account, person): (&AccountId, &greenshield_client::rows::PersonRow)| {
            let account = *account;
            let words = format!("{} · {}", person.name, role_words(&person.role, &app.city()));
            let pressed = move || task.with(|task| task.assignees.contains(&account)).to_string();
            let toggle = move |_| {
                task.update(|task| match task.assignees.iter().position(|known| *known == account) {
                    Some(at) => drop(task.assignees.remove(at)),
                    None => task.assignees.push(account),
                });
            };
            view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{words}</button> }
        };
        others.map(option).collect_view()
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{t("task.for_whom")}</legend>
            <div class="options">{options}</div>
            <span class="field-hint">{t("task.for_whom_hint")}</span>
        </fieldset>
    }
}

/// The days on which somebody looks whether it goes on. One that was there is the same one again, to the millisecond: what was found on
/// it names it.
#[component]
pub fn Reviews(
    /// The app.
    app: App,
    /// The task.
    task: RwSignal<NewTask>,
) -> impl IntoView {
    let first = task.with_untracked(|task| task.reviews.clone());
    let is_given = !first.is_empty();
    let days = Signal::derive(move || {
        let now = app.state.now.get();
        task.with(|task| task.reviews.iter().map(|day| now.iso_day(*day)).collect::<Vec<_>>())
    });
    let on_change = Callback::new(move |days: Vec<String>| {
        let now = app.state.now.get_untracked();
        let known = |day: &String| first.iter().copied().find(|known| now.iso_day(*known) == *day);
        let millis = |day: &String| known(day).or_else(|| now.ends_of(day).map(|(first, _)| first));
        task.update(|task| task.reviews = days.iter().filter_map(millis).collect());
    });
    view! {
        <details class="fold card" open=is_given>
            <summary>{t("task.reviews")}</summary>
            <DayList app label=t("task.review_days").to_owned() id="task-review".to_owned() days on_change/>
            <span class="field-hint">{t("task.review_hint")}</span>
        </details>
    }
}

/// The unit that answers for it, and those that help.
#[component]
pub fn Units(
    /// The app.
    app: App,
    /// The task.
    task: RwSignal<NewTask>,
) -> impl IntoView {
    let city = app.city();
    let units: Vec<(String, String)> =
        city.catalog.departments.iter().map(|unit| (unit.id.clone(), words::of(&unit.name).to_owned())).collect();
    let (first, has_helpers) = task.with_untracked(|task| (task.unit.clone(), !task.co_units.is_empty()));
    let is_given = first.is_some() || has_helpers;
    let lead = units.clone().into_iter().map(move |(id, name)| {
        let is_first = first.as_ref() == Some(&id);
        view! { <option value=id selected=is_first>{name}</option> }
    });
    let helper = move |(id, name): (String, String)| {
        let key = id.clone();
        let pressed = move || task.with(|task| task.co_units.contains(&key)).to_string();
        let toggle = move |_| {
            task.update(|task| match task.co_units.iter().position(|known| *known == id) {
                Some(at) => drop(task.co_units.remove(at)),
                None => task.co_units.push(id.clone()),
            });
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{name}</button> }
    };
    view! {
        <details class="fold card" open=is_given>
            <summary>{t("task.units")}</summary>
            <label class="field">
                <span class="field-label">{t("task.unit")}</span>
                <select class="input" aria-label=t("task.unit") on:change=move |event| {
                    let id = event_target_value(&event);
                    task.update(|task| task.unit = Some(id).filter(|id| !id.is_empty()));
                }>
                    <option value="">{t("task.unit_none")}</option>
                    {lead.collect_view()}
                </select>
            </label>
            <fieldset class="field">
                <legend class="field-label">{t("task.co_units")}</legend>
                <div class="options">{units.into_iter().map(helper).collect_view()}</div>
            </fieldset>
        </details>
    }
}
