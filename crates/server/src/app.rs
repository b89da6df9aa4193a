//! The parts of a running server, put together once and handed to every route.
//!
//! Owns: the first start (epoch, key, empty checkpoint), the lock on the data directory, listening to other processes over
//! the same database. Refuses: to start with a faulty city package, or beside another server on the same data directory when
//! the database is in it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use governor::clock::MonotonicClock;
use greenshield_domain::city::City;
use greenshield_domain::ids::Epoch;
use greenshield_domain::policy::Rules;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::Began;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::assets::Assets;
use crate::blobs::{BlobError, Blobs};
use crate::bundles::Bundles;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::entropy::{EntropyError, random};
use crate::keys::{KeyError, ServerKey};
use crate::ledger;
use crate::ledger::found::Found;
use crate::limits::DeviceLimit;
use crate::live::Live;
use crate::looked::Looked;
use crate::own_log;
use crate::packs::Packs;
use crate::place::Place;
use crate::proofs::Proofs;
use crate::scrub::ScrubDue;
use crate::sequencer::{self, Sequencer, Work};
use crate::store::{AnyStore, Heard, ServerRow, Store as _, StoreError, StoreTx as _};
use crate::switch::Switch;
use crate::versions::{self, VersionError};

/// What routes are given.
pub type Shared = Arc<App>;

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
    /// The version of the city package that holds.
    #[error(transparent)]
    Version(#[from] VersionError),
}

/// Everything that routes use.
pub struct App {
    /// The database.
    pub store: AnyStore,
    /// The signing key.
    pub key: Arc<ServerKey>,
    /// The key of the audit's log.
    pub audit_key: Arc<ServerKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The way to the one writer of ops.
    pub sequencer: Sequencer,
    /// What long polls wait for.
    pub live: Arc<Live>,
    /// Where blobs are.
    pub blobs: Blobs,
    /// Rescue packages: the key that opens them, the receipts that were made.
    pub bundles: Bundles,
    /// Which request holds which upload.
    pub claims: Claims,
    /// The hashes of the log, for auditors.
    pub proofs: Proofs,
    /// Whose looking at files was noted.
    pub looked: Looked,
    /// What readers of many pages asked for.
    pub found: Found,
    /// Turns of those who look through all records of a kind.
    pub turns: Semaphore,
    /// How often a device may ask.
    pub devices: DeviceLimit,
    /// Map packs.
    pub packs: Packs,
    /// The app's files, and the city package that holds.
    pub assets: Assets,
    /// Whether the retention job erases.
    pub erases_due: Switch,
    /// Whether bytes of erased values may still lie about.
    pub scrub: Arc<ScrubDue>,
    /// The database incarnation.
    pub epoch: Epoch,
    /// Where it began.
    pub began: Option<Began>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl App {
    /// The city as the package that holds now says. Whoever needs it twice takes it once.
    #[must_use]
    pub fn city(&self) -> Arc<City> {
        self.assets.holding.city()
    }

    /// Who may do what by that package.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.assets.holding.rules()
    }

    /// Exchanges the city package when another version holds by now, which any process over this database may have been brought.
    ///
    /// # Errors
    /// [`VersionError`]; then the one of before still holds.
    pub async fn follow_city(&self) -> Result<(), VersionError> {
        if versions::take_if_due(&self.store, &self.assets.holding, self.clock.now_millis()).await? {
            self.found.forget();
        }
        Ok(())
    }
}

/// A started app with what must outlive it.
#[derive(Debug)]
pub struct Started {
    /// For the routes.
    pub app: Shared,
    /// Ends when the last [`Shared`] is gone and all accepted work is done.
    pub sequencer: JoinHandle<()>,
    listener: JoinSet<std::convert::Infallible>,
    lock: File,
}

impl Started {
    /// Ends after the routes are gone: what was accepted is committed, then the database is closed.
    pub async fn close(mut self) {
        self.listener.shutdown().await;
        let store = self.app.store.clone();
        drop(self.app);
        if let Err(error) = self.sequencer.await {
            tracing::error!(%error, "the sequencer ended badly");
        }
        store.close().await;
        drop(self.lock);
    }
}

