//! Telling the server how this phone is, at a contact and not too often. Nothing waits for it.

use greenshield_domain::wire::HealthReport;

use super::check_storage::install_facts;
use super::wipe_phone::note_wipe;
use crate::context::App;
use crate::platform::{storage, worker};
use crate::state::browser::Family;
use crate::state::health::is_due;

/// What was told last, and when by the phone's clock, ms since 1970.
pub type Told = (i64, HealthReport);

/// Tells it when it is due after what was told last. Returns what was told; `None` = not due, or it did not arrive.
pub async fn tell_health(app: App, last: Option<Told>) -> Option<Told> {
    let (browser, is_standalone) = install_facts();
    let room = storage::room().await.ok();
    let mut report = HealthReport {
        browser: Family::of(&browser.user_agent, browser.is_ios).word().to_owned(),
        is_standalone,
        is_persisted: storage::is_persisted().await.ok(),
        used_bytes: room.map(|room| room.used_bytes),
        quota_bytes: room.map(|room| room.quota_bytes),
        ..app.engine().health().await.ok()?
    };
    let now = app.now_millis();
    if !is_due(last.as_ref(), now, &report) {
        return None;
    }
    // The worker also puts back what the browser threw away of the app's files.
    report.build = worker::check_shell().await.map(|shell| shell.build).unwrap_or_default();
    let wish = app.engine().tell_health(&report).await.ok()?;
    if let Some(wish) = wish {
        note_wipe(app, wish).await;
    }
    Some((now, report))
}
