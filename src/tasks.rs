//! Long-lived loops: the sync, the connection, the other tabs, new versions, the clock, a patrol.
//!
//! Owns: when something runs. Refuses: what it does; that is the engine's, and what it means is the state's.

mod clock;
mod connection;
mod contact;
mod health;
mod lock;
mod locked;
mod others;
mod patrol;
mod pull;
mod push;
mod sos;
mod sweep;
mod sync;
mod tabs;
mod update;

use crate::actions::check_storage::check_storage;
use crate::actions::make_package::forget_package;
use crate::actions::read_news::look_for_news;
use crate::context::{App, Locked};

/// Starts all loops; they end with the page.
pub fn start(app: App) {
    clock::start(app);
    tabs::start(app);
    connection::start(app);
    update::start(app);
    patrol::start(app);
    sync::start(app);
    sos::start(app);
    sweep::start(app);
    lock::start(app);
    others::start();
    look_for_news(app);
    app.run(check_storage(app));
    app.run(forget_package());
}

/// What a locked phone still does: its sealed outbox goes out.
pub fn start_locked(locked: Locked) {
    locked::start(locked);
    others::start();
}
