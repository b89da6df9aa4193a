//! The page of a locked phone: the name of the app, the pad, whether unsent work goes out, and whom to call. Nothing else.

use std::time::Duration;

use leptos::prelude::*;

use crate::actions::know_people::others;
use crate::actions::switch_person::{open_new, open_other};
use crate::actions::unlock_phone::unlock;
use crate::context::{Locked, now};
use crate::state::lock::{outbox_words, wait_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::pin_pad::PinPad;

/// The page.
#[component]
pub fn LockedPage(
    /// The phone.
    locked: Locked,
) -> impl IntoView {
    let view = locked.view;
    let clock = RwSignal::new(now().millis);
    let tick = set_interval_with_handle(move || clock.set(now().millis), Duration::from_millis(500));
    on_cleanup(move || tick.into_iter().for_each(|tick| tick.clear()));
    let wait = Memo::new(move |_| (view.wait_until.get() - clock.get()).max(0));
    let is_off = Signal::derive(move || view.is_busy.get() || wait.get() > 0);
    let said = move || {
        if view.is_busy.get() {
            return (false, t("lock.checking").to_owned());
        }
        match (wait.get(), view.problem.get()) {
            (0, Some(problem)) => (true, problem),
            (0, None) => (false, t("lock.enter").to_owned()),
            (millis, _) => (true, tr("lock.wrong_wait", &[("time", &wait_words(millis))])),
        }
    };
    let open = Callback::new(move |()| {
        leptos::task::spawn_local(unlock(locked));
    });
    let outbox = Memo::new(move |_| outbox_words(view.outbox.get(), view.is_online.get()));
    let calls = locked.numbers().into_iter().map(|(who, number)| {
        let words = tr("sos.call", &[("who", &who), ("number", &number)]);
        view! { <a class="btn btn--wide btn--alarm" href=format!("tel:{number}")><Icon name="phone"/>{words}</a> }
    });
    document().set_title(&format!("{} · {}", t("lock.title"), t("app.name")));
    view! {
        <main class="locked">
            <h1 class="locked-name"><Icon name="lock"/>{t("lock.title")}</h1>
            <p class=move || if said().0 { "lock-said lock-said--bad" } else { "lock-said" } role="status">{move || said().1}</p>
            <PinPad pad=view.pad is_off done=t("lock.open") on_ready=open/>
            {move || outbox.get().into_iter().map(|words| view! { <p class="muted center" role="status">{words}</p> }).collect_view()}
            <section class="card stack" aria-label=t("sos.phone")>{calls.collect_view()}</section>
            <details class="card">
                <summary class="card-link"><Icon name="help"/><span class="grow">{t("lock.forgot")}</span><Icon name="chevron-down"/></summary>
                <p>{t("lock.forgot_text")}</p>
                <p class="muted">{t("lock.forgot_do")}</p>
            </details>
            <details class="card">
                <summary class="card-link"><Icon name="users"/><span class="grow">{t("people.title")}</span><Icon name="chevron-down"/></summary>
                <div class="stack">
                    {others().into_iter().map(|mark| {
                        let words = if mark.name.is_empty() { t("people.nobody").to_owned() } else { mark.name.clone() };
                        view! { <button class="btn btn--wide" on:click=move |_| open_other(&mark.database)><Icon name="user"/>{words}</button> }
                    }).collect_view()}
                    <button class="btn btn--quiet btn--wide" on:click=|_| open_new()><Icon name="user-plus"/>{t("people.add")}</button>
                    <p class="muted">{t("people.safe")}</p>
                </div>
            </details>
        </main>
    }
}
