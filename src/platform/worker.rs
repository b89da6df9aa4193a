//! The service worker: whether the app works offline, and moving over to a new version.
//!
//! Owns: asking. Refuses: to reload without being asked; a form may be open. `boot.js` registers the worker.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use thiserror::Error;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageChannel, MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::once::Once;
use super::timer::within;
use super::{Exception, Listener, page};

/// Repairing may fetch the whole shell over a slow line.
const CHECK_MILLIS: u32 = 60_000;

/// Why the service worker did not do it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorkerError {
    /// There is none: not supported, or not yet registered.
    #[error("no service worker")]
    Missing,
    /// It does not answer.
    #[error("the service worker does not answer")]
    Silent,
    /// The browser refused.
    #[error(transparent)]
    Refused(#[from] Exception),
}

/// What the worker knows of the app's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellState {
    /// The build that opens offline.
    pub build: String,
    /// How many files it has.
    pub files: u32,
    /// Files that are gone and could not be fetched again.
    pub missing: Vec<String>,
    /// Files that were gone and are back.
    pub repaired: u32,
}

impl ShellState {
    /// Whether the app opens without a network.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.files > 0 && self.missing.is_empty()
    }
}

fn container() -> Option<ServiceWorkerContainer> {
    let container = web_sys::window()?.navigator().service_worker();
    // In a page without https the property is missing, whatever its type says.
    (!container.is_undefined()).then_some(container)
}

async fn registration() -> Result<ServiceWorkerRegistration, WorkerError> {
    let container = container().ok_or(WorkerError::Missing)?;
    let found = JsFuture::from(container.get_registration()).await.map_err(Exception::from)?;
    found.dyn_into().map_err(|_| WorkerError::Missing)
}

/// Whether this page came from a service worker, so that it opens offline the next time too.
#[must_use]
pub fn is_controlled() -> bool {
    container().is_some_and(|container| container.controller().is_some())
}

/// Whether a new version waits for its turn.
pub async fn is_update_waiting() -> bool {
    is_controlled() && registration().await.is_ok_and(|registration| registration.waiting().is_some())
}

/// Tells that a new version waits: once now if so, and whenever `boot.js` sees one.
pub fn on_update_ready(then: impl Fn() + 'static) -> Listener {
    let then = Rc::new(then);
    let listener = {
        let then = Rc::clone(&then);
        Listener::on_window("gs-update-ready", move |_| then())
    };
    let then = Rc::downgrade(&then);
    spawn_local(async move {
        if is_update_waiting().await
            && let Some(then) = then.upgrade()
        {
            then();
        }
    });
    listener
}

thread_local! {
    /// Outlives the banner that asked for the update; the reload ends it.
    static RELOADING: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Lets the waiting version take over and reloads the page once it has. The caller has saved its drafts.
///
/// # Errors
/// When none waits.
pub async fn apply_update() -> Result<(), WorkerError> {
    let waiting = registration().await?.waiting().ok_or(WorkerError::Missing)?;
    let is_done = Cell::new(false);
    let listener = Listener::on_target(container().map(JsValue::from), "controllerchange", move |_| {
        if !is_done.replace(true) {
            page::reload();
        }
    });
    RELOADING.replace(Some(listener));
    Ok(post(&waiting, "SKIP_WAITING", None)?)
}

/// Asks the worker whether all files of the app are on this phone; it fetches again what is missing.
///
/// # Errors
/// When there is no worker or it says nothing.
pub async fn check_shell() -> Result<ShellState, WorkerError> {
    let active = registration().await?.active().ok_or(WorkerError::Missing)?;
    let channel = MessageChannel::new().map_err(Exception::from)?;
    let answered = Once::new();
    let heard = {
        let answered = answered.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| answered.set(shell_state(&event.data())))
    };
    channel.port1().set_onmessage(Some(heard.as_ref().unchecked_ref()));
    post(&active, "CHECK", Some(&channel.port2()))?;
    let answer = within(CHECK_MILLIS, answered.wait()).await;
    channel.port1().set_onmessage(None);
    channel.port1().close();
    answer.flatten().ok_or(WorkerError::Silent)
}

/// Asks the worker to keep the part of the desk on this phone, too, as soon as there is a worker; and one that waits for its turn.
///
/// # Errors
/// When this browser has none.
pub async fn keep_desk() -> Result<(), WorkerError> {
    let ready = container().ok_or(WorkerError::Missing)?.ready().map_err(Exception::from)?;
    let found = JsFuture::from(ready).await.map_err(Exception::from)?;
    let registration: ServiceWorkerRegistration = found.dyn_into().map_err(|_| WorkerError::Missing)?;
    let workers = [registration.active(), registration.waiting(), registration.installing()];
    for worker in workers.iter().flatten() {
        post(worker, "DESK", None)?;
    }
    Ok(())
}

/// Background sync of Android woke the worker, which asks the page to sync.
pub fn on_sync_wanted(then: impl Fn() + 'static) -> Listener {
    Listener::on_target(container().map(JsValue::from), "message", move |event| {
        let kind = Reflect::get(&event, &"data".into()).and_then(|data| Reflect::get(&data, &"type".into()));
        if kind.is_ok_and(|kind| kind == "SYNC") {
            then();
        }
    })
}

fn post(worker: &ServiceWorker, kind: &str, port: Option<&JsValue>) -> Result<(), Exception> {
    let message = Object::new();
    Reflect::set(&message, &"type".into(), &kind.into())?;
    let transfer: Array = port.into_iter().collect();
    Ok(worker.post_message_with_transferable(&message, &transfer)?)
}

fn shell_state(data: &JsValue) -> Option<ShellState> {
    let field = |name: &str| Reflect::get(data, &name.into()).ok();
    let number = |name: &str| field(name)?.as_f64().map(|number| number as u32);
    Some(ShellState {
        build: field("build")?.as_string()?,
        files: number("files")?,
        missing: field("missing")?.dyn_into::<Array>().ok()?.iter().filter_map(|path| path.as_string()).collect(),
        repaired: number("repaired").unwrap_or(0),
    })
}
