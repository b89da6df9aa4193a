//! What was done with records and people: all of it and how long records are kept for those who audit, one's own for everybody. Nothing of it is kept on the phone.

use greenshield_domain::wire::{AuditPage, RetentionReport};

use super::enrol::read_reply;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{HttpRequest, Ports};

/// The server looks through all records before its first byte.
const LOOK_TIMEOUT_MILLIS: u32 = 180_000;

impl<P: Ports> Engine<P> {
    /// A page of the audit: the newest lines, or those below a place in the server's log.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who do not audit.
    pub async fn audit(&self, below: Option<u64>) -> Result<AuditPage, EngineError> {
        let path = below.map_or_else(|| "/v1/audit".to_owned(), |below| format!("/v1/audit?before={below}"));
        read_reply(&self.send_signed(request("GET", &path)).await?.body)
    }

    /// What others did with the records of whoever asks: the newest lines, or those below a place in the server's log.
    ///
    /// # Errors
    /// As every signed request.
    pub async fn looks(&self, below: Option<u64>) -> Result<AuditPage, EngineError> {
        let path = below.map_or_else(|| "/v1/me/looks".to_owned(), |below| format!("/v1/me/looks?before={below}"));
        read_reply(&self.send_signed(request("GET", &path)).await?.body)
    }

    /// How long records are kept, what the job of the server did, and what is due now.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who may not ask.
    pub async fn retention(&self) -> Result<RetentionReport, EngineError> {
        let asked = HttpRequest { timeout_millis: LOOK_TIMEOUT_MILLIS, ..request("GET", "/v1/retention") };
        read_reply(&self.send_signed(asked).await?.body)
    }
}
