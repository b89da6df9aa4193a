//! Headers of tus 1.0, for the routes under `/v1/blobs` and `/v1/bundles`.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::bundle::BUNDLE_MIME;
use greenshield_domain::cbor;
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::is_mime;
use greenshield_domain::wire::{RECEIPT_HEADER, upload_checksum, upload_metadata};

use crate::arrivals::Checksum;
use crate::error::ApiError;
use crate::uploads::{Standing, is_bundle};

/// The version spoken here.
pub(super) const VERSION: &str = "1.0.0";
/// Content type of every body of bytes.
pub(super) const OFFSET_STREAM: &str = "application/offset+octet-stream";

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
    let message = "Upload-Metadata holds sha256 (base64 of 64 hex digits) and mime (base64 of type/subtype)";
    let mime = entry(headers, "mime").filter(|mime| is_mime(mime) && mime != BUNDLE_MIME);
    let mime = mime.ok_or(ApiError::Bad { code: "metadata", message })?;
    Ok((sha256(headers)?, mime))
}

/// The `sha256` of `Upload-Metadata`.
pub(super) fn sha256(headers: &HeaderMap) -> Result<BlobId, ApiError> {
    let message = "Upload-Metadata holds sha256: base64 of 64 hex digits";
    let blob = entry(headers, "sha256").and_then(|hex| BlobId::from_hex(&hex).ok());
    blob.ok_or(ApiError::Bad { code: "metadata", message })
}

fn entry(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    upload_metadata(text, name)
}

/// `Upload-Checksum: <sha256 or sha1> <base64>`, if there is one.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, ApiError> {
    let Some(value) = headers.get("upload-checksum") else { return Ok(None) };
    let parts = value.to_str().ok().and_then(upload_checksum);
    let checksum = parts.and_then(|(name, digest)| Checksum::new(name, digest));
    let message = "Upload-Checksum is sha256 or sha1, and the base64 of the digest";
    checksum.map(Some).ok_or(ApiError::Bad { code: "bad_checksum", message })
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
        let place = if is_bundle(row) { "bundles" } else { "blobs" };
        insert("location", format!("/v1/{place}/{}", row.id));
    }
    response
}
