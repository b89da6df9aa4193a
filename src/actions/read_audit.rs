//! The audit, page by page, from the server, all of it or one's own part; nothing of it is kept here.

use greenshield_domain::wire::AuditPage;

use leptos::prelude::*;

use crate::context::App;
use crate::state::audit::AuditView;
use crate::state::message::Message;

/// The newest lines, or those below a place.
///
/// # Errors
/// Words for the page.
pub async fn read_audit(app: App, below: Option<u64>) -> Result<AuditPage, Message> {
    app.engine().audit(below).await.map_err(|error| Message::of(&error))
}

/// What others did with the person's own records, the newest first, and what to ask for next.
///
/// # Errors
/// Words for the page.
pub async fn read_looks(app: App, below: Option<u64>) -> Result<(Vec<AuditView>, Option<u64>), Message> {
    let page = app.engine().looks(below).await.map_err(|error| Message::of(&error))?;
    let (city, now) = (app.city(), app.state.now.get_untracked());
    Ok((page.rows.iter().map(|row| AuditView::own(row, &city, now)).collect(), page.next))
}
