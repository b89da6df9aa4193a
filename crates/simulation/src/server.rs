//! The server's machine: the real app over SQLite in a folder in memory, its kills, its backups.
//!
//! Invariant: everything that later steps can depend on comes from the seed: epoch, signing key, accounts, invites. Leases and
//! names of uploads are drawn by the server itself; they are opaque and no outcome depends on their bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use greenshield_client::ports::{HttpRequest, HttpResponse};
use greenshield_domain::ids::{AccountId, Epoch};
use greenshield_server::app::{self, Started};
use greenshield_server::assets::Assets;
use greenshield_server::clock::Clock;
use greenshield_server::store::{AccountRow, InviteRow, ServerRow, Store as _, StoreTx as _};
use greenshield_server::{invites, routes};
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// PKCS #8 of a P-256 key up to the private scalar, and between scalar and public point.
const PKCS8_HEAD: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
];
const PKCS8_MIDDLE: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];

#[derive(Debug)]
struct SharedClock(Arc<AtomicI64>);

impl Clock for SharedClock {
    fn now_millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A server that can be killed.
pub struct Server {
    started: Option<Started>,
    router: Router,
    folder: TempDir,
    clock: Arc<AtomicI64>,
}

impl Server {
    /// First start.
    pub async fn new(rng: &mut SplitMix, clock: Arc<AtomicI64>) -> Self {
        let folder = folder();
        let key = SeededKey::new(rng.next_u64());
        let public = key.public_key();
        let key_pkcs8 = [&PKCS8_HEAD[..], &key.scalar(), &PKCS8_MIDDLE, &public.0].concat();
        let store = app::open_store(folder.path()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.put_server(&ServerRow { epoch: Epoch(rng.bytes()), key_pkcs8, began: None }, clock.load(Ordering::Relaxed))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        Self::start(folder, clock).await
    }

    async fn start(folder: TempDir, clock: Arc<AtomicI64>) -> Self {
        let started =
            app::start(folder.path(), Assets::load(None, None).unwrap(), Arc::new(SharedClock(clock.clone())))
                .await
                .unwrap();
        let router = routes::router(started.app.clone());
        Self { started: Some(started), router, folder, clock }
    }

    /// The running app.
    pub fn app(&self) -> &app::App {
        &self.started.as_ref().unwrap().app
    }

    /// The way in.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// What a power cut would leave on the disk at this moment: nothing runs, so every commit is in the files.
    #[must_use]
    pub fn image(&self) -> TempDir {
        let image = folder();
        copy(self.folder.path(), image.path());
        image
    }

    /// The power is cut. It starts again from the image, with a new epoch where one is given.
    pub async fn restart_from(&mut self, image: &Path, epoch: Option<Epoch>) {
        let folder = folder();
        copy(image, folder.path());
        let router = std::mem::take(&mut self.router);
        drop((router, self.started.take()));
        if let Some(epoch) = epoch {
            let store = app::open_store(folder.path()).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            tx.set_epoch(epoch).await.unwrap();
            tx.commit().await.unwrap();
            store.close().await;
        }
        *self = Self::start(folder, self.clock.clone()).await;
    }

    /// A person with an invite; gives the code.
    pub async fn invite(&self, rng: &mut SplitMix, name: &str) -> (AccountId, String) {
        let now = self.clock.load(Ordering::Relaxed);
        let account =
            AccountRow { id: AccountId(rng.bytes()), name: name.to_owned(), role: crate::world::ROLE.to_owned() };
        let code = format!("{:020X}", rng.next_u64());
        let code_hash = invites::code_hash(&code);
        let invite = InviteRow {
            code_hash,
            account: account.clone(),
            nonce: rng.bytes(),
            expires_at: i64::MAX,
            used_by: None,
            invited_by: None,
        };
        let mut tx = self.app().store.begin().await.unwrap();
        tx.put_account(&account, now).await.unwrap();
        tx.put_invite(&invite, now).await.unwrap();
        tx.commit().await.unwrap();
        (account.id, code)
    }
}

/// Hands a request to a router.
pub async fn call(router: Router, request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let mut builder = Request::builder().method(request.method).uri(&request.path);
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    let response = router.oneshot(builder.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    HttpResponse { status, headers, body }
}

/// A folder in memory where the system has one.
fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else if name != "lock" && !name.ends_with("-shm") {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
