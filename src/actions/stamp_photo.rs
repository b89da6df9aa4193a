//! A copy of a photo with time, place, person and number on it, to hand to others. The original is not touched.

use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;

use crate::context::App;
use crate::platform::keys;
use crate::platform::photo::{ObjectUrl, PickedFile};
use crate::state::message::Message;

/// The copy, and an address that shows it.
pub struct StampedPhoto {
    file: PickedFile,
    url: ObjectUrl,
}

impl StampedPhoto {
    /// For `src`.
    #[must_use]
    pub fn src(&self) -> &str {
        self.url.as_str()
    }

    /// Whether this browser hands files to other programs.
    #[must_use]
    pub fn can_be_shared(&self) -> bool {
        self.file.can_be_shared()
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> PickedFile {
        self.file.clone()
    }
}

/// Makes the copy.
///
/// # Errors
/// Words for the page; the photo is as it was.
pub async fn stamp_photo(
    app: App,
    record: RecordId,
    link: BlobLink,
    lines: Vec<String>,
    name: String,
) -> Result<StampedPhoto, Message> {
    let hash = async |bytes: &[u8]| BlobId(keys::sha256(bytes).await.unwrap_or([0; 32]));
    let bytes = app.engine().fetch_blob(record, &link, hash).await.map_err(|error| Message::of(&error))?;
    let failed = || Message::of_code("stamp");
    let photo = PickedFile::of_bytes(&bytes, &name, &link.mime).map_err(|_| failed())?;
    let copy = app.shrinker().stamp(&photo, &lines).await.map_err(|_| failed())?;
    let file = PickedFile::of_bytes(&copy.bytes, &name, "image/jpeg").map_err(|_| failed())?;
    let url = file.preview().map_err(|_| failed())?;
    Ok(StampedPhoto { file, url })
}

/// Opens the system's sheet for the copy.
///
/// # Errors
/// Words for the page.
pub async fn share_stamped(file: PickedFile) -> Result<(), Message> {
    file.share().await.map(drop).map_err(|_| Message::of_code("not_shared"))
}

/// Puts the copy into the person's downloads.
///
/// # Errors
/// Words for the page.
pub fn save_stamped(file: &PickedFile) -> Result<(), Message> {
    file.save().map_err(|_| Message::of_code("not_shared"))
}
