//! Giving a task: what, for whom, until when, which units; optionally because of a record.

use greenshield_domain::geo::Position;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::task::NewTask;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::actions::give_task::give_task;
use crate::context::{App, use_app};
use crate::state::draft::{MOST_CHARS, cut};
use crate::state::inbox::page::role_words;
use crate::state::message::Message;
use crate::state::place::short_words;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Most characters of a title.
const TITLE_CHARS: &str = "60";

/// The page.
#[component]
pub fn NewTaskPage() -> impl IntoView {
    let app = use_app();
    // What another page proposes is there before the first word; an address names a record.
    let begun = app.state.proposed.try_update(Option::take).flatten().unwrap_or_else(|| {
        let query = use_query_map().get_untracked();
        let about = query.get_str("record").and_then(|hex| RecordId::from_hex(hex).ok());
        let is_unit = |unit: &String| app.city().catalog.departments.iter().any(|known| known.id == *unit);
        let unit = query.get("unit").filter(is_unit);
        // The part of a unit is called as the whole.
        let title = app.state.duties.with_untracked(|rows| {
            rows.iter().find(|row| unit.is_some() && Some(row.record) == about).and_then(|row| row.title.clone())
        });
        NewTask { about, unit, title: title.unwrap_or_default(), ..NewTask::default() }
    });
    let (about, place, due) = (begun.about, begun.place, begun.due_millis);
    let (title, text) = (begun.title.clone(), begun.text.clone());
    let due_day = due.map(|due| app.state.now.get_untracked().iso_day(due));
    let task = RwSignal::new(begun);
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| app.state.form_open.set(task.with(|task| !task.title.is_empty() || !task.text.is_empty())));
    on_cleanup(move || app.state.form_open.set(false));
    let navigate = StoredValue::new_local(use_navigate());
    let give = move |_| {
        let mut new = task.get_untracked();
        (new.title, new.text) = (new.title.trim().to_owned(), cut(new.text.trim()));
        if new.title.is_empty() || is_busy.get_untracked() {
            is_missing.set(new.title.is_empty());
            return;
        }
        is_busy.set(true);
        app.run(async move {
            match give_task(app, new).await {
                Ok(record) => {
                    app.state.say(t("task.given"));
                    navigate.try_with_value(|go| go(&format!("/records/{record}"), Default::default()));
                }
                Err(message) => drop((is_busy.try_set(false), problem.try_set(Some(message)))),
            }
        });
    };
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), app.state.now.get_untracked());
        task.update(|task| task.due_millis = now.ends_of(&date).map(|(_, last)| last));
    };
    view! {
        <Shell title=t("task.new") back="/desk/tasks" actionbar=move || view! {
            <button class="btn btn--primary" aria-busy=move || is_busy.get().then_some("true") on:click=give><Icon name="send"/>{t("task.give")}</button>
        }>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {about.map(|record| view! {
                <a class="card card-link" href=format!("/records/{record}")><Icon name="file-text"/><b class="grow">{t("task.about")}</b><Icon name="chevron-right"/></a>
            })}
            {place.map(|place| view! {
                <p class="row"><Icon name="map-pin"/><span>{t("task.place")}<br/><b>{short_words(Position::of(&place))}</b></span></p>
            })}
            <div class="field">
                <label class="field-label" for="task-title">{t("task.title_label")}</label>
                <input class="input" id="task-title" maxlength=TITLE_CHARS aria-required="true" prop:value=title
                    aria-invalid=move || is_missing.get().then_some("true")
                    aria-describedby=move || is_missing.get().then_some("task-title-missing")
                    on:input=move |event| { is_missing.set(false); task.update(|task| task.title = event_target_value(&event)); }/>
                {move || is_missing.get().then(|| view! {
                    <span class="field-error" id="task-title-missing" role="alert"><Icon name="alert-triangle"/>{t("task.title_missing")}</span>
                })}
            </div>
            <label class="field">
                <span class="field-label">{t("task.text_label")}</span>
                <textarea class="textarea" maxlength=MOST_CHARS.to_string() prop:value=text
                    on:input=move |event| task.update(|task| task.text = event_target_value(&event))></textarea>
            </label>
            <Assignees app task/>
            <label class="field">
                <span class="field-label">{t("task.due")}</span>
                <input class="input" type="date" prop:value=due_day.unwrap_or_default() on:change=picked/>
                <span class="field-hint">{move || match task.with(|task| task.due_millis) {
                    // Closer than a day can be picked: until somebody picks one, the hour holds.
                    Some(at) if Some(at) == due => tr("task.due_at", &[("time", &app.state.now.get().moment(at))]),
                    _ => t("task.due_hint").to_owned(),
                }}</span>
            </label>
            <Units app task/>
        </Shell>
    }
}

/// For whom: the people that are known here.
#[component]
fn Assignees(
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

/// The unit that answers for it, and those that help.
#[component]
fn Units(
    /// The app.
    app: App,
    /// The task.
    task: RwSignal<NewTask>,
) -> impl IntoView {
    let city = app.city();
    let units: Vec<(String, String)> =
        city.catalog.departments.iter().map(|unit| (unit.id.clone(), words::of(&unit.name).to_owned())).collect();
    let first = task.with_untracked(|task| task.unit.clone());
    let is_given = first.is_some();
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
