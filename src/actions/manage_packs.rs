//! Map packs on this phone: what the server has, what is here, fetching chunk by chunk, taking one from a file.

use greenshield_client::ports::FileSource as _;
use greenshield_domain::ids::BlobId;
use greenshield_domain::wire::PackRow;
use leptos::prelude::*;

use crate::context::App;
use crate::platform::keys::sha256;
use crate::platform::packs::{self, KeptPack};
use crate::platform::photo::{PickedFile, picked_files};
use crate::platform::{Exception, prefs};
use crate::state::message::Message;
use crate::state::packs::{PackView, fits, views};

/// The last list of the server, for when there is no signal.
const LIST: &str = "packs";

/// The page of packs. Copied freely; a copy is the same page.
#[derive(Debug, Clone, Copy)]
pub struct PackDesk {
    /// What is shown; `None` until it was read.
    pub packs: RwSignal<Option<Vec<PackView>>>,
    /// The pack that is being fetched, by its hash, and whether it shall go on.
    pub fetching: RwSignal<Option<String>>,
    /// What went wrong last.
    pub problem: RwSignal<Option<Message>>,
}

impl PackDesk {
    /// A page that was not read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { packs: RwSignal::new(None), fetching: RwSignal::new(None), problem: RwSignal::new(None) }
    }
}

impl Default for PackDesk {
    fn default() -> Self {
        Self::new()
    }
}

fn message_of(exception: &Exception) -> Message {
    Message::of_code(if exception.name == "QuotaExceededError" { "map_full" } else { &exception.name })
}

/// The packs that are whole: what a map is drawn from. Where the browser keeps none there are none.
pub async fn ready_packs() -> Vec<KeptPack> {
    packs::kept().await.unwrap_or_default().into_iter().filter(KeptPack::is_whole).collect()
}

/// Reads what is here, then asks the server what there is.
pub async fn read_packs(app: App, desk: PackDesk) {
    show(desk, prefs::get::<Vec<PackRow>>(LIST).unwrap_or_default()).await;
    // Without a signal the last list stands.
    if let Ok(rows) = app.engine().packs().await {
        let _ = prefs::set(LIST, &rows);
        show(desk, rows).await;
    }
}

async fn show(desk: PackDesk, rows: Vec<PackRow>) {
    match packs::kept().await {
        Ok(kept) => {
            let kept = kept.into_iter().map(|pack| (pack.row, pack.held.len())).collect();
            let _ = desk.packs.try_set(Some(views(rows, kept)));
        }
        Err(exception) => {
            let _ = desk.problem.try_set(Some(message_of(&exception)));
        }
    }
}

async fn refresh(desk: PackDesk) {
    show(desk, prefs::get::<Vec<PackRow>>(LIST).unwrap_or_default()).await;
}

/// Fetches what is missing of a pack; goes on where it was left. An older version is thrown away once the new one is whole.
pub async fn fetch_pack(app: App, desk: PackDesk, row: PackRow) {
    if desk.fetching.get_untracked().is_some() {
        return;
    }
    if app.state.storage.get_untracked().is_some_and(|storage| !fits(&row, storage.free_bytes)) {
        desk.problem.set(Some(Message::of_code("map_full")));
        return;
    }
    desk.problem.set(None);
    desk.fetching.set(Some(row.sha256.clone()));
    let fetched = fetch_chunks(app, desk, &row).await;
    let _ = desk.fetching.try_set(None);
    if let Err(message) = fetched {
        let _ = desk.problem.try_set(Some(message));
    }
    refresh(desk).await;
}

async fn fetch_chunks(app: App, desk: PackDesk, row: &PackRow) -> Result<(), Message> {
    let broken = |exception: Exception| message_of(&exception);
    packs::begin(row).await.map_err(broken)?;
    let held = packs::kept().await.map_err(broken)?.into_iter().find(|pack| pack.row.sha256 == row.sha256);
    let held = held.map(|pack| pack.held).unwrap_or_default();
    for index in (0..row.chunks.len()).filter(|index| !held.contains(index)) {
        // Somebody paused, or left the page: what came stays.
        if desk.fetching.try_get_untracked().flatten().as_ref() != Some(&row.sha256) {
            return Ok(());
        }
        let hash = async |bytes: &[u8]| BlobId(sha256(bytes).await.unwrap_or([0; 32]));
        let bytes = app.engine().pack_chunk(row, index, hash).await.map_err(|error| Message::of(&error))?;
        packs::put(row, index, &bytes).await.map_err(broken)?;
        let _ = desk.packs.try_update(|packs| {
            let shown = packs.iter_mut().flatten().find(|pack| pack.row.sha256 == row.sha256);
            shown.into_iter().for_each(PackView::count_one);
        });
    }
    drop_older(row).await.map_err(broken)
}

async fn drop_older(row: &PackRow) -> Result<(), Exception> {
    for old in packs::kept().await?.into_iter().filter(|old| old.row.id == row.id && old.row.sha256 != row.sha256) {
        packs::remove(&old.row).await?;
    }
    Ok(())
}

/// Stops fetching; what came stays.
pub fn pause_pack(desk: PackDesk) {
    desk.fetching.set(None);
}

/// Throws a pack away.
pub async fn remove_pack(desk: PackDesk, row: PackRow) {
    if let Err(exception) = packs::remove(&row).await {
        let _ = desk.problem.try_set(Some(message_of(&exception)));
    }
    refresh(desk).await;
}

/// Takes a pack from a file that somebody brought; only one that the server's list knows, chunk by chunk.
pub fn take_pack(app: App, desk: PackDesk, event: &leptos::ev::Event) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move {
        if let Err(message) = take_file(desk, &file).await {
            let _ = desk.problem.try_set(Some(message));
        }
        refresh(desk).await;
    });
}

async fn take_file(desk: PackDesk, file: &PickedFile) -> Result<(), Message> {
    let unknown = || Message::of_code("map_unknown");
    let rows = prefs::get::<Vec<PackRow>>(LIST).unwrap_or_default();
    let row = rows.into_iter().find(|row| row.bytes == file.size_bytes()).ok_or_else(unknown)?;
    desk.problem.set(None);
    // The whole file is checked before anything of it is kept.
    for index in 0..row.chunks.len() {
        checked_chunk(file, &row, index).await?;
    }
    packs::begin(&row).await.map_err(|exception| message_of(&exception))?;
    for index in 0..row.chunks.len() {
        let bytes = checked_chunk(file, &row, index).await?;
        packs::put(&row, index, &bytes).await.map_err(|exception| message_of(&exception))?;
    }
    drop_older(&row).await.map_err(|exception| message_of(&exception))
}

/// A chunk of a file, when it is the one of the list.
async fn checked_chunk(file: &PickedFile, row: &PackRow, index: usize) -> Result<Vec<u8>, Message> {
    let unknown = || Message::of_code("map_unknown");
    let (from, upto) = row.span(index).ok_or_else(unknown)?;
    let bytes = file.read(from, (upto - from) as usize).await.map_err(|_| unknown())?;
    let hash = sha256(&bytes).await.map_err(|exception| message_of(&exception))?;
    if row.chunks.get(index) == Some(&BlobId(hash).to_hex()) { Ok(bytes) } else { Err(unknown()) }
}
