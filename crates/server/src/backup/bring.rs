//! Files from one folder to another, so that a cut leaves a whole file or none.
//!
//! Owns: staging, flushing, renaming. Refuses: to know what the files mean.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::blobs::{BlobError, fault, sync};

/// How a file came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// It was not there.
    New,
    /// It was there with this size.
    Known,
    /// The source is not there.
    Missing,
}

/// Brings a file that never changes. A file of the right size that is there already is the same one, because its name is
/// its hash; `link` allows that both folders share it where they are on one disk.
pub(super) fn bring(from: &Path, to: &Path, size_bytes: u64, link: bool) -> Result<Brought, BlobError> {
    if fs::metadata(to).is_ok_and(|meta| meta.len() == size_bytes) {
        return Ok(Brought::Known);
    }
    if !from.is_file() {
        return Ok(Brought::Missing);
    }
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(fault("create", folder))?;
    let part = to.with_extension("part");
    remove(&part)?;
    // Another disk, or one without links: then the bytes are copied.
    if !(link && fs::hard_link(from, &part).is_ok()) {
        fs::copy(from, &part).map_err(fault("copy", from))?;
        sync(&part)?;
    }
    fs::rename(&part, to).map_err(fault("rename", &part))?;
    sync(folder)?;
    Ok(Brought::New)
}

/// Writes a file, on the medium.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
    let written = fs::File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(fault("write", path))
}

/// Replaces a file in one step, on the medium.
pub(super) fn put_in_place(path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
    let part = path.with_extension("part");
    write(&part, bytes)?;
    fs::rename(&part, path).map_err(fault("rename", &part))?;
    path.parent().map_or(Ok(()), sync)
}

/// Removes a file; a missing one is no error.
pub(super) fn remove(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder with all that is in it; a missing one is no error.
pub(super) fn remove_folder(path: &Path) -> Result<(), BlobError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault("remove", path)(error)),
        _ => Ok(()),
    }
}

/// A folder that only its owner may look into: it will hold the server's key.
pub(super) fn make_private(path: &Path) -> Result<(), BlobError> {
    fs::create_dir_all(path).map_err(fault("create", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(fault("protect", path))?;
    }
    Ok(())
}

/// Names in a folder; a missing one has none.
pub(super) fn names(path: &Path) -> Result<Vec<String>, BlobError> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(fault("list", path))?,
    };
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<Result<_, _>>().map_err(fault("list", path))
}

/// Databases and lists of backups before this one go, and what a cut left.
pub(super) fn remove_others(dir: &Path, keep: &[&str]) -> Result<(), BlobError> {
    for name in names(dir)? {
        let ours = name.starts_with("database-") || (name.starts_with("blobs-") && name.ends_with(".sha256"));
        if ours && !keep.contains(&name.as_str()) {
            remove(&dir.join(name))?;
        }
    }
    Ok(())
}

/// A folder's entries and those of its `blobs`, on the medium.
pub(super) fn sync_folders(dir: &Path) -> Result<(), BlobError> {
    let blobs = dir.join("blobs");
    if blobs.is_dir() {
        sync(&blobs)?;
    }
    sync(dir)
}
