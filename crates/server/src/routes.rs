//! The table of routes: method, path, handler. One file for each thing that a caller can do.
//!
//! Owns: the table, and what surrounds every handler (headers, log, panics). `openapi.json` tells the same to strangers; a
//! test compares the two in both directions.

mod begin_enrolment;
mod check_city;
mod check_health;
mod check_ready;
mod city;
mod confirm_wipe;
mod create_access_key;
mod create_bundle;
mod create_upload;
mod delete_upload;
mod describe_bundles;
mod describe_ogc;
mod describe_uploads;
mod download_blob;
mod download_city_version;
mod download_pack;
mod download_receipts;
mod enrol_log;
mod erase_values;
mod export_evidence;
mod export_ledger;
mod hold_record;
mod inspect_upload;
mod invite_person;
mod judge_op;
mod keep_city_version;
mod list_access_keys;
mod list_city_versions;
mod list_collections;
mod list_conformance;
mod list_devices;
mod list_heads;
mod list_held;
mod list_items;
mod list_looks;
mod list_packs;
mod list_scope;
mod make_workbook;
mod ogc;
mod page;
mod patch_upload;
mod preview_roster;
mod prove_consistency;
mod prove_inclusion;
mod pull_ops;
mod push_ops;
mod read_audit;
mod revoke_access_key;
mod revoke_device;
mod serve_asset;
mod show_checkpoint;
mod show_collection;
mod show_coverage;
mod show_item;
mod show_keys;
mod show_me;
mod show_ogc;
mod show_openapi;
mod show_retention;
mod take_snapshot;
mod tell_health;
mod tus;
mod wipe_device;
mod withdraw_city_version;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, head, options, patch, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::Shared;
use crate::error::ApiError;
use crate::headers;

/// One route of the API.
#[derive(Debug)]
pub struct Route {
    /// Method in upper case.
    pub method: &'static str,
    /// Path with `{parameters}`.
    pub path: &'static str,
    handler: MethodRouter<Shared>,
}

