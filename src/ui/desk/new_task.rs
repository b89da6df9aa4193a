//! A task as the desk asks it: a new one, optionally because of a record, or what changes of one that is there.

pub mod fields;

use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::task::{KIND, NewTask};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use self::fields::{Assignees, Reviews, Units};
use crate::actions::do_task::change_task;
use crate::actions::give_task::give_task;
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::draft::{MOST_CHARS, cut};
use crate::state::message::Message;
use crate::state::place::short_words;
use crate::state::task::is_open;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Most characters of a title.
const TITLE_CHARS: &str = "60";
/// Most characters of why a deadline moved.
const REASON_CHARS: &str = "200";

/// A task that is changed: its record, and what it asks until now.
type Changed = (RecordId, NewTask);

/// The page.
#[component]
pub fn NewTaskPage() -> impl IntoView {
    let app = use_app();
    match use_query_map().with_untracked(|query| query.get("change")) {
        Some(hex) => view! { <Change app hex/> }.into_any(),
        None => view! { <Form app begun=proposed(app) of=None/> }.into_any(),
    }
}

/// What a new task begins with.
fn proposed(app: App) -> NewTask {
    // What another page proposes is there before the first word; an address names a record.
    app.state.proposed.try_update(Option::take).flatten().unwrap_or_else(|| {
        let query = use_query_map().get_untracked();
        let about = query.get_str("record").and_then(|hex| RecordId::from_hex(hex).ok());
        let is_unit = |unit: &String| app.city().catalog.departments.iter().any(|known| known.id == *unit);
        let unit = query.get("unit").filter(is_unit);
        // The part of a unit is called as the whole.
        let title = app.state.duties.with_untracked(|rows| {
            rows.iter().find(|row| unit.is_some() && Some(row.record) == about).and_then(|row| row.title.clone())
        });
        NewTask { about, unit, title: title.unwrap_or_default(), ..NewTask::default() }
    })
}

/// The form of a task that is there, once it was read.
#[component]
fn Change(
    /// The app.
    app: App,
    /// The record as the address names it.
    hex: String,
) -> impl IntoView {
    let read: RwSignal<Option<Result<Changed, Message>>> = RwSignal::new(None);
    app.run(async move {
        let found = read_task(app, &hex).await;
        let _closed = read.try_set(Some(found));
    });
    let frame = |words: AnyView| view! { <Shell title=t("task.change") back="/desk/tasks">{words}</Shell> }.into_any();
    move || match read.get() {
        None => frame(view! { <p role="status">{t("app.loading")}</p> }.into_any()),
        Some(Err(message)) => frame(view! { <Problem message/> }.into_any()),
        Some(Ok(found)) => view! { <Form app begun=found.1.clone() of=Some(found)/> }.into_any(),
    }
}

/// What a task asks that may still be changed.
async fn read_task(app: App, hex: &str) -> Result<Changed, Message> {
    let missing = || Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") };
    let record = RecordId::from_hex(hex).map_err(|_| missing())?;
    let view = open_record(app, record).await?.filter(|view| view.row.kind == KIND).ok_or_else(missing)?;
    if !is_open(&view.row, &app.city()) {
        return Err(Message::of_code("task_closed"));
    }
    Ok((record, NewTask::of(&view.merged)))
}

/// The form.
#[component]
fn Form(
    /// The app.
    app: App,
    /// What it begins with.
    begun: NewTask,
    /// The task that is changed; `None` for a new one.
    of: Option<Changed>,
) -> impl IntoView {
    let (about, place, due) = (begun.about, begun.place, begun.due_millis);
    let (title, text) = (begun.title.clone(), begun.text.clone());
    let due_day = due.map(|due| app.state.now.get_untracked().iso_day(due));
    let record = of.as_ref().map(|(record, _)| *record);
    let (task, of) = (RwSignal::new(begun), StoredValue::new(of));
    let is_changed = move |task: &NewTask| of.with_value(|of| of.as_ref().is_none_or(|(_, before)| task != before));
    // A package from before knows neither days of review nor reasons.
    let has = move |name: &str| app.city().kind(KIND).is_some_and(|kind| kind.field_named(name).is_some());
    let is_moved = Memo::new(move |_| {
        has("dueReason")
            && task.with(|task| of.with_value(|of| of.as_ref().is_some_and(|(_, before)| task.moves_deadline(before))))
    });
    let reason = RwSignal::new(String::new());
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let (is_missing, is_unexplained) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        let has_words = |task: &NewTask| (!task.title.is_empty() || !task.text.is_empty()) && is_changed(task);
        app.state.form_open.set(task.with(has_words));
    });
    on_cleanup(move || app.state.form_open.set(false));
    let navigate = StoredValue::new_local(use_navigate());
    let save = move |_| {
        let mut new = task.get_untracked();
        (new.title, new.text) = (new.title.trim().to_owned(), cut(new.text.trim()));
        let why = reason.get_untracked().trim().to_owned();
        is_missing.set(new.title.is_empty());
        is_unexplained.set(is_moved.get_untracked() && why.is_empty());
        if is_missing.get_untracked() || is_unexplained.get_untracked() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let of = of.get_value();
        app.run(async move {
            let saved = match of {
                Some((record, before)) => {
                    let changed = change_task(app, record, (&before, &new), &why).await;
                    changed.map(|changed| (record, changed.then_some("task.changed")))
                }
                None => give_task(app, new).await.map(|record| (record, Some("task.given"))),
            };
            match saved {
                Ok((to, told)) => {
                    told.into_iter().for_each(|key| app.state.say(t(key)));
                    navigate.try_with_value(|go| go(&format!("/records/{to}"), Default::default()));
                }
                Err(message) => drop((is_busy.try_set(false), problem.try_set(Some(message)))),
            }
        });
    };
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), app.state.now.get_untracked());
        // The day that was there before is no other deadline.
        let same = due.filter(|due| now.iso_day(*due) == date);
        task.update(|task| task.due_millis = same.or_else(|| now.ends_of(&date).map(|(_, last)| last)));
    };
    let (heading, back, icon, label) = match record {
        Some(record) => (t("task.change"), format!("/records/{record}"), "check", t("action.save")),
        None => (t("task.new"), "/desk/tasks".to_owned(), "send", t("task.give")),
    };
    view! {
        <Shell title=heading back=back actionbar=move || view! {
            <button class="btn btn--primary" aria-busy=move || is_busy.get().then_some("true") on:click=save><Icon name=icon/>{label}</button>
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
            {move || is_moved.get().then(|| view! { <Reason reason is_unexplained/> })}
            {has("reviews").then(|| view! { <Reviews app task/> })}
            <Units app task/>
        </Shell>
    }
}

/// Why the deadline moved.
#[component]
fn Reason(
    /// What was typed.
    reason: RwSignal<String>,
    /// Whether it is needed and not there.
    is_unexplained: RwSignal<bool>,
) -> impl IntoView {
    let typed = reason.get_untracked();
    view! {
        <div class="field">
            <label class="field-label" for="task-reason">{t("task.due_reason")}</label>
            <input class="input" id="task-reason" maxlength=REASON_CHARS aria-required="true" prop:value=typed
                aria-invalid=move || is_unexplained.get().then_some("true")
                aria-describedby=move || is_unexplained.get().then_some("task-reason-missing")
                on:input=move |event| { is_unexplained.set(false); reason.set(event_target_value(&event)); }/>
            {move || is_unexplained.get().then(|| view! {
                <span class="field-error" id="task-reason-missing" role="alert"><Icon name="alert-triangle"/>{t("task.due_reason_missing")}</span>
            })}
        </div>
    }
}
