//! `POST /v1/ops`: a sequence of ops of any logs, by any carrier.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::from_hex;
use greenshield_domain::wire::{
    CBOR_MIME, CBOR_SEQ_MIME, LEASE_HEADER, MAX_PUSH_BYTES, MAX_PUSH_OPS, PushReply, split_push,
};

use crate::app::{App, Shared};
use crate::erasing;
use crate::error::ApiError;
use crate::sequencer::{Push, PushDone};
use crate::{auth, body, ingest};

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    body::expect_type(&parts.headers, CBOR_SEQ_MIME)?;
    let caller = auth::caller(&app, &parts).await?;
    let lease = presented_lease(&parts.headers)?;
    let body = body::read(body, MAX_PUSH_BYTES).await?;
    let raw = body::decoded(&parts.headers, body, MAX_PUSH_BYTES)?;
    let (items, broken) = split_push(&raw);
    if items.len() > MAX_PUSH_OPS {
        let limit = MAX_PUSH_OPS as u64;
        return Err(ApiError::TooLarge { code: "too_many_ops", what: "the number of ops", limit });
    }
    let whole = items.len();
    let items = ingest::authenticate(&app.store, items.into_iter().map(<[u8]>::to_vec).collect()).await?;
    let done = app.sequencer.push(Push { items, caller: caller.map(|caller| (caller.log, lease)) }).await?;
    // What came back to a restored server may have erased something.
    erasing::clean_if_due(&app).await;
    let reply = sign(&app, done)?.encode();
    match broken {
        None => Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], reply).into_response()),
        Some(error) => {
            Err(ApiError::BrokenFrame { whole, reason: error.to_string(), reply: URL_SAFE_NO_PAD.encode(reply) })
        }
    }
}

fn presented_lease(headers: &HeaderMap) -> Result<Option<[u8; 16]>, ApiError> {
    let Some(value) = headers.get(LEASE_HEADER) else { return Ok(None) };
    let lease = value.to_str().ok().and_then(from_hex).and_then(|bytes| bytes.try_into().ok());
    lease.map(Some).ok_or(ApiError::Bad { code: "lease", message: "a lease is 32 hex digits" })
}

/// Signs outside of the sequencer, so that it can go on.
fn sign(app: &App, done: PushDone) -> Result<PushReply, ApiError> {
    Ok(PushReply {
        results: done.results,
        heads: done.heads,
        receipts: done.receipts.iter().map(|receipt| app.key.sign(receipt)).collect::<Result<_, _>>()?,
        lease: done.lease,
        time_millis: done.time_millis,
        epoch: app.epoch,
        checkpoint: done.checkpoint,
    })
}
