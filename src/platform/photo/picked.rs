//! Files that a person picked or took with the camera.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{BlobPropertyBag, File, FilePropertyBag, HtmlInputElement};

use crate::platform::Exception;

/// A file of a `<input type="file">`. Its bytes are still where the system has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickedFile(pub(in crate::platform) File);

impl PickedFile {
    /// Its name, as the system gave it.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Its size.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.0.size() as u64
    }

    /// Its media type, as the system gave it; may be empty.
    #[must_use]
    pub fn mime(&self) -> String {
        self.0.type_()
    }

    /// An address that shows it at once, before it is read.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn preview(&self) -> Result<super::ObjectUrl, Exception> {
        super::ObjectUrl::of(&self.0)
    }

    /// A file made of bytes: for tests, and for drafts that are read again.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn of_bytes(bytes: &[u8], name: &str, mime: &str) -> Result<Self, Exception> {
        let parts = Array::of1(&js_sys::Uint8Array::new_from_slice(bytes));
        let options: FilePropertyBag = BlobPropertyBag::new().unchecked_into();
        options.set_type(mime);
        Ok(Self(File::new_with_u8_array_sequence_and_options(&parts, name, &options)?))
    }
}

/// The files of a change event of a file input. The input is emptied, so that the same file can be picked again.
#[must_use]
pub fn picked_files(event: &leptos::ev::Event) -> Vec<PickedFile> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let files = input.as_ref().map(files_of).unwrap_or_default();
    if let Some(input) = input {
        input.set_value("");
    }
    files
}

fn files_of(input: &HtmlInputElement) -> Vec<PickedFile> {
    let Some(list) = input.files() else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).map(PickedFile).collect()
}
