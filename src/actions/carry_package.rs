//! Carrying packages for others: taken from a file, kept on this phone, sent by the push loop, answered with a receipts file.

use std::cell::Cell;

use greenshield_client::ports::{FileError, FileSource};
use greenshield_client::rows::CourierRow;
use greenshield_domain::bundle::ReceiptsFile;
use leptos::ev;
use leptos::prelude::*;

use super::hand_over::{Way, hand_over};
use super::load_records::note_trouble;
use super::make_package::{has_room, note_progress};
use crate::context::{App, now};
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::message::Message;
use crate::state::rescue::{Stage, file_name};
use crate::state::words::t;

/// A receipts file is never longer.
pub(super) const MOST_RECEIPTS_BYTES: u64 = 16 * 1024 * 1024;

/// A file that shows how much of it was read. It is read twice: to find its name, and to copy it.
struct Counted<'a> {
    file: &'a PickedFile,
    stage: RwSignal<Stage>,
    read_bytes: Cell<u64>,
}

impl FileSource for Counted<'_> {
    fn size_bytes(&self) -> u64 {
        self.file.size_bytes()
    }

    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError> {
        let bytes = self.file.read(offset_bytes, most_bytes).await?;
        self.read_bytes.set(self.read_bytes.get() + bytes.len() as u64);
        note_progress(self.stage, self.read_bytes.get(), self.size_bytes().saturating_mul(2));
        Ok(bytes)
    }
}

/// Takes the file of a file input along, and shows how far it is.
pub fn carry_picked(app: App, event: &ev::Event, stage: RwSignal<Stage>) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    stage.set(Stage::Busy(0));
    app.run(async move {
        let outcome = carry_package(app, &file, stage).await;
        stage.try_set(outcome.map_or_else(Stage::Failed, |()| Stage::Idle));
    });
}

async fn carry_package(app: App, file: &PickedFile, stage: RwSignal<Stage>) -> Result<(), Message> {
    has_room(file.size_bytes()).await?;
    let counted = Counted { file, stage, read_bytes: Cell::default() };
    if let Err(failure) = app.engine().carry_bundle(&counted).await {
        let is_receipts = failure.reason() == "bundle_damaged" && is_receipts(file).await;
        return Err(if is_receipts { Message::of_code("bundle_is_receipts") } else { Message::of_bundle(&failure) });
    }
    refresh_couriers(app).await;
    app.state.say(t("carry.taken"));
    app.wake_sync();
    Ok(())
}

async fn is_receipts(file: &PickedFile) -> bool {
    let size_bytes = file.size_bytes();
    if size_bytes > MOST_RECEIPTS_BYTES {
        return false;
    }
    let most_bytes = usize::try_from(size_bytes).unwrap_or(usize::MAX);
    file.read(0, most_bytes).await.is_ok_and(|bytes| ReceiptsFile::decode(&bytes).is_ok())
}

/// What this phone carries; says so when something arrived.
pub async fn refresh_couriers(app: App) {
    match app.engine().couriers().await {
        Ok(rows) => {
            let was_waiting = |row: &CourierRow| {
                let of_row = |known: &&CourierRow| known.bundle == row.bundle;
                app.state.couriers.with_untracked(|known| known.iter().find(of_row).is_some_and(CourierRow::is_waiting))
            };
            if rows.iter().any(|row| row.delivered_millis.is_some() && was_waiting(row)) {
                app.state.say(t("carry.arrived"));
            }
            if app.state.couriers.with_untracked(|known| *known != rows) {
                app.state.couriers.set(rows);
                app.tell_tabs("couriers");
            }
        }
        Err(error) => note_trouble(app, &error),
    }
}

/// Hands the receipts file of a delivered package over.
///
/// # Errors
/// Words for the page.
pub async fn hand_back(app: App, row: CourierRow, way: Way) -> Result<(), Message> {
    let bytes = app.engine().courier_receipts(&row).await.map_err(|error| Message::of(&error))?;
    let file = PickedFile::of_bytes(&bytes, &file_name(now(), "receipts"), "application/octet-stream");
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, way).await
}

/// Puts a package away.
pub async fn put_away(app: App, row: CourierRow) {
    if let Err(error) = app.engine().drop_courier(&row).await {
        note_trouble(app, &error);
    }
    refresh_couriers(app).await;
}
