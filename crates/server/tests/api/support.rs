//! A server in this process, with a clock that stands still, and phones with seeded keys.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::{BlobId, from_hex, to_hex};
use greenshield_domain::op::SignedOp;
use greenshield_domain::signature::PublicKey;
use greenshield_domain::wire::{
    BeginResponse, CBOR_SEQ_MIME, EnrolResponse, ErrorBody, LEASE_HEADER, OpResult, PullPage, PushReply, ResultCode,
};
use greenshield_s3_harness::{ACCESS_KEY, BUCKET, S3, SECRET_KEY};
use greenshield_server::app::{self, Shared, Started};
use greenshield_server::assets::Assets;
use greenshield_server::clock::Clock;
use greenshield_server::place::{BucketPlace, Place};
use greenshield_server::store::{AccountRow, Store as _, StoreTx as _};
use greenshield_server::{invites, routes};
use greenshield_testkit::build::{LogBuilder, Report, START_MILLIS, incident};
use greenshield_testkit::keys::SeededKey;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The time at the server when a test begins.
pub const NOW: i64 = START_MILLIS + 60_000;
pub const HOUR: i64 = 3_600_000;

#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now_millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub struct Server {
    pub clock: Arc<TestClock>,
    router: Router,
    started: Started,
    database: Option<String>,
    s3: Option<Arc<S3>>,
    dir: Arc<tempfile::TempDir>,
}

