//! The composition root: the only place that sees everything. Opens the phone, hands it to the pages, starts the tasks.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use greenshield_client::engine::Engine;
use greenshield_client::ports::{HttpRequest, Ports, Transport};
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use greenshield_domain::merge::MergeRule;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::platform::broadcast::Channel;
use crate::platform::photo::Shrinker;
use crate::platform::ports::OpenError;
use crate::platform::timer::Bell;
use crate::platform::{BrowserPorts, Listener, page, prefs};
use crate::state::AppState;
use crate::state::invite::code_of_fragment;
use crate::state::message::Message;
use crate::state::settings::Settings;
use crate::state::time::Now;
use crate::{actions, tasks, ui};

/// The version people see.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// From this width the desk is shown to its people. Paper counts as wide: printing must not change the page.
const WIDE: &str = "(min-width: 1024px), print";
/// The channel between the tabs of this app.
const CHANNEL: &str = "gs";

/// The engine on this browser.
pub type PhoneEngine = Engine<BrowserPorts>;

/// What is opened once and lives as long as the page.
struct Parts {
    engine: Rc<PhoneEngine>,
    city: Arc<City>,
    channel: Option<Channel>,
    shrinker: Rc<Shrinker>,
    /// Wakes the push loop: something was saved, or somebody wants it now.
    push: Bell,
    /// Wakes the pull loop.
    pull: Bell,
    listeners: RefCell<Vec<Listener>>,
}

/// The app as pages, actions and tasks get it. Copied freely; a copy is the same app.
#[derive(Clone, Copy)]
pub struct App {
    parts: StoredValue<Parts, LocalStorage>,
    /// What the pages show.
    pub state: AppState,
}

impl App {
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

/// Starts everything: called once by `main`.
pub fn start() {
    console_error_panic_hook::set_once();
    let settings = prefs::get::<Settings>("settings").unwrap_or_default();
    mount_to_body(move || {
        let state = AppState::new(settings, now(), page::matches_media(WIDE), code_of_fragment(&page::fragment()));
        actions::change_settings::show(&state);
        let opened: RwSignal<Option<Result<App, Message>>> = RwSignal::new(None);
        let owner = Owner::current();
        spawn_local(async move {
            let app = open(state).await;
            let store = move || app.map(|parts| App { parts: StoredValue::new_local(parts), state });
            opened.set(Some(match &owner {
                Some(owner) => owner.with(store),
                None => store(),
            }));
        });
        ui::root(opened)
    });
}

/// The phone's clock and zone.
#[must_use]
pub fn now() -> Now {
    let local = chrono::Local::now();
    Now { millis: local.timestamp_millis(), zone_minutes: local.offset().local_minus_utc() / 60 }
}

async fn open(state: AppState) -> Result<Parts, Message> {
    let database = prefs::database_name();
    let (ports, city) = both(BrowserPorts::open(&database), fetch_city()).await;
    let ports = ports.map_err(|error| match error {
        OpenError::Store(error) => Message::of_store(&error),
        OpenError::Entropy(error) => Message::of_code(&error.name),
    })?;
    let city = Arc::new(city?);
    let rules = {
        let city = Arc::clone(&city);
        Box::new(move |kind: u32, field: u32| -> MergeRule { city.rule(kind, field) })
    };
    let engine = Engine::open(ports, rules, VERSION).await.map_err(|error| Message::of_store(&error))?;
    state.identity.set(engine.identity());
    actions::change_settings::show(&state);
    Ok(Parts {
        engine: Rc::new(engine),
        city,
        channel: Channel::join(CHANNEL).ok(),
        shrinker: Rc::new(Shrinker::default()),
        push: Bell::new(),
        pull: Bell::new(),
        listeners: RefCell::new(Vec::new()),
    })
}

/// The city package lies beside the app, so that it is there without a network.
async fn fetch_city() -> Result<City, Message> {
    let get = HttpRequest {
        method: "GET",
        path: "/city.json".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_millis: 30_000,
    };
    let reply = crate::platform::net::BrowserNet.send(get).await.map_err(|_| Message::of_code("network"))?;
    let text = String::from_utf8(reply.body).map_err(|_| Message::of_code("city"))?;
    City::from_checked_bundle(&text).map_err(|_| Message::of_code("city"))
}

/// Two things at the same time.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    std::future::poll_fn(move |cx| {
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            of_b = Some(value);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// What must run once the app is open: first what is on the phone, then the network.
pub async fn run(app: App) {
    actions::load_records::load_first(app).await;
    app.keep(page::on_media(WIDE, move |is_wide| app.state.is_wide.set(is_wide)));
    tasks::start(app);
}
