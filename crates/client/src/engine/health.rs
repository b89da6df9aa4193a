//! How this phone is, told to the server; and how all phones are, for those who answer for them.
//!
//! Refuses: to be waited for. A report that does not arrive is no loss; the next contact tells again.

use greenshield_domain::wire::{CBOR_MIME, DevicesResponse, HealthReport, HealthResponse, WipeState};

use super::enrol::read_reply;
use super::request::request;
use super::{Engine, EngineError, first_value};
use crate::ports::{HttpRequest, LocalStore, Ports, Read, Table};
use crate::rows::{OpRow, op_key};

impl<P: Ports> Engine<P> {
    /// What this phone knows of itself; the browser's part is left open.
    ///
    /// # Errors
    /// [`EngineError::NotEnrolled`] or [`EngineError::Store`].
    pub async fn health(&self) -> Result<HealthReport, EngineError> {
        let (identity, status) = (self.enrolled()?, self.status().await?);
        let files = self.waiting_blobs().await?.into_iter().map(|(_, row)| row.stored_millis).min();
        Ok(HealthReport {
            wall_millis: self.now_millis(),
            ops_unsent: status.ops_unsent as u64,
            files_unsent: status.blobs_unsent as u64,
            oldest_unsent_millis: self.oldest_op().await?.into_iter().chain(files).min(),
            version: self.app_version.clone(),
            skew_millis: status.last_contact_millis.map(|_| status.offset_millis),
            continues: identity.before.last().map(|old| old.log),
            ..HealthReport::default()
        })
    }

    /// When the first waiting op was made. One that does not read is as old as nothing.
    async fn oldest_op(&self) -> Result<Option<i64>, EngineError> {
        let Some((_, row)) = self.outbox(1).await?.pop() else { return Ok(None) };
        let read = Read::Get(Table::Ops, op_key(&row.record, &row.op));
        let bytes = self.ports.store().read(vec![read]).await?.pop().and_then(first_value);
        Ok(bytes.and_then(|bytes| OpRow::decode(&bytes).ok()).map(|row| row.op.header().wall_millis))
    }

    /// Tells the server how this phone is. Gives the wish that it wipes itself, if there is one.
    ///
    /// # Errors
    /// [`EngineError::Refused`] by a server that is older than reports.
    pub async fn tell_health(&self, report: &HealthReport) -> Result<Option<WipeState>, EngineError> {
        let headers = vec![("content-type", CBOR_MIME.to_owned())];
        let post = HttpRequest { headers, body: report.encode(), ..request("POST", "/v1/health") };
        let reply = self.send_signed(post).await?;
        if reply.body.is_empty() {
            return Ok(None);
        }
        Ok(Some(read_reply::<HealthResponse>(&reply.body)?.wipe))
    }

    /// How all phones of the city are.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who answer for nobody.
    pub async fn devices(&self) -> Result<DevicesResponse, EngineError> {
        read_reply(&self.send_signed(request("GET", "/v1/devices")).await?.body)
    }
}
