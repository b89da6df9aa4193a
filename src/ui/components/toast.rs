//! A short word that goes away by itself.

use std::time::Duration;

use leptos::prelude::*;

use crate::context::use_app;

/// How long it stays.
const SHOWN: Duration = Duration::from_secs(5);

/// The last short word, read out politely.
#[component]
pub fn Toaster() -> impl IntoView {
    let toast = use_app().state.toast;
    Effect::new(move |_| {
        if let Some(shown) = toast.get() {
            set_timeout(
                move || {
                    if toast.get_untracked().as_ref() == Some(&shown) {
                        toast.set(None);
                    }
                },
                SHOWN,
            );
        }
    });
    view! {
        <div role="status" aria-live="polite">
            {move || toast.get().map(|toast| view! { <div class="toast"><span class="toast-text">{toast.text}</span></div> })}
        </div>
    }
}
