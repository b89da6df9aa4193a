//! Files that people hand on: read by slices, written piece by piece, shared or saved.
//!
//! Invariant: a file of two gigabytes never stands in memory. It lies in the origin's private file system where the browser
//! can write there, else in Blobs, which browsers move to the disk by themselves.

mod draft;

use greenshield_client::ports::{FileError, FileSource};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, File, FilePropertyBag, HtmlElement, Navigator};

use super::Exception;
use super::photo::PickedFile;
use super::timer::sleep;

pub use draft::FileDraft;

/// How long a browser may take to begin reading a download.
const READING_MILLIS: u32 = 600_000;
/// What every browser shares, as it does pictures; some refuse all types that they do not know.
const SHARED_MIME: &str = "text/plain";

impl FileSource for PickedFile {
    fn size_bytes(&self) -> u64 {
        PickedFile::size_bytes(self)
    }

    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError> {
        slice(&self.0, offset_bytes, most_bytes).await.map_err(|exception| FileError(exception.to_string()))
    }
}

async fn slice(file: &File, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, Exception> {
    let end_bytes = offset_bytes.saturating_add(most_bytes as u64);
    let part = file.slice_with_f64_and_f64(offset_bytes as f64, end_bytes as f64)?;
    Ok(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?).to_vec())
}

/// A file around a Blob, without reading it.
fn file_of(parts: &Array, name: &str, mime: &str) -> Result<File, Exception> {
    let options: FilePropertyBag = BlobPropertyBag::new().unchecked_into();
    options.set_type(mime);
    Ok(File::new_with_blob_sequence_and_options(parts, name, &options)?)
}

impl PickedFile {
    /// Whether this browser hands files to other programs.
    #[must_use]
    pub fn can_be_shared(&self) -> bool {
        let asked = || -> Result<bool, Exception> {
            let navigator = navigator()?;
            let knows = |name: &str| Reflect::get(&navigator, &JsValue::from_str(name)).is_ok_and(|f| f.is_function());
            Ok(knows("canShare") && knows("share") && navigator.can_share_with_data(self.share_data()?.unchecked_ref()))
        };
        asked().unwrap_or(false)
    }

    /// Opens the system's sheet to hand it to another program; works inside a tap only. `false` = the person closed the sheet.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn share(&self) -> Result<bool, Exception> {
        if !self.can_be_shared() {
            return Err(Exception::lacking("navigator.share"));
        }
        let shared = navigator()?.share_with_data(self.share_data()?.unchecked_ref());
        match JsFuture::from(shared).await.map_err(Exception::from) {
            Ok(_) => Ok(true),
            Err(exception) if exception.name == "AbortError" => Ok(false),
            Err(exception) => Err(exception),
        }
    }

    /// Puts it into the person's downloads.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn save(&self) -> Result<(), Exception> {
        let document = web_sys::window().and_then(|window| window.document());
        let document = document.ok_or_else(|| Exception::lacking("document"))?;
        let url = self.preview()?;
        let link = document.create_element("a")?;
        link.set_attribute("href", url.as_str())?;
        link.set_attribute("download", &self.name())?;
        link.unchecked_ref::<HtmlElement>().click();
        // The browser reads it after the click.
        spawn_local(async move {
            sleep(READING_MILLIS).await;
            drop(url);
        });
        Ok(())
    }

    fn share_data(&self) -> Result<Object, Exception> {
        let file = match self.0.type_().starts_with("image/") {
            true => self.0.clone(),
            false => file_of(&Array::of1(&self.0), &format!("{}.txt", self.name()), SHARED_MIME)?,
        };
        let data = Object::new();
        Reflect::set(&data, &JsValue::from_str("files"), &Array::of1(&file))?;
        Ok(data)
    }
}

fn navigator() -> Result<Navigator, Exception> {
    Ok(web_sys::window().ok_or_else(|| Exception::lacking("window"))?.navigator())
}

/// A Blob of bytes of ours; they are copied.
fn blob_of(bytes: &[u8]) -> Result<Blob, Exception> {
    Ok(Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::new_from_slice(bytes)))?)
}
