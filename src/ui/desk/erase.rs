//! Erasing what a record says of somebody: what, by what right, and a word before it can not be undone; and the legal hold.

use std::collections::BTreeSet;

use greenshield_client::engine::RecordView;
use greenshield_domain::erasure::Basis;
use greenshield_domain::ids::{BlobId, RecordId};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::actions::erase_values::{erase_values, hold_record};
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::erasing::{Choice, FileChoice, basis_words, choices, erases, gone_facts};
use crate::state::item;
use crate::state::message::Message;
use crate::state::record::{Fact, number};
use crate::state::words::{t, tr};
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;
use crate::ui::components::thumb::Thumb;

/// Most characters of a note or a reason.
const NOTE_CHARS: &str = "200";

/// What the page shows of a record.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    title: String,
    number: String,
    choices: Vec<Choice>,
    gone: Vec<Fact>,
    /// The reason of the hold, while there is one.
    hold: Option<String>,
}

/// What the form holds. Copied freely; a copy is the same form.
#[derive(Clone, Copy)]
struct Form {
    app: App,
    record: RecordId,
    shown: RwSignal<Option<Result<Shown, Message>>>,
    chosen: RwSignal<BTreeSet<u32>>,
    chosen_files: RwSignal<BTreeSet<BlobId>>,
    basis: RwSignal<Option<Basis>>,
    note: RwSignal<String>,
    is_sure: RwSignal<bool>,
    missing: RwSignal<Option<&'static str>>,
    problem: RwSignal<Option<Message>>,
    is_busy: RwSignal<bool>,
}

impl Form {
    fn read(self) {
        let app = self.app;
        app.run(async move {
            let (city, now) = (app.city(), app.state.now.get_untracked());
            let shown = match open_record(app, self.record).await {
                Ok(Some(view)) => Ok(Shown {
                    title: item::title(&view.row, &city),
                    number: number(view.row.record),
                    choices: choices(&view, &city),
                    gone: gone_facts(&view, &city, now),
                    hold: hold_of(&view),
                }),
                Ok(None) => Err(Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") }),
                Err(message) => Err(message),
            };
            let _closed = self.shown.try_set(Some(shown));
        });
    }

    fn erase(self) {
        let (fields, files) = (self.chosen.get_untracked(), self.chosen_files.get_untracked());
        let basis = self.basis.get_untracked();
        let missing = match basis {
            _ if fields.is_empty() && files.is_empty() => Some("erase.choose_missing"),
            None => Some("erase.basis_missing"),
            Some(_) if !self.is_sure.get_untracked() => Some("erase.sure_missing"),
            Some(_) => None,
        };
        self.missing.set(missing);
        let Some(basis) = basis.filter(|_| missing.is_none() && !self.is_busy.get_untracked()) else { return };
        self.is_busy.set(true);
        let note = self.note.with_untracked(|note| note.trim().to_owned());
        let what = (fields.into_iter().collect(), files.into_iter().collect());
        self.app.run(async move {
            match erase_values(self.app, self.record, what, basis, note).await {
                Ok(values) => {
                    self.app.state.say(tr("erase.done", &[("n", &values.to_string())]));
                    self.chosen.try_set(BTreeSet::new());
                    self.chosen_files.try_set(BTreeSet::new());
                    self.is_sure.try_set(false);
                    self.problem.try_set(None);
                }
                Err(message) => drop(self.problem.try_set(Some(message))),
            }
            self.is_busy.try_set(false);
        });
    }

    fn toggle(self, field: u32) {
        self.missing.set(None);
        self.chosen.update(|chosen| {
            if !chosen.remove(&field) {
                chosen.insert(field);
            }
        });
    }

    fn toggle_file(self, file: BlobId) {
        self.missing.set(None);
        self.chosen_files.update(|chosen| {
            if !chosen.remove(&file) {
                chosen.insert(file);
            }
        });
    }
}

fn hold_of(view: &RecordView) -> Option<String> {
    view.hold.as_ref().map(|hold| hold.reason.clone())
}

/// The page.
#[component]
pub fn ErasePage() -> impl IntoView {
    let app = use_app();
    let params = use_params_map();
    let record = params.with_untracked(|params| RecordId::from_hex(&params.get("record")?).ok());
    let may = Memo::new(move |_| app.state.viewer().is_some_and(|viewer| erases(&app.city(), &viewer.role)));
    let body = move || match record {
        Some(record) if may.get() => view! { <Record app record/> }.into_any(),
        _ => view! { <Problem message=Message::of_code("forbidden")/> }.into_any(),
    };
    view! { <Shell title=t("erase.title") back="/desk">{body}</Shell> }
}

/// The form of a record.
#[component]
fn Record(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
) -> impl IntoView {
    let form = Form {
        app,
        record,
        shown: RwSignal::new(None),
        chosen: RwSignal::new(BTreeSet::new()),
        chosen_files: RwSignal::new(BTreeSet::new()),
        basis: RwSignal::new(None),
        note: RwSignal::new(String::new()),
        is_sure: RwSignal::new(false),
        missing: RwSignal::new(None),
        problem: RwSignal::new(None),
        is_busy: RwSignal::new(false),
    };
    Effect::new(move |_| {
        let _changed = app.state.changed.get();
        form.read();
    });
    let shown =
        Memo::new(move |_| form.shown.with(|shown| shown.as_ref().and_then(|shown| shown.as_ref().ok().cloned())));
    let failed = move || form.shown.with(|shown| shown.as_ref().and_then(|shown| shown.as_ref().err().cloned()));
    // Each part is drawn anew only when it changed: what was typed stays.
    let head = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|s| (s.title.clone(), s.number.clone()))));
    let gone = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|s| s.gone.clone()).unwrap_or_default()));
    let is_held = Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|s| s.hold.is_some())));
    let offered = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|s| s.choices.clone())));
    view! {
        {move || failed().map(|message| view! { <Problem message/> })}
        {move || head.get().map(|(title, number)| view! {
            <a class="card card-link" href=format!("/desk?record={record}")><Icon name="file-text"/><span class="grow"><b>{title}</b><br/><span class="muted">{number}</span></span><Icon name="chevron-right"/></a>
        })}
        {move || (!gone.with(Vec::is_empty)).then(|| view! { <section class="card"><h2>{t("erase.gone_title")}</h2><Facts facts=gone.get()/></section> })}
        {move || head.with(Option::is_some).then(|| view! { <HoldCard form/> })}
        {move || (!is_held.get()).then(|| offered.get()).flatten().map(|offered| if offered.is_empty() {
            view! { <p class="muted" role="status">{t("erase.nothing")}</p> }.into_any()
        } else {
            view! { <Choices form offered/> }.into_any()
        })}
    }
}