/// How a server of the tests gets into the bucket of an S3.
pub fn bucket_of(s3: &S3) -> BucketPlace {
    BucketPlace {
        url: format!("s3://{BUCKET}/mountain"),
        endpoint: Some(s3.endpoint()),
        region: None,
        keys: Some((ACCESS_KEY.to_owned(), SECRET_KEY.to_owned())),
    }
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    pub async fn start_with_web(folder: PathBuf) -> Self {
        Self::start_with(Some(folder)).await
    }

    async fn start_with(web: Option<PathBuf>) -> Self {
        let s3 = greenshield_s3_harness::asked().map(Arc::new);
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), greenshield_pg_harness::asked(), s3, NOW, web).await
    }

    pub async fn start_on(database: String) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), Some(database), None, NOW, None).await
    }

    /// A server whose database is a file, whatever the other tests run on.
    pub async fn start_on_file() -> Self {
        let s3 = greenshield_s3_harness::asked().map(Arc::new);
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), None, s3, NOW, None).await
    }

    /// A server over SQLite whose blobs are in a bucket, whatever the other tests run on.
    pub async fn start_on_s3(s3: Arc<S3>) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), None, Some(s3), NOW, None).await
    }

    /// Another server process over the same database and the same blobs.
    pub async fn beside(&self) -> Self {
        let (dir, database, s3) = (self.dir.clone(), self.database.clone(), self.s3.clone());
        Self::start_in(dir, database, s3, self.clock.now_millis(), None).await
    }

    async fn start_in(
        dir: Arc<tempfile::TempDir>,
        database: Option<String>,
        s3: Option<Arc<S3>>,
        now: i64,
        web: Option<PathBuf>,
    ) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(now)));
        let blobs = s3.as_deref().map(bucket_of);
        let place = Place { data: dir.path().to_owned(), database: database.clone(), blobs };
        let started = app::start(&place, Assets::load(web, None).unwrap(), clock.clone()).await.unwrap();
        Self { clock, router: routes::router(started.app.clone()), started, database, s3, dir }
    }

    /// Stops in good order, runs `between`, and starts on the same data.
    pub async fn restart_after(self, between: impl AsyncFnOnce(&Place)) -> Self {
        let Self { clock, router, started, database, s3, dir } = self;
        drop(router);
        started.close().await;
        let blobs = s3.as_deref().map(bucket_of);
        between(&Place { data: dir.path().to_owned(), database: database.clone(), blobs }).await;
        Self::start_in(dir, database, s3, clock.now_millis(), None).await
    }

    pub fn now(&self) -> i64 {
        self.clock.now_millis()
    }

    pub fn app(&self) -> &Shared {
        &self.started.app
    }

    pub fn key(&self) -> PublicKey {
        *self.app().key.public()
    }

    pub fn data(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Where it keeps everything.
    pub fn place(&self) -> Place {
        let blobs = self.s3.as_deref().map(bucket_of);
        Place { data: self.data().to_owned(), database: self.database.clone(), blobs }
    }

    /// The file behind a blob, wherever its home is.
    pub fn blob_file(&self, blob: &BlobId) -> PathBuf {
        let hex = blob.to_hex();
        match &self.s3 {
            None => self.data().join("blobs").join(&hex[..2]).join(hex),
            Some(s3) => s3.object(&format!("mountain/{}/{hex}", &hex[..2])),
        }
    }

    pub async fn send(&self, call: Call) -> Reply {
        let response = self.router.clone().oneshot(call.request()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn invite(&self, name: &str, role: &str) -> String {
        let now = self.clock.now_millis();
        let account = invites::new_account(&self.app().store, name, role, now).await.unwrap();
        self.invite_account(account).await
    }

    pub async fn invite_account(&self, account: AccountRow) -> String {
        let now = self.clock.now_millis();
        invites::invite(&self.app().store, account, None, now, now + HOUR).await.unwrap().code
    }

    pub async fn begin(&self, code: &str) -> Reply {
        self.send(Call::post("/v1/enrol/begin").json(&json!({ "code": code }))).await
    }

    pub async fn enrol_with(&self, code: &str, genesis: &SignedOp) -> Reply {
        self.send(Call::post("/v1/enrol").json(&enrol_body(code, genesis))).await
    }

    /// An enrolled phone.
    pub async fn phone(&self, seed: u64) -> Phone {
        let code = self.invite(&format!("义警{seed}"), "volunteer").await;
        let (log, genesis) = genesis(seed, &self.begin(&code).await.read());
        let enrolled: EnrolResponse = self.enrol_with(&code, &genesis).await.read();
        Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
    }

    pub async fn push(&self, ops: &[SignedOp]) -> PushReply {
        self.send(Call::push(ops)).await.push_reply()
    }

    pub async fn pull(&self, phone: &Phone, query: &str) -> Reply {
        self.send(Call::get(&format!("/v1/ops{query}")).signed(phone.key(), self.clock.now_millis())).await
    }

    /// All pages from the beginning.
    pub async fn pull_all(&self, phone: &Phone) -> Vec<SignedOp> {
        let (mut ops, mut query) = (Vec::new(), String::new());
        loop {
            let page = PullPage::decode(&self.pull(phone, &query).await.ok().body).unwrap();
            ops.extend(page.ops.iter().map(|op| SignedOp::decode(&op.op).unwrap()));
            if !page.more {
                return ops;
            }
            query = format!("?cursor={}", page.next);
        }
    }

    pub async fn revoke(&self, phone: &Phone) {
        let mut tx = self.app().store.begin().await.unwrap();
        assert!(tx.revoke_log(phone.log.log(), self.clock.now_millis()).await.unwrap());
        tx.commit().await.unwrap();
    }
}

pub fn enrol_body(code: &str, genesis: &SignedOp) -> Value {
    json!({ "code": code, "op": URL_SAFE_NO_PAD.encode(genesis.bytes()) })
}

/// The log of a seed with the genesis that an invite asks for.
pub fn genesis(seed: u64, begin: &BeginResponse) -> (LogBuilder, SignedOp) {
    let mut log = LogBuilder::new(seed, begin.account);
    let genesis = log.genesis(from_hex(&begin.nonce).unwrap().try_into().unwrap());
    (log, genesis)
}

pub struct Phone {
    pub log: LogBuilder,
    pub genesis: SignedOp,
    pub lease: String,
    pub enrolled: EnrolResponse,
}

impl Phone {
    pub fn key(&self) -> &SeededKey {
        &self.log.key
    }

    pub fn report(&mut self) -> SignedOp {
        incident(&mut self.log, &Report::default()).1
    }

    pub fn reports(&mut self, n: usize) -> Vec<SignedOp> {
        (0..n).map(|_| self.report()).collect()
    }
}

/// A request in the making.
pub struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

impl Call {
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Body::empty() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    /// An unsigned push.
    pub fn push(ops: &[SignedOp]) -> Self {
        Self::push_bytes(ops.iter().flat_map(|op| op.bytes()).copied().collect())
    }

    pub fn push_bytes(bytes: Vec<u8>) -> Self {
        Self::post("/v1/ops").header("content-type", CBOR_SEQ_MIME).body(bytes)
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn lease(self, lease: impl Into<String>) -> Self {
        self.header(LEASE_HEADER, lease)
    }

    pub fn signed(self, key: &SeededKey, at: i64) -> Self {
        let value = key.authorization(self.method, &self.path, at);
        self.header("authorization", value)
    }

    pub fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub fn request(self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(self.body).unwrap()
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub fn read<T: DeserializeOwned>(self) -> T {
        serde_json::from_slice(&self.ok().body).unwrap()
    }

    #[track_caller]
    pub fn push_reply(self) -> PushReply {
        PushReply::decode(&self.ok().body).unwrap()
    }

    #[track_caller]
    pub fn page(self) -> PullPage {
        PullPage::decode(&self.ok().body).unwrap()
    }

    /// Status and code of an error.
    #[track_caller]
    pub fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.error_body().code)
    }

    #[track_caller]
    pub fn error_body(&self) -> ErrorBody {
        assert_eq!(self.header("content-type"), "application/json");
        let body: ErrorBody = serde_json::from_slice(&self.body).unwrap();
        assert!(!body.message.is_empty());
        body
    }
}

/// (index, code, reason) of the results.
pub fn codes(results: &[OpResult]) -> Vec<(u64, ResultCode, &str)> {
    results.iter().map(|result| (result.index, result.code, result.reason.as_str())).collect()
}

pub fn lease_of(reply: &PushReply) -> String {
    to_hex(&reply.lease.unwrap())
}
