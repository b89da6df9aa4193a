//! Photos: from the camera or the gallery to bytes.
//!
//! Owns: reading a picked file, the hash of the original, the small copy made by the photo worker, addresses to show bytes.
//! Refuses: to change or drop an original; a copy that could not be made is a reason, not an error. The hash is taken of the
//! original's bytes before anything else touches them. Dates and places inside the file are not read here.

mod kind;
mod picked;
mod shown;
mod shrink;

use js_sys::Uint8Array;
use thiserror::Error;
use wasm_bindgen_futures::JsFuture;

use super::Exception;
use super::keys::sha256_of;

pub use kind::PhotoKind;
pub use picked::{PickedFile, picked_files};
pub use shown::{ObjectUrl, object_url};
pub use shrink::{CopyRefusal, MAX_EDGE_PIXELS, QUALITY, SMALL_EDGE_PIXELS, Shrinker};

/// The largest photo that the server takes.
pub const MAX_PHOTO_BYTES: u64 = 25 * 1024 * 1024;

/// A photo as it was taken, and its small copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The file, byte for byte.
    pub original: Vec<u8>,
    /// SHA-256 of the original.
    pub sha256: [u8; 32],
    /// What the bytes are, whatever the file's name says.
    pub kind: PhotoKind,
    /// Size of the original.
    pub size_bytes: u64,
    /// When the file was last changed, ms since 1970; for a fresh photo the time of the shutter.
    pub modified_millis: i64,
    /// The small JPEG, or why there is none: the photo can be saved all the same.
    pub copy: Result<PhotoCopy, CopyRefusal>,
}

/// The small JPEG of a photo: upright, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoCopy {
    /// The JPEG.
    pub bytes: Vec<u8>,
    /// SHA-256 of the JPEG.
    pub sha256: [u8; 32],
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhotoError {
    /// Nothing in it: the camera was left without a photo, or the phone's disk is full.
    #[error("the file is empty")]
    Empty,
    /// More than the server takes.
    #[error("the photo has {size_bytes} bytes, at most {limit_bytes} are taken")]
    TooLarge {
        /// Its size.
        size_bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// Its first bytes are not those of a photo.
    #[error("not a photo")]
    NotAPhoto {
        /// What the system called it.
        claimed_mime: String,
    },
    /// It vanished, or the browser does not let us read it.
    #[error("the file does not read: {0}")]
    Unreadable(#[source] Exception),
}

/// Reads a picked file, hashes it, and has the small copy made, `edge_pixels` long at most. One at a time: each needs the memory of a whole picture.
///
/// # Errors
/// When it is no photo or does not read. Nothing is stored here.
pub async fn read_photo(file: &PickedFile, shrinker: &Shrinker, edge_pixels: u32) -> Result<Photo, PhotoError> {
    let size_bytes = file.size_bytes();
    if size_bytes == 0 {
        return Err(PhotoError::Empty);
    }
    if size_bytes > MAX_PHOTO_BYTES {
        return Err(PhotoError::TooLarge { size_bytes, limit_bytes: MAX_PHOTO_BYTES });
    }
    let buffer = JsFuture::from(file.0.array_buffer()).await.map_err(|e| PhotoError::Unreadable(e.into()))?;
    let bytes = Uint8Array::new(&buffer);
    let sha256 = sha256_of(&bytes).await.map_err(PhotoError::Unreadable)?;
    let original = bytes.to_vec();
    let kind = PhotoKind::of(&original).ok_or_else(|| PhotoError::NotAPhoto { claimed_mime: file.0.type_() })?;
    let copy = shrinker.shrink(file, edge_pixels).await;
    Ok(Photo { size_bytes, sha256, kind, modified_millis: file.0.last_modified() as i64, copy, original })
}
