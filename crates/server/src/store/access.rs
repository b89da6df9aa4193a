//! What the keys of programs need of a store, as a part of the port.

use std::future::Future;

use greenshield_domain::ids::{AccessKeyId, LogId};
use greenshield_domain::policy::Seat;
use greenshield_domain::wire::AccessKeyRow;

use super::Stored;

/// A key with what rights over it are decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// As people are told.
    pub told: AccessKeyRow,
    /// Where its owner works.
    pub seat: Seat,
    /// The phone that asked for it.
    pub log: LogId,
}

/// The part of a store that reads keys.
pub trait KeyStore: Send + Sync {
    /// A key by the hash of its secret, whether it is still good or not.
    fn access_key(&self, secret_hash: [u8; 32]) -> impl Future<Output = Stored<Option<KeyRow>>> + Send;
    /// All keys, the newest first.
    fn access_keys(&self) -> impl Future<Output = Stored<Vec<KeyRow>>> + Send;
}

/// The part of a write transaction that makes and ends keys.
pub trait KeyTx: Send {
    /// A new key; its owner and their seat are read from the account.
    fn put_access_key(&mut self, key: &KeyRow, secret_hash: [u8; 32]) -> impl Future<Output = Stored<()>> + Send;
    /// Revokes a key; `false` when there is none, or it was revoked before.
    fn revoke_access_key(&mut self, id: AccessKeyId, now_millis: i64) -> impl Future<Output = Stored<bool>> + Send;
    /// Notes when a key was used.
    fn use_access_key(&mut self, id: AccessKeyId, now_millis: i64) -> impl Future<Output = Stored<()>> + Send;
}
