//! Webhooks: other programs are told that a record changed, so that they need not ask all the time. What it says now they read by the
//! API, with their own access key.
//!
//! Owns: the receivers of this process, their tasks, how they stand. Refuses: to take addresses from anybody but the settings file, and
//! to tell what a record says. Invariants: a receiver is told exactly of records that its access key may take out at that time; in the
//! order of positions, each op at least once and always under the same id; of several processes over one database one sends; what could
//! not be delivered is tried again for ever, so nothing is left out unseen.

pub mod address;
pub mod backoff;
pub mod event;
pub mod operator;
pub mod post;
pub mod receiver;
pub mod retry_after;
pub mod sender;
pub mod signature;

use std::sync::Arc;

use greenshield_domain::city::City;
use tokio::task::JoinSet;

use self::post::Post;
use self::receiver::{Receiver, ReceiverError};
use self::sender::Sender;
use crate::app::{App, Shared};
use crate::metrics;
use crate::settings::WebhookSetting;
use crate::store::WebhookStore as _;

/// The receivers of this process.
#[derive(Debug, Default)]
pub struct Webhooks {
    receivers: Vec<Arc<Receiver>>,
    /// The ways to them, in the same order.
    posts: Vec<Post>,
}

impl Webhooks {
    /// Makes the receivers of the settings ready, with the kinds of a city.
    ///
    /// # Errors
    /// [`ReceiverError`].
    pub fn open(settings: &[WebhookSetting], city: &City) -> Result<Self, ReceiverError> {
        let receivers = settings.iter().map(|setting| Receiver::open(setting, city).map(Arc::new));
        let receivers = receivers.collect::<Result<Vec<_>, _>>()?;
        let posts = settings.iter().map(Post::to).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { receivers, posts })
    }

    /// The receivers, in the order of the settings.
    #[must_use]
    pub fn receivers(&self) -> &[Arc<Receiver>] {
        &self.receivers
    }

    /// The receiver of a name, with the way to it.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<(Arc<Receiver>, Post)> {
        let at = self.receivers.iter().position(|receiver| receiver.name == name)?;
        Some((self.receivers[at].clone(), self.posts.get(at)?.clone()))
    }

    /// Sends to each receiver, until the server goes down.
    pub fn start(&self, app: &Shared, tasks: &mut JoinSet<()>) {
        for name in self.receivers.iter().map(|receiver| receiver.name.as_str()) {
            metrics::webhook_begins(name);
            if let Some((receiver, post)) = self.named(name) {
                tasks.spawn(Sender::new(app.clone(), receiver, post).run());
            }
        }
    }

    /// Brings the numbers of how the receivers stand up to date.
    pub async fn measure(&self, app: &App) {
        if self.receivers.is_empty() {
            return;
        }
        let rows = match app.store.webhooks().await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "how webhooks stand");
                return;
            }
        };
        for receiver in &self.receivers {
            let row = rows.iter().find(|row| row.name == receiver.name);
            // One that was never told anything begins at the newest position, unless it asks for more.
            let begins = receiver.from.unwrap_or(app.live.newest_pos());
            let pos = row.map_or(begins, |row| row.pos).max(receiver.seen());
            metrics::webhook_stands(&receiver.name, app.live.newest_pos().saturating_sub(pos), row);
        }
    }
}
