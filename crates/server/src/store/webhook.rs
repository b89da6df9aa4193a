//! What webhooks need of a store, as a part of the port.

use std::future::Future;

use super::Stored;

/// How far a receiver of webhooks is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookRow {
    /// Its name.
    pub name: String,
    /// All up to this position was told, or was not for it.
    pub pos: u64,
    /// Whose turn it is to send, if anybody's.
    pub turn: Option<Turn>,
    /// Deliveries that failed since the last one that did not.
    pub failures: u64,
    /// Why the last one failed.
    pub error: Option<String>,
    /// Before this nobody tries again, ms since 1970.
    pub next_millis: Option<i64>,
    /// When the last one was delivered.
    pub delivered_millis: Option<i64>,
    /// Since when the receiver wants nothing more.
    pub paused_millis: Option<i64>,
}

/// A process that sends, while no other one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Names the process.
    pub of: [u8; 16],
    /// From then on another one may send, ms since 1970.
    pub until_millis: i64,
}

/// The part of a store that reads how far receivers are.
pub trait WebhookStore: Send + Sync {
    /// All that ever were told something, by name.
    fn webhooks(&self) -> impl Future<Output = Stored<Vec<WebhookRow>>> + Send;
}

/// The part of a write transaction that keeps how far receivers are.
pub trait WebhookTx: Send {
    /// A receiver; nobody else can change it while the transaction runs.
    fn webhook(&mut self, name: &str) -> impl Future<Output = Stored<Option<WebhookRow>>> + Send;
    /// Keeps a receiver, instead of what was kept of it before.
    fn put_webhook(&mut self, row: &WebhookRow) -> impl Future<Output = Stored<()>> + Send;
}
