//! The app as pages, actions and tasks get it: what was opened, what is shown, and the bells between them.
//!
//! Owns: [`App`]. Refuses: to open or to start anything; `app.rs` does, which alone sees everything.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::Mutex;
use greenshield_client::engine::Engine;
use greenshield_client::ports::Ports;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::platform::broadcast::Channel;
use crate::platform::photo::Shrinker;
use crate::platform::sound::Speaker;
use crate::platform::timer::Bell;
use crate::platform::{BrowserPorts, Listener};
use crate::state::AppState;
use crate::state::time::Now;

/// The version people see.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The engine on this browser.
pub type PhoneEngine = Engine<BrowserPorts>;

/// What is opened once and lives as long as the page.
pub struct Parts {
    pub(crate) engine: Rc<PhoneEngine>,
    pub(crate) city: Arc<City>,
    pub(crate) channel: Option<Channel>,
    pub(crate) shrinker: Rc<Shrinker>,
    /// Wakes the push loop: something was saved, or somebody wants it now.
    pub(crate) push: Bell,
    /// Wakes the pull loop.
    pub(crate) pull: Bell,
    /// Wakes the recording of a patrol: it begins, pauses, goes on or ends.
    pub(crate) patrol: Bell,
    /// Held by whoever writes the draft of the patrol: what was read for it may not change meanwhile.
    pub(crate) patrol_draft: Rc<Mutex<()>>,
    /// What is heard when nobody looks.
    pub(crate) speaker: Rc<Speaker>,
    pub(crate) listeners: RefCell<Vec<Listener>>,
}

/// The app as pages, actions and tasks get it. Copied freely; a copy is the same app.
#[derive(Clone, Copy)]
pub struct App {
    parts: StoredValue<Parts, LocalStorage>,
    /// What the pages show.
    pub state: AppState,
}

impl App {
    /// The app of opened parts; they live as long as the reactive owner of this call.
    #[must_use]
    pub fn new(parts: Parts, state: AppState) -> Self {
        Self { parts: StoredValue::new_local(parts), state }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Rc<PhoneEngine> {
        self.parts.with_value(|parts| Rc::clone(&parts.engine))
    }

    /// The city package.
    #[must_use]
    pub fn city(&self) -> Arc<City> {
        self.parts.with_value(|parts| Arc::clone(&parts.city))
    }

    /// The worker that makes small copies of photos.
    #[must_use]
    pub fn shrinker(&self) -> Rc<Shrinker> {
        self.parts.with_value(|parts| Rc::clone(&parts.shrinker))
    }

    /// The bell of the push loop.
    #[must_use]
    pub fn push_bell(&self) -> Bell {
        self.parts.with_value(|parts| parts.push.clone())
    }

    /// The bell of the pull loop.
    #[must_use]
    pub fn pull_bell(&self) -> Bell {
        self.parts.with_value(|parts| parts.pull.clone())
    }

    /// The bell of the recording of a patrol.
    #[must_use]
    pub fn patrol_bell(&self) -> Bell {
        self.parts.with_value(|parts| parts.patrol.clone())
    }

    /// The lock of the patrol's draft.
    #[must_use]
    pub fn patrol_draft(&self) -> Rc<Mutex<()>> {
        self.parts.with_value(|parts| Rc::clone(&parts.patrol_draft))
    }

    /// The loudspeaker.
    #[must_use]
    pub fn speaker(&self) -> Rc<Speaker> {
        self.parts.with_value(|parts| Rc::clone(&parts.speaker))
    }

    /// Wakes the sync, here or in the tab that owns it.
    pub fn wake_sync(&self) {
        self.push_bell().ring();
        self.pull_bell().ring();
        self.tell_tabs("wake");
    }

    /// Tells the other tabs; see `tasks::tabs` for the words.
    pub fn tell_tabs(&self, words: &str) {
        self.parts.with_value(|parts| {
            if let Some(channel) = &parts.channel {
                // Nobody hears it: then there is nobody to tell.
                let _ = channel.post(words);
            }
        });
    }

    /// Tells the other tabs which records changed.
    pub fn tell_changed(&self, records: &[RecordId]) {
        let ids: Vec<String> = records.iter().take(100).map(RecordId::to_hex).collect();
        self.tell_tabs(&if records.len() > 100 { "changed".to_owned() } else { format!("changed {}", ids.join(" ")) });
    }

    /// Hears the other tabs.
    pub fn hear_tabs(&self, heard: impl Fn(String) + 'static) {
        let listener = self.parts.with_value(|parts| parts.channel.as_ref().map(|channel| channel.subscribe(heard)));
        listener.into_iter().for_each(|listener| self.keep(listener));
    }

    /// Keeps a listener as long as the page lives.
    pub fn keep(&self, listener: Listener) {
        self.parts.with_value(|parts| parts.listeners.borrow_mut().push(listener));
    }

    /// The phone's clock, ms since 1970.
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        self.engine().ports().clock().wall_millis()
    }

    /// Runs an action that a tap started.
    pub fn run(&self, action: impl Future<Output = ()> + 'static) {
        spawn_local(action);
    }
}

/// The app, for a page. Leaves take props instead.
#[must_use]
pub fn use_app() -> App {
    #[expect(clippy::expect_used, reason = "a page outside of the root is a mistake that the first start shows")]
    use_context::<App>().expect("pages live below the root")
}

/// The phone's clock and zone.
#[must_use]
pub fn now() -> Now {
    let local = chrono::Local::now();
    Now { millis: local.timestamp_millis(), zone_minutes: local.offset().local_minus_utc() / 60 }
}
