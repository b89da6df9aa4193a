//! Taking receipts that somebody brought back: what the server signed is delivered, as if it had answered itself.

use greenshield_client::engine::TakenReceipts;
use greenshield_client::ports::FileSource;
use greenshield_domain::bundle::BundleHeader;
use leptos::ev;
use leptos::prelude::*;

use super::carry_package::MOST_RECEIPTS_BYTES;
use super::load_records;
use crate::context::App;
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::message::Message;
use crate::state::rescue::Stage;

/// Takes the file of a file input, and shows how it went.
pub fn take_picked(app: App, event: &ev::Event, stage: RwSignal<Stage>) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move {
        let outcome = take_receipts(app, &file).await;
        stage.try_set(outcome.map_or_else(Stage::Failed, Stage::Taken));
    });
}

async fn take_receipts(app: App, file: &PickedFile) -> Result<TakenReceipts, Message> {
    let most_bytes = usize::try_from(file.size_bytes().min(MOST_RECEIPTS_BYTES)).unwrap_or(usize::MAX);
    let bytes = file.read(0, most_bytes).await.map_err(|_| Message::of_code("bundle_read"))?;
    let taken = app.engine().take_receipts(&bytes).await.map_err(|failure| match BundleHeader::read(&bytes) {
        Ok(Some(_)) => Message::of_code("receipts_is_bundle"),
        _ => Message::of_receipts(&failure),
    })?;
    if !taken.changed.is_empty() {
        load_records::refresh(app, taken.changed.clone()).await;
        app.tell_changed(&taken.changed);
    }
    Ok(taken)
}
