//! The keys of the desk, explained.

use leptos::html;
use leptos::prelude::*;

use super::signals::Desk;
use crate::state::words::t;

/// The sheet; `?` opens it, Escape closes it.
#[component]
pub fn HelpSheet(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // Opening what is open, or closing what is closed, is no harm.
        if desk.is_help_open.get() {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let keys = [
        ("↑ ↓ / j k", "desk.help_move"),
        ("Enter", "desk.help_enter"),
        ("x", "desk.help_pick"),
        ("Shift ↑ ↓", "desk.help_extend"),
        ("s", "desk.sign"),
        ("h p f b m c n", "desk.help_steps"),
        ("a", "desk.help_answer"),
        ("1 2 3", "desk.help_parts"),
        ("?", "desk.help_help"),
    ];
    let rows = keys.map(|(key, words)| view! { <dt><kbd class="mono">{key}</kbd></dt><dd>{t(words)}</dd> });
    let close = move |_| desk.is_help_open.set(false);
    view! {
        <dialog class="veil" node_ref=dialog aria-labelledby="desk-help" on:close=move |_| desk.is_help_open.set(false)>
            <div class="sheet">
                <h2 class="sheet-title" id="desk-help">{t("desk.help")}</h2>
                <dl class="kv">{rows.collect_view()}</dl>
                <div class="sheet-actions"><button class="btn btn--primary" on:click=close>{t("action.close")}</button></div>
            </div>
        </dialog>
    }
}
