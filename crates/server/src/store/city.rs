//! What the versions of the city package need of a store, as a part of the port.

use std::future::Future;

use greenshield_domain::ids::AccountId;

use super::Stored;

/// A version that was brought to the server, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityRow {
    /// Its number.
    pub version: u32,
    /// The moment from which on it holds, ms since 1970.
    pub from_millis: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Who brought it.
    pub by: AccountId,
    /// What it is about, for people.
    pub note: String,
    /// When it was kept, ms since 1970.
    pub kept_millis: i64,
    /// When it was withdrawn, ms since 1970.
    pub withdrawn_millis: Option<i64>,
}

/// The part of a store that reads versions.
pub trait CityStore: Send + Sync {
    /// All versions, the lowest number first.
    fn city_versions(&self) -> impl Future<Output = Stored<Vec<CityRow>>> + Send;
    /// The bytes of a version, whether it was withdrawn or not.
    fn city_package(&self, version: u32) -> impl Future<Output = Stored<Option<String>>> + Send;
}

/// The part of a write transaction that keeps and withdraws versions.
pub trait CityTx: Send {
    /// All versions, the lowest number first; nobody else can change them while the transaction runs.
    fn city_versions(&mut self) -> impl Future<Output = Stored<Vec<CityRow>>> + Send;
    /// Keeps a version. A number that is there already is an error.
    fn put_city_version(&mut self, row: &CityRow, package: &str) -> impl Future<Output = Stored<()>> + Send;
    /// Withdraws a version; `false` when there is none, or it was withdrawn before.
    fn withdraw_city_version(&mut self, version: u32, now_millis: i64) -> impl Future<Output = Stored<bool>> + Send;
}
