//! `OPTIONS /v1/blobs`: what of tus this server speaks.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::tus;
use crate::arrivals::CHECKSUMS;
use crate::uploads::MAX_BYTES;

pub(super) async fn handle() -> impl IntoResponse {
    describe(MAX_BYTES)
}

/// What is the same for blobs and bundles.
pub(super) fn describe(most_bytes: u64) -> impl IntoResponse {
    let headers = [
        ("tus-resumable", tus::VERSION.to_owned()),
        ("tus-version", tus::VERSION.to_owned()),
        ("tus-extension", "creation,creation-with-upload,checksum,expiration,termination".to_owned()),
        ("tus-checksum-algorithm", CHECKSUMS.map(|(name, _)| name).join(",")),
        ("tus-max-size", most_bytes.to_string()),
        (header::CACHE_CONTROL.as_str(), "no-store".to_owned()),
    ];
    (StatusCode::NO_CONTENT, headers)
}
