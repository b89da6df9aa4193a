//! Seals what was written before this phone sealed anything: a few rows at a time, long after the start, in one window only.

use greenshield_client::ports::Ports as _;

use crate::context::App;
use crate::platform::{locks, timer};

/// The lock of the sweep.
const LOCK: &str = "gs-sweep";
/// First the person, then the sync.
const FIRST_MILLIS: u32 = 10_000;
/// Between two steps.
const BREATH_MILLIS: u32 = 50;

pub(super) fn start(app: App) {
    app.run(async move {
        timer::sleep(FIRST_MILLIS).await;
        let Ok(Some(_held)) = locks::try_hold(LOCK).await else { return };
        let engine = app.engine();
        // What can not be sealed now, for lack of room, is with the next start.
        while engine.ports().store().sweep().await == Ok(true) {
            timer::sleep(BREATH_MILLIS).await;
        }
    });
}
