//! The unsent work of the other people of this phone goes out too: sealed, so that nobody here reads it.

use greenshield_client::engine::Engine;
use leptos::task::spawn_local;

use crate::actions::know_people::{find_people, others};
use crate::context::{VERSION, now};
use crate::platform::ports::BrowserPorts;
use crate::platform::timer::Bell;
use crate::platform::{lifecycle, locks, prefs, timer};

/// One window does it.
const LOCK: &str = "gs-others";
/// First what belongs to whoever looks.
const FIRST_MILLIS: u32 = 1_500;
/// With nothing due, look again after so long.
const IDLE_MILLIS: u32 = 300_000;

/// Runs as long as the page.
pub(super) fn start() {
    spawn_local(async move {
        find_people().await;
        if others().is_empty() {
            return;
        }
        let bell = Bell::new();
        let online = bell.clone();
        let _listens = lifecycle::on_online(move || online.ring());
        timer::sleep(FIRST_MILLIS).await;
        let _held = locks::hold(LOCK).await;
        loop {
            let wait = if lifecycle::is_online() { deliver().await } else { IDLE_MILLIS };
            timer::sleep_or(wait, &bell).await;
        }
    });
}

/// Sends what is due of everybody; returns how long nothing is.
async fn deliver() -> u32 {
    let mut wait = IDLE_MILLIS;
    for other in others() {
        // What does not open now is tried again later.
        let Ok(ports) = BrowserPorts::carrier_of(&prefs::name_of(&other.database)).await else { continue };
        let Ok(Some(engine)) = Engine::open_carrier(ports, VERSION).await else { continue };
        while let Ok(carried) = engine.courier_step().await {
            if carried.worked {
                continue;
            }
            let due = carried.next_due_millis.map(|due| (due - now().millis).max(500));
            wait = due.and_then(|due| u32::try_from(due).ok()).unwrap_or(wait).min(wait);
            break;
        }
    }
    wait
}
