//! Which parts of the areas nobody visited, counted by the server; its last answer stays for a desk without a network.
//!
//! Invariant: the answer goes with the rights that it was given by.

use greenshield_domain::wire::CoverageReport;

use super::enrol::read_reply;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{Durability, HttpRequest, LocalStore, Ports, Table, Write};
use crate::rows::{KeptCoverage, from_json, meta, to_json};

/// Many tracks take the server a while before its first byte.
const TIMEOUT_MILLIS: u32 = 90_000;

impl<P: Ports> Engine<P> {
    /// Asks the server, and keeps what it says.
    ///
    /// # Errors
    /// [`EngineError`]; the answer before stays.
    pub async fn coverage(&self, days: u32) -> Result<KeptCoverage, EngineError> {
        let asked = request("GET", format!("/v1/coverage?days={days}"));
        let reply = self.send_signed(HttpRequest { timeout_millis: TIMEOUT_MILLIS, ..asked }).await?;
        let report: CoverageReport = read_reply(&reply.body)?;
        let kept = KeptCoverage { report, wall_millis: self.now_millis() };
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Meta, meta::COVERAGE, to_json(&kept));
        self.ports.store().write(write).await?;
        Ok(kept)
    }

    /// The last answer. One that an app of another version kept and that does not read is none.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn kept_coverage(&self) -> Result<Option<KeptCoverage>, EngineError> {
        let row = self.read_meta(&[meta::COVERAGE]).await?.remove(0);
        Ok(row.and_then(|bytes| from_json(Table::Meta, &bytes).ok()))
    }

    /// Takes the answer of other rights away.
    pub(super) async fn forget_coverage(&self) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        write.delete(Table::Meta, meta::COVERAGE);
        Ok(self.ports.store().write(write).await?)
    }
}
