//! Opening and closing a database.
//!
//! Invariant: a connection closes itself when another tab wants to upgrade or delete the database, so that nobody waits for us.

use std::cell::Cell;
use std::rc::Rc;

use greenshield_client::ports::StoreError;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbTransaction, IdbVersionChangeEvent};

use super::error::of_opening;
use super::schema;
use crate::platform::Exception;
use crate::platform::once::Once;

/// An open database.
pub(in crate::platform) struct Connection {
    pub(super) database: IdbDatabase,
    open: Rc<Cell<bool>>,
    _closed: Closure<dyn FnMut(Event)>,
}

impl Connection {
    fn new(database: IdbDatabase) -> Self {
        let open = Rc::new(Cell::new(true));
        let closed = {
            let (database, open) = (database.clone(), Rc::clone(&open));
            // For `versionchange` we must close; after `close` it does no harm.
            Closure::<dyn FnMut(Event)>::new(move |_: Event| {
                open.set(false);
                database.close();
            })
        };
        database.set_onversionchange(Some(closed.as_ref().unchecked_ref()));
        database.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Self { database, open, _closed: closed }
    }

    /// Whether transactions may still begin.
    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// Lets running transactions end, begins no more.
    pub(super) fn close(&self) {
        self.open.set(false);
        self.database.close();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        self.database.close();
    }
}

/// Opens the database with the stores of [`schema::STEPS`].
pub(super) async fn open(name: &str) -> Result<Connection, StoreError> {
    match request(name, Some(schema::VERSION)).await {
        Ok(database) => Ok(Connection::new(database)),
        Err(exception) if exception.name == "VersionError" => Err(too_new(name).await),
        Err(exception) => Err(of_opening(exception)),
    }
}

/// Deletes the database and all that is in it, when its last connection has closed.
pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
    let request = factory().and_then(|factory| Ok(factory.delete_database(name)?)).map_err(of_opening)?;
    Opening::new(request, None).outcome().await.map(drop).map_err(of_opening)
}

async fn too_new(name: &str) -> StoreError {
    match request(name, None).await {
        Ok(database) => {
            let found = database.version();
            database.close();
            StoreError::SchemaTooNew { found: found as u32, supported: schema::VERSION }
        }
        Err(exception) => of_opening(exception),
    }
}

async fn request(name: &str, version: Option<u32>) -> Result<IdbDatabase, Exception> {
    let factory = factory()?;
    let request = match version {
        Some(version) => factory.open_with_u32(name, version)?,
        None => factory.open(name)?,
    };
    let upgrade = {
        let request = request.clone();
        move |event: IdbVersionChangeEvent| {
            let stores = match (version, opened(&request)) {
                (Some(_), Some(database)) => schema::upgrade(&database, event.old_version() as u32),
                // Without a version we came to look, not to create.
                _ => Err(Exception::named("NotFoundError", "no such database")),
            };
            if let (Err(_), Some(transaction)) = (stores, request.transaction()) {
                let _ = transaction.unchecked_into::<IdbTransaction>().abort();
            }
        }
    };
    let opening = Opening::new(request, Some(Closure::new(upgrade)));
    opening.outcome().await?;
    opened(&opening.request).ok_or_else(|| Exception::lacking("indexedDB"))
}

fn opened(request: &IdbOpenDbRequest) -> Option<IdbDatabase> {
    request.result().ok().and_then(|result| result.dyn_into().ok())
}

fn factory() -> Result<IdbFactory, Exception> {
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    window.indexed_db()?.ok_or_else(|| Exception::lacking("indexedDB"))
}

/// Names of all databases of this origin; none where the browser does not tell.
pub(super) async fn names() -> Result<Vec<String>, Exception> {
    let factory = factory()?;
    let ask = Reflect::get(&factory, &JsValue::from_str("databases"))?.dyn_into::<Function>();
    let ask = ask.map_err(|_| Exception::lacking("indexedDB.databases"))?;
    let told = JsFuture::from(ask.call0(&factory)?.unchecked_into::<Promise>()).await?;
    let name = |database: JsValue| Reflect::get(&database, &JsValue::from_str("name")).ok()?.as_string();
    Ok(Array::from(&told).iter().filter_map(name).collect())
}

type Upgrade = Closure<dyn FnMut(IdbVersionChangeEvent)>;

/// A request to open or delete, with its handlers; dropped, it listens no more.
struct Opening {
    request: IdbOpenDbRequest,
    done: Once<Result<(), Exception>>,
    _settled: Closure<dyn FnMut(Event)>,
    _upgrade: Option<Upgrade>,
}

impl Opening {
    fn new(request: IdbOpenDbRequest, upgrade: Option<Upgrade>) -> Self {
        let done = Once::new();
        let settled = {
            let (done, request) = (done.clone(), request.clone());
            Closure::<dyn FnMut(Event)>::new(move |_: Event| {
                let error = request.error().ok().flatten();
                done.set(error.map_or(Ok(()), |error| Err(Exception::from(&error.into()))));
            })
        };
        request.set_onsuccess(Some(settled.as_ref().unchecked_ref()));
        request.set_onerror(Some(settled.as_ref().unchecked_ref()));
        request.set_onupgradeneeded(upgrade.as_ref().map(|upgrade| upgrade.as_ref().unchecked_ref()));
        Self { request, done, _settled: settled, _upgrade: upgrade }
    }

    async fn outcome(&self) -> Result<(), Exception> {
        self.done.wait().await
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.request.set_onsuccess(None);
        self.request.set_onerror(None);
        self.request.set_onupgradeneeded(None);
    }
}
