//! Coming home: all well or not, a word if there is one, and it is saved.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::actions::end_patrol::end_patrol;
use crate::context::App;
use crate::state::draft::MOST_CHARS;
use crate::state::message::Message;
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// What is asked at the end.
#[component]
pub fn Finish(
    /// The app.
    app: App,
    /// Whether it is asked.
    is_ending: RwSignal<bool>,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let is_well = RwSignal::new(false);
    let note = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    let navigate = use_navigate();
    let heading = NodeRef::<leptos::html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // A heading that can not take the focus is no harm.
            let _ = heading.focus();
        }
    });
    let end = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let (navigate, note) = (navigate.clone(), note.get_untracked());
        app.run(async move {
            match end_patrol(app, is_well.get_untracked(), &note).await {
                Ok(Some(record)) => navigate(&format!("/records/{record}"), leptos_router::NavigateOptions::default()),
                Ok(None) => {}
                Err(message) => drop((is_busy.try_set(false), problem.try_set(Some(message)))),
            }
        });
    };
    view! {
        <section class="card card--pine stack">
            <h2 tabindex="-1" node_ref=heading>{t("patrol.end_title")}</h2>
            <label class="switch-row">
                <span class="grow"><b>{t("patrol.end_well")}</b></span>
                <input class="switch" type="checkbox" role="switch" on:change=move |event| is_well.set(event_target_checked(&event))/>
            </label>
            <label class="field">
                <span class="field-label">{t("patrol.end_note")}</span>
                <textarea class="textarea" maxlength=MOST_CHARS.to_string() on:input=move |event| note.set(event_target_value(&event))></textarea>
            </label>
            <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=end>
                <Icon name="check"/>{t("patrol.end_now")}
            </button>
            <button class="btn btn--wide" on:click=move |_| is_ending.set(false)>{t("patrol.end_back")}</button>
        </section>
    }
}
