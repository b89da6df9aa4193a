//! The question for the PIN over whatever page is open.

use leptos::html;
use leptos::prelude::*;

use super::pin_pad::PinPad;
use crate::actions::prove_again::{answer_proof, end_question};
use crate::context::use_app;
use crate::state::lock::Pad;
use crate::state::words::t;

/// The sheet; Escape closes it, and then nothing is done.
#[component]
pub fn ProveDialog() -> impl IntoView {
    let app = use_app();
    let asks = app.state.prove.asks;
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // Opening what is open, or closing what is closed, is no harm.
        if asks.get() {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let question = move || {
        let pad = RwSignal::new(Pad::default());
        let is_busy = RwSignal::new(false);
        let problem: RwSignal<Option<String>> = RwSignal::new(None);
        let ready = Callback::new(move |()| {
            let Some(pin) = pad.try_update(Pad::take) else { return };
            is_busy.set(true);
            app.run(async move {
                let answer = answer_proof(app, pin).await;
                // A right answer has closed the question.
                let _ = is_busy.try_set(false);
                problem.try_set(answer.err());
            });
        });
        let said =
            move || if is_busy.get() { t("lock.checking").to_owned() } else { problem.get().unwrap_or_default() };
        view! {
            <div class="sheet">
                <h2 class="sheet-title" id="prove-title">{t("prove.title")}</h2>
                <p>{t("prove.why")}</p>
                <p class=move || if problem.with(Option::is_some) { "lock-said lock-said--bad" } else { "lock-said" } role="status">{said}</p>
                <PinPad pad is_off=is_busy done=t("lock.next") on_ready=ready/>
                <div class="sheet-actions"><button class="btn btn--quiet" on:click=move |_| end_question(app)>{t("action.cancel")}</button></div>
            </div>
        }
    };
    view! {
        <dialog class="veil" node_ref=dialog aria-labelledby="prove-title" on:close=move |_| end_question(app)>
            {move || asks.get().then(question)}
        </dialog>
    }
}
