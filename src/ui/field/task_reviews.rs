//! The days on which a task is reviewed, with the words of whoever looked; and the form that records the next review.

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use crate::actions::do_task::{keep_review, record_review, typed_review};
use crate::context::App;
use crate::state::draft::MOST_CHARS;
use crate::state::message::Message;
use crate::state::task::TaskScreen;
use crate::state::words::{t, tr};
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// The card; nothing for a task that nobody reviews.
#[component]
pub fn Reviews(
    /// The app.
    app: App,
    /// The task.
    task: Memo<Option<TaskScreen>>,
    /// Its record.
    record: Memo<Option<RecordId>>,
) -> impl IntoView {
    let facts =
        Memo::new(move |_| task.with(|task| task.as_ref().map(|task| task.reviews.clone()).unwrap_or_default()));
    let next = Memo::new(move |_| task.with(|task| task.as_ref().and_then(|task| task.review_day)));
    // Lives as long as the page, so that nobody's words go when the day or the facts are drawn anew.
    let typed = RwSignal::new(String::new());
    let form = move || {
        let (day, record) = (next.get()?, record.get()?);
        Some(view! { <Recording app record day typed/> })
    };
    let is_shown = Memo::new(move |_| facts.with(|facts| !facts.is_empty()));
    move || {
        is_shown.get().then(|| {
            view! {
                <section class="card stack" aria-label=t("task.reviews")>
                    <h2>{t("task.reviews")}</h2>
                    {move || view! { <Facts facts=facts.get()/> }}
                    {form}
                </section>
            }
        })
    }
}

/// Words about one day, and the button that records them.
#[component]
fn Recording(
    /// The app.
    app: App,
    /// The task.
    record: RecordId,
    /// The day.
    day: i64,
    /// What was typed.
    typed: RwSignal<String>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<Message>);
    let (is_missing, is_busy) = (RwSignal::new(false), RwSignal::new(false));
    app.run(async move {
        let kept = typed_review(app, record).await;
        typed.try_update(|typed| {
            if typed.is_empty() {
                *typed = kept;
            }
        });
    });
    Effect::new(move |had: Option<bool>| {
        let has = typed.with(|typed| !typed.trim().is_empty());
        // The other form of the page says so for itself.
        if has || had == Some(true) {
            app.state.form_open.set(has);
        }
        has
    });
    on_cleanup(move || app.state.form_open.set(false));
    let save = move |_| {
        let words = typed.get_untracked();
        is_missing.set(words.trim().is_empty());
        if is_missing.get_untracked() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        app.run(async move {
            match record_review(app, record, day, &words).await {
                Ok(()) => drop(typed.try_set(String::new())),
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let label = move || tr("task.review_words", &[("day", &app.state.now.get().day(day))]);
    view! {
        <div class="field">
            <label class="field-label" for="review-words">{label}</label>
            <textarea class="textarea" id="review-words" maxlength=MOST_CHARS.to_string() prop:value=move || typed.get()
                aria-invalid=move || is_missing.get().then_some("true")
                aria-describedby=move || is_missing.get().then_some("review-missing")
                on:input=move |event| { is_missing.set(false); typed.set(event_target_value(&event)); }
                on:change=move |_| app.run(keep_review(app, record, typed.get_untracked()))></textarea>
            {move || is_missing.get().then(|| view! {
                <span class="field-error" id="review-missing" role="alert"><Icon name="alert-triangle"/>{t("task.words_missing")}</span>
            })}
        </div>
        {move || problem.get().map(|message| view! { <Problem message/> })}
        <button class="btn btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=save><Icon name="check"/>{t("task.review_do")}</button>
    }
}
