//! Showing a photo: from this phone, or from the server and then kept.

use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;

use crate::context::App;
use crate::platform::{keys, photo};
use crate::state::message::Message;

/// An address to show; revoked when it is dropped.
pub type PhotoUrl = photo::ObjectUrl;

/// A photo of a record; fetched when it is not here.
///
/// # Errors
/// Words for the page.
pub async fn show_photo(app: App, record: RecordId, link: BlobLink) -> Result<PhotoUrl, Message> {
    let hash = async |bytes: &[u8]| BlobId(keys::sha256(bytes).await.unwrap_or([0; 32]));
    let bytes = app.engine().fetch_blob(record, &link, hash).await.map_err(|error| Message::of(&error))?;
    photo::object_url(&bytes, &link.mime).map_err(|exception| Message::of_code(&exception.name))
}

/// A file that is on this phone; `None` when it is not.
pub async fn show_local(app: App, blob: BlobId, mime: &str) -> Option<PhotoUrl> {
    let bytes = app.engine().blob_bytes(blob).await.ok().flatten()?;
    photo::object_url(&bytes, mime).ok()
}
