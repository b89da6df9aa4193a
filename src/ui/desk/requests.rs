//! Requests of people about their own data: what they ask, until when it is to be answered, and the answer.

use leptos::prelude::*;

use crate::actions::own_data::{answer_wish, read_wishes};
use crate::context::{App, use_app};
use crate::state::draft::{MOST_CHARS, cut};
use crate::state::message::Message;
use crate::state::own_data::WishView;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn RequestsPage() -> impl IntoView {
    let app = use_app();
    let found: RwSignal<Option<Vec<WishView>>> = RwSignal::new(None);
    let problem = RwSignal::new(None::<Message>);
    let duties = app.state.duties;
    Effect::new(move |_| {
        duties.track();
        app.run(async move {
            match read_wishes(app, false).await {
                Ok(views) => drop(found.try_set(Some(views))),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    });
    let hint = move || {
        match found.with(|found| found.as_ref().map(Vec::is_empty)) {
        None if problem.with(Option::is_none) => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        Some(true) => view! {
            <div class="empty"><Icon name="circle-check" size="icon--xl"/><p class="empty-title">{t("requests.none")}</p></div>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <Shell title=t("requests.title") back="/desk">
            <p class="muted">{t("requests.text")}</p>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {hint}
            // An answer in the making stays while other requests come in.
            <ul class="list"><For each=move || found.get().unwrap_or_default() key=|wish| format!("{wish:?}") let:wish><li><Request app wish/></li></For></ul>
        </Shell>
    }
}

/// One of them.
#[component]
fn Request(
    /// The app.
    app: App,
    /// What it says.
    wish: WishView,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    let record = wish.record;
    let answer = move |is_done| {
        let text = cut(words.with_untracked(|words| words.trim().to_owned()).as_str());
        is_missing.set(text.is_empty());
        if text.is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            let outcome = answer_wish(app, record, is_done, &text).await;
            is_busy.try_set(false);
            problem.try_set(outcome.err());
        });
    };
    let label = format!("{}: {} {}", t("own.answer"), wish.what, wish.facts);
    let form = wish.due.clone().map(|due| {
        let class = if wish.is_late { "chip chip--alarm" } else { "chip" };
        view! {
            <div class="chips"><span class=class><Icon name="clock"/><span>{due}</span></span></div>
            <span class="field-label" aria-hidden="true">{t("own.answer")}</span>
            <textarea class="input" rows="2" maxlength=MOST_CHARS aria-label=label on:input=move |event| words.set(event_target_value(&event))></textarea>
            {move || is_missing.get().then(|| view! { <p role="alert">{t("requests.answer_missing")}</p> })}
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <div class="row">
                <button class="btn btn--primary" on:click=move |_| answer(true)><Icon name="check"/>{t("requests.done")}</button>
                <button class="btn btn--quiet" on:click=move |_| answer(false)><Icon name="x"/>{t("requests.refuse")}</button>
            </div>
        }
    });
    view! {
        <section class="card stack">
            <b>{wish.what}" · "{wish.state}</b>
            <p class="muted">{wish.facts}</p>
            {wish.note.map(|note| view! { <p>{note}</p> })}
            {wish.answer.map(|answer| view! { <p><b>{t("own.answer")}</b>" "{answer}</p> })}
            {form}
        </section>
    }
}
