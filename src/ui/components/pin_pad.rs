//! A pad of digits for fingers in gloves. Nothing that was typed is shown or told, only how much; a keyboard types as well.

use leptos::ev;
use leptos::prelude::*;

use super::icon::Icon;
use crate::state::lock::Pad;
use crate::state::words::{t, tr};

/// Dots and keys; `on_ready` when the person says that it is all.
#[component]
pub fn PinPad(
    /// What was typed.
    pad: RwSignal<Pad>,
    /// Whether nothing can be typed now.
    #[prop(into)]
    is_off: Signal<bool>,
    /// The word on the key that ends it.
    done: &'static str,
    /// It is all.
    on_ready: Callback<()>,
) -> impl IntoView {
    let dots = move || {
        let typed = pad.with(Pad::len);
        let dot =
            |at: usize| view! { <span class=if at < typed { "lock-dot lock-dot--full" } else { "lock-dot" }></span> };
        (0..typed.max(6)).map(dot).collect_view()
    };
    let told = move || tr("lock.typed", &[("n", &pad.with(Pad::len).to_string())]);
    let ready = move || {
        if !is_off.get_untracked() && pad.with_untracked(Pad::is_ready) {
            on_ready.run(());
        }
    };
    let key = move |digit: u8| {
        view! {
            <button type="button" class="lock-key" disabled=move || is_off.get() on:click=move |_| pad.update(|pad| pad.press(digit))>{digit}</button>
        }
    };
    let typed = window_event_listener(ev::keydown, move |event| {
        if is_off.get_untracked() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "Backspace" => pad.update(Pad::erase),
            "Enter" if pad.with_untracked(Pad::is_ready) => {
                event.prevent_default();
                ready();
            }
            digit => {
                if let (1, Some(digit)) = (digit.len(), digit.chars().next().and_then(|digit| digit.to_digit(10))) {
                    pad.update(|pad| pad.press(u8::try_from(digit).unwrap_or(u8::MAX)));
                }
            }
        }
    });
    on_cleanup(move || typed.remove());
    view! {
        <div class="lock-pad">
            <div class="lock-dots" aria-hidden="true">{dots}</div>
            <p class="visually-hidden" role="status">{told}</p>
            <div class="lock-keys" role="group" aria-label=t("lock.pad")>
                {(1..=9).map(key).collect_view()}
                <button type="button" class="lock-key" aria-label=t("lock.erase") disabled=move || is_off.get() || pad.with(Pad::is_empty)
                    on:click=move |_| pad.update(Pad::erase)><Icon name="arrow-back-up"/></button>
                {key(0)}
                <button type="button" class="lock-key lock-key--word lock-key--open" disabled=move || is_off.get() || !pad.with(Pad::is_ready)
                    on:click=move |_| ready()>{done}</button>
            </div>
        </div>
    }
}