/// What, by what right, and the last word.
#[component]
fn Choices(
    /// The form.
    form: Form,
    /// What can go.
    offered: Vec<Choice>,
) -> impl IntoView {
    let personal: BTreeSet<u32> =
        offered.iter().filter(|choice| choice.is_personal).map(|choice| choice.field).collect();
    let option = |choice: Choice| {
        let field = choice.field;
        let pressed = move || form.chosen.with(|chosen| chosen.contains(&field)).to_string();
        let words = tr("erase.choice", &[("field", &choice.label), ("n", &choice.count.to_string())]);
        view! { <button class="option" type="button" aria-pressed=pressed on:click=move |_| form.toggle(field)>{words}</button> }
    };
    let files: Vec<FileChoice> = offered.iter().flat_map(|choice| choice.files.clone()).collect();
    let right = |basis: Basis| {
        let pressed = move || (form.basis.get() == Some(basis)).to_string();
        let choose = move |_| {
            form.missing.set(None);
            form.basis.set(Some(basis));
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=choose>{basis_words(Some(basis))}</button> }
    };
    let sure = move || form.is_sure.get().to_string();
    view! {
        <section class="card stack" aria-labelledby="erase-what">
            <h2 id="erase-what">{t("erase.what")}</h2>
            <div class="options" role="group" aria-label=t("erase.what")>{offered.into_iter().map(option).collect_view()}</div>
            <button type="button" class="btn btn--quiet" on:click=move |_| { form.missing.set(None); form.chosen.set(personal.clone()); }><Icon name="check"/>{t("erase.all_personal")}</button>
            {(!files.is_empty()).then(|| view! { <Files form files/> })}
            <h2>{t("erase.basis")}</h2>
            <div class="options" role="group" aria-label=t("erase.basis")>{Basis::ALL.map(right).collect_view()}</div>
            <label class="field">
                <span class="field-label">{t("erase.note")}</span>
                <input class="input" maxlength=NOTE_CHARS autocomplete="off" on:input=move |event| form.note.set(event_target_value(&event))/>
                <span class="field-hint">{t("erase.note_hint")}</span>
            </label>
            <div class="card card--warn stack">
                <p>{t("erase.warning")}</p>
                <button class="option" type="button" aria-pressed=sure on:click=move |_| { form.missing.set(None); form.is_sure.update(|sure| *sure = !*sure); }>{t("erase.sure")}</button>
            </div>
            {move || form.missing.get().map(|key| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t(key)}</span> })}
            {move || form.problem.get().map(|message| view! { <Problem message/> })}
            <button class="btn btn--primary" aria-busy=move || form.is_busy.get().then_some("true") on:click=move |_| form.erase()><Icon name="trash-x"/>{t("erase.do")}</button>
        </section>
    }
}

