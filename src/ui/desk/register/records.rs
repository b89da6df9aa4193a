//! A field that names several records: what is chosen, and a search for more. A roster has hundreds of people, so not all of them
//! are buttons.

use leptos::prelude::*;

use crate::state::register::form::Typed;
use crate::state::register::matching;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The field: `all` are ids in hex and titles, as far as they are known yet.
pub(super) fn records_field(
    id: u32,
    label: String,
    all: Memo<Vec<(String, String)>>,
    typed: RwSignal<Typed>,
    set: impl Fn(Vec<String>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let words = RwSignal::new(String::new());
    let chosen = Memo::new(move |_| typed.with(|typed| typed.get(&id).cloned().unwrap_or_default()));
    let title_of = move |hex: &str| {
        let title = all.with(|all| all.iter().find(|(known, _)| known == hex).map(|(_, title)| title.clone()));
        title.unwrap_or_else(|| t("register.elsewhere").to_owned())
    };
    let remove = move |hex: String| {
        let title = title_of(&hex);
        let label = tr("register.record_remove", &[("title", &title)]);
        let drop_it = move |_| set(chosen.get_untracked().into_iter().filter(|known| *known != hex).collect());
        view! { <button class="option" type="button" aria-label=label on:click=drop_it>{title}<Icon name="x" size="icon--s"/></button> }
    };
    let found = move || all.with(|all| words.with(|words| chosen.with(|chosen| matching(all, words, chosen))));
    let add = move |(hex, title): (String, String)| {
        let label = tr("register.record_add", &[("title", &title)]);
        let take = move |_| {
            set(chosen.get_untracked().into_iter().chain([hex.clone()]).collect());
            words.set(String::new());
        };
        view! { <button class="option" type="button" aria-label=label on:click=take><Icon name="plus" size="icon--s"/>{title}</button> }
    };
    let html_id = format!("register-{id}-search");
    view! {
        <fieldset class="field"><legend class="field-label">{label}</legend>
            <div class="options">{move || chosen.get().into_iter().map(remove).collect_view()}</div>
            <label class="field-hint" for=html_id.clone()>{t("register.record_search")}</label>
            <input class="input" id=html_id type="search" autocomplete="off" prop:value=move || words.get()
                on:input=move |event| words.set(event_target_value(&event))/>
            <div class="options" aria-live="polite">{move || found().into_iter().map(add).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
