//! Making the rescue package: everything unsent, sealed into one file. Changes nothing on this phone.

use greenshield_client::engine::MadeBundle;
use greenshield_client::ports::{FileError, FileSink};
use leptos::prelude::*;

use crate::context::{App, now};
use crate::platform::files::FileDraft;
use crate::platform::locks::{self, LockGuard};
use crate::platform::photo::PickedFile;
use crate::platform::sealing::BrowserSealer;
use crate::platform::storage;
use crate::state::message::Message;
use crate::state::rescue::{Load, Stage, file_name};

/// The file in the phone's private file system; the next package takes its place.
const FILE: &str = "rescue.gsb";
/// Room that a package needs besides its files.
const SPARE_BYTES: u64 = 4 * 1024 * 1024;

/// Held by the window whose package is in [`FILE`].
const LOCK: &str = "gs-rescue";

/// The file of a package that was made.
#[derive(Debug)]
pub struct Package {
    file: PickedFile,
    /// As long as somebody may hand it over, no other window replaces it.
    _held: Option<LockGuard>,
}

impl Package {
    /// The file, to hand over.
    #[must_use]
    pub fn file(&self) -> PickedFile {
        self.file.clone()
    }
}

/// Shows how much of a file is written.
struct Counted<'a> {
    file: &'a mut FileDraft,
    written_bytes: u64,
    expected_bytes: u64,
    stage: RwSignal<Stage>,
}

impl FileSink for Counted<'_> {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileError> {
        self.written_bytes += bytes.len() as u64;
        note_progress(self.stage, self.written_bytes, self.expected_bytes);
        self.file.write(bytes).await
    }
}

/// Shows how far something is, on a page that may be gone.
pub(super) fn note_progress(stage: RwSignal<Stage>, done_bytes: u64, all_bytes: u64) {
    if let Some(next) = stage.try_with_untracked(|stage| stage.moved(done_bytes, all_bytes)).flatten() {
        stage.try_set(next);
    }
}

/// Makes the package and shows how far it is; the caller keeps its file.
pub async fn make_package(app: App, stage: RwSignal<Stage>) -> Option<Package> {
    let (next, package) = match make(app, stage).await {
        Ok((made, package)) => (Stage::Made(made), Some(package)),
        Err(message) => (Stage::Failed(message), None),
    };
    stage.try_set(next);
    package
}

async fn make(app: App, stage: RwSignal<Stage>) -> Result<(MadeBundle, Package), Message> {
    let engine = app.engine();
    let unsent = engine.unsent().await.map_err(|error| Message::of(&error))?;
    let expected_bytes = Load::of(&unsent).size_bytes;
    has_room(expected_bytes + SPARE_BYTES).await?;
    let held = locks::try_hold(LOCK).await.ok().flatten();
    let mut file = if held.is_some() { FileDraft::begin(FILE).await } else { FileDraft::in_parts() };
    let mut counted = Counted { file: &mut file, written_bytes: 0, expected_bytes, stage };
    let made = match engine.make_bundle(&mut BrowserSealer::default(), &mut counted).await {
        Ok(made) => made,
        Err(failure) => {
            file.discard().await;
            return Err(Message::of_bundle(&failure));
        }
    };
    let file = file.finish(&file_name(now(), "gsb")).await;
    let file = file.map_err(|exception| Message::of_bundle(&FileError(exception.to_string()).into()))?;
    Ok((made, Package { file, _held: held }))
}

/// A browser without numbers says by failing that there is no room.
///
/// # Errors
/// Words for the page, when its numbers say that there is too little.
pub(super) async fn has_room(bytes: u64) -> Result<(), Message> {
    let is_full = storage::room().await.is_ok_and(|room| room.free_bytes() < bytes);
    if is_full { Err(Message::of_code("bundle_room")) } else { Ok(()) }
}

/// Removes the file of an earlier package, unless another window still shows it: it takes room, and a new one is made at any time.
pub async fn forget_package() {
    if let Ok(Some(_held)) = locks::try_hold(LOCK).await {
        FileDraft::forget(FILE).await;
    }
}
