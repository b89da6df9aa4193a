//! A file in the making.

use greenshield_client::ports::{FileError, FileSink};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions, FileSystemWritableFileStream,
};

use super::{blob_of, file_of};
use crate::platform::Exception;
use crate::platform::photo::PickedFile;
use crate::platform::storage::manager;

/// Bytes that are gathered before they are written.
const PIECE_BYTES: usize = 1024 * 1024;

/// A file that is written from its beginning to its end. Dropped before [`FileDraft::finish`], it is as if it had not been begun.
pub struct FileDraft {
    place: Place,
    gathered: Vec<u8>,
}

enum Place {
    /// The origin's private file system; the file changes only when it is closed.
    Disk(FileSystemFileHandle, FileSystemWritableFileStream),
    /// Blobs, in their order.
    Parts(Array),
}

impl FileDraft {
    /// Begins a file; one of this name is replaced when the new one is finished.
    pub async fn begin(name: &str) -> Self {
        match on_disk(name).await {
            Ok((handle, stream)) => Self { place: Place::Disk(handle, stream), gathered: Vec::new() },
            // A browser without such files, or with none in this mode.
            Err(_) => Self::in_parts(),
        }
    }

    /// Begins a file in Blobs.
    #[must_use]
    pub fn in_parts() -> Self {
        Self { place: Place::Parts(Array::new()), gathered: Vec::new() }
    }

    /// Whether it lies in the private file system.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        matches!(self.place, Place::Disk(..))
    }

    /// The whole file, under a name that people read.
    ///
    /// # Errors
    /// When the browser refuses, most often for lack of room; there is no file then.
    pub async fn finish(mut self, name: &str) -> Result<PickedFile, Exception> {
        self.flush().await?;
        let parts = match &self.place {
            Place::Disk(handle, stream) => {
                JsFuture::from(stream.close()).await?;
                Array::of1(&JsFuture::from(handle.get_file()).await?)
            }
            Place::Parts(parts) => parts.clone(),
        };
        Ok(PickedFile(file_of(&parts, name, "application/octet-stream")?))
    }

    /// Gives up what was written.
    pub async fn discard(self) {
        if let Place::Disk(_, stream) = &self.place {
            // What can not be given up now is replaced by the next file of this name.
            let _ = JsFuture::from(stream.abort()).await;
        }
    }

    /// Removes a file that was finished; a missing one is no error.
    pub async fn forget(name: &str) {
        if let Ok(folder) = folder().await {
            let _ = JsFuture::from(folder.remove_entry(name)).await;
        }
    }

    async fn flush(&mut self) -> Result<(), Exception> {
        let bytes = std::mem::take(&mut self.gathered);
        match &self.place {
            _ if bytes.is_empty() => {}
            Place::Disk(_, stream) => {
                let bytes = Uint8Array::new_from_slice(&bytes);
                JsFuture::from(stream.write_with_js_u8_array(&bytes)?).await?;
            }
            Place::Parts(parts) => {
                let blob = blob_of(&bytes)?;
                parts.push(&blob);
            }
        }
        Ok(())
    }
}

impl FileSink for FileDraft {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileError> {
        self.gathered.extend(bytes);
        if self.gathered.len() < PIECE_BYTES {
            return Ok(());
        }
        self.flush().await.map_err(|exception| FileError(exception.to_string()))
    }
}

impl std::fmt::Debug for FileDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileDraft(on disk: {})", self.is_on_disk())
    }
}

fn knows(object: &JsValue, method: &str) -> Result<(), Exception> {
    let is_there = Reflect::get(object, &JsValue::from_str(method))?.is_function();
    if is_there { Ok(()) } else { Err(Exception::lacking(method)) }
}

async fn folder() -> Result<FileSystemDirectoryHandle, Exception> {
    let manager = manager()?;
    knows(&manager, "getDirectory")?;
    Ok(JsFuture::from(manager.get_directory()).await?.unchecked_into())
}

async fn on_disk(name: &str) -> Result<(FileSystemFileHandle, FileSystemWritableFileStream), Exception> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let handle = folder().await?.get_file_handle_with_options(name, &options);
    let handle: FileSystemFileHandle = JsFuture::from(handle).await?.unchecked_into();
    knows(&handle, "createWritable")?;
    let stream = JsFuture::from(handle.create_writable()).await?;
    Ok((handle, stream.unchecked_into()))
}
