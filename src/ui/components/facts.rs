//! Labelled values.

use leptos::prelude::*;

use crate::state::record::Fact;

/// A list of facts.
#[component]
pub fn Facts(
    /// The facts.
    facts: Vec<Fact>,
) -> impl IntoView {
    let rows = facts.into_iter().map(|fact| {
        view! {
            <dt>{fact.label}</dt>
            <dd>{fact.value}{fact.note.map(|note| view! { <span class="kv-note">{note}</span> })}</dd>
        }
    });
    view! { <dl class="kv">{rows.collect_view()}</dl> }
}
