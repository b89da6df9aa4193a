//! Headers of tus 1.0, for the routes under `/v1/blobs`.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use greenshield_domain::cbor;
use greenshield_domain::ids::BlobId;
use greenshield_domain::wire::RECEIPT_HEADER;

use crate::error::ApiError;
use crate::uploads::Standing;

/// The version spoken here.
pub(super) const VERSION: &str = "1.0.0";
/// Content type of every body of bytes.
pub(super) const OFFSET_STREAM: &str = "application/offset+octet-stream";
/// Longest MIME type.
const MAX_MIME: usize = 100;

/// Every call except OPTIONS says which version it speaks.
pub(super) fn expect_version(headers: &HeaderMap) -> Result<(), ApiError> {
    let version = headers.get("tus-resumable").map(HeaderValue::as_bytes);
    if version == Some(VERSION.as_bytes()) { Ok(()) } else { Err(ApiError::TusVersion) }
}

/// A header that is a number of bytes.
pub(super) fn bytes_header(headers: &HeaderMap, name: &'static str) -> Result<u64, ApiError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let message = "Upload-Length and Upload-Offset are whole numbers of bytes";
    text.and_then(|text| text.parse().ok()).ok_or(ApiError::Bad { code: "bad_header", message })
}

/// `Upload-Metadata: sha256 <base64 of hex>,mime <base64>`.
pub(super) fn metadata(headers: &HeaderMap) -> Result<(BlobId, String), ApiError> {
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let get = |name: &str| {
        text.split(',').find_map(|pair| {
            let (key, value) = pair.trim().split_once(' ')?;
            let value = (key == name).then(|| STANDARD.decode(value).or_else(|_| STANDARD_NO_PAD.decode(value)))?;
            String::from_utf8(value.ok()?).ok()
        })
    };
    let message = "Upload-Metadata holds sha256 (base64 of 64 hex digits) and mime (base64 of type/subtype)";
    let bad = || ApiError::Bad { code: "metadata", message };
    let blob = get("sha256").and_then(|hex| BlobId::from_hex(&hex).ok()).ok_or_else(bad)?;
    let mime = get("mime").filter(|mime| is_mime(mime)).ok_or_else(bad)?;
    Ok((blob, mime))
}

fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    text.len() <= MAX_MIME && text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// `Upload-Checksum: sha256 <base64>`, if there is one.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<[u8; 32]>, ApiError> {
    let Some(value) = headers.get("upload-checksum") else { return Ok(None) };
    let digest = value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(name, _)| *name == "sha256");
    let digest = digest.and_then(|(_, digest)| STANDARD.decode(digest).ok()).and_then(|bytes| bytes.try_into().ok());
    let message = "Upload-Checksum is sha256 and the base64 of 32 bytes";
    digest.map(Some).ok_or(ApiError::Bad { code: "bad_checksum", message })
}

/// A reply that tells where an upload stands.
pub(super) fn reply(status: StatusCode, standing: &Standing) -> Response {
    let row = &standing.row;
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert("tus-resumable", HeaderValue::from_static(VERSION));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("upload-offset", HeaderValue::from(row.received));
    headers.insert("upload-length", HeaderValue::from(row.length));
    let expires = UNIX_EPOCH + Duration::from_millis(u64::try_from(row.expires_at).unwrap_or(0));
    let mut insert = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    insert("upload-expires", httpdate::fmt_http_date(expires));
    if let Some(receipt) = &standing.receipt {
        insert(RECEIPT_HEADER, URL_SAFE_NO_PAD.encode(cbor::encode(&receipt.to_value())));
    }
    if status == StatusCode::CREATED {
        insert("location", format!("/v1/blobs/{}", row.id));
    }
    response
}
