//! A receiver of webhooks: who it is, where it listens, what it wants to hear of.
//!
//! Owns: a receiver of the settings made ready with the kinds of the city and its secret. Refuses: to hold rights; they are those of its
//! access key, asked for at each delivery.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use greenshield_domain::city::{ANY, City};
use greenshield_domain::ids::AccessKeyId;
use reqwest::Url;
use thiserror::Error;

use super::address;
use super::signature::Secrets;
use crate::settings::{SecretPlace, WebhookSetting};

/// Why webhooks can not be sent.
#[derive(Debug, Error)]
pub enum ReceiverError {
    /// A kind that the city does not have.
    #[error("the webhook {name} names the kind {kind:?}, which this city does not have; it has {known}")]
    Kind {
        /// Of which receiver.
        name: String,
        /// The word.
        kind: String,
        /// The words that there are.
        known: String,
    },
    /// The file of a secret or of authorities.
    #[error("the webhook {name}: {path:?} can not be read: {source}")]
    Unreadable {
        /// Of which receiver.
        name: String,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What stands in it.
    #[error("the webhook {name}: {path:?} must hold {expected}")]
    Secret {
        /// Of which receiver.
        name: String,
        /// Which file.
        path: PathBuf,
        /// What it must hold.
        expected: &'static str,
    },
    /// The file of authorities.
    #[error("the webhook {name}: {path:?} must hold certificates of authorities as PEM")]
    Authority {
        /// Of which receiver.
        name: String,
        /// Which file.
        path: PathBuf,
    },
    /// The client of HTTP can not be set up.
    #[error("webhooks can not be sent: {0}")]
    Client(#[source] reqwest::Error),
}

/// A receiver.
pub struct Receiver {
    /// Names it, in the database too.
    pub name: String,
    /// The access key with whose rights events are chosen.
    pub key: AccessKeyId,
    /// Behind which position it begins; `None` is the newest one at its first start.
    pub from: Option<u64>,
    /// Kinds that it wants to hear of.
    pub kinds: BTreeSet<u32>,
    pub(super) url: Url,
    pub(super) secrets: Secrets,
    seen: AtomicU64,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the secret nor what stands behind the origin of the address must get into a log.
        f.debug_struct("Receiver").field("name", &self.name).field("to", &self.origin()).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Makes a receiver of the settings ready.
    ///
    /// # Errors
    /// [`ReceiverError`].
    pub fn open(setting: &WebhookSetting, city: &City) -> Result<Self, ReceiverError> {
        let name = setting.name.clone();
        let secrets = match &setting.secret {
            SecretPlace::Here(secrets) => secrets.clone(),
            SecretPlace::File(path) => {
                let (name, path) = (name.clone(), path.clone());
                match std::fs::read_to_string(&path) {
                    Ok(text) => {
                        Secrets::read(&text).map_err(|expected| ReceiverError::Secret { name, path, expected })?
                    }
                    Err(source) => return Err(ReceiverError::Unreadable { name, path, source }),
                }
            }
        };
        let kinds = kinds(&name, &setting.kinds, city)?;
        let (key, from, url) = (setting.key, setting.from, setting.url.clone());
        Ok(Self { name, key, from, kinds, url, secrets, seen: AtomicU64::new(0) })
    }

    /// What may be shown of its address.
    #[must_use]
    pub fn origin(&self) -> String {
        address::origin(&self.url)
    }

    /// Up to which position this process saw it served; how far it is for good, the database says.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    pub(super) fn see(&self, pos: u64) {
        self.seen.fetch_max(pos, Ordering::Relaxed);
    }
}

/// The numbers of kinds that are named by word or number.
fn kinds(name: &str, words: &[String], city: &City) -> Result<BTreeSet<u32>, ReceiverError> {
    let mut kinds = BTreeSet::new();
    for word in words {
        if word == ANY {
            kinds.extend(city.kinds.iter().map(|kind| kind.id));
            continue;
        }
        let known = city.kinds.iter().find(|kind| kind.name == *word || kind.id.to_string() == *word);
        let kind = known.ok_or_else(|| {
            let known = city.kinds.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>().join(", ");
            ReceiverError::Kind { name: name.to_owned(), kind: word.clone(), known }
        })?;
        kinds.insert(kind.id);
    }
    Ok(kinds)
}
