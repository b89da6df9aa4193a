//! Connections: accepting them, bounding them, ending them in good order.
//!
//! Owns: the accept loop and the guards that live below HTTP routing (time to send headers, number of connections). Refuses:
//! TLS, which the proxy in front does. Invariant: after the stop, accepted requests are answered before the process ends,
//! or `GRACE` is over.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long a peer may take to send its headers, and how long an unused connection stays open.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Connections at one time.
const MAX_CONNECTIONS: usize = 4096;
/// What the system needs to have a socket free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long requests may run on after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` is done, then lets running requests end.
pub async fn run(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = async {
                let place = places.clone().acquire_owned().await;
                listener.accept().await.map(|(stream, _)| (stream, place))
            } => accepted,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Small replies must not wait for more.
        drop(stream.set_nodelay(true));
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        while connections.try_join_next().is_some() {}
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection");
            }
            drop(place);
        });
    }
    drop(listener);
    drop(router);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    // What still hangs, e.g. in headers that never end, must not keep the database open.
    connections.shutdown().await;
}
