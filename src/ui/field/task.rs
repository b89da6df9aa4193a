//! A task as the body of its record page: what to do until when, and what this person may do about it.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use greenshield_domain::task::state;
use leptos::ev;
use leptos::prelude::*;

use super::task_reviews::Reviews;
use crate::actions::add_photo::attach_picked;
use crate::actions::do_task::{keep_words, take_step, tell_progress, typed_words};
use crate::context::App;
use crate::state::draft::MOST_CHARS;
use crate::state::message::Message;
use crate::state::place::short_words;
use crate::state::record::RecordScreen;
use crate::state::rights::unit_of;
use crate::state::share::ShareFacts;
use crate::state::task::{Doer, TaskScreen, TaskStep};
use crate::state::words::{t, tr};
use crate::ui::components::delivery::Delivery;
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::photo_grid::PhotoGrid;
use crate::ui::components::problem::Problem;
use crate::ui::components::story::Story;

/// The task of a record.
#[component]
pub fn TaskBody(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
    /// What every record page shows.
    screen: Memo<Option<RecordScreen>>,
) -> impl IntoView {
    let task = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        let unit = app.state.duties.with(|rows| unit_of(rows, viewer.account).map(str::to_owned));
        let (who, now) = (Doer { account: viewer.account, role: viewer.role, unit }, app.state.now.get());
        let people = app.state.people.get();
        view.with(|view| view.as_ref().map(|view| TaskScreen::of(view, &app.city(), &people, &who, now)))
    });
    let part = move |of: fn(&TaskScreen) -> AnyView| move || task.with(|task| task.as_ref().map(of));
    let photos = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|s| (s.record, s.photos.clone()))));
    let told = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(ShareFacts::of)));
    let grid = move || {
        let (record, photos) = photos.get()?;
        (!photos.is_empty()).then(|| view! { <PhotoGrid app record photos facts=told/> })
    };
    // Drawn once for each way to go on, so that nobody's words are drawn anew while they are typed.
    let steps = Memo::new(move |_| task.with(|task| task.as_ref().map(|task| (task.steps.clone(), task.is_doing))));
    let record = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|screen| screen.record)));
    let doing = move || {
        let ((steps, is_doing), record) = (steps.get()?, record.get()?);
        (!steps.is_empty()).then(|| view! { <Doing app record steps is_doing/> })
    };
    let may_change = Memo::new(move |_| task.with(|task| task.as_ref().is_some_and(|task| task.may_change)));
    let change = move || {
        let record = record.get().filter(|_| may_change.get())?;
        Some(
            view! { <a class="btn" href=format!("/desk/tasks/new?change={record}")><Icon name="edit"/>{t("task.change")}</a> },
        )
    };
    let story = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|screen| screen.story.clone())));
    let delivery = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|s| (s.record, s.delivery.clone()))));
    view! {
        {part(head)}
        {change}
        {doing}
        {grid}
        {part(progress)}
        <Reviews app task record/>
        {part(deadlines)}
        <section class="card">{part(|task| view! { <Facts facts=task.facts.clone()/> }.into_any())}</section>
        {part(origin)}
        <section class="card"><h2>{t("record.history")}</h2>{move || story.get().map(|steps| view! { <Story steps/> })}</section>
        <section class="card">
            <h2>{t("record.delivery")}</h2>
            {move || delivery.get().map(|(record, items)| view! { <Delivery app record items/> })}
        </section>
    }
}

/// What to do, and the newest word of either side.
fn head(task: &TaskScreen) -> AnyView {
    let word = |icon, title, words: &Option<String>| {
        words.clone().map(|words| {
            view! {
                <section class="card stack"><h3 class="row"><Icon name=icon/>{title}</h3><p>{words}</p></section>
            }
        })
    };
    view! {
        <h2 class="detail-title">{task.title.clone()}</h2>
        <div class="chips">{task.lamps.iter().cloned().map(|lamp| view! { <LampChip lamp/> }).collect_view()}</div>
        {task.note.clone().map(|note| view! { <p>{note}</p> })}
        {word("message", t("task.answer"), &task.answer)}
        {word("check", t("task.result"), &task.result)}
    }
    .into_any()
}

fn progress(task: &TaskScreen) -> AnyView {
    let told = task.progress.clone();
    (!told.is_empty())
        .then(|| view! { <section class="card"><h2>{t("task.progress")}</h2><Facts facts=told/></section> })
        .into_any()
}

/// How the deadline moved.
fn deadlines(task: &TaskScreen) -> AnyView {
    let moved = task.deadlines.clone();
    (!moved.is_empty())
        .then(|| view! { <section class="card"><h2>{t("deadline.title")}</h2><Facts facts=moved/></section> })
        .into_any()
}

fn origin(task: &TaskScreen) -> AnyView {
    let about = task.about.map(|record| {
        view! {
            <a class="card card-link" href=format!("/records/{record}")>
                <Icon name="file-text"/><b class="grow">{t("task.about")}</b><Icon name="chevron-right"/>
            </a>
        }
    });
    let place = task.place.map(|at| {
        let words = short_words(at);
        let href = format!("/map?at={}", words.replace(' ', ""));
        view! {
            <a class="card card-link" href=href>
                <Icon name="map-pin"/><span class="grow"><b>{t("task.place")}</b><br/><span class="muted">{words}</span></span><Icon name="chevron-right"/>
            </a>
        }
    });
    view! { {place}{about} }.into_any()
}

