//! A page of ops as it leaves, for pull and snapshot: with the names of its authors and the newest checkpoint.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::wire::{CBOR_MIME, PullPage};

use crate::app::Shared;
use crate::error::ApiError;
use crate::scope::Sifted;
use crate::store::Store as _;

/// Most ops of a page.
pub(super) const MAX_OPS: usize = 1_000;
/// A page ends with the op before the one that passes this.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// Answers with a page.
///
/// # Errors
/// A fault of the store.
pub(super) async fn reply(app: &Shared, sifted: Sifted, next: String, more: bool) -> Result<Response, ApiError> {
    let Sifted { ops, left, .. } = sifted;
    let mut authors: Vec<_> = ops.iter().map(|op| op.account).collect();
    authors.sort_unstable();
    authors.dedup();
    let page = PullPage {
        next,
        people: app.store.people(&authors).await?,
        checkpoint: app.store.newest_checkpoint().await?.ok_or(ApiError::Internal)?.signed,
        more,
        time_millis: app.clock.now_millis(),
        ops,
        left,
    };
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], page.encode()).into_response())
}
