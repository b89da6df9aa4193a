//! One tab owns the sync: it pushes and pulls at the same time, the others wait for its lock.

use leptos::prelude::*;

use super::{pull, push};
use crate::context::App;
use crate::platform::locks;
use crate::state::sync::Phase;

/// The lock of the sync.
pub(super) const LOCK: &str = "gs-sync";

pub(super) fn start(app: App) {
    app.run(async move {
        let guard = match locks::try_hold(LOCK).await {
            Ok(Some(guard)) => Ok(guard),
            _ => {
                app.state.sync.update(|sync| sync.phase = Phase::OtherTab);
                // What a window saved that did not live to say so is on the disk; the owner looks again.
                app.tell_tabs("wake");
                locks::hold(LOCK).await
            }
        };
        if !guard.as_ref().is_ok_and(locks::LockGuard::is_real) {
            app.engine().share_log();
        }
        app.state.sync.update(|sync| sync.phase = Phase::Starting);
        app.run(push::run(app));
        pull::run(app).await;
        // A browser that refused the lock syncs all the same: the store keeps two writers apart.
        drop(guard);
    });
}
