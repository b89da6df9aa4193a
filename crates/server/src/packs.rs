//! Map packs: PMTiles archives that an operator puts into a folder, handed out in checked chunks.
//!
//! Owns: reading the folder `packs` of the data directory and hashing what is new there. Refuses: to make packs, and to hand
//! out a file that changed while it was read. A file beside an archive with the ending `.json` names it:
//! `{"name": {"zh": "…", "en": "…"}, "attribution": "…"}`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use greenshield_domain::city::Text;
use greenshield_domain::ids::to_hex;
use greenshield_domain::wire::{PackHeader, PackRow};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::sync::Mutex;

/// Length of a chunk: some seconds of a thin line, and a hundred of them are a county.
const CHUNK_BYTES: usize = 256 * 1024;
const ENDING: &str = "pmtiles";

/// The folder or a file in it does not read.
#[derive(Debug, Error)]
#[error("map packs: {0}")]
pub struct PackError(#[from] io::Error);

/// Length and time of change: another one means another content.
type Stamp = (u64, SystemTime);

/// The packs of a data directory.
#[derive(Debug)]
pub struct Packs {
    folder: PathBuf,
    known: Mutex<HashMap<PathBuf, (Stamp, Arc<PackRow>)>>,
}

/// What the file beside an archive says.
#[derive(Debug, Deserialize)]
struct About {
    name: Text,
    #[serde(default)]
    attribution: String,
}

impl Packs {
    /// Of this data directory.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { folder: data.join("packs"), known: Mutex::default() }
    }

    /// All packs that are there now, by id. A file that is no pack is left out and named in the log.
    ///
    /// # Errors
    /// When the folder is there and does not read.
    pub async fn list(&self) -> Result<Vec<Arc<PackRow>>, PackError> {
        let mut known = self.known.lock().await;
        let (folder, before) = (self.folder.clone(), std::mem::take(&mut *known));
        let now = tokio::task::spawn_blocking(move || scan(&folder, before)).await.map_err(io::Error::other)??;
        let mut rows: Vec<_> = now.values().map(|(_, row)| row.clone()).collect();
        rows.sort_by(|a, b| (&a.id, &a.sha256).cmp(&(&b.id, &b.sha256)));
        *known = now;
        Ok(rows)
    }

    /// The bytes of a chunk; `None` when there is no such pack or chunk, or the file is another one by now.
    ///
    /// # Errors
    /// When the file does not read.
    pub async fn chunk(&self, sha256: &str, index: usize) -> Result<Option<Vec<u8>>, PackError> {
        let found = {
            let known = self.known.lock().await;
            known.iter().find(|(_, (_, row))| row.sha256 == sha256).map(|(path, (_, row))| (path.clone(), row.clone()))
        };
        let found = match found {
            Some(found) => Some(found),
            // The first request of this process may be for a chunk: the phone had the list from another one.
            None => {
                self.list().await?;
                let known = self.known.lock().await;
                known
                    .iter()
                    .find(|(_, (_, row))| row.sha256 == sha256)
                    .map(|(path, (_, row))| (path.clone(), row.clone()))
            }
        };
        let Some((path, row)) = found else { return Ok(None) };
        let (Some((from, upto)), Some(wanted)) = (row.span(index), row.chunks.get(index).cloned()) else {
            return Ok(None);
        };
        let bytes =
            tokio::task::spawn_blocking(move || read_span(&path, from, upto)).await.map_err(io::Error::other)??;
        Ok((to_hex(&Sha256::digest(&bytes)) == wanted).then_some(bytes))
    }
}

fn read_span(path: &Path, from: u64, upto: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::with_capacity((upto - from) as usize);
    file.take(upto - from).read_to_end(&mut bytes)?;
    Ok(bytes)
}

type Known = HashMap<PathBuf, (Stamp, Arc<PackRow>)>;

fn scan(folder: &Path, mut before: Known) -> io::Result<Known> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Known::new()),
        entries => entries?,
    };
    let mut now = Known::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        let about = path.metadata()?;
        let stamp = (about.len(), about.modified()?);
        let known = before.remove(&path).filter(|(old, _)| *old == stamp);
        match known.map_or_else(|| row_of(&path), |(_, row)| Ok(Some(row))) {
            Ok(Some(row)) => drop(now.insert(path, (stamp, row))),
            Ok(None) => tracing::warn!(?path, "this is no map pack (PMTiles version 3)"),
            Err(error) => tracing::warn!(?path, %error, "a map pack does not read"),
        }
    }
    Ok(now)
}

/// Reads an archive once, from its first byte to its last.
fn row_of(path: &Path) -> io::Result<Option<Arc<PackRow>>> {
    let mut file = File::open(path)?;
    let (mut whole, mut chunks, mut bytes, mut header) = (Sha256::new(), Vec::new(), 0, None);
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        (&mut file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        if chunks.is_empty() {
            header = PackHeader::read(&chunk);
            if header.is_none() {
                return Ok(None);
            }
        }
        whole.update(&chunk);
        chunks.push(to_hex(&Sha256::digest(&chunk)));
        bytes += chunk.len() as u64;
    }
    let Some(header) = header else { return Ok(None) };
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let about =
        std::fs::read(path.with_extension("json")).ok().and_then(|text| serde_json::from_slice::<About>(&text).ok());
    let about =
        about.unwrap_or_else(|| About { name: Text { zh: id.clone(), en: id.clone() }, attribution: String::new() });
    Ok(Some(Arc::new(PackRow {
        sha256: to_hex(&whole.finalize()),
        id,
        name: about.name,
        attribution: about.attribution,
        bytes,
        chunk_bytes: CHUNK_BYTES as u64,
        chunks,
        bounds_e7: header.bounds_e7,
        zooms: header.zooms,
    })))
}
