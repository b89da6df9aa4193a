//! A button that has to be held: a tap in a pocket or with a glove does nothing.
//!
//! Works with a finger, a mouse, and a key that is held down. A screen reader's click, which can not be held, counts at once.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;

use super::icon::Icon;

/// How long; the bar of `patrol.css` fills as fast.
const HELD: Duration = Duration::from_secs(2);

/// The button; `on_held` runs once it was held long enough.
#[component]
pub fn HoldButton(
    /// What it does.
    label: &'static str,
    /// How to hold it.
    hint: &'static str,
    /// Its picture.
    icon: &'static str,
    /// Its look.
    class: &'static str,
    /// Held.
    on_held: Callback<()>,
) -> impl IntoView {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let is_held = RwSignal::new(false);
    let begin = move || {
        if is_held.get_untracked() {
            return;
        }
        is_held.set(true);
        let done = move || {
            if is_held.try_get_untracked() == Some(true) {
                is_held.set(false);
                on_held.run(());
            }
        };
        timer.set_value(set_timeout_with_handle(done, HELD).ok());
    };
    // Also called when what was held has taken the button away.
    let end = move || {
        is_held.try_set(false);
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    };
    on_cleanup(end);
    let is_hold_key = |event: &ev::KeyboardEvent| matches!(event.key().as_str(), "Enter" | " ");
    view! {
        <button type="button" class=format!("{class} hold") class=("hold--on", is_held)
            on:pointerdown=move |_| begin() on:pointerup=move |_| end() on:pointerleave=move |_| end() on:pointercancel=move |_| end()
            on:contextmenu=move |event| event.prevent_default()
            on:keydown=move |event| if is_hold_key(&event) { event.prevent_default(); begin(); }
            on:keyup=move |event| if is_hold_key(&event) { end(); }
            on:blur=move |_| end()
            on:click=move |event| if event.detail() == 0 && !is_held.get_untracked() && event.is_trusted() { on_held.run(()); }>
            <Icon name=icon/><span class="hold-words">{label}<small class="hold-hint">{hint}</small></span>
        </button>
    }
}
