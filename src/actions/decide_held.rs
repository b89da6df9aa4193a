//! What waits for a decision: all of it, and the decision.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::wire::{HeldRow, VerdictWord};

use crate::context::App;
use crate::state::message::Message;

/// What waits, each with its record as far as it is on this phone.
///
/// # Errors
/// Words for the page.
pub async fn list_held(app: App) -> Result<Vec<(HeldRow, Option<RecordView>)>, Message> {
    let engine = app.engine();
    let held = engine.list_held().await.map_err(|error| Message::of(&error))?;
    let mut rows = Vec::new();
    for row in held {
        let record: RecordId = row.record;
        // A record that does not read here hides its words and not the decision.
        let view = engine.record(record).await.ok().flatten();
        rows.push((row, view));
    }
    Ok(rows)
}

/// Accepts or refuses.
///
/// # Errors
/// Words for the page.
pub async fn decide_held(app: App, op: OpId, accept: bool, reason: &str) -> Result<(), Message> {
    let verdict = if accept { VerdictWord::Ok } else { VerdictWord::Void };
    app.engine().judge(op, verdict, reason).await.map_err(|error| Message::of(&error))?;
    app.wake_sync();
    Ok(())
}