/// How far a task is, percent.
const PERCENTS: [u8; 3] = [25, 50, 75];

/// One answer to how far it is; a second tap takes it back.
fn percent(how_far: RwSignal<Option<u8>>, is_missing: RwSignal<bool>, n: u8) -> impl IntoView {
    let choose = move |_| {
        is_missing.set(false);
        how_far.update(|chosen| *chosen = chosen.is_none_or(|chosen| chosen != n).then_some(n));
    };
    view! { <button class="option" type="button" aria-pressed=move || (how_far.get() == Some(n)).to_string() on:click=choose>{tr("task.percent", &[("n", &n.to_string())])}</button> }
}

/// Words, photos, and the steps that this person may take.
#[component]
fn Doing(
    /// The app.
    app: App,
    /// The task.
    record: RecordId,
    /// What may be done.
    steps: Vec<TaskStep>,
    /// Whether this person does it; otherwise this person gave it.
    is_doing: bool,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let how_far = RwSignal::new(None::<u8>);
    let problem = RwSignal::new(None::<Message>);
    let (is_missing, is_busy) = (RwSignal::new(false), RwSignal::new(false));
    app.run(async move {
        let kept = typed_words(app, record).await;
        typed.try_update(|typed| {
            if typed.is_empty() {
                *typed = kept;
            }
        });
    });
    Effect::new(move |_| app.state.form_open.set(typed.with(|typed| !typed.trim().is_empty())));
    on_cleanup(move || app.state.form_open.set(false));
    let keep = move || app.run(keep_words(app, record, typed.get_untracked()));
    let told = move |result: Result<bool, Message>| {
        is_busy.try_set(false);
        match result {
            Ok(true) => {}
            Ok(false) => drop(is_missing.try_set(true)),
            Err(message) => drop(problem.try_set(Some(message))),
        }
    };
    let begin = move || {
        let is_free = !is_busy.get_untracked();
        is_busy.set(true);
        problem.set(None);
        is_free
    };
    let has_words = steps.iter().any(|step| step.needs_words);
    let buttons = steps.into_iter().enumerate().map(move |(index, step)| {
        // What takes a task back is nobody's first way on.
        let is_first = index == 0 && step.to != state::CANCELLED;
        let class = if is_first { "btn btn--primary btn--wide" } else { "btn btn--wide" };
        let (label, icon) = (step.label.clone(), step.icon);
        let take = move |_| {
            let (step, words) = (step.clone(), typed.get_untracked());
            if begin() {
                app.run(async move {
                    let result = take_step(app, record, &step, &words).await;
                    if matches!(result, Ok(true)) && step.needs_words {
                        typed.try_set(String::new());
                    }
                    told(result);
                });
            }
        };
        view! { <button class=class disabled=move || is_busy.get() on:click=take><Icon name=icon/>{label}</button> }
    });
    let progress = move |_| {
        let words = typed.get_untracked();
        let percent = how_far.get_untracked();
        if words.trim().is_empty() && percent.is_none() {
            is_missing.set(true);
        } else if begin() {
            app.run(async move {
                let result = tell_progress(app, record, &words, percent).await;
                if result.is_ok() {
                    typed.try_set(String::new());
                    how_far.try_set(None);
                }
                told(result.map(|()| true));
            });
        }
    };
    let picked = move |event: ev::Event| {
        is_busy.set(true);
        attach_picked(app, record, &event, move |result| {
            if result.is_ok() {
                app.state.say(t("edit.photo_added"));
            }
            told(result.map(|()| true));
        });
    };
    let label = if is_doing { t("task.words") } else { t("task.words_desk") };
    view! {
        <section class="card stack" aria-label=t("task.do")>
            {has_words.then(|| view! {
                <div class="field">
                    <label class="field-label" for="task-words">{label}</label>
                    <textarea class="textarea" id="task-words" maxlength=MOST_CHARS.to_string() prop:value=typed
                        aria-invalid=move || is_missing.get().then_some("true")
                        aria-describedby=move || is_missing.get().then_some("task-missing")
                        on:input=move |event| { is_missing.set(false); typed.set(event_target_value(&event)); }
                        on:change=move |_| keep()></textarea>
                    {move || is_missing.get().then(|| view! {
                        <span class="field-error" id="task-missing" role="alert"><Icon name="alert-triangle"/>{t("task.words_missing")}</span>
                    })}
                </div>
            })}
            {is_doing.then(|| view! {
                <label class="btn btn--wide file">
                    <Icon name="camera"/>{t("task.photo")}
                    <input type="file" accept="image/*" capture="environment" aria-label=t("task.photo")
                        on:click=move |_| keep() on:change=picked/>
                </label>
            })}
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {buttons.collect_view()}
            {is_doing.then(|| view! {
                <div class="options" role="group" aria-label=t("task.how_far")>{PERCENTS.map(|n| percent(how_far, is_missing, n))}</div>
                <button class="btn btn--wide btn--quiet" disabled=move || is_busy.get() on:click=progress><Icon name="message"/>{t("task.progress_only")}</button>
            })}
        </section>
    }
}
