//! Reading a bundle from disk, frame by frame: never more than some frames in memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use greenshield_domain::bundle::{BundleError, BundleHeader, Item, ItemReader};
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::is_mime;
use greenshield_domain::seal::{self, Frames};
use thiserror::Error;

use crate::blobs::{BlobError, fault};
use crate::sealing::SealingPair;
use crate::uploads::limit_bytes;

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

/// Why a bundle is not taken.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("there is no such file")]
    Missing,
    #[error(transparent)]
    Io(#[from] BlobError),
    #[error("the file does not hash to its name")]
    Hash,
    #[error("sealed for another server")]
    Foreign,
    #[error("of version {0}")]
    Version(i64),
    #[error("{0}")]
    Bundle(BundleError),
    #[error("frame does not open")]
    Sealed,
    #[error("a blob over the limit of its type")]
    Limit,
    #[error("nobody waits for it any more")]
    Stopped,
}

impl From<BundleError> for Fault {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Version { found } => Self::Version(found),
            error => Self::Bundle(error),
        }
    }
}

/// Checks a whole file: its hash, for whom it is, every frame, every item. Blocks.
pub(super) fn check(path: &Path, name: &BlobId, key: &SealingPair) -> Result<(), Fault> {
    let mut context = Context::new(&SHA256);
    each_part(path, |part| {
        context.update(part);
        Ok(())
    })?;
    if context.finish().as_ref() != name.0 {
        return Err(Fault::Hash);
    }
    items(path, key, |item| match item {
        Item::Blob { size_bytes, mime, .. } if size_bytes > limit_bytes(&mime) || !is_mime(&mime) => Err(Fault::Limit),
        _ => Ok(()),
    })
}

/// Gives every item in order. Blocks. The end of the file is checked last: whoever acts on items must have called [`check`].
pub(super) fn items(
    path: &Path,
    key: &SealingPair,
    mut give: impl FnMut(Item) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut begin = Vec::new();
    let mut open: Option<Open> = None;
    each_part(path, |part| {
        if let Some(open) = &mut open {
            return open.push(part, &mut give);
        }
        begin.extend_from_slice(part);
        let Some((header, used)) = BundleHeader::read(&begin)? else { return Ok(()) };
        if header.slot.key != key.id() {
            return Err(Fault::Foreign);
        }
        let cipher = key.open(&header.slot).ok_or(Fault::Sealed)?;
        let (aad, reader) = (seal::aad(&begin[..used]), ItemReader::new(&header));
        let mut fresh = Open { cipher, aad, frames: Frames::to_open(), reader };
        fresh.push(&begin.split_off(used), &mut give)?;
        open = Some(fresh);
        Ok(())
    })?;
    open.ok_or(Fault::Bundle(BundleError::Shape("the file ends inside the header")))?.finish(give)
}

struct Open {
    cipher: crate::sealing::EnvelopeKey,
    aad: [u8; 32],
    frames: Frames,
    reader: ItemReader,
}

impl Open {
    fn push(&mut self, part: &[u8], give: &mut impl FnMut(Item) -> Result<(), Fault>) -> Result<(), Fault> {
        self.frames.push(part);
        while let Some(frame) = self.frames.next_frame().map_err(BundleError::from)? {
            let plain = self.cipher.decrypt(frame.nonce, &self.aad, frame.bytes).ok_or(Fault::Sealed)?;
            self.reader.push(&plain)?.into_iter().try_for_each(&mut *give)?;
        }
        Ok(())
    }

    fn finish(mut self, give: impl FnMut(Item) -> Result<(), Fault>) -> Result<(), Fault> {
        let frame = self.frames.finish().map_err(BundleError::from)?;
        let plain = self.cipher.decrypt(frame.nonce, &self.aad, frame.bytes).ok_or(Fault::Sealed)?;
        self.reader.push(&plain)?.into_iter().try_for_each(give)?;
        Ok(self.reader.finish()?)
    }
}

fn each_part(path: &Path, mut give: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Fault::Missing),
        Err(error) => return Err(fault("open", path)(error).into()),
    };
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer).map_err(fault("read", path))? {
            0 => return Ok(()),
            n => give(&buffer[..n])?,
        }
    }
}
