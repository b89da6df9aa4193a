//! The phone's database on IndexedDB.
//!
//! Owns: the connection, which is opened again when the browser took it away; one repeat of what was interrupted. Refuses:
//! meaning of rows (that is the client's), an await inside a transaction, Blobs (WebKit loses them).
//! Invariants: a write is one transaction; strict means flushed when the future ends; nothing is half written.

mod error;
mod open;
pub(in crate::platform) mod rows;
pub mod schema;
mod transaction;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use greenshield_client::ports::{LocalStore, Read, Row, StoreError, Write};

pub(in crate::platform) use error::Failure;
pub(in crate::platform) use open::Connection;

/// A [`LocalStore`] on IndexedDB. Clones share the connection.
#[derive(Clone)]
pub struct IdbStore {
    shared: Rc<Shared>,
}

struct Shared {
    name: String,
    connection: RefCell<Option<Rc<Connection>>>,
}

impl IdbStore {
    /// Opens a database, creating what is missing.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`] after a newer app, [`StoreError::Unavailable`] where the browser gives no database.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let connection = Rc::new(open::open(name).await?);
        let shared = Shared { name: name.to_owned(), connection: RefCell::new(Some(connection)) };
        Ok(Self { shared: Rc::new(shared) })
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Closes the connection after the running transactions. The next use opens it again.
    pub fn close(&self) {
        if let Some(connection) = self.shared.connection.take() {
            connection.close();
        }
    }

    /// Names of all databases of this origin; none where the browser does not tell.
    pub async fn names() -> Vec<String> {
        open::names().await.unwrap_or_default()
    }

    /// Deletes a database with all that is in it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn delete_database(name: &str) -> Result<(), StoreError> {
        open::delete(name).await
    }

    async fn connection(&self) -> Result<Rc<Connection>, StoreError> {
        let held = self.shared.connection.borrow().as_ref().filter(|held| held.is_open()).map(Rc::clone);
        if let Some(held) = held {
            return Ok(held);
        }
        let opened = Rc::new(open::open(&self.shared.name).await?);
        let mut held = self.shared.connection.borrow_mut();
        // Somebody else may have opened it meanwhile: one connection is enough.
        match held.as_ref().filter(|held| held.is_open()) {
            Some(faster) => Ok(Rc::clone(faster)),
            None => Ok(Rc::clone(held.insert(opened))),
        }
    }

    /// Runs a transaction; on a lost connection opens anew and runs it once more.
    pub(in crate::platform) async fn run<T>(
        &self,
        work: impl AsyncFn(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let connection = self.connection().await?;
        match work(&connection).await {
            Err(Failure::Lost) => {}
            outcome => return outcome.map_err(Failure::into_store_error),
        }
        self.forget(&connection);
        let lost = |error| match error {
            StoreError::Unavailable { .. } => StoreError::Lost,
            other => other,
        };
        let connection = self.connection().await.map_err(lost)?;
        work(&connection).await.map_err(Failure::into_store_error)
    }

    /// Drops a dead connection, unless another one has taken its place already.
    fn forget(&self, dead: &Rc<Connection>) {
        dead.close();
        let mut held = self.shared.connection.borrow_mut();
        if held.as_ref().is_some_and(|held| Rc::ptr_eq(held, dead)) {
            *held = None;
        }
    }
}

impl LocalStore for IdbStore {
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.run(async |connection| rows::read(connection, &reads).await).await
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        let write = Rc::new(write);
        let tries = Cell::new(0);
        let outcome = self
            .run(async |connection| {
                tries.set(tries.get() + 1);
                rows::write(connection, &write).await
            })
            .await;
        if tries.get() > 1 && matches!(outcome, Err(StoreError::Expectation { .. })) {
            let applied = self.run(async |connection| rows::is_applied(connection, &write).await).await?;
            return if applied { Ok(()) } else { outcome };
        }
        outcome
    }
}

impl std::fmt::Debug for IdbStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdbStore({})", self.shared.name)
    }
}
