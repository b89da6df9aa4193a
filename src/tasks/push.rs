//! The push loop: ops at once, then files piece by piece; new ops go before the next piece.

use greenshield_client::engine::EngineError;
use leptos::prelude::*;

use super::contact::{enrolled, note_contact, note_failure, tell};
use super::health::Teller;
use crate::actions::carry_package::refresh_couriers;
use crate::actions::load_records;
use crate::actions::lock_phone::seal_outbox;
use crate::actions::wipe_phone::wipe_phone;
use crate::context::App;
use crate::platform::{lifecycle, timer};
use crate::state::sync::Phase;
use crate::state::words::t;

/// With nothing due, look again after so long.
const IDLE_MILLIS: u32 = 300_000;

pub(super) async fn run(app: App) {
    let bell = app.push_bell();
    let mut failures = 0;
    // At the start and after every silence the phone looks whether a copy of it went on, or the server was restored.
    let mut is_compared = false;
    let health = Teller::default();
    enrolled(app, &bell).await;
    settle_outbox(app).await;
    loop {
        enrolled(app, &bell).await;
        let wait = if lifecycle::is_online() {
            match push_all(app, is_compared).await {
                Ok(next_due) => {
                    failures = 0;
                    is_compared = true;
                    health.note_contact(app);
                    wipe_phone(app).await;
                    until(app, next_due)
                }
                Err(error) => {
                    failures += 1;
                    is_compared = false;
                    load_records::refresh_unsent(app).await;
                    note_failure(app, &error, failures)
                }
            }
        } else {
            is_compared = false;
            app.state.sync.update(|sync| sync.phase = Phase::Offline);
            IDLE_MILLIS
        };
        // What did not leave now leaves without the PIN, if the phone is locked or ended meanwhile.
        settle_outbox(app).await;
        seal_outbox(app).await;
        timer::sleep_or(wait, &bell).await;
    }
}

/// Takes what a locked phone delivered, and throws away what is not needed any more.
async fn settle_outbox(app: App) {
    // What can not be settled now is with the next round; nothing is forgotten before its receipt.
    if let Ok(changed) = app.engine().settle_outbox().await
        && !changed.is_empty()
    {
        tell(app, changed).await;
    }
}

/// Sends everything that is due. Returns when the next thing becomes due.
async fn push_all(app: App, is_compared: bool) -> Result<Option<i64>, EngineError> {
    let engine = app.engine();
    let mut sent_any = false;
    if !is_compared {
        match engine.reconcile().await {
            // Who may not ask may still bring.
            Ok(_) | Err(EngineError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        note_log(app).await;
        learn_sealing_key(app).await;
    }
    loop {
        let pushed = engine.push_due().await?;
        if pushed.stale_copy || pushed.rotated {
            note_log(app).await;
        }
        if pushed.rotated {
            app.state.identity.set(engine.identity());
            app.tell_tabs("identity");
            app.state.say(t("notice.new_key"));
        }
        if pushed.sent > 0 {
            sent_any = true;
            note_contact(app, Phase::Sending);
            tell(app, pushed.changed).await;
        }
        // What ends a log asks to be called again at once: what waits of it first, then the new log.
        let is_ending = pushed.stale_copy && pushed.next_due_millis.is_some_and(|due| due <= app.now_millis());
        if is_ending || (pushed.due > 0 && pushed.sent > 0) {
            continue;
        }
        let step = engine.upload_step().await?;
        if step.blob.is_none() {
            // Nothing of our own is due: one piece for others, then ours again.
            let carried = engine.courier_step().await?;
            if carried.worked {
                refresh_couriers(app).await;
                continue;
            }
            let next_due = [pushed.next_due_millis, step.next_due_millis, carried.next_due_millis];
            let next_due = next_due.into_iter().flatten().min();
            if sent_any {
                note_contact(app, Phase::Live);
            }
            return Ok(next_due);
        }
        sent_any = true;
        note_contact(app, Phase::Sending);
        if step.changed.is_empty() {
            load_records::refresh_unsent(app).await;
        } else {
            tell(app, step.changed).await;
        }
    }
}

/// Shows while the log of this phone can not go on.
async fn note_log(app: App) {
    // What does not read now is read at the next contact.
    if let Ok(log) = app.engine().log_state().await {
        app.state.stale_copy.set(log.rotating.is_some());
    }
}

/// Once, so that a rescue package can be made later without a network.
async fn learn_sealing_key(app: App) {
    let engine = app.engine();
    if let Ok(None) = engine.sealing_key().await {
        // What can not be learned now is learned at the next contact; nothing waits for it.
        let _later = engine.learn_sealing_key().await;
    }
}

fn until(app: App, next_due: Option<i64>) -> u32 {
    let Some(due) = next_due else { return IDLE_MILLIS };
    u32::try_from((due - app.now_millis()).max(500)).unwrap_or(IDLE_MILLIS).min(IDLE_MILLIS)
}
