//! One request to the server: signed where asked, errors read, the clock learned.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::signature::request_message;
use greenshield_domain::wire::ErrorBody;

use super::{Engine, EngineError, Refusal};
use crate::ports::{Durability, HttpRequest, HttpResponse, Keys, LocalStore, Ports, Table, Transport, Write};
use crate::rows::{ContactRow, OldLog, meta, to_json};

/// Give up after this long; a long poll adds its wait.
pub(super) const TIMEOUT_MILLIS: u32 = 30_000;

/// Contact rows are written when the offset moved by more than this, or this much time went by.
const CONTACT_STEP_MILLIS: i64 = 60_000;

/// Builds a request without body.
pub(super) fn request(method: &'static str, path: impl Into<String>) -> HttpRequest {
    HttpRequest { method, path: path.into(), headers: Vec::new(), body: Vec::new(), timeout_millis: TIMEOUT_MILLIS }
}

impl<P: Ports> Engine<P> {
    /// Sends a request signed by the key of this install; corrects the clock once when the server says that it is off.
    pub(super) async fn send_signed(&self, request: HttpRequest) -> Result<HttpResponse, EngineError> {
        let identity = self.enrolled()?;
        self.send_signed_by(OldLog { log: identity.log, key: identity.key }, request).await
    }

    /// The same, signed for a log that this install writes or wrote.
    pub(super) async fn send_signed_by(&self, by: OldLog, request: HttpRequest) -> Result<HttpResponse, EngineError> {
        for retry in [true, false] {
            let mut signed = request.clone();
            signed.headers.push(("authorization", self.authorization(by, &request).await?));
            let sent_millis = self.now_millis();
            match self.send(signed).await {
                Err(EngineError::Refused(refusal)) if retry && refusal.body.code == "clock" => {
                    let Some(now) = refusal.body.detail.get("now").and_then(serde_json::Value::as_i64) else {
                        return Err(EngineError::Refused(refusal));
                    };
                    self.offset_millis.set(now - sent_millis);
                }
                // A restored server that does not know our newest log has to be shown where that comes from, and a phone with
                // nothing to push would never find the occasion.
                Err(EngineError::Refused(refusal)) if refusal.body.code == "unknown_log" => {
                    self.must_reconcile.set(true);
                    return Err(EngineError::Refused(refusal));
                }
                other => return other,
            }
        }
        Err(EngineError::Busy)
    }

    /// Sends a request as it is. A status of 400 and above is a [`Refusal`].
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, EngineError> {
        let response = self.ports.net().send(request).await?;
        if response.status < 400 {
            return Ok(response);
        }
        let retry_after_seconds = response.header("retry-after").and_then(|text| text.trim().parse().ok());
        let body = serde_json::from_slice(&response.body).unwrap_or_else(|_| ErrorBody {
            code: "http".to_owned(),
            message: format!("status {}", response.status),
            detail: serde_json::Value::Null,
        });
        Err(EngineError::Refused(Box::new(Refusal { status: response.status, body, retry_after_seconds })))
    }

    async fn authorization(&self, by: OldLog, request: &HttpRequest) -> Result<String, EngineError> {
        let log = by.log;
        let at = self.server_millis();
        let signature = self.ports.keys().sign(by.key, &request_message(request.method, &request.path, at)).await?;
        let signature = URL_SAFE_NO_PAD.encode(signature.to_low_s().0);
        Ok(format!("Greenshield log=\"{log}\", at=\"{at}\", sig=\"{signature}\""))
    }

    /// Learns the server's clock from a reply; remembers it now and then, since it is no more than a hint.
    pub(super) async fn heard(&self, server_millis: i64) -> Result<(), EngineError> {
        let now = self.now_millis();
        let contact = ContactRow { wall_millis: now, offset_millis: server_millis - now };
        let moved = (contact.offset_millis - self.offset_millis.get()).abs() > 1_000;
        self.offset_millis.set(contact.offset_millis);
        let last: Option<ContactRow> =
            self.read_meta(&[meta::CONTACT]).await?[0].as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        if moved || last.is_none_or(|last| (now - last.wall_millis).abs() > CONTACT_STEP_MILLIS) {
            let mut write = Write::new(Durability::Relaxed);
            write.put(Table::Meta, meta::CONTACT, to_json(&contact));
            self.ports.store().write(write).await?;
        }
        Ok(())
    }
}
