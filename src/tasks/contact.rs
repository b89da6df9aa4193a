//! What push and pull tell of the server: it answers, it does not, these records changed.

use greenshield_client::engine::EngineError;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use crate::actions::load_records;
use crate::context::App;
use crate::platform::timer;
use crate::state::message::Message;
use crate::state::sync::Phase;

/// Shows that a try failed and when the next one comes; returns how long to wait.
pub(super) fn note_failure(app: App, error: &EngineError, failures: u32) -> u32 {
    load_records::note_trouble(app, error);
    let wait_millis = wait_millis(failures, app.now_millis(), error);
    app.state.sync.update(|sync| {
        if sync.phase != Phase::Offline {
            sync.phase = Phase::Waiting;
        }
        sync.problem = Some(Message::of(error));
        sync.next_try_millis = Some(app.now_millis() + i64::from(wait_millis));
    });
    wait_millis
}

/// Shows that the server answers.
pub(super) fn note_contact(app: App, phase: Phase) {
    let is_news = app.state.sync.with_untracked(|sync| {
        sync.phase != phase
            || sync.problem.is_some()
            || sync.last_contact_millis.is_none_or(|last| app.now_millis() - last > 20_000)
    });
    if is_news {
        app.state.sync.update(|sync| {
            sync.phase = phase;
            sync.problem = None;
            sync.next_try_millis = None;
            sync.last_contact_millis = Some(app.now_millis());
        });
    }
}

/// Waits until somebody is enrolled here.
pub(super) async fn enrolled(app: App, bell: &timer::Bell) {
    while app.engine().identity().is_none() {
        bell.rung().await;
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

/// One second, doubling to a minute, half of it by chance; the server's wish when it has one. Coming back online, looking
/// at the page and a person's tap end it early.
fn wait_millis(failures: u32, now_millis: i64, error: &EngineError) -> u32 {
    if let EngineError::Refused(refusal) = error
        && let Some(seconds) = refusal.retry_after_seconds
    {
        return seconds.clamp(1, 600) * 1_000;
    }
    let ceiling = 1_000_u32 << failures.saturating_sub(1).min(6);
    let ceiling = ceiling.min(60_000);
    // The low digits of the clock are as good as dice for keeping phones apart.
    let chance = u32::try_from(now_millis.rem_euclid(1_009)).unwrap_or(0);
    ceiling / 2 + ceiling / 2 * chance / 1_009
}
