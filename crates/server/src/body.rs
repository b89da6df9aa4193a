//! Reading request bodies: bounded in size, and never waiting for a peer that went silent or drips.

use std::io::Read as _;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::{Stream, StreamExt as _};
use greenshield_domain::wire::{MAX_PEOPLE_REASON_BYTES, ReasonRequest};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A peer that sends nothing for so long is gone.
pub const IDLE: Duration = Duration::from_secs(30);
/// Largest JSON body.
const MAX_JSON: usize = 64 * 1024;
/// Compressed ops never shrink so much; a bomb does.
const MAX_RATIO: usize = 200;

/// How long a body may take.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Without a byte.
    idle: Duration,
    /// For nothing at all; each byte gives more.
    first: Duration,
    /// Slower than this it holds a connection and brings nothing. The thinnest line that we know has ten times as much.
    least_bytes_per_second: u64,
}

const PATIENCE: Patience = Patience { idle: IDLE, first: Duration::from_secs(60), least_bytes_per_second: 500 };

impl Patience {
    /// How much longer the next part may take.
    fn left(self, elapsed: Duration, received: u64) -> Duration {
        let earned = Duration::from_millis(received.saturating_mul(1_000) / self.least_bytes_per_second);
        self.idle.min((self.first + earned).saturating_sub(elapsed))
    }
}

/// A body, part by part.
pub struct Parts<S> {
    parts: S,
    patience: Patience,
    begun: tokio::time::Instant,
    received: u64,
}

impl<S> std::fmt::Debug for Parts<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("received", &self.received).finish_non_exhaustive()
    }
}

impl Parts<BodyDataStream> {
    /// The parts of the body of a request.
    #[must_use]
    pub fn of(body: Body) -> Self {
        Self::new(body.into_data_stream(), PATIENCE)
    }
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Parts<S> {
    fn new(parts: S, patience: Patience) -> Self {
        Self { parts, patience, begun: tokio::time::Instant::now(), received: 0 }
    }

    /// The next part: `None` at the end of the body.
    ///
    /// # Errors
    /// [`ApiError::BodyCut`] where the connection broke, fell silent or only drips.
    pub async fn next(&mut self) -> Option<Result<Bytes, ApiError>> {
        let left = self.patience.left(self.begun.elapsed(), self.received);
        match tokio::time::timeout(left, self.parts.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(part))) => {
                self.received += part.len() as u64;
                Some(Ok(part))
            }
            Ok(Some(Err(_))) | Err(_) => Some(Err(ApiError::BodyCut)),
        }
    }
}

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// [`ApiError::TooLarge`] or [`ApiError::BodyCut`].
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut parts = Parts::of(body);
    let mut whole = Vec::new();
    while let Some(part) = parts.next().await {
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
    read_json_upto(headers, body, MAX_JSON).await
}

/// Reads a JSON body that may be larger than others.
///
/// # Errors
/// As [`read_json`].
pub async fn read_json_upto<T: DeserializeOwned>(headers: &HeaderMap, body: Body, limit: usize) -> Result<T, ApiError> {
    expect_type(headers, "application/json")?;
    let body = read(body, limit).await?;
    serde_json::from_slice(&body)
        .map_err(|_| ApiError::Bad { code: "bad_json", message: "the body is not the JSON that this call takes" })
}

/// Reads the reason of something that is done to a person's phone.
///
/// # Errors
/// [`ApiError::Bad`] for none or one that is too long, or as [`read_json`].
pub async fn read_reason(headers: &HeaderMap, body: Body) -> Result<String, ApiError> {
    let asked: ReasonRequest = read_json(headers, body).await?;
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.len() > MAX_PEOPLE_REASON_BYTES {
        return Err(ApiError::Bad { code: "bad_reason", message: "this has a reason of 1 to 500 bytes" });
    }
    Ok(reason.to_owned())
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

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[test]
    fn every_byte_gives_time_and_silence_ends_it_whatever_came() {
        let seconds = Duration::from_secs;
        let left = |elapsed, received| PATIENCE.left(seconds(elapsed), received);
        assert_eq!([left(0, 0), left(50, 0), left(60, 0), left(300, 0)], [30, 10, 0, 0].map(seconds));
        // A piece of 64 KiB over 50 kbit/s takes eleven seconds.
        assert_eq!([left(11, 64 * 1024), left(100, 30_000), left(120, 30_000)], [30, 20, 0].map(seconds));
    }

    #[tokio::test]
    async fn a_body_that_comes_byte_by_byte_is_cut_though_it_is_never_silent() {
        let drip = stream::unfold(tokio::time::interval(Duration::from_millis(2)), async |mut clock| {
            clock.tick().await;
            Some((Ok(Bytes::from_static(b"x")), clock))
        });
        let patience = Patience { first: Duration::from_millis(60), least_bytes_per_second: 1_000_000, ..PATIENCE };
        let mut parts = Parts::new(Box::pin(drip), patience);
        let end = loop {
            match parts.next().await {
                Some(Ok(part)) => assert_eq!(part.len(), 1),
                end => break end,
            }
        };
        assert!(matches!(end, Some(Err(ApiError::BodyCut))) && parts.received > 0, "{}", parts.received);
    }
}
