//! The composition root: the only place that sees everything. Opens the phone, hands it to the pages, starts the tasks.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::join3;
use greenshield_client::engine::Engine;
use greenshield_domain::city::City;
use greenshield_domain::merge::MergeRule;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::{App, Locked, Parts, Stage, VERSION, now};
use crate::platform::broadcast::Channel;
use crate::platform::photo::Shrinker;
use crate::platform::ports::{OpenError, OpenedPhone};
use crate::platform::timer::Bell;
use crate::platform::{BrowserPorts, net, page, prefs};
use crate::state::AppState;
use crate::state::invite::code_of_fragment;
use crate::state::message::Message;
use crate::state::settings::Settings;
use crate::state::words;
use crate::ui::part::{DeskPart, Fetch};
use crate::{actions, tasks, ui};

/// From this width the desk is shown to its people. Paper counts as wide: printing must not change the page.
const WIDE: &str = "(min-width: 1024px), print";
/// The channel between the tabs of this app.
const CHANNEL: &str = "gs";

/// Starts everything: called once by `main`, which says how the part of the desk is fetched.
pub fn start(desk: Fetch) {
    if !page::is_there() {
        // The worker of the PIN runs the same code, and no page.
        return;
    }
    console_error_panic_hook::set_once();
    let settings = prefs::get::<Settings>("settings").unwrap_or_default();
    mount_to_body(move || {
        let state = AppState::new(settings, now(), page::matches_media(WIDE), code_of_fragment(&page::fragment()));
        actions::change_settings::show(&state);
        let stage = RwSignal::new(Stage::Boot);
        let part = DeskPart::new(desk);
        if actions::keep_desk::is_kept() {
            part.want();
        }
        let owner = Owner::current();
        spawn_local(async move {
            // What lives as long as the page belongs to its owner.
            let owned = Owned(owner);
            let Some(parts) = open(state, stage, &owned).await else { return page::give_up("words") };
            let app = parts.map(|parts| owned.make(|| App::new(parts, state)));
            let running = app.as_ref().ok().copied();
            stage.set(app.map_or_else(Stage::Failed, Stage::Open));
            page::end_boot();
            if let Some(app) = running {
                run(app).await;
            }
        });
        ui::root(stage, part)
    });
}

/// The reactive owner of the page.
struct Owned(Option<Owner>);

impl Owned {
    fn make<T>(&self, made: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(owner) => owner.with(made),
            None => made(),
        }
    }
}

/// Opens the phone; a locked one when its PIN was typed. `None` = there are no words to say anything with, neither good nor bad.
async fn open(state: AppState, stage: RwSignal<Stage>, owned: &Owned) -> Option<Result<Parts, Message>> {
    let lang = state.settings.with_untracked(|settings| settings.lang);
    let database = prefs::database_name();
    let (has_words, phone, city) =
        join3(actions::learn_words::learn_words(lang), BrowserPorts::open(&database), fetch_city()).await;
    if !has_words {
        return None;
    }
    let ports = match phone {
        Ok(OpenedPhone::Open(ports)) => Ok(ports),
        Ok(OpenedPhone::Locked(phone)) => {
            let numbers = city.as_ref().map(numbers).unwrap_or_default();
            let locked = owned.make(|| Locked::new(phone, numbers, state));
            actions::change_settings::show(&state);
            stage.set(Stage::Locked(locked));
            page::end_boot();
            tasks::start_locked(locked);
            let ports = locked.opened().await;
            state.has_pin.set(true);
            Ok(ports)
        }
        Err(error) => Err(error),
    };
    Some(put_together(state, ports, city).await)
}

/// Whom to call: names and numbers.
fn numbers(city: &City) -> Vec<(String, String)> {
    city.info.emergency.iter().map(|known| (words::of(&known.name).to_owned(), known.number.clone())).collect()
}

async fn put_together(
    state: AppState,
    ports: Result<BrowserPorts, OpenError>,
    city: Result<City, &'static str>,
) -> Result<Parts, Message> {
    let ports = ports.map_err(|error| match error {
        OpenError::Store(error) => Message::of_store(&error),
        OpenError::Entropy(error) => Message::of_code(&error.name),
    })?;
    let city = Arc::new(city.map_err(Message::of_code)?);
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
        prove: Bell::new(),
        patrol_draft: Rc::default(),
        speaker: Rc::default(),
        listeners: RefCell::new(Vec::new()),
    })
}

/// The city package lies beside the app, so that it is there without a network. The error is the code of a message.
async fn fetch_city() -> Result<City, &'static str> {
    let file = net::file("/city.json").await.map_err(|_| "network")?;
    let text = str::from_utf8(&file).map_err(|_| "city")?;
    City::from_checked_bundle(text).map_err(|_| "city")
}

/// What must run once the app is open: first what is on the phone, then the network.
async fn run(app: App) {
    actions::load_first::load_first(app).await;
    app.keep(page::on_media(WIDE, move |is_wide| app.state.is_wide.set(is_wide)));
    tasks::start(app);
    actions::load_duties::load_duties(app).await;
}
