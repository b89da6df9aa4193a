//! What the desk takes out for other programs: a ledger as a file, and keys for programs that read by themselves.
//!
//! Refuses: to keep anything of it here.

use greenshield_domain::ids::AccessKeyId;
use greenshield_domain::roster::Table;
use greenshield_domain::wire::{AccessKeyRequest, AccessKeyResponse, AccessKeysResponse, ReasonResponse};

use super::enrol::{json_request, read_reply};
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{HttpRequest, Ports};

/// A ledger of many records takes the server a while before its first byte.
const LEDGER_TIMEOUT_MILLIS: u32 = 180_000;

/// A file that the server made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFile {
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl<P: Ports> Engine<P> {
    /// The records of a kind as a file; `query` is that of `GET /v1/export`.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `too_many_records` for more than the server gives at once.
    pub async fn take_ledger(&self, query: &str) -> Result<LedgerFile, EngineError> {
        let asked = request("GET", format!("/v1/export?{query}"));
        let reply = self.send_signed(HttpRequest { timeout_millis: LEDGER_TIMEOUT_MILLIS, ..asked }).await?;
        let mime = reply.header("content-type").unwrap_or_default().to_owned();
        Ok(LedgerFile { mime, bytes: reply.body })
    }

    /// Rows of text as the file of a spreadsheet, which the server writes.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `bad_table` for more rows than a sheet takes there.
    pub async fn make_workbook(&self, table: &Table) -> Result<LedgerFile, EngineError> {
        let reply = self.send_signed(json_request("/v1/workbook", table)?).await?;
        let mime = reply.header("content-type").unwrap_or_default().to_owned();
        Ok(LedgerFile { mime, bytes: reply.body })
    }

    /// The keys of this person's programs, and of the people for whom this person answers.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn access_keys(&self) -> Result<AccessKeysResponse, EngineError> {
        read_reply(&self.send_signed(request("GET", "/v1/access-keys")).await?.body)
    }

    /// Makes a key. Its secret is told this once.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who may take nothing out.
    pub async fn make_access_key(&self, name: &str, days: u32) -> Result<AccessKeyResponse, EngineError> {
        let asked = AccessKeyRequest { name: name.to_owned(), days };
        read_reply(&self.send_signed(json_request("/v1/access-keys", &asked)?).await?.body)
    }

    /// Revokes a key.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn revoke_access_key(&self, id: AccessKeyId) -> Result<ReasonResponse, EngineError> {
        let post = request("POST", format!("/v1/access-keys/{id}/revoke"));
        read_reply(&self.send_signed(post).await?.body)
    }
}
