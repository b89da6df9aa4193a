//! The parts of a running server, put together once and handed to every route.
//!
//! Owns: the first start (epoch, key, empty checkpoint), the lock on the data directory. Refuses: to start with a faulty
//! city package, or beside another server on the same data.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use greenshield_domain::ids::Epoch;
use greenshield_domain::statement::Checkpoint;
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::assets::{AssetError, Assets};
use crate::blobs::{BlobError, BlobFiles};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::entropy::{EntropyError, random};
use crate::keys::{KeyError, ServerKey};
use crate::live::Live;
use crate::sequencer::{self, Sequencer, Work};
use crate::store::sqlite::SqliteStore;
use crate::store::{ServerRow, Store as _, StoreError, StoreTx as _};

/// The store that this binary uses.
pub type ActiveStore = SqliteStore;
/// What routes are given.
pub type Shared = Arc<App>;

/// Version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data directory can not be used.
    #[error("{action} {path:?}: {source}")]
    Data {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another server uses the data directory.
    #[error("another server is running on {path:?}")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The blob folders.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The app's files or the city package.
    #[error(transparent)]
    Assets(#[from] AssetError),
}

/// Everything that routes use.
pub struct App {
    /// The database.
    pub store: ActiveStore,
    /// The signing key.
    pub key: Arc<ServerKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The way to the one writer of ops.
    pub sequencer: Sequencer,
    /// What long polls wait for.
    pub live: Arc<Live>,
    /// Files of blobs.
    pub blobs: BlobFiles,
    /// Which request holds which upload.
    pub claims: Claims,
    /// The app's files.
    pub assets: Assets,
    /// The database incarnation.
    pub epoch: Epoch,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A started app with what must outlive it.
#[derive(Debug)]
pub struct Started {
    /// For the routes.
    pub app: Shared,
    /// Ends when the last [`Shared`] is gone and all accepted work is done.
    pub sequencer: JoinHandle<()>,
    lock: File,
}

impl Started {
    /// Ends after the routes are gone: what was accepted is committed, then the database is closed.
    pub async fn close(self) {
        let store = self.app.store.clone();
        drop(self.app);
        if let Err(error) = self.sequencer.await {
            tracing::error!(%error, "the sequencer ended badly");
        }
        store.close().await;
        drop(self.lock);
    }
}

/// Opens the data directory and starts the sequencer.
///
/// # Errors
/// [`StartError`].
pub async fn start(data: &Path, web_dir: Option<PathBuf>, clock: Arc<dyn Clock>) -> Result<Started, StartError> {
    let assets = Assets::load(web_dir)?;
    make_private(data)?;
    let lock = lock(data)?;
    let store = SqliteStore::open(data).await?;
    let now = clock.now_millis();
    let row = match store.server().await? {
        Some(row) => row,
        None => first_start(&store, now).await?,
    };
    let key = Arc::new(ServerKey::from_pkcs8(&row.key_pkcs8)?);
    checkpoint_of_epoch(&store, &key, row.epoch, now).await?;
    let live = Arc::new(Live::new(store.newest_pos().await?));
    let work =
        Work { store: store.clone(), key: key.clone(), clock: clock.clone(), live: live.clone(), epoch: row.epoch };
    let (sequencer, task) = sequencer::start(work);
    let blobs = BlobFiles::open(data)?;
    let claims = Claims::default();
    let app = App { store, key, clock, sequencer, live, blobs, claims, assets, epoch: row.epoch };
    Ok(Started { app: Arc::new(app), sequencer: task, lock })
}

/// Opens the database of a data directory, where a server may be running.
///
/// # Errors
/// [`StartError`].
pub async fn open_store(data: &Path) -> Result<ActiveStore, StartError> {
    make_private(data)?;
    Ok(SqliteStore::open(data).await?)
}

async fn first_start(store: &ActiveStore, now: i64) -> Result<ServerRow, StartError> {
    let row = ServerRow { epoch: Epoch(random()?), key_pkcs8: ServerKey::generate()? };
    let mut tx = store.begin().await?;
    tx.put_server(&row, now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Makes sure that the newest checkpoint is of this incarnation; readers are always given one.
async fn checkpoint_of_epoch(store: &ActiveStore, key: &ServerKey, epoch: Epoch, now: i64) -> Result<(), StartError> {
    let newest = store.newest_checkpoint().await?;
    let checkpoint = newest.and_then(|row| row.signed.read_unchecked::<Checkpoint>().ok());
    if checkpoint.is_none_or(|checkpoint| checkpoint.epoch != epoch) {
        let mut tx = store.begin().await?;
        sequencer::sign_checkpoint::<_, StartError>(&mut tx, key, epoch, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn fault(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Data { action, path, source }
}

/// The directory holds the server's private key: nobody else may look into it.
fn make_private(data: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(data).map_err(fault("create", data))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        std::fs::set_permissions(data, std::fs::Permissions::from_mode(0o700)).map_err(fault("protect", data))?;
        let file = data.join(crate::store::sqlite::FILE);
        let mut options = File::options();
        options.create(true).append(true).mode(0o600).open(&file).map_err(fault("open", &file))?;
    }
    Ok(())
}

/// Makes this process the only one that works on a data directory, as long as the file lives.
///
/// # Errors
/// [`StartError::Locked`] while a server runs there.
pub fn lock(data: &Path) -> Result<File, StartError> {
    let path = data.join("lock");
    let file = File::options().create(true).append(true).open(&path).map_err(fault("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::Locked { path: data.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(fault("lock", &path)(source)),
    }
}
