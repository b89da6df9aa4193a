//! The page of the numbers: what Prometheus reads. Apart from the counting, which every part of the server does, because this
//! alone looks at the whole server.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::{FREE_BYTES, INFO, NEWEST_POS, QUEUE, START_SECONDS};
use crate::app::Shared;
use crate::webhooks::Webhooks;
use crate::{VERSION, serve};

/// Serves the page until the server goes down.
pub async fn run(
    listener: TcpListener,
    handle: PrometheusHandle,
    app: Shared,
    webhooks: Arc<Webhooks>,
    start_millis: i64,
) {
    let live = app.live.clone();
    let page = Page { app, webhooks, handle, start_seconds: start_millis as f64 / 1000.0 };
    let router = Router::new().route("/metrics", get(show)).with_state(Arc::new(page));
    serve::run(listener, None, router, async move { live.stopped().await }).await;
}

struct Page {
    app: Shared,
    webhooks: Arc<Webhooks>,
    handle: PrometheusHandle,
    start_seconds: f64,
}

async fn show(State(page): State<Arc<Page>>) -> Response {
    let app = &page.app;
    counter!("greenshield_scrapes_total").increment(1);
    gauge!(QUEUE).set(app.sequencer.waiting() as f64);
    gauge!(NEWEST_POS).set(app.live.newest_pos() as f64);
    gauge!(START_SECONDS).set(page.start_seconds);
    gauge!(INFO, "version" => VERSION, "database" => app.store.kind(), "blobs" => app.blobs.kind()).set(1.0);
    match app.blobs.free_bytes() {
        Ok(bytes) => gauge!(FREE_BYTES).set(bytes as f64),
        Err(error) => tracing::warn!(%error, "free bytes"),
    }
    page.webhooks.measure(app).await;
    page.handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page.handle.render()).into_response()
}
