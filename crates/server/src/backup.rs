//! Backups of a data folder: made while the server runs, checked to the last byte, and made a server again.
//!
//! Owns: the layout of a backup and the order of its steps. Refuses: PostgreSQL, which has `pg_dump`. Invariants: the
//! database is copied before the blobs, so every blob that it names was there; the manifest is replaced last and in one
//! step, so a backup that was cut is the one before; what is restored was checked first and has a new epoch.

mod bring;

use std::path::{Path, PathBuf};

use greenshield_domain::ids::{BlobId, Epoch};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::bring::{Brought, bring, put_in_place};
use crate::VERSION;
use crate::admin::{self, AdminError};
use crate::app::{self, StartError};
use crate::blobs::{BlobError, Blobs, Bucket, fault, hash, relative, sync};
use crate::place::Place;
use crate::store::sqlite::FILE;
use crate::store::sqlite::copy::{self, Copy};
use crate::store::{Store as _, StoreError};

/// Name of the manifest in a backup.
pub const MANIFEST: &str = "manifest.json";
/// Layout of a backup.
const FORMAT: u32 = 1;
/// Where a restore works until it is done.
const RESTORING: &str = "restoring";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout of the backup.
    pub format: u32,
    /// Server that made it.
    pub version: String,
    /// When, in ms since 1970.
    pub made_millis: i64,
    /// Incarnation of the database.
    pub epoch: Epoch,
    /// Position of the newest op in it.
    pub newest_pos: u64,
    /// The copy of the database.
    pub database: FileFact,
    /// Lines `HASH  blobs/ab/HASH`, as `sha256sum -c` reads them.
    pub list: FileFact,
    /// How many blobs there are.
    pub blobs: u64,
    /// Bytes of all of them.
    pub blob_bytes: u64,
    /// Blobs that the database names and neither data folder nor bucket had.
    pub missing: Vec<BlobId>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Name in the backup.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its hash.
    pub sha256: BlobId,
}

/// A finished backup.
#[derive(Debug, Clone)]
pub struct Done {
    /// What it holds.
    pub manifest: Manifest,
    /// Blobs that the backup before did not have.
    pub copied: u64,
}

/// Why a backup can not be made, checked or restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database is not a file of ours.
    #[error(
        "the database is PostgreSQL: back it up with `pg_dump --format=custom --file=greenshield.dump URL`, and then copy \
         the folder `blobs` of the data folder (in this order). To restore: `pg_restore --clean --if-exists --dbname=URL \
         greenshield.dump`, copy `blobs` back, `greenshield admin new-epoch`, start"
    )]
    Postgres,
    /// There is no database to copy.
    #[error("{path:?} is no data folder of a server")]
    NoData {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that is not for this.
    #[error("{path:?} holds {found:?}; a restore needs an empty or missing folder")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        found: String,
    },
    /// The manifest is missing or no manifest.
    #[error("{path:?} is no manifest of a backup: {problem}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A file is not what the manifest says.
    #[error("{path:?} is damaged: {problem}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
    /// A file system call.
    #[error(transparent)]
    File(#[from] BlobError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data folder.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The new epoch.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

/// Makes or renews the backup in a folder. The server may run.
///
/// # Errors
/// [`BackupError`]; the backup that was there before still holds then.
pub async fn make(place: &Place, to: &Path, now_millis: i64) -> Result<Done, BackupError> {
    let data = local(place)?;
    if !data.join(FILE).is_file() {
        return Err(BackupError::NoData { path: data.to_owned() });
    }
    let blobs = Blobs::open(place)?;
    bring::make_private(to)?;
    let (name, list_name) = (format!("database-{now_millis}.db"), format!("blobs-{now_millis}.sha256"));
    let file = to.join(&name);
    bring::remove(&file)?;
    copy::write(data, &file).await?;
    sync(&file)?;
    let mut copied_db = Copy::open(&file).await?;
    let facts = copied_db.facts().await?;
    // What was erased since the backup before is in no backup from here on.
    for blob in copied_db.erased_blobs().await? {
        bring::remove(&to.join(relative(&blob)))?;
    }
    let (mut lines, mut missing) = (String::new(), Vec::new());
    let (mut copied, mut count, mut bytes) = (0, 0, 0);
    for (blob, size) in copied_db.blobs().await? {
        let path = relative(&blob);
        let brought = match bring(&data.join(&path), &to.join(&path), size, true)? {
            Brought::Missing if blobs.fetch(&blob, size, &to.join(&path)).await? => Brought::New,
            brought => brought,
        };
        match brought {
            Brought::New => copied += 1,
            Brought::Known => {}
            Brought::Missing => {
                tracing::error!(%blob, "a blob that the database names is not there");
                missing.push(blob);
                continue;
            }
        }
        (count, bytes) = (count + 1, bytes + size);
        lines.push_str(&format!("{blob}  {}\n", path.display()));
    }
    let list = to.join(&list_name);
    bring::write(&list, lines.as_bytes())?;
    let manifest = Manifest {
        format: FORMAT,
        version: VERSION.to_owned(),
        made_millis: now_millis,
        epoch: facts.epoch,
        newest_pos: facts.newest_pos,
        database: fact(to, name)?,
        list: fact(to, list_name)?,
        blobs: count,
        blob_bytes: bytes,
        missing,
    };
    bring::sync_folders(to)?;
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    put_in_place(&to.join(MANIFEST), text.as_bytes())?;
    bring::remove_others(to, &[&manifest.database.name, &manifest.list.name])?;
    Ok(Done { manifest, copied })
}

/// Reads every byte of a backup and compares it with the manifest.
///
/// # Errors
/// [`BackupError`], the first fault found.
pub async fn verify(dir: &Path) -> Result<Manifest, BackupError> {
    let path = dir.join(MANIFEST);
    let bad = |problem: String| BackupError::Manifest { path: path.clone(), problem };
    let text = std::fs::read_to_string(&path).map_err(|error| bad(error.to_string()))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(bad(format!("it has format {}, this server reads {FORMAT}", manifest.format)));
    }
    for file in [&manifest.database, &manifest.list] {
        if file.name.contains('/') || fact(dir, file.name.clone())? != *file {
            return Err(damaged(&dir.join(&file.name), "size or hash differ from the manifest"));
        }
    }
    let file = dir.join(&manifest.database.name);
    let mut database = Copy::open(&file).await?;
    let facts = database.facts().await?;
    if !database.is_whole().await? || (facts.epoch, facts.newest_pos) != (manifest.epoch, manifest.newest_pos) {
        return Err(damaged(&file, "the database is not whole"));
    }
    let mut bytes = 0;
    for (blob, size) in database.blobs().await? {
        if manifest.missing.contains(&blob) {
            continue;
        }
        let path = dir.join(relative(&blob));
        if !path.is_file() {
            return Err(damaged(&path, "it is missing"));
        }
        if hash(&path)? != blob {
            return Err(damaged(&path, "it does not hash to its name"));
        }
        bytes += size;
    }
    if bytes != manifest.blob_bytes {
        return Err(damaged(&file, "its blobs are not those of the manifest"));
    }
    Ok(manifest)
}