/// Opens data directory and database, and starts the sequencer with the rules of the city package that holds.
///
/// # Errors
/// [`StartError`].
pub async fn start(place: impl Into<Place>, assets: Assets, clock: Arc<dyn Clock>) -> Result<Started, StartError> {
    let place = place.into();
    make_private(&place)?;
    let lock = lock(&place)?;
    let store = AnyStore::open(&place.data, place.database.as_deref()).await?;
    let now = clock.now_millis();
    let row = facts(&store, now).await?;
    let key = Arc::new(ServerKey::from_pkcs8(&row.key_pkcs8)?);
    let audit_key = Arc::new(ServerKey::of_audit(&row.key_pkcs8)?);
    own_log::ensure_both::<_, StartError>(&store, [&key, &audit_key], now).await?;
    checkpoint_of_epoch(&store, &key, row.epoch, now).await?;
    let live = Arc::new(Live::new(store.newest_pos().await?));
    let listener = listen(&store, &live, row.epoch);
    versions::take_if_due(&store, &assets.holding, now).await?;
    let scrub = Arc::new(ScrubDue::default());
    let work = Work {
        store: store.clone(),
        key: key.clone(),
        audit_key: audit_key.clone(),
        clock: clock.clone(),
        live: live.clone(),
        epoch: row.epoch,
        holding: assets.holding.clone(),
        scrub: scrub.clone(),
    };
    let (sequencer, task) = sequencer::start(work);
    let blobs = Blobs::open(&place)?;
    let bundles = Bundles::new(&place.data, &row.key_pkcs8, &key, now)?;
    let (claims, proofs) = (Claims::default(), Proofs::default());
    let app = App {
        store,
        key,
        audit_key,
        clock,
        sequencer,
        live,
        blobs,
        bundles,
        claims,
        proofs,
        looked: Looked::default(),
        found: Found::default(),
        turns: Semaphore::new(ledger::AT_ONE_TIME),
        devices: DeviceLimit::new(MonotonicClock),
        packs: Packs::of(&place.data),
        assets,
        erases_due: Switch::default(),
        scrub,
        epoch: row.epoch,
        began: row.began,
    };
    Ok(Started { app: Arc::new(app), sequencer: task, listener, lock })
}

/// Opens the database of a place, where a server may be running.
///
/// # Errors
/// [`StartError`].
pub async fn open_store(place: impl Into<Place>) -> Result<AnyStore, StartError> {
    let place = place.into();
    make_private(&place)?;
    Ok(AnyStore::open(&place.data, place.database.as_deref()).await?)
}

/// Wakes long polls for what other processes commit. A database with another epoch than ours was exchanged below us: all
/// that this process holds is stale, so it stops.
fn listen(store: &AnyStore, live: &Arc<Live>, epoch: Epoch) -> JoinSet<std::convert::Infallible> {
    let (store, live) = (store.clone(), live.clone());
    let hear = move |heard: Heard| {
        if heard.epoch == epoch {
            live.advance(heard.newest_pos);
        } else {
            tracing::error!("the database has another epoch than at the start");
            live.stop();
        }
    };
    let mut listener = JoinSet::new();
    listener.spawn(async move { store.follow(hear).await });
    listener
}

/// The facts about the database; the first process over an empty one makes them, and those beside it wait and read them.
async fn facts(store: &AnyStore, now: i64) -> Result<ServerRow, StartError> {
    if let Some(row) = store.server().await? {
        return Ok(row);
    }
    let mut tx = store.begin().await?;
    if let Some(row) = tx.server().await? {
        return Ok(row);
    }
    let row = ServerRow { epoch: Epoch(random()?), key_pkcs8: ServerKey::generate()?, began: None };
    tx.put_server(&row, now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Makes sure that the newest checkpoint is of this incarnation; readers are always given one.
async fn checkpoint_of_epoch(store: &AnyStore, key: &ServerKey, epoch: Epoch, now: i64) -> Result<(), StartError> {
    let mut tx = store.begin().await?;
    let newest = tx.newest_checkpoint().await?;
    let checkpoint = newest.and_then(|row| row.signed.read_unchecked::<Checkpoint>().ok());
    if checkpoint.is_none_or(|checkpoint| checkpoint.epoch != epoch) {
        sequencer::sign_checkpoint::<_, StartError>(&mut tx, key, epoch, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn fault(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Data { action, path, source }
}

/// The directory holds blobs and mostly the server's private key: nobody else may look into it.
fn make_private(place: &Place) -> Result<(), StartError> {
    let data = &place.data;
    std::fs::create_dir_all(data).map_err(fault("create", data))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        std::fs::set_permissions(data, std::fs::Permissions::from_mode(0o700)).map_err(fault("protect", data))?;
        if place.database.is_none() {
            let file = data.join(crate::store::sqlite::FILE);
            let mut options = File::options();
            options.create(true).append(true).mode(0o600).open(&file).map_err(fault("open", &file))?;
        }
    }
    Ok(())
}

/// How often a lock that somebody holds is tried again, and after how long.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Makes this process the only one that works on a data directory, as long as the file lives. Processes over a database of
/// their own share it with each other.
///
/// # Errors
/// [`StartError::Locked`] while a server runs there.
pub fn lock(place: &Place) -> Result<File, StartError> {
    let path = place.data.join("lock");
    let file = File::options().create(true).append(true).open(&path).map_err(fault("open", &path))?;
    let try_now = || if place.database.is_some() { file.try_lock_shared() } else { file.try_lock() };
    // A program that was started elsewhere in the same moment holds copies of all open files until it runs, and a server that
    // ends may still be closing its database: both are over soon.
    let mut locked = try_now();
    for _ in 0..LOCK_TRIES {
        if !matches!(locked, Err(std::fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        locked = try_now();
    }
    match locked {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::Locked { path: place.data.clone() }),
        Err(std::fs::TryLockError::Error(source)) => Err(fault("lock", &path)(source)),
    }
}
