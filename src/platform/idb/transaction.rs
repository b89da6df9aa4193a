//! One IndexedDB transaction as one future.
//!
//! Invariants: all requests are fired before anything is awaited, since a transaction commits itself when the event loop
//! turns with no request pending; the outcome is the event of the transaction, never that of a request, since a request
//! that succeeded is not yet on disk. A transaction dropped before its end is aborted.

use greenshield_client::ports::{Durability, StoreError};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, IdbDatabase, IdbTransaction};

use super::error::Failure;
use super::open::Connection;
use crate::platform::Exception;
use crate::platform::once::Once;

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the third argument of `transaction`, which web-sys hides as unstable.
    #[wasm_bindgen(extends = IdbDatabase)]
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Database, stores: &Array, mode: &str, options: &Object) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransaction` with the method that web-sys takes for deprecated.
    #[wasm_bindgen(extends = IdbTransaction)]
    type Committing;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Committing) -> Result<(), JsValue>;
}

/// What the transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platform) enum Mode {
    Read,
    Write(Durability),
}

/// A running transaction.
pub(in crate::platform) struct Transaction {
    running: Running,
    _completed: Closure<dyn FnMut(Event)>,
    _aborted: Closure<dyn FnMut(Event)>,
}

/// What callbacks of requests may hold of it.
#[derive(Clone)]
pub(in crate::platform) struct Running {
    handle: IdbTransaction,
    outcome: Once<Result<(), Failure>>,
}

impl Running {
    /// The browser's object.
    pub(super) fn handle(&self) -> &IdbTransaction {
        &self.handle
    }

    /// Ends it without a trace. The first reason counts.
    pub(super) fn abort(&self, reason: Failure) {
        self.outcome.set(Err(reason));
        // Throws when it ended by itself meanwhile.
        let _ = self.handle.abort();
    }

    /// Nothing more will come: saves a turn of the event loop. Old browsers commit by themselves.
    pub(super) fn commit(&self) {
        // Throws where the method is missing, and when the transaction ended meanwhile; its outcome is told all the same.
        let _ = self.handle.unchecked_ref::<Committing>().commit();
    }
}

impl Transaction {
    /// Begins; fails when the connection is gone.
    pub(in crate::platform) fn begin(connection: &Connection, stores: &[&str], mode: Mode) -> Result<Self, Failure> {
        if !connection.is_open() {
            return Err(Failure::Lost);
        }
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let options = Object::new();
        let (mode, durability) = match mode {
            Mode::Read => ("readonly", "default"),
            Mode::Write(Durability::Strict) => ("readwrite", "strict"),
            Mode::Write(Durability::Relaxed) => ("readwrite", "relaxed"),
        };
        Reflect::set(&options, &JsValue::from_str("durability"), &JsValue::from_str(durability))?;
        let handle = connection.database.unchecked_ref::<Database>().transaction(&names, mode, &options)?;
        let running = Running { handle, outcome: Once::new() };
        let completed = {
            let outcome = running.outcome.clone();
            Closure::<dyn FnMut(Event)>::new(move |_: Event| outcome.set(Ok(())))
        };
        let aborted = {
            let running = running.clone();
            Closure::<dyn FnMut(Event)>::new(move |_: Event| {
                let error = running.handle.error().map(|error| Exception::from(&error.into()));
                let error = error.unwrap_or_else(|| Exception::named("AbortError", "no reason"));
                running.outcome.set(Err(Failure::of(error)));
            })
        };
        running.handle.set_oncomplete(Some(completed.as_ref().unchecked_ref()));
        running.handle.set_onabort(Some(aborted.as_ref().unchecked_ref()));
        Ok(Self { running, _completed: completed, _aborted: aborted })
    }

    pub(in crate::platform) fn running(&self) -> &Running {
        &self.running
    }

    /// Waits until it is committed, as durable as asked for, or gone without a trace.
    pub(in crate::platform) async fn outcome(&self) -> Result<(), Failure> {
        self.running.outcome.wait().await
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let handle = &self.running.handle;
        handle.set_oncomplete(None);
        handle.set_onabort(None);
        if !self.running.outcome.is_set() {
            self.running.abort(Failure::Store(StoreError::Lost));
        }
    }
}
