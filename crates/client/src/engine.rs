//! The engine: everything that a phone does with records, over the ports.
//!
//! Owns: the order of the steps (decide, sign, one transaction, read back; receipts before forgetting). Refuses: to delete
//! unsent work for any reason, to loop or sleep by itself: each call does one thing and says when it wants to be called again.

mod apply;
mod audit;
mod backoff;
mod browse;
mod bundle;
mod city;
mod courier;
mod coverage;
mod deliver;
mod drafts;
mod enrol;
mod erased;
mod error;
mod health;
mod interfaces;
mod packs;
mod parts;
mod people;
mod project;
mod pull;
mod push;
mod pushed;
mod reconcile;
mod request;
mod rotate;
mod save;
mod scope;
mod sealed_outbox;
mod snapshot;
mod upload;
mod wiped;

use std::cell::{Cell, RefCell};

use greenshield_domain::merge::MergeRule;
use greenshield_domain::signature::PublicKey;
use greenshield_domain::wire::PullPage;

pub use browse::{BlobView, ListPage, RecordView, Status, UnsentBlob, UnsentItem, UnsentOp};
pub use bundle::{BundleFailure, MadeBundle, TakenReceipts};
pub use courier::Carried;
pub use deliver::Delivery;
pub use drafts::NewBlob;
pub use error::{EngineError, Refusal};
pub use interfaces::LedgerFile;
pub use project::{Projection, project};
pub use pull::Pulled;
pub use pushed::Pushed;
pub use rotate::LogState;
pub use save::{Save, Saved};
pub use sealed_outbox::SealedOutbox;
pub use upload::Uploaded;
pub use wiped::WipeStep;

use crate::ports::{Ports, Read, Row, StoreError, Table};
use crate::rows::{ContactRow, IdentityRow, from_json, meta};

/// Gives the merge rule of a field of a kind; comes from the city package.
pub type Rules = Box<dyn Fn(u32, u32) -> MergeRule>;

/// The engine of one account on one phone.
pub struct Engine<P: Ports> {
    ports: P,
    rules: Rules,
    app_version: String,
    boot: [u8; 8],
    identity: RefCell<Option<IdentityRow>>,
    /// Whether other tabs may push at the same time, because this browser has no locks.
    shares_log: Cell<bool>,
    /// Ops in the next push; four times as many after a success, half after a failure.
    batch: Cell<usize>,
    /// Bytes in the next piece of a blob.
    piece_bytes: Cell<usize>,
    /// Server clock minus ours, ms.
    offset_millis: Cell<i64>,
    /// The server's database seems to be another incarnation: the next push compares first.
    must_reconcile: Cell<bool>,
    /// Whether the rows are locked: there is nothing to do but to deliver packages.
    is_carrier: bool,
    /// The page of a pull that was fetched ahead, and the cursor that it follows.
    ahead: RefCell<Option<(String, PullPage)>>,
}

impl<P: Ports> Engine<P> {
    /// Opens what is on the phone.
    ///
    /// # Errors
    /// [`StoreError`] when the database can not be read.
    pub async fn open(ports: P, rules: Rules, app_version: &str) -> Result<Self, StoreError> {
        let engine = Self::new(ports, rules, app_version, false);
        engine.reload().await?;
        Ok(engine)
    }

    fn new(ports: P, rules: Rules, app_version: &str, is_carrier: bool) -> Self {
        let mut boot = [0; 8];
        ports.entropy().fill(&mut boot);
        Self {
            ports,
            rules,
            app_version: app_version.to_owned(),
            boot,
            identity: RefCell::new(None),
            shares_log: Cell::new(false),
            batch: Cell::new(push::FIRST_BATCH),
            piece_bytes: Cell::new(upload::FIRST_PIECE_BYTES),
            offset_millis: Cell::new(0),
            must_reconcile: Cell::new(false),
            is_carrier,
            ahead: RefCell::new(None),
        }
    }

    /// Reads again what another tab may have changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reload(&self) -> Result<(), StoreError> {
        let found = self.read_meta(&[meta::IDENTITY, meta::CONTACT]).await?;
        let identity = found[0].as_deref().map(|bytes| from_json(Table::Meta, bytes)).transpose()?;
        let contact: Option<ContactRow> = found[1].as_deref().map(|b| from_json(Table::Meta, b)).transpose()?;
        self.identity.replace(identity);
        self.offset_millis.set(contact.unwrap_or_default().offset_millis);
        Ok(())
    }

    /// Says that other tabs may push at the same time. Their replies come in any order, so the newest lease that is stored may be
    /// an old one: from here on none is presented. A copied phone is still found by the server's head of its log.
    pub fn share_log(&self) {
        self.shares_log.set(true);
    }

    /// Who this phone belongs to; `None` before enrolment.
    #[must_use]
    pub fn identity(&self) -> Option<IdentityRow> {
        self.identity.borrow().clone()
    }

    /// The platform.
    #[must_use]
    pub fn ports(&self) -> &P {
        &self.ports
    }

    fn enrolled(&self) -> Result<IdentityRow, EngineError> {
        self.identity().ok_or(EngineError::NotEnrolled)
    }

    fn server_key(&self) -> Result<PublicKey, EngineError> {
        let key = greenshield_domain::ids::from_hex(&self.enrolled()?.server_key);
        let key = key.and_then(|bytes| bytes.try_into().ok()).map(PublicKey);
        key.ok_or(EngineError::Store(StoreError::Corrupt { table: Table::Meta.name() }))
    }

    fn rule_of(&self, kind: u32) -> impl Fn(u32) -> MergeRule + '_ {
        move |field| (self.rules)(kind, field)
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ports.entropy().fill(&mut bytes);
        bytes
    }

    fn now_millis(&self) -> i64 {
        self.ports.clock().wall_millis()
    }

    /// The time of the server, as far as it was ever heard: a phone's clock may be years off.
    fn server_millis(&self) -> i64 {
        self.now_millis() + self.offset_millis.get()
    }

    async fn read_meta(&self, names: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        use crate::ports::LocalStore as _;
        let reads = names.iter().map(|name| Read::Get(Table::Meta, name.to_vec())).collect();
        Ok(self.ports.store().read(reads).await?.into_iter().map(first_value).collect())
    }
}

fn first_value(rows: Vec<Row>) -> Option<Vec<u8>> {
    rows.into_iter().next().map(|(_, value)| value)
}
