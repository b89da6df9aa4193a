//! The app as pages, actions and tasks get it: what was opened, what is shown, and the bells between them.
//!
//! Owns: [`App`]. Refuses: to open or to start anything; `app.rs` does, which alone sees everything.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::Mutex;
use greenshield_client::engine::{Engine, SealedOutbox};
use greenshield_client::ports::Ports;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::platform::broadcast::Channel;
use crate::platform::photo::Shrinker;
use crate::platform::ports::LockedPhone;
use crate::platform::sound::Speaker;
use crate::platform::timer::Bell;
use crate::platform::{BrowserPorts, Listener};
use crate::state::AppState;
use crate::state::lock::Pad;
use crate::state::message::Message;
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
    /// Wakes whoever waits for the answer of the person at the device.
    pub(crate) prove: Bell,
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

    /// The bell of the answer to "who is at the device?".
    #[must_use]
    pub fn prove_bell(&self) -> Bell {
        self.parts.with_value(|parts| parts.prove.clone())
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

/// How far the phone is open.
#[derive(Clone)]
pub enum Stage {
    /// Not yet.
    Boot,
    /// A PIN is asked for.
    Locked(Locked),
    /// It is.
    Open(App),
    /// It can not be.
    Failed(Message),
}

/// What the page of a locked phone shows.
#[derive(Debug, Clone, Copy)]
pub struct LockView {
    /// What was typed.
    pub pad: RwSignal<Pad>,
    /// Whether a try is computed, or it is not known yet how long the next one has to wait.
    pub is_busy: RwSignal<bool>,
    /// What was wrong with the last one.
    pub problem: RwSignal<Option<String>>,
    /// No try before this moment, ms since 1970.
    pub wait_until: RwSignal<i64>,
    /// What waits unsent.
    pub outbox: RwSignal<SealedOutbox>,
    /// Whether somebody is out there to send it to.
    pub is_online: RwSignal<bool>,
}

struct LockedParts {
    phone: LockedPhone,
    numbers: Vec<(String, String)>,
    opened: Bell,
    wake: Bell,
    ports: Cell<Option<BrowserPorts>>,
    is_open: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

/// A locked phone as its page and its actions get it. Copied freely; a copy is the same phone.
#[derive(Clone, Copy)]
pub struct Locked {
    parts: StoredValue<LockedParts, LocalStorage>,
    /// What every page reads; nothing of a record or a person is in it.
    pub state: AppState,
    /// What this page shows.
    pub view: LockView,
}

impl Locked {
    /// A locked phone; `numbers` to call for help are names and numbers.
    #[must_use]
    pub fn new(phone: LockedPhone, numbers: Vec<(String, String)>, state: AppState) -> Self {
        let parts = LockedParts {
            phone,
            numbers,
            opened: Bell::new(),
            wake: Bell::new(),
            ports: Cell::new(None),
            is_open: Cell::new(false),
            listeners: RefCell::new(Vec::new()),
        };
        let view = LockView {
            pad: RwSignal::new(Pad::default()),
            is_busy: RwSignal::new(true),
            problem: RwSignal::new(None),
            wait_until: RwSignal::new(0),
            outbox: RwSignal::new(SealedOutbox::default()),
            is_online: RwSignal::new(true),
        };
        Self { parts: StoredValue::new_local(parts), state, view }
    }

    /// The phone.
    #[must_use]
    pub fn phone(&self) -> LockedPhone {
        self.parts.with_value(|parts| parts.phone.clone())
    }

    /// Whom to call.
    #[must_use]
    pub fn numbers(&self) -> Vec<(String, String)> {
        self.parts.with_value(|parts| parts.numbers.clone())
    }

    /// The PIN was right.
    pub fn open(&self, ports: BrowserPorts) {
        self.parts.with_value(|parts| {
            parts.ports.set(Some(ports));
            parts.is_open.set(true);
            parts.opened.ring();
            // The sync of the locked phone ends, and lets the open one begin.
            parts.wake.ring();
        });
    }

    /// The bell of the sync of the locked phone.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.parts.with_value(|parts| parts.wake.clone())
    }

    /// Whether it was.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.parts.with_value(|parts| parts.is_open.get())
    }

    /// Waits until it was; gives the open phone once.
    pub async fn opened(&self) -> BrowserPorts {
        loop {
            let (ports, bell) = self.parts.with_value(|parts| (parts.ports.take(), parts.opened.clone()));
            match ports {
                Some(ports) => return ports,
                None => bell.rung().await,
            }
        }
    }

    /// Keeps a listener until the phone is open.
    pub fn keep(&self, listener: Listener) {
        self.parts.with_value(|parts| parts.listeners.borrow_mut().push(listener));
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
