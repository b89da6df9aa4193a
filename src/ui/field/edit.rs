//! Adding to a record or correcting it: one op with what changed. Photos can be added too.

use greenshield_client::engine::RecordView;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::questions::{Answers, Question};
use super::record::opened;
use crate::actions::add_photo::attach_picked;
use crate::actions::attach_voice::{attach_voice, rescue_added_voice};
use crate::actions::edit_record::edit_record;
use crate::context::{App, use_app};
use crate::state::categories;
use crate::state::draft::MOST_CHARS;
use crate::state::edit::EditForm;
use crate::state::form::VoiceState;
use crate::state::message::Message;
use crate::state::voice::length_words;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::room_note::RoomNote;
use crate::ui::components::shell::Shell;

/// The edit page of a record.
#[component]
pub fn EditPage() -> impl IntoView {
    let app = use_app();
    let opened = opened(app);
    // The form begins once, with the record as it was read first; later changes by others do not overwrite typed words.
    let begun: RwSignal<Option<RecordView>> = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(Ok(Some(view))) = opened.get()
            && begun.with_untracked(Option::is_none)
        {
            begun.set(Some(view));
        }
    });
    app.state.form_open.set(true);
    on_cleanup(move || app.state.form_open.set(false));
    let back = move || begun.with(|begun| begun.as_ref().map(|view| format!("/records/{}", view.row.record)));
    move || match begun.get() {
        Some(view) => view! { <Form app view back=back().unwrap_or_default()/> }.into_any(),
        None => view! { <Shell title=t("action.add") back="/records"><p role="status">{t("app.loading")}</p></Shell> }
            .into_any(),
    }
}

/// The open form.
#[component]
fn Form(
    /// The app.
    app: App,
    /// The record as it was.
    view: RecordView,
    /// Where to go afterwards.
    back: String,
) -> impl IntoView {
    let record = view.row.record;
    let before = StoredValue::new(EditForm::of(&view, &app.city()));
    let form = RwSignal::new(before.get_value());
    let answers = RwSignal::new(form.with_untracked(|form| form.answers.clone()));
    let problem: RwSignal<Option<Message>> = RwSignal::new(None);
    let is_busy = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    let target = StoredValue::new(back.clone());
    let leave = move || {
        navigate.with_value(|go| {
            target.with_value(|to| go(to, NavigateOptions { replace: true, ..NavigateOptions::default() }));
        });
    };
    let save = move |_| {
        form.update(|form| form.answers = answers.get_untracked());
        let entries = before.with_value(|before| form.with_untracked(|form| form.changes(before, &app.city())));
        is_busy.set(true);
        app.run(async move {
            match edit_record(app, record, entries).await {
                Ok(()) => leave(),
                Err(message) => drop(problem.try_set(Some(message))),
            }
            let _ = is_busy.try_set(false);
        });
    };
    let busy = move || is_busy.get().then_some("true");
    view! {
        <Shell title=t("action.add") back=back actionbar=move || view! {
            <button class="btn btn--primary" aria-busy=busy on:click=save><Icon name="circle-check"/>{t("action.save")}</button>
        }>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <AddPhotos app record problem/>
            <AddVoice app record problem/>
            <Fields app form answers/>
        </Shell>
    }
}

/// Adds photos at once, each as an op of its own.
#[component]
fn AddPhotos(
    /// The app.
    app: App,
    /// The record.
    record: greenshield_domain::ids::RecordId,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let picked = move |event: leptos::ev::Event| {
        busy.set(true);
        attach_picked(app, record, &event, move |result| {
            let _ = busy.try_set(false);
            match result {
                Ok(()) => app.state.say(t("edit.photo_added")),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    view! {
        <RoomNote app/>
        <label class="btn btn--quiet file" aria-busy=move || busy.get().then_some("true")>
            <Icon name="camera"/>{t("report.photo_more")}
            <input type="file" accept="image/*" aria-label=t("report.photo_more") on:change=picked/>
        </label>
    }
}

/// Adds a voice note, as an op of its own.
#[component]
fn AddVoice(
    /// The app.
    app: App,
    /// The record.
    record: greenshield_domain::ids::RecordId,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let voice = RwSignal::new(VoiceState::Idle);
    let told = move |result: Result<bool, Message>| match result {
        Ok(true) => app.state.say(t("edit.voice_added")),
        Ok(false) => {}
        Err(message) => drop(problem.try_set(Some(message))),
    };
    app.run(async move { told(rescue_added_voice(app, record).await) });
    let tapped = move |_| match voice.get_untracked() {
        VoiceState::Idle => app.run(async move { told(attach_voice(app, record, voice).await) }),
        VoiceState::Recording(_) => voice.set(VoiceState::Ending),
        VoiceState::Asking | VoiceState::Ending => {}
    };
    let is_recording = Memo::new(move |_| matches!(voice.get(), VoiceState::Recording(_)));
    let length = move || match voice.get() {
        VoiceState::Recording(millis) => length_words(millis),
        _ => String::new(),
    };
    let busy = move || matches!(voice.get(), VoiceState::Asking | VoiceState::Ending).then_some("true");
    let class = move || if is_recording.get() { "btn btn--alarm" } else { "btn btn--quiet" };
    view! {
        <button class=class type="button" aria-busy=busy on:click=tapped>
            {move || if is_recording.get() {
                view! { <Icon name="player-stop"/>{t("voice.stop")}<span class="voice-length" aria-hidden="true">{length}</span> }.into_any()
            } else {
                view! { <Icon name="microphone"/>{t("voice.record")} }.into_any()
            }}
        </button>
        {move || is_recording.get().then(|| view! { <p class="field-hint" role="status">{t("voice.recording")}</p> })}
    }
}

/// Category, questions, words.
#[component]
fn Fields(
    /// The app.
    app: App,
    /// The form.
    form: RwSignal<EditForm>,
    /// Answers to the questions.
    answers: RwSignal<Answers>,
) -> impl IntoView {
    let category = Memo::new(move |_| form.with(|form| form.category.clone()));
    let groups = categories::groups(&app.city());
    let options = groups.into_iter().map(|group| {
        let options = group.cells.into_iter().map(|cell| {
            let id = cell.id.clone();
            view! { <option value=cell.id selected=move || category.get().as_ref() == Some(&id)>{cell.name}</option> }
        });
        view! { <optgroup label=group.name>{options.collect_view()}</optgroup> }
    });
    let questions = move || {
        let city = app.city();
        let asked =
            category.get().and_then(|id| city.catalog.category(&id).map(|c| c.fields.clone())).unwrap_or_default();
        asked
            .into_iter()
            .map(|question| view! { <Question question answers on_change=Callback::new(|()| {})/> })
            .collect_view()
    };
    view! {
        <label class="field">
            <span class="field-label">{t("record.what")}</span>
            <select class="input" on:change=move |event| form.update(|form| form.category = Some(event_target_value(&event)))>
                {options.collect_view()}
            </select>
        </label>
        {questions}
        <label class="field">
            <span class="field-label">{t("report.place_name")}</span>
            <input class="input" maxlength="100" prop:value=form.with_untracked(|form| form.place_name.clone())
                on:input=move |event| form.update(|form| form.place_name = event_target_value(&event))/>
        </label>
        <label class="field">
            <span class="field-label">{t("record.note")}</span>
            <textarea class="textarea" maxlength=MOST_CHARS.to_string() prop:value=form.with_untracked(|form| form.note.clone())
                on:input=move |event| form.update(|form| form.note = event_target_value(&event))></textarea>
        </label>
    }
}
