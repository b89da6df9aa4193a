//! Bringing in a roster: choose a file, see what is wrong or what it would do, and then save it.

use leptos::prelude::*;

use crate::actions::import_roster::{Found, read_picked, save_roster};
use crate::context::{App, use_app};
use crate::state::roster::{Planned, heading, planned_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Rows that are drawn; all of them are saved.
const MOST_ROWS: usize = 300;

/// The page.
#[component]
pub fn RosterPage() -> impl IntoView {
    let app = use_app();
    let found: RwSignal<Option<Found>> = RwSignal::new(None);
    let picked = move |event| {
        read_picked(app, &event, move |answer| {
            let _closed = found.try_set(Some(answer));
        });
    };
    let columns = heading(&app.city());
    let shown = move || match found.get() {
        None => ().into_any(),
        Some(Found::Unread(message)) => view! { <Problem message/> }.into_any(),
        Some(Found::Wrong(errors)) => view! { <Wrong errors/> }.into_any(),
        Some(Found::Plan(planned)) => view! { <Preview app planned found/> }.into_any(),
    };
    view! {
        <Shell title=t("roster.title") back="/desk/people">
            <section class="card stack" aria-label=t("roster.file")>
                <p>{t("roster.text")}</p>
                <p class="mono invite-link">{columns}</p>
                <label class="field">
                    <span class="field-label">{t("roster.file")}</span>
                    <input class="input" type="file" accept=".csv,.txt,.xlsx,text/csv" on:change=picked/>
                    <span class="field-hint">{t("roster.hint")}</span>
                </label>
            </section>
            <div aria-live="polite">{shown}</div>
        </Shell>
    }
}

/// What is wrong, cell by cell.
#[component]
fn Wrong(
    /// In words.
    errors: Vec<String>,
) -> impl IntoView {
    let count = tr("roster.wrong", &[("n", &errors.len().to_string())]);
    let rows = errors.into_iter().map(|error| view! { <li>{error}</li> }).collect_view();
    view! {
        <section class="card card--alarm stack" role="alert">
            <b>{count}</b>
            <p>{t("roster.wrong_do")}</p>
            <ul class="stack">{rows}</ul>
        </section>
    }
}

/// What the file would do, and the one button.
#[component]
fn Preview(
    /// The app.
    app: App,
    /// The rows.
    planned: Vec<Planned>,
    /// What the page shows.
    found: RwSignal<Option<Found>>,
) -> impl IntoView {
    let changes = planned.iter().filter(|row| row.is_change()).count();
    let is_busy = RwSignal::new(false);
    let (city, known) = (app.city(), app.state.duties.get_untracked());
    let rows = planned.iter().take(MOST_ROWS).map(|row| {
        let (name, facts) = planned_words(row, &city, &known);
        view! { <li class="item"><span class="item-body"><span class="item-title">{name}</span><span class="item-facts">{facts}</span></span></li> }
    });
    let rows = rows.collect_view();
    let save = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let planned = planned.clone();
        app.run(async move {
            match save_roster(app, &planned).await {
                Ok(n) => {
                    app.state.say(tr("roster.saved", &[("n", &n.to_string())]));
                    found.try_set(None);
                }
                Err(message) => drop(found.try_set(Some(Found::Unread(message)))),
            }
        });
    };
    let label = move || tr(if is_busy.get() { "roster.saving" } else { "roster.save" }, &[("n", &changes.to_string())]);
    view! {
        <section class="stack">
            <button class="btn btn--primary btn--wide" disabled={changes == 0} aria-busy=move || is_busy.get().then_some("true") on:click=save><Icon name="check"/>{label}</button>
            <ul class="list">{rows}</ul>
        </section>
    }
}
