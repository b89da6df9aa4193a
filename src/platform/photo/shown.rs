//! Addresses under which the page shows bytes.

use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, Url};

use crate::platform::Exception;

/// A `blob:` address; revoked when it is dropped.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "dropping it revokes the address"]
pub struct ObjectUrl(String);

impl ObjectUrl {
    pub(super) fn of(blob: &Blob) -> Result<Self, Exception> {
        Ok(Self(Url::create_object_url_with_blob(blob)?))
    }

    /// For `src`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        // Throws for what is no address at all; this one came from the browser.
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// An address for bytes of ours; they are copied.
///
/// # Errors
/// When the browser refuses.
pub fn object_url(bytes: &[u8], mime: &str) -> Result<ObjectUrl, Exception> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::new_from_slice(bytes));
    ObjectUrl::of(&Blob::new_with_u8_array_sequence_and_options(&parts, &options)?)
}
