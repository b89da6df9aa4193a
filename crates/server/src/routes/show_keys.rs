//! `GET /v1/keys`: the public keys of the server, for phones that learn the sealing key at a contact.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::to_hex;
use greenshield_domain::wire::{KeysResponse, SignedJson};

use crate::app::Shared;

pub(super) async fn handle(State(app): State<Shared>) -> Response {
    let keys = KeysResponse {
        server_key: to_hex(&app.key.public().0),
        sealing_key: SignedJson::from(app.bundles.statement()),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(keys)).into_response()
}
