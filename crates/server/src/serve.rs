//! Connections: accepting them, bounding them, ending them in good order.
//!
//! Owns: the accept loop and the guards that live below HTTP routing (time to shake hands and to send headers, number of
//! connections). Refuses: certificates ([`crate::tls`]). Invariant: after the stop, accepted requests are answered before the
//! process ends, or `GRACE` is over.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::limits::Peer;

/// How long a peer may take to send its headers, and how long an unused connection stays open.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Connections at one time.
const MAX_CONNECTIONS: usize = 4096;
/// What the system needs to have a socket free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long requests may run on after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// A connection, in the open or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Shakes hands, if there is a certificate.
async fn secured(stream: TcpStream, tls: Option<TlsAcceptor>) -> std::io::Result<Box<dyn Stream>> {
    // Small replies must not wait for more.
    drop(stream.set_nodelay(true));
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    Ok(Box::new(tokio::time::timeout(HEADERS_WITHIN, tls.accept(stream)).await??))
}

/// Serves until `stop` is done, then lets running requests end. With `tls` it speaks HTTPS and nothing else.
pub async fn run(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, stop: impl Future<Output = ()>) {
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
                listener.accept().await.map(|(stream, peer)| (stream, peer, place))
            } => accepted,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (peer, tls, watcher) = (Peer(peer.ip()), tls.clone(), graceful.watcher());
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request
        });
        while connections.try_join_next().is_some() {}
        connections.spawn(async move {
            let stream = match secured(stream, tls).await {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::debug!(%error, "handshake");
                    return;
                }
            };
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS_WITHIN)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            if let Err(error) = watcher.watch(connection).await {
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
