//! The accept loop, and the mood in front of the S3 service.

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{ACCESS_KEY, Mood, SECRET_KEY};

/// More than any part of an upload.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// What tests change and read while the server runs.
#[derive(Debug)]
pub(crate) struct State {
    mood: Mutex<Mood>,
    requests: AtomicU64,
}

impl State {
    pub(crate) fn new() -> Self {
        Self { mood: Mutex::new(Mood::Well), requests: AtomicU64::new(0) }
    }

    pub(crate) fn feel(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn mood(&self) -> Mood {
        self.requests.fetch_add(1, Ordering::Relaxed);
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until it is told to stop.
pub(crate) fn run(listener: TcpListener, root: &Path, state: &Arc<State>, mut stop: watch::Receiver<bool>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime for S3").block_on(async {
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).expect("the folder of S3"));
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build();
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { continue };
            let (service, state) = (service.clone(), state.clone());
            connections.spawn(async move {
                let answer = service_fn(|request| answer(&service, &state, request));
                // A client that goes away is no fault of a test.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
        connections.shutdown().await;
    });
}

/// The connection is cut without an answer.
type Cut = Box<dyn std::error::Error + Send + Sync>;

async fn answer(service: &S3Service, state: &State, request: Request<Incoming>) -> Result<Response<s3s::Body>, Cut> {
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    match state.mood() {
        Mood::Gone => Err("gone".into()),
        Mood::Answers(status, code) => refuse(status, code, request).await,
        Mood::RefusesWrites(status, code) if writes => refuse(status, code, request).await,
        Mood::Well | Mood::RefusesWrites(..) => Ok(service.call(request.map(s3s::Body::from)).await?),
    }
}

async fn refuse(status: u16, code: &str, request: Request<Incoming>) -> Result<Response<s3s::Body>, Cut> {
    // A client that still writes would see a cut, and not the answer.
    s3s::Body::from(request.into_body()).store_all_limited(MAX_BODY).await?;
    let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>a test</Message></Error>");
    Ok(Response::builder().status(status).body(s3s::Body::from(text))?)
}