/// All routes of the API.
#[must_use]
pub fn table() -> Vec<Route> {
    let route = |method, path, handler| Route { method, path, handler };
    let zip = CompressionLayer::new;
    vec![
        route("POST", "/v1/enrol/begin", post(begin_enrolment::handle)),
        route("POST", "/v1/enrol", post(enrol_log::handle)),
        route("POST", "/v1/ops", post(push_ops::handle)),
        route("GET", "/v1/ops", get(pull_ops::handle).layer(zip())),
        route("GET", "/v1/snapshot", get(take_snapshot::handle).layer(zip())),
        route("GET", "/v1/scope", get(list_scope::handle).layer(zip())),
        route("GET", "/v1/heads", get(list_heads::handle)),
        route("POST", "/v1/verdicts", post(judge_op::handle)),
        route("GET", "/v1/held", get(list_held::handle)),
        route("POST", "/v1/erasures", post(erase_values::handle)),
        route("POST", "/v1/holds", post(hold_record::handle)),
        route("GET", "/v1/me", get(show_me::handle)),
        route("OPTIONS", "/v1/blobs", options(describe_uploads::handle)),
        route("POST", "/v1/blobs", post(create_upload::handle)),
        route("OPTIONS", "/v1/blobs/{upload}", options(describe_uploads::handle)),
        route("HEAD", "/v1/blobs/{upload}", head(inspect_upload::handle)),
        route("PATCH", "/v1/blobs/{upload}", patch(patch_upload::handle)),
        route("DELETE", "/v1/blobs/{upload}", delete(delete_upload::handle)),
        route("OPTIONS", "/v1/bundles", options(describe_bundles::handle)),
        route("POST", "/v1/bundles", post(create_bundle::handle)),
        route("OPTIONS", "/v1/bundles/{upload}", options(describe_bundles::handle)),
        route("HEAD", "/v1/bundles/{upload}", head(inspect_upload::handle)),
        route("PATCH", "/v1/bundles/{upload}", patch(patch_upload::handle)),
        route("DELETE", "/v1/bundles/{upload}", delete(delete_upload::handle)),
        route("GET", "/v1/bundles/{upload}/receipts", get(download_receipts::handle)),
        route("GET", "/v1/keys", get(show_keys::handle)),
        route("GET", "/v1/records/{record}/blobs/{sha256}", get(download_blob::handle)),
        route("GET", "/v1/packs", get(list_packs::handle).layer(zip())),
        route("GET", "/v1/packs/{sha256}/{chunk}", get(download_pack::handle)),
        route("GET", "/v1/records/{record}/evidence", get(export_evidence::handle)),
        route("GET", "/v1/export", get(export_ledger::handle)),
        route("POST", "/v1/access-keys", post(create_access_key::handle)),
        route("GET", "/v1/access-keys", get(list_access_keys::handle).layer(zip())),
        route("POST", "/v1/access-keys/{id}/revoke", post(revoke_access_key::handle)),
        route("GET", "/ogc", get(show_ogc::handle)),
        route("GET", "/ogc/", get(show_ogc::handle)),
        route("GET", "/ogc/conformance", get(list_conformance::handle)),
        route("GET", "/ogc/api", get(describe_ogc::handle).layer(zip())),
        route("GET", "/ogc/collections", get(list_collections::handle).layer(zip())),
        route("GET", "/ogc/collections/{collection}", get(show_collection::handle)),
        route("GET", "/ogc/collections/{collection}/items", get(list_items::handle).layer(zip())),
        route("GET", "/ogc/collections/{collection}/items/{item}", get(show_item::handle)),
        route("GET", "/v1/audit", get(read_audit::handle).layer(zip())),
        route("GET", "/v1/me/looks", get(list_looks::handle).layer(zip())),
        route("GET", "/v1/coverage", get(show_coverage::handle).layer(zip())),
        route("GET", "/v1/retention", get(show_retention::handle).layer(zip())),
        route("GET", "/v1/city/versions", get(list_city_versions::handle).layer(zip())),
        route("POST", "/v1/city/versions", post(keep_city_version::handle)),
        route("POST", "/v1/city/check", post(check_city::handle).layer(zip())),
        route("GET", "/v1/city/versions/{version}", get(download_city_version::handle).layer(zip())),
        route("POST", "/v1/city/versions/{version}/withdraw", post(withdraw_city_version::handle)),
        route("GET", "/v1/log/checkpoint", get(show_checkpoint::handle)),
        route("GET", "/v1/log/proof/inclusion", get(prove_inclusion::handle)),
        route("GET", "/v1/log/proof/consistency", get(prove_consistency::handle)),
        route("POST", "/v1/health", post(tell_health::handle)),
        route("POST", "/v1/roster/preview", post(preview_roster::handle)),
        route("POST", "/v1/workbook", post(make_workbook::handle)),
        route("POST", "/v1/invites", post(invite_person::handle)),
        route("POST", "/v1/devices/{log}/revoke", post(revoke_device::handle)),
        route("POST", "/v1/devices/{log}/wipe", post(wipe_device::handle)),
        route("POST", "/v1/devices/{log}/wiped", post(confirm_wipe::handle)),
        route("GET", "/v1/devices", get(list_devices::handle).layer(zip())),
        route("GET", "/v1/health", get(check_health::handle)),
        route("GET", "/v1/ready", get(check_ready::handle)),
        route("GET", "/v1/openapi.json", get(show_openapi::handle).layer(zip())),
    ]
}

/// The whole server.
pub fn router(app: Shared) -> Router {
    let api = table().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.handler));
    api.fallback(serve_asset::handle)
        .method_not_allowed_fallback(async || ApiError::Method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(headers::log))
        .layer(from_fn(headers::shield))
        .with_state(app)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::Internal.into_response()
}
