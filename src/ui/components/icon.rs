//! A picture of the sprite.

use leptos::prelude::*;

/// A picture; always beside words, so it is hidden from screen readers.
#[component]
pub fn Icon(
    /// Its name in the sprite.
    #[prop(into)]
    name: String,
    /// Another size: `icon--s`, `icon--l`, `icon--xl`.
    #[prop(optional)]
    size: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("icon {size}") aria-hidden="true">
            <use_ href=format!("/icons.svg#{name}")/>
        </svg>
    }
}
