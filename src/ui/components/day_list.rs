//! Several days: each that is chosen a button that takes it away, and a date to add one more.

use greenshield_domain::order;
use leptos::prelude::*;

use super::icon::Icon;
use crate::context::App;
use crate::state::words::{t, tr};

/// The days of a field, as a date field holds them: `2026-09-01`.
#[component]
pub fn DayList(
    /// The app.
    app: App,
    /// What they are.
    label: String,
    /// Tells its date from the others on the page.
    id: String,
    /// The days.
    days: Signal<Vec<String>>,
    /// They are others now, ascending.
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chip = move |day: String| {
        let now = app.state.now.get_untracked();
        let words = now.ends_of(&day).map_or_else(|| day.clone(), |(first, _)| now.day(first));
        let label = tr("days.remove", &[("day", &words)]);
        let remove = move |_| on_change.run(days.get_untracked().into_iter().filter(|known| *known != day).collect());
        view! { <button class="option" type="button" aria-label=label on:click=remove>{words}<Icon name="x" size="icon--s"/></button> }
    };
    let add = move || {
        let day = typed.get_untracked();
        if app.state.now.get_untracked().ends_of(&day).is_some() {
            on_change.run(order::set_of(days.get_untracked().into_iter().chain([day])).into_iter().collect());
            typed.set(String::new());
        }
    };
    let html_id = id.clone();
    view! {
        <fieldset class="field">
            <legend class="field-label">{label}</legend>
            <div class="options" aria-live="polite">{move || days.get().into_iter().map(chip).collect_view()}</div>
            <label class="field-hint" for=html_id>{t("days.pick")}</label>
            <div class="row day-add">
                <input class="input" id=id type="date" prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event)) on:blur=move |_| add()/>
                <button class="btn" type="button" on:click=move |_| add()><Icon name="plus"/>{t("days.add")}</button>
            </div>
        </fieldset>
    }
}
