//! Documents of a record: added as they came, in one op, and handed out again.

use greenshield_client::engine::{NewBlob, Save};
use greenshield_client::ports::FileSource as _;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;
use greenshield_domain::register::field;
use leptos::ev;

use super::hand_over::{Way, hand_over};
use super::load_records;
use crate::context::App;
use crate::platform::keys;
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::message::Message;
use crate::state::register::documents::{Document, MOST_BYTES, UNKNOWN, safe_mime, safe_name};

/// Adds the file of a file input to a record, and tells how it went.
pub fn attach_document(
    app: App,
    (kind, record): (u32, RecordId),
    event: &ev::Event,
    then: impl FnOnce(Result<(), Message>) + 'static,
) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move { then(attach(app, kind, record, &file).await) });
}

async fn attach(app: App, kind: u32, record: RecordId, file: &PickedFile) -> Result<(), Message> {
    let size_bytes = file.size_bytes();
    if size_bytes == 0 || size_bytes > MOST_BYTES {
        return Err(Message::of_code("document_size"));
    }
    let unread = |_| Message::of_code("document_read");
    let bytes = file.read(0, usize::try_from(size_bytes).unwrap_or(0)).await.map_err(unread)?;
    let id = BlobId(keys::sha256(&bytes).await.map_err(|exception| Message::of_code(&exception.name))?);
    let mime = safe_mime(&file.mime());
    let name = Some(safe_name(&file.name())).filter(|name| !name.is_empty());
    let link = BlobLink { blob: id, size_bytes, mime: mime.clone(), name, original: None };
    let (engine, draft) = (app.engine(), format!("document-{record}"));
    let blob = NewBlob { id, bytes, mime, original: None };
    engine.keep_draft(&draft, Vec::new(), vec![blob]).await.map_err(|error| Message::of_stored_photo(&error))?;
    let save = Save { record: Some(record), kind, entries: vec![link.to_entry(field::DOCUMENTS)], draft: Some(draft) };
    if let Err(error) = engine.save(save).await {
        // The file is where it came from, and takes no room here.
        let _left = engine.discard_draft(&format!("document-{record}"), &[id]).await;
        return Err(Message::of(&error));
    }
    load_records::refresh(app, vec![record]).await;
    app.tell_changed(&[record]);
    app.wake_sync();
    Ok(())
}

/// Puts a document among the downloads; it is fetched when it is not here.
///
/// # Errors
/// Words for the page.
pub async fn take_document(app: App, record: RecordId, document: &Document) -> Result<(), Message> {
    let hash = async |bytes: &[u8]| BlobId(keys::sha256(bytes).await.unwrap_or([0; 32]));
    let bytes = app.engine().fetch_blob(record, &document.link, hash).await.map_err(|error| Message::of(&error))?;
    // Never as a type that a browser opens by itself: what is in it came from somebody else.
    let file = PickedFile::of_bytes(&bytes, &document.name, UNKNOWN);
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, Way::Save).await
}
