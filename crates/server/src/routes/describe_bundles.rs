//! `OPTIONS /v1/bundles`: what of tus this server speaks for rescue packages.

use axum::response::IntoResponse;
use greenshield_domain::bundle::MAX_BUNDLE_BYTES;

use super::describe_uploads;

pub(super) async fn handle() -> impl IntoResponse {
    describe_uploads::describe(MAX_BUNDLE_BYTES)
}
