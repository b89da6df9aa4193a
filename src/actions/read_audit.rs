//! The audit, page by page, from the server; nothing of it is kept here.

use greenshield_domain::wire::AuditPage;

use crate::context::App;
use crate::state::message::Message;

/// The newest lines, or those below a place.
///
/// # Errors
/// Words for the page.
pub async fn read_audit(app: App, below: Option<u64>) -> Result<AuditPage, Message> {
    app.engine().audit(below).await.map_err(|error| Message::of(&error))
}
