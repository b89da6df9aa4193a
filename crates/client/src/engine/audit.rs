//! What was done with records and people, for those who audit. Nothing of it is kept on the phone.

use greenshield_domain::wire::AuditPage;

use super::enrol::read_reply;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::Ports;

impl<P: Ports> Engine<P> {
    /// A page of the audit: the newest lines, or those below a place in the server's log.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who do not audit.
    pub async fn audit(&self, below: Option<u64>) -> Result<AuditPage, EngineError> {
        let path = below.map_or_else(|| "/v1/audit".to_owned(), |below| format!("/v1/audit?before={below}"));
        read_reply(&self.send_signed(request("GET", &path)).await?.body)
    }
}
