//! The sync of a locked phone: its sealed outbox goes out, in one window, until somebody opens the phone.

use greenshield_client::engine::Engine;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::sync::LOCK;
use crate::actions::unlock_phone::look;
use crate::context::{Locked, VERSION};
use crate::platform::{lifecycle, locks, timer};

/// With nothing due, look again after so long.
const IDLE_MILLIS: u32 = 60_000;
/// And after a failure.
const RETRY_MILLIS: u32 = 5_000;

pub(super) fn start(locked: Locked) {
    let bell = locked.bell();
    let (online, offline, seen) = (bell.clone(), bell.clone(), bell.clone());
    locked.keep(lifecycle::on_online(move || online.ring()));
    locked.keep(lifecycle::on_offline(move || offline.ring()));
    locked.keep(lifecycle::on_visibility(move |_| seen.ring()));
    spawn_local(async move {
        look(locked).await;
        locked.view.is_busy.set(false);
        // What can not be read leaves the page without words on unsent work; nothing is lost by it.
        let Ok(Some(engine)) = Engine::open_carrier(locked.phone().carrier(), VERSION).await else { return };
        let tell = async || {
            locked.view.is_online.set(lifecycle::is_online());
            if let Ok(outbox) = engine.sealed_outbox().await {
                locked.view.outbox.set(outbox);
            }
        };
        tell().await;
        // Another window may be open, and syncs.
        let _held = locks::hold(LOCK).await;
        while !locked.is_open() {
            let mut wait = IDLE_MILLIS;
            if lifecycle::is_online() {
                match engine.courier_step().await {
                    Ok(carried) if carried.worked => wait = 0,
                    Ok(carried) => {
                        let due = carried.next_due_millis.map(|due| due - crate::context::now().millis);
                        wait = due.and_then(|due| u32::try_from(due.max(500)).ok()).unwrap_or(wait).min(wait);
                    }
                    Err(_) => wait = RETRY_MILLIS,
                }
            }
            tell().await;
            if wait > 0 {
                timer::sleep_or(wait, &bell).await;
            }
        }
    });
}
