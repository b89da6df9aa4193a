//! The recording of a patrol, whatever page is open: fixes come in, gaps are noticed, what was recorded goes to disk.
//!
//! One window records. Another one waits for its lock, and takes the patrol up from disk when that window is gone.

use leptos::prelude::*;

use crate::actions::note_phone::note_phone;
use crate::actions::record_track::{close_segment, keep_track, resume_patrol};
use crate::actions::signal_patrol::signal_patrol;
use crate::context::{App, now};
use crate::platform::track_watch::{TrackEvent, TrackWatch, watch_track};
use crate::platform::{lifecycle, locks, timer};
use crate::state::patrol::pulse::Pulse;
use crate::state::patrol::{PATROL, Recorder};

/// How often it is looked whether the position was lost, and what was recorded goes to disk.
const TICK_MILLIS: u32 = 5_000;
/// The lock of the window that records.
const LOCK: &str = "greenshield-patrol";

pub(super) fn start(app: App) {
    app.keep(lifecycle::on_visibility(move |is_visible| {
        if !is_visible {
            app.state.patrol.update(|walk| {
                if let Some(walk) = walk {
                    walk.look_away(app.now_millis());
                }
            });
            app.run(keep_track(app));
        }
        app.patrol_bell().ring();
    }));
    app.keep(lifecycle::on_pagehide(move || app.run(keep_track(app))));
    app.run(run(app));
}

async fn run(app: App) {
    let bell = app.patrol_bell();
    loop {
        let is_kept = app.engine().draft(PATROL).await.is_ok_and(|kept| kept.is_some());
        if app.state.patrol.with_untracked(Option::is_none) && !is_kept {
            app.state.patrol_elsewhere.set(false);
            bell.rung().await;
            continue;
        }
        let guard = match locks::try_hold(LOCK).await {
            Ok(Some(guard)) => Some(guard),
            // A browser that refuses locks has nobody to share with.
            Err(_) => None,
            Ok(None) => {
                app.state.patrol_elsewhere.set(true);
                locks::hold(LOCK).await.ok()
            }
        };
        app.state.patrol_elsewhere.set(false);
        if app.state.patrol.with_untracked(Option::is_none) {
            resume_patrol(app).await;
        }
        if app.state.patrol.with_untracked(Option::is_none) {
            // A draft that this version can not read: an update may. Looking again at once would find the same.
            drop(guard);
            bell.rung().await;
            continue;
        }
        record(app).await;
        drop(guard);
    }
}

/// Records until the patrol is over.
async fn record(app: App) {
    let bell = app.patrol_bell();
    let mut watch: Option<TrackWatch> = None;
    loop {
        let measures = |walk: &Recorder| walk.has_track && walk.paused_since().is_none();
        let Some(measures) = app.state.patrol.with_untracked(|walk| walk.as_ref().map(measures)) else { return };
        if !measures {
            watch = None;
        } else if watch.is_none() {
            watch = Some(watch_track(move || app.now_millis(), move |event| hear(app, event)));
        }
        timer::sleep_or(TICK_MILLIS, &bell).await;
        let millis = app.now_millis();
        app.state.now.set(now());
        let is_due = app.state.patrol.try_update(|walk| {
            let walk = walk.as_mut()?;
            if walk.tick(millis) {
                signal_patrol(app, Pulse::Lost);
            }
            Some((walk.is_segment_due(millis), walk.is_note_due(millis)))
        });
        let (is_segment_due, is_note_due) = is_due.flatten().unwrap_or_default();
        if is_note_due {
            note_phone(app).await;
        }
        // What does not go now stays in the draft, and goes with the next tick.
        if !is_segment_due || close_segment(app).await.is_err() {
            keep_track(app).await;
        }
    }
}

fn hear(app: App, event: TrackEvent) {
    app.state.patrol.update(|walk| match (walk, event) {
        (Some(walk), TrackEvent::Fix(fix)) => walk.fix(fix),
        (Some(walk), TrackEvent::Denied) => walk.is_denied = true,
        (None, _) => {}
    });
}
