//! Copies of a photo to hand to others: with time, place, person and number on it, or with faces and plates covered. The original
//! is not touched.

use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;
use leptos::ev;

use crate::context::App;
use crate::platform::keys;
use crate::platform::photo::{ObjectUrl, PickedFile};
use crate::platform::pointer::touch;
use crate::state::cover::{Cover, Covers, Point, Size};
use crate::state::message::Message;

/// What is put on a copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Words at its bottom.
    pub lines: Vec<String>,
    /// Boxes of which nothing can be seen.
    pub covers: Vec<Cover>,
}

/// The copy, and an address that shows it.
pub struct CopiedPhoto {
    file: PickedFile,
    url: ObjectUrl,
    size: Size,
    is_covered: bool,
}

impl CopiedPhoto {
    /// For `src`.
    #[must_use]
    pub fn src(&self) -> &str {
        self.url.as_str()
    }

    /// Its width and height.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether something on it is covered.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.is_covered
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

/// Makes the copy. It is a picture of its own: nothing that a camera writes into its files, such as the place, is in it.
///
/// # Errors
/// Words for the page; the photo is as it was.
pub async fn copy_photo(
    app: App,
    record: RecordId,
    link: BlobLink,
    marks: Marks,
    name: String,
) -> Result<CopiedPhoto, Message> {
    let hash = async |bytes: &[u8]| BlobId(keys::sha256(bytes).await.unwrap_or([0; 32]));
    let bytes = app.engine().fetch_blob(record, &link, hash).await.map_err(|error| Message::of(&error))?;
    let failed = || Message::of_code("copy");
    let photo = PickedFile::of_bytes(&bytes, &name, &link.mime).map_err(|_| failed())?;
    let covers: Vec<[u32; 4]> = marks.covers.iter().map(|one| [one.x, one.y, one.width, one.height]).collect();
    let copy = app.shrinker().mark(&photo, &marks.lines, &covers).await.map_err(|_| failed())?;
    let file = PickedFile::of_bytes(&copy.bytes, &name, "image/jpeg").map_err(|_| failed())?;
    let url = file.preview().map_err(|_| failed())?;
    Ok(CopiedPhoto { file, url, size: (copy.width, copy.height), is_covered: !covers.is_empty() })
}

/// The pixel of the picture that a finger is on.
#[must_use]
pub fn pixel_under(covers: &Covers, event: &ev::PointerEvent) -> Option<Point> {
    touch(event).map(|touch| covers.pixel(touch.at, touch.size))
}

/// Opens the system's sheet for the copy.
///
/// # Errors
/// Words for the page.
pub async fn share_copy(file: PickedFile) -> Result<(), Message> {
    file.share().await.map(drop).map_err(|_| Message::of_code("not_shared"))
}

/// Puts the copy into the person's downloads.
///
/// # Errors
/// Words for the page.
pub fn save_copy(file: &PickedFile) -> Result<(), Message> {
    file.save().map_err(|_| Message::of_code("not_shared"))
}