/// Makes a data folder from a backup, with a new epoch. Cut short, it can be started again.
///
/// # Errors
/// [`BackupError`]; there is no database in the data folder then, so no server starts on it.
pub async fn restore(place: &Place, from: &Path) -> Result<(Manifest, Epoch), BackupError> {
    let data = local(place)?;
    refuse_used(data)?;
    let manifest = verify(from).await?;
    bring::make_private(data)?;
    let _lock = app::lock(place)?;
    let bucket = place.blobs.as_ref().map(Bucket::open).transpose()?;
    let work = data.join(RESTORING);
    bring::remove_folder(&work)?;
    bring::make_private(&work)?;
    let source = from.join(&manifest.database.name);
    for (blob, size) in Copy::open(&source).await?.blobs().await? {
        let path = relative(&blob);
        match &bucket {
            Some(bucket) => put_back(bucket, &blob, size, &from.join(&path)).await?,
            None => {
                bring(&from.join(&path), &data.join(&path), size, false)?;
            }
        }
    }
    bring(&source, &work.join(FILE), manifest.database.size_bytes, false)?;
    let store = app::open_store(work.as_path()).await?;
    let epoch = admin::new_epoch(&store).await?;
    store.close().await;
    sync(&work.join(FILE))?;
    let file = data.join(FILE);
    std::fs::rename(work.join(FILE), &file).map_err(fault("rename", &file))?;
    bring::remove_folder(&work)?;
    bring::sync_folders(data)?;
    Ok((manifest, epoch))
}

/// Gives the bucket what it lacks. What is there with its size was checked when it came.
async fn put_back(bucket: &Bucket, blob: &BlobId, size_bytes: u64, from: &Path) -> Result<(), BlobError> {
    match bucket.size(blob).await {
        Ok(found) if found == size_bytes => Ok(()),
        Err(error) if !error.is_missing() => Err(error),
        // A backup may lack a blob, and says so in its manifest.
        _ if !from.is_file() => Ok(()),
        _ => bucket.put(blob, from, size_bytes).await,
    }
}

fn local(place: &Place) -> Result<&Path, BackupError> {
    if place.database.is_some() { Err(BackupError::Postgres) } else { Ok(&place.data) }
}

/// Only what a restore that was cut leaves behind may be there.
fn refuse_used(data: &Path) -> Result<(), BackupError> {
    for name in bring::names(data)? {
        if !["lock", "blobs", RESTORING].contains(&name.as_str()) {
            return Err(BackupError::NotEmpty { path: data.to_owned(), found: name });
        }
    }
    Ok(())
}

fn fact(dir: &Path, name: String) -> Result<FileFact, BlobError> {
    let path = dir.join(&name);
    let meta = std::fs::metadata(&path).map_err(fault("look at", &path))?;
    Ok(FileFact { size_bytes: meta.len(), sha256: hash(&path)?, name })
}

fn damaged(path: &Path, problem: &'static str) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), problem }
}
