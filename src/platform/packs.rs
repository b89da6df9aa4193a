//! Map packs on this phone: chunks in a cache of their own for each pack, apart from the records.
//!
//! Owns: keeping and finding chunks. Refuses: to check them; who puts a chunk has compared its hash. A pack is whole when all
//! its chunks are there; one that is thrown away goes at once.

use greenshield_domain::wire::PackRow;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Response};

use super::Exception;

const PREFIX: &str = "pack-";
/// The list of the server for this pack, kept beside its chunks.
const LIST: &str = "/list";

/// A pack, whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPack {
    /// What it is.
    pub row: PackRow,
    /// Which chunks are here, in order.
    pub held: Vec<usize>,
}

impl KeptPack {
    /// Whether all of it is here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.held.len() == self.row.chunks.len()
    }

    /// The cache that holds it.
    #[must_use]
    pub fn cache(&self) -> String {
        cache_of(&self.row)
    }
}

fn cache_of(row: &PackRow) -> String {
    format!("{PREFIX}{}", row.sha256)
}

fn storage() -> Result<CacheStorage, Exception> {
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    // Without https the property is missing, whatever its type says.
    Reflect::get(&window, &"caches".into())?.dyn_into().map_err(|_| Exception::lacking("caches"))
}

async fn open(name: &str) -> Result<Cache, Exception> {
    Ok(JsFuture::from(storage()?.open(name)).await?.unchecked_into())
}

/// The packs of which something is here.
///
/// # Errors
/// When the browser keeps no caches.
pub async fn kept() -> Result<Vec<KeptPack>, Exception> {
    let names: Array = JsFuture::from(storage()?.keys()).await?.unchecked_into();
    let mut packs = Vec::new();
    for name in names.iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(PREFIX)) {
        let cache = open(&name).await?;
        let list = JsFuture::from(cache.match_with_str(LIST)).await?.dyn_into::<Response>();
        let Ok(list) = list else { continue };
        let text = JsFuture::from(list.text()?).await?.as_string().unwrap_or_default();
        let Ok(row) = serde_json::from_str::<PackRow>(&text) else { continue };
        let keys: Array = JsFuture::from(cache.keys()).await?.unchecked_into();
        let index = |request: JsValue| {
            let url = Reflect::get(&request, &"url".into()).ok()?.as_string()?;
            url.rsplit('/').next()?.parse::<usize>().ok()
        };
        let mut held: Vec<usize> = keys.iter().filter_map(index).filter(|index| *index < row.chunks.len()).collect();
        held.sort_unstable();
        packs.push(KeptPack { row, held });
    }
    Ok(packs)
}

/// Makes room for a pack.
///
/// # Errors
/// When the browser refuses, e.g. because the disk is full.
pub async fn begin(row: &PackRow) -> Result<(), Exception> {
    let list = Response::new_with_opt_str(Some(&serde_json::to_string(row).unwrap_or_default()))?;
    JsFuture::from(open(&cache_of(row)).await?.put_with_str(LIST, &list)).await?;
    Ok(())
}

/// Keeps a chunk that was checked.
///
/// # Errors
/// When the browser refuses, e.g. because the disk is full.
pub async fn put(row: &PackRow, index: usize, bytes: &[u8]) -> Result<(), Exception> {
    let chunk = Response::new_with_opt_buffer_source(Some(&Uint8Array::new_from_slice(bytes)))?;
    JsFuture::from(open(&cache_of(row)).await?.put_with_str(&format!("/{index}"), &chunk)).await?;
    Ok(())
}

/// Throws a pack away.
///
/// # Errors
/// When the browser refuses.
pub async fn remove(row: &PackRow) -> Result<(), Exception> {
    JsFuture::from(storage()?.delete(&cache_of(row))).await?;
    Ok(())
}
