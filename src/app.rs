//! The composition root: the only place that sees everything. Opens the phone, hands it to the pages, starts the tasks.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::join;
use greenshield_client::engine::Engine;
use greenshield_domain::city::City;
use greenshield_domain::merge::MergeRule;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::{App, Parts, VERSION, now};
use crate::platform::broadcast::Channel;
use crate::platform::photo::Shrinker;
use crate::platform::ports::OpenError;
use crate::platform::timer::Bell;
use crate::platform::{BrowserPorts, net, page, prefs};
use crate::state::AppState;
use crate::state::invite::code_of_fragment;
use crate::state::message::Message;
use crate::state::settings::Settings;
use crate::{actions, tasks, ui};

/// From this width the desk is shown to its people. Paper counts as wide: printing must not change the page.
const WIDE: &str = "(min-width: 1024px), print";
/// The channel between the tabs of this app.
const CHANNEL: &str = "gs";

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
            let parts = open(state).await;
            let store = move || parts.map(|parts| App::new(parts, state));
            let app = match &owner {
                Some(owner) => owner.with(store),
                None => store(),
            };
            let running = app.as_ref().ok().copied();
            opened.set(Some(app));
            if let Some(app) = running {
                run(app).await;
            }
        });
        ui::root(opened)
    });
}

async fn open(state: AppState) -> Result<Parts, Message> {
    let database = prefs::database_name();
    let (ports, city) = join(BrowserPorts::open(&database), fetch_city()).await;
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
        patrol: Bell::new(),
        patrol_draft: Rc::default(),
        listeners: RefCell::new(Vec::new()),
    })
}

/// The city package lies beside the app, so that it is there without a network.
async fn fetch_city() -> Result<City, Message> {
    let text = net::own_text("/city.json").await.ok_or_else(|| Message::of_code("network"))?;
    City::from_checked_bundle(&text).map_err(|_| Message::of_code("city"))
}

/// What must run once the app is open: first what is on the phone, then the network.
async fn run(app: App) {
    actions::load_first::load_first(app).await;
    app.keep(page::on_media(WIDE, move |is_wide| app.state.is_wide.set(is_wide)));
    tasks::start(app);
}
