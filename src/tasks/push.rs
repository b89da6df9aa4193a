//! The push loop: ops at once, then files piece by piece; new ops go before the next piece.

use greenshield_client::engine::EngineError;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::sync::{enrolled, note_contact, note_failure};
use crate::actions::load_records;
use crate::context::App;
use crate::platform::{lifecycle, timer};
use crate::state::sync::Phase;

/// With nothing due, look again after so long.
const IDLE_MILLIS: u32 = 300_000;

pub(super) async fn run(app: App) {
    let bell = app.push_bell();
    let mut failures = 0;
    loop {
        enrolled(app, &bell).await;
        let wait = if lifecycle::is_online() {
            match push_all(app).await {
                Ok(next_due) => {
                    failures = 0;
                    until(app, next_due)
                }
                Err(error) => {
                    failures += 1;
                    load_records::refresh_unsent(app).await;
                    note_failure(app, &error, failures)
                }
            }
        } else {
            app.state.sync.update(|sync| sync.phase = Phase::Offline);
            IDLE_MILLIS
        };
        timer::sleep_or(wait, &bell).await;
    }
}

/// Sends everything that is due. Returns when the next thing becomes due.
async fn push_all(app: App) -> Result<Option<i64>, EngineError> {
    let engine = app.engine();
    let mut sent_any = false;
    loop {
        let pushed = engine.push_due().await?;
        if pushed.stale_copy {
            app.state.stale_copy.set(true);
        }
        if pushed.sent > 0 {
            sent_any = true;
            note_contact(app, Phase::Sending);
            tell(app, pushed.changed).await;
        }
        if pushed.due > 0 && pushed.sent > 0 {
            continue;
        }
        let step = engine.upload_step().await?;
        let next_due = [pushed.next_due_millis, step.next_due_millis].into_iter().flatten().min();
        if step.blob.is_none() {
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

/// Takes over what changed, here and in the other tabs.
pub(super) async fn tell(app: App, changed: Vec<RecordId>) {
    if changed.is_empty() {
        load_records::refresh_unsent(app).await;
        return;
    }
    app.tell_changed(&changed);
    load_records::refresh(app, changed).await;
}

fn until(app: App, next_due: Option<i64>) -> u32 {
    let Some(due) = next_due else { return IDLE_MILLIS };
    u32::try_from((due - app.now_millis()).max(500)).unwrap_or(IDLE_MILLIS).min(IDLE_MILLIS)
}
