//! Units at the desk: departments, stations, teams of helpers; each with its level, its area and the unit above it.

use greenshield_domain::ids::RecordId;
use greenshield_domain::unit::{LEVELS, Unit};
use leptos::prelude::*;

use super::people::choice;
use crate::actions::change_person::change_unit;
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::options::counties;
use crate::state::people::{answers, unit_facts, unit_level_words, unit_of, units};
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Which unit the form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edited {
    Nothing,
    New,
    Known(RecordId),
}

/// The page.
#[component]
pub fn UnitsPage() -> impl IntoView {
    let app = use_app();
    let edited = RwSignal::new(Edited::Nothing);
    let may = move || app.state.viewer().is_some_and(|viewer| answers(&app.city(), &viewer.role));
    let all = Memo::new(move |_| app.state.duties.with(|rows| units(rows)));
    let list = move || {
        let (city, rows) = (app.city(), app.state.duties.get());
        let line = |(record, unit): (RecordId, Unit)| {
            let facts = unit_facts(&city, &rows, &unit);
            let edit = move |_| edited.set(Edited::Known(record));
            view! {
                <li class="item">
                    <span class="thumb"><Icon name="users"/></span>
                    <span class="item-body"><span class="item-title">{unit.name}</span><span class="item-facts">{facts}</span></span>
                    {may().then(|| view! { <button class="btn btn--quiet" on:click=edit><Icon name="edit"/>{t("units.edit")}</button> })}
                </li>
            }
        };
        let all = all.get();
        if all.is_empty() {
            view! { <div class="empty"><Icon name="users" size="icon--xl"/><p class="empty-title">{t("units.none")}</p></div> }.into_any()
        } else {
            view! { <ul class="list">{all.into_iter().map(line).collect_view()}</ul> }.into_any()
        }
    };
    let form = move || {
        let record = match edited.get() {
            Edited::Nothing => return None,
            Edited::New => None,
            Edited::Known(record) => Some(record),
        };
        let before = record.and_then(|record| app.state.duties.with_untracked(|rows| unit_of(rows, record)));
        Some(view! { <Form app record before=before.unwrap_or_default() edited/> })
    };
    view! {
        <Shell title=t("units.title") back="/desk/people" actionbar=move || may().then(|| view! {
            <button class="btn btn--primary" on:click=move |_| edited.set(Edited::New)><Icon name="plus"/>{t("units.new")}</button>
        })>
            {form}
            {list}
        </Shell>
    }
}

/// The form of a unit.
#[component]
fn Form(
    /// The app.
    app: App,
    /// The record; `None` = a new unit.
    record: Option<RecordId>,
    /// What was said until now.
    before: Unit,
    /// Which form is open.
    edited: RwSignal<Edited>,
) -> impl IntoView {
    let unit = RwSignal::new(before.clone());
    let (problem, is_missing) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let (city, rows) = (app.city(), app.state.duties.get_untracked());
    let levels: Vec<_> = LEVELS.iter().map(|word| ((*word).to_owned(), unit_level_words(word).to_owned())).collect();
    let departments =
        city.catalog.departments.iter().map(|known| (known.id.clone(), words::of(&known.name).to_owned()));
    let above = units(&rows).into_iter().filter(|(other, unit)| Some(*other) != record && !unit.is_closed);
    let above: Vec<_> = above.map(|(record, unit)| (record.to_hex(), unit.name)).collect();
    let mut areas = Vec::new();
    for (code, name) in counties(&city) {
        let towns = city.divisions.inside(&code);
        let towns = towns.map(|known| (known.code.clone(), format!("{name} {}", words::of(&known.name))));
        areas.push((code.clone(), name.clone()));
        areas.extend(towns);
    }
    let known = before.clone();
    let save = move |_| {
        let (mut after, before) = (unit.get_untracked(), before.clone());
        after.name = after.name.trim().to_owned();
        is_missing.set(after.name.is_empty());
        if after.name.is_empty() {
            return;
        }
        app.run(async move {
            match change_unit(app, record, before, after).await {
                Ok(_) => {
                    app.state.say(t("units.saved"));
                    edited.try_set(Edited::Nothing);
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    view! {
        <section class="card stack" aria-label=t("units.form")>
            <div class="field">
                <label class="field-label" for="unit-name">{t("units.name")}</label>
                <input class="input" id="unit-name" maxlength="60" autocomplete="off" aria-required="true" prop:value=known.name.clone()
                    aria-invalid=move || is_missing.get().then_some("true")
                    on:input=move |event| { is_missing.set(false); unit.update(|unit| unit.name = event_target_value(&event)); }/>
                {move || is_missing.get().then(|| view! {
                    <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("people.name_missing")}</span>
                })}
            </div>
            {choice("units.level", "people.none", levels, known.level.clone(), move |level| unit.update(|unit| unit.level = level))}
            {choice("units.department", "people.none", departments.collect(), known.department.clone(), move |department| {
                unit.update(|unit| unit.department = department);
            })}
            {choice("units.parent", "people.none", above, known.parent.map(|parent| parent.to_hex()), move |hex| {
                unit.update(|unit| unit.parent = hex.and_then(|hex| RecordId::from_hex(&hex).ok()));
            })}
            {choice("people.area", "people.whole_city", areas, known.area.clone(), move |area| unit.update(|unit| unit.area = area))}
            <label class="switch-row">
                <input class="switch" type="checkbox" prop:checked=known.is_closed on:change=move |event| unit.update(|unit| unit.is_closed = event_target_checked(&event))/>
                <span>{t("units.close")}</span>
            </label>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <div class="row row--wrap">
                <button class="btn btn--primary" on:click=save><Icon name="check"/>{t("people.save")}</button>
                <button class="btn btn--quiet" on:click=move |_| edited.set(Edited::Nothing)>{t("action.cancel")}</button>
            </div>
        </section>
    }
}
