//! What the desk asks about reports: a card on the first page, and the form on the report itself.

use greenshield_domain::ids::RecordId;
use leptos::ev;
use leptos::prelude::*;

use crate::actions::add_photo::attach_picked;
use crate::actions::answer_question::answer_question;
use crate::actions::do_task::{keep_words, typed_words};
use crate::context::App;
use crate::state::asked::{asked, is_asked};
use crate::state::draft::MOST_CHARS;
use crate::state::item;
use crate::state::lamp::state_words;
use crate::state::message::Message;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// Reports with a question, and those that were given to this person; nothing when there are none.
#[component]
pub fn AskedCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let (city, me) = (app.city(), app.state.me());
        let rows = app.state.duties.with(|rows| asked(rows, &city, me));
        let line = |row| {
            let is_question = is_asked(&row, me);
            let what = if is_question { t("asked.waits").to_owned() } else { state_words(&row, &city) };
            (row.record, is_question, item::title(&row, &city), what)
        };
        rows.into_iter().map(line).collect::<Vec<_>>()
    });
    move || {
        let rows = rows.get();
        (!rows.is_empty()).then(|| {
            let lines = rows.into_iter().map(|(record, is_question, title, what)| {
                view! {
                    <li>
                        <a class="card-link" href=format!("/records/{record}")>
                            <Icon name=if is_question { "help" } else { "flag" }/>
                            <span class="grow"><b>{title}</b><br/><span class="muted">{what}</span></span>
                            <Icon name="chevron-right"/>
                        </a>
                    </li>
                }
            });
            view! {
                <section class="card">
                    <h2>{t("asked.title")}</h2>
                    <ul class="card-list">{lines.collect_view()}</ul>
                </section>
            }
        })
    }
}

/// The question on the report, with words and a photo as the answer.
#[component]
pub fn Question(
    /// The app.
    app: App,
    /// The report.
    record: RecordId,
    /// What the desk asks.
    question: String,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
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
    let send = move |_| {
        is_busy.set(true);
        app.run(async move {
            let told = answer_question(app, record, &typed.get_untracked()).await;
            is_busy.try_set(false);
            match told {
                Ok(is_said) => drop(is_missing.try_set(!is_said)),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    let picked = move |event: ev::Event| {
        attach_picked(app, record, &event, move |added| {
            if let Err(message) = added {
                let _ = problem.try_set(Some(message));
            }
        });
    };
    view! {
        <section class="card card--warn stack">
            <h2 class="row"><Icon name="help"/>{t("asked.question")}</h2>
            <p class="strong">{question}</p>
            <div class="field">
                <label class="field-label" for="asked-words">{t("asked.words")}</label>
                <textarea class="textarea" id="asked-words" maxlength=MOST_CHARS.to_string() prop:value=move || typed.get()
                    aria-invalid=move || is_missing.get().then_some("true")
                    aria-describedby=move || is_missing.get().then_some("asked-missing")
                    on:input=move |event| { is_missing.set(false); typed.set(event_target_value(&event)); }
                    on:change=move |_| keep()></textarea>
                {move || is_missing.get().then(|| view! {
                    <span class="field-error" id="asked-missing" role="alert"><Icon name="alert-triangle"/>{t("asked.missing")}</span>
                })}
            </div>
            <label class="btn btn--wide file">
                <Icon name="camera"/>{t("task.photo")}
                <input type="file" accept="image/*" capture="environment" aria-label=t("task.photo")
                    on:click=move |_| keep() on:change=picked/>
            </label>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <button class="btn btn--primary btn--wide" disabled=move || is_busy.get() on:click=send>
                <Icon name="send"/>{t("asked.send")}
            </button>
        </section>
    }
}
