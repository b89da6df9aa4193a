//! The ways of moving, as pictures to tap.

use greenshield_domain::track::Mode;
use leptos::prelude::*;

use super::icon::Icon;
use crate::state::patrol::words::{mode, mode_icon};

/// One of several.
#[component]
pub fn Modes(
    /// What it is about.
    label: &'static str,
    /// The one that is chosen.
    #[prop(into)]
    chosen: Signal<Mode>,
    /// Another one is chosen.
    on_choose: Callback<Mode>,
) -> impl IntoView {
    let option = move |this: Mode| {
        view! {
            <button class="option" type="button" aria-pressed=move || (chosen.get() == this).to_string()
                on:click=move |_| on_choose.run(this)><Icon name=mode_icon(this)/>{mode(this)}</button>
        }
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{label}</legend>
            <div class="options">{Mode::ALL.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}