/// Single photos, voice notes and documents.
#[component]
fn Files(
    /// The form.
    form: Form,
    /// What can go alone.
    files: Vec<FileChoice>,
) -> impl IntoView {
    let option = |file: FileChoice| {
        let id = file.id;
        let pressed = move || form.chosen_files.with(|chosen| chosen.contains(&id)).to_string();
        let icon = if file.picture.is_some() { "photo" } else { "microphone" };
        view! {
            <button class="option row" type="button" aria-pressed=pressed on:click=move |_| form.toggle_file(id)>
                <Thumb app=form.app record=form.record blob=file.picture icon=icon.to_owned() may_fetch=true/>{file.label}
            </button>
        }
    };
    view! {
        <details class="fold">
            <summary>{t("erase.files")}<span class="muted">{files.len()}</span></summary>
            <p class="muted">{t("erase.files_text")}</p>
            <div class="options" role="group" aria-label=t("erase.files")>{files.into_iter().map(option).collect_view()}</div>
        </details>
    }
}

/// The legal hold: whether there is one, and the way to begin or end it.
#[component]
fn HoldCard(
    /// The form.
    form: Form,
) -> impl IntoView {
    let (reason, is_missing, problem) =
        (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(None::<Message>));
    let hold = Memo::new(move |_| {
        form.shown
            .with(|shown| shown.as_ref().and_then(|shown| shown.as_ref().ok()).and_then(|shown| shown.hold.clone()))
    });
    let say = move |held: bool| {
        let why = reason.with_untracked(|text| text.trim().to_owned());
        is_missing.set(why.is_empty());
        if why.is_empty() || form.is_busy.get_untracked() {
            return;
        }
        form.is_busy.set(true);
        form.app.run(async move {
            match hold_record(form.app, form.record, held, why).await {
                Ok(()) => {
                    form.app.state.say(t(if held { "hold.begun" } else { "hold.ended" }));
                    reason.try_set(String::new());
                    problem.try_set(None);
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            form.is_busy.try_set(false);
        });
    };
    let told = move || {
        match hold.get() {
            Some(why) => view! { <p class="card card--warn row"><Icon name="lock"/><span class="grow">{tr("hold.holds", &[("why", &why)])}</span></p> }.into_any(),
            None => view! { <p class="muted">{t("hold.text")}</p> }.into_any(),
        }
    };
    let button = move || {
        let is_held = hold.with(Option::is_some);
        let key = if is_held { "hold.end" } else { "hold.begin" };
        view! { <button class="btn btn--quiet" on:click=move |_| say(!is_held)><Icon name="lock"/>{t(key)}</button> }
    };
    view! {
        <section class="card stack" aria-labelledby="erase-hold">
            <h2 id="erase-hold">{t("hold.title")}</h2>
            {told}
            <div class="field">
                <input class="input" maxlength=NOTE_CHARS autocomplete="off" aria-label=t("hold.why") placeholder=t("hold.why") aria-invalid=move || is_missing.get().then_some("true")
                    prop:value=move || reason.get() on:input=move |event| { is_missing.set(false); reason.set(event_target_value(&event)); }/>
                {move || is_missing.get().then(|| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("hold.why_missing")}</span> })}
            </div>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {button}
        </section>
    }
}
