//! A lamp: colour, shape and words.

use leptos::prelude::*;

use super::icon::Icon;
use crate::state::lamp::Lamp;

/// A lamp.
#[component]
pub fn LampChip(
    /// What it shows.
    lamp: Lamp,
) -> impl IntoView {
    view! {
        <span class=lamp.tone.chip_class()><Icon name=lamp.icon/><span>{lamp.words}</span></span>
    }
}
