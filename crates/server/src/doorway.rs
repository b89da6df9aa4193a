//! The plain port beside HTTPS: sends browsers on, and answers an authority that checks who asks for a certificate (ACME, RFC 8555
//! §8.3).
//!
//! Refuses: everything of the API. Nothing that a person wrote ever comes this way.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// What it knows.
#[derive(Debug)]
struct Door {
    /// Where the server really is, without a slash at the end.
    address: String,
    webroot: Option<PathBuf>,
}

/// The routes of the port; `address` is that of the server itself.
pub fn router(address: &str, webroot: Option<PathBuf>) -> Router {
    let door = Arc::new(Door { address: address.trim_end_matches('/').to_owned(), webroot });
    let answer = get(challenge);
    Router::new().route("/.well-known/acme-challenge/{token}", answer).fallback(onward).with_state(door)
}

/// The characters that RFC 8555 allows; a path can not be made of them.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

async fn challenge(State(door): State<Arc<Door>>, Path(token): Path<String>) -> Response {
    let folder = door.webroot.as_ref().filter(|_| is_token(&token));
    let Some(folder) = folder else { return StatusCode::NOT_FOUND.into_response() };
    match tokio::fs::read(folder.join(".well-known/acme-challenge").join(token)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "text/plain")], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn onward(State(door): State<Arc<Door>>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{}{path}", door.address))]).into_response()
}
