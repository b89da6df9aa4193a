//! Reading request bodies: bounded in size, and never waiting for a peer that went silent.

use std::io::Read as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::{Stream, StreamExt as _};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A peer that sends nothing for so long is gone.
pub const IDLE: Duration = Duration::from_secs(30);
/// Largest JSON body.
const MAX_JSON: usize = 64 * 1024;
/// Compressed ops never shrink so much; a bomb does.
const MAX_RATIO: usize = 200;

/// The next part of a body: `None` at its end.
pub async fn next_part<S>(parts: &mut S) -> Option<Result<Bytes, ApiError>>
where
    S: Stream<Item = Result<Bytes, axum::Error>> + Unpin,
{
    match tokio::time::timeout(IDLE, parts.next()).await {
        Ok(None) => None,
        Ok(Some(Ok(part))) => Some(Ok(part)),
        Ok(Some(Err(_))) | Err(_) => Some(Err(ApiError::BodyCut)),
    }
}

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// [`ApiError::TooLarge`] or [`ApiError::BodyCut`].
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut parts = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(part) = next_part(&mut parts).await {
        let part = part?;
        if whole.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole)
}

/// Reads a JSON body.
///
/// # Errors
/// [`ApiError::MediaType`], [`ApiError::Bad`], or as [`read`].
pub async fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    expect_type(headers, "application/json")?;
    let body = read(body, MAX_JSON).await?;
    serde_json::from_slice(&body)
        .map_err(|_| ApiError::Bad { code: "bad_json", message: "the body is not the JSON that this call takes" })
}

/// Checks the content type, parameters aside.
///
/// # Errors
/// [`ApiError::MediaType`].
pub fn expect_type(headers: &HeaderMap, expected: &'static str) -> Result<(), ApiError> {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) { Ok(()) } else { Err(ApiError::MediaType { expected }) }
}

/// Undoes the content encoding of a push. A stream that breaks gives what came before the break.
///
/// # Errors
/// [`ApiError::TooLarge`] for a bomb, [`ApiError::MediaType`] for an encoding other than gzip.
pub fn decoded(headers: &HeaderMap, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, ApiError> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else { return Ok(body) };
    match encoding.as_bytes() {
        b"identity" => return Ok(body),
        b"gzip" => {}
        _ => return Err(ApiError::MediaType { expected: "gzip or identity" }),
    }
    let allowed = limit.min(body.len().saturating_mul(MAX_RATIO));
    let mut raw = Vec::new();
    let mut reader = GzDecoder::new(&body[..]).take(allowed as u64 + 1);
    // A broken end is found again where the ops are counted.
    let broken = reader.read_to_end(&mut raw).is_err();
    tracing::debug!(broken, compressed = body.len(), raw = raw.len(), "gzip");
    if raw.len() > allowed { Err(too_large(limit)) } else { Ok(raw) }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::TooLarge { code: "too_large", what: "the body", limit: limit as u64 }
}
