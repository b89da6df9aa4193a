//! A phone that is lost or given back: it reads nothing any more, or wipes itself as well.

use greenshield_domain::ids::LogId;

use super::prove_again::prove_again;
use crate::context::App;
use crate::state::message::Message;

/// Revokes a phone; with `wipe` it is asked to wipe itself, too.
///
/// # Errors
/// Words for the page.
pub async fn end_device(app: App, log: LogId, wipe: bool, reason: &str) -> Result<(), Message> {
    prove_again(app).await?;
    let engine = app.engine();
    let done = if wipe { engine.wipe_device(log, reason).await } else { engine.revoke_device(log, reason).await };
    done.map(drop).map_err(|error| Message::of(&error))
}
