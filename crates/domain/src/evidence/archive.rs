//! A zip file in which every byte is fixed by the names and the contents of its files.
//!
//! Owns: one way to write a zip (stored, no dates, no extra fields, one order) and a reader that takes nothing else. Refuses:
//! compression, zip64, comments, gaps. Invariant: bytes that read are exactly the bytes that writing the same files gives, so
//! that nothing can hide beside the files. Ordinary programs open it.

use std::ops::Range;

use thiserror::Error;

/// Longest archive: what a zip without its 64-bit extension can say.
pub const MAX_ARCHIVE_BYTES: u64 = u32::MAX as u64;
/// Longest name in bytes.
pub const MAX_NAME_BYTES: usize = 200;
/// Most files.
pub const MAX_FILES: usize = 60_000;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Version 2.0; names are UTF-8; stored; 1980-01-01 00:00, the first moment that a zip knows.
const FIXED: [u8; 10] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
const LOCAL_BYTES: usize = 30;

/// Why bytes are no archive of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// A byte that our writer would not have written, or an end too early.
    #[error("byte {at} is not what the files of the archive say")]
    Byte {
        /// Offset of the structure that does not fit.
        at: usize,
    },
    /// A file does not match its checksum.
    #[error("{name} does not match its checksum")]
    Checksum {
        /// Its name.
        name: String,
    },
    /// A name that no file of ours has.
    #[error("a name is empty, too long or leads out of the folder")]
    Name,
    /// More than a zip of this kind can hold.
    #[error("the archive would be larger than {MAX_ARCHIVE_BYTES} bytes or {MAX_FILES} files")]
    TooLarge,
}

/// A file as its headers describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHead {
    /// Name with `/` between folders.
    pub name: String,
    /// Bytes.
    pub size_bytes: u32,
    /// CRC-32 of the bytes.
    pub crc32: u32,
}

impl FileHead {
    /// The head of a file in memory.
    ///
    /// # Errors
    /// [`ArchiveError::Name`] or [`ArchiveError::TooLarge`].
    pub fn of(name: &str, bytes: &[u8]) -> Result<Self, ArchiveError> {
        check_name(name)?;
        let size_bytes = u32::try_from(bytes.len()).map_err(|_| ArchiveError::TooLarge)?;
        Ok(Self { name: name.to_owned(), size_bytes, crc32: crc32fast::hash(bytes) })
    }

    fn common(&self) -> Vec<u8> {
        let mut bytes = FIXED.to_vec();
        bytes.extend(self.crc32.to_le_bytes());
        bytes.extend(self.size_bytes.to_le_bytes());
        bytes.extend(self.size_bytes.to_le_bytes());
        bytes.extend(u16::try_from(self.name.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    fn local(&self) -> Vec<u8> {
        [&LOCAL[..], &self.common(), self.name.as_bytes()].concat()
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        // Made by version 2.0; no comment, first disk, no attributes.
        let rest = [&[0; 10][..], &offset.to_le_bytes(), self.name.as_bytes()].concat();
        [&b"PK\x01\x02\x14\x00"[..], &self.common(), &rest].concat()
    }
}

/// Writes an archive piece by piece: the head of each file, its bytes by the caller, then the directory.
#[derive(Debug, Clone, Default)]
pub struct ArchiveWriter {
    files: Vec<(FileHead, u32)>,
    length: u64,
}

impl ArchiveWriter {
    /// The bytes before a file; its own bytes follow.
    ///
    /// # Errors
    /// [`ArchiveError::Name`] or [`ArchiveError::TooLarge`]; the archive is as before.
    pub fn begin(&mut self, head: FileHead) -> Result<Vec<u8>, ArchiveError> {
        check_name(&head.name)?;
        let local = head.local();
        let offset = u32::try_from(self.length).map_err(|_| ArchiveError::TooLarge)?;
        let length = self.length + local.len() as u64 + u64::from(head.size_bytes);
        if length > MAX_ARCHIVE_BYTES || self.files.len() == MAX_FILES {
            return Err(ArchiveError::TooLarge);
        }
        self.length = length;
        self.files.push((head, offset));
        Ok(local)
    }

    /// The bytes behind the last file.
    ///
    /// # Errors
    /// [`ArchiveError::TooLarge`].
    pub fn finish(self) -> Result<Vec<u8>, ArchiveError> {
        let start = u32::try_from(self.length).map_err(|_| ArchiveError::TooLarge)?;
        let mut bytes: Vec<u8> = self.files.iter().flat_map(|(head, offset)| head.central(*offset)).collect();
        let size = u32::try_from(bytes.len()).map_err(|_| ArchiveError::TooLarge)?;
        let count = u16::try_from(self.files.len()).map_err(|_| ArchiveError::TooLarge)?.to_le_bytes();
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([count, count].concat());
        bytes.extend(size.to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0, 0]);
        Ok(bytes)
    }
}

/// The whole archive of files in memory, in the given order.
///
/// # Errors
/// [`ArchiveError::Name`] or [`ArchiveError::TooLarge`].
pub fn pack<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, ArchiveError> {
    let (mut writer, mut bytes) = (ArchiveWriter::default(), Vec::new());
    for (name, content) in files {
        bytes.extend(writer.begin(FileHead::of(name, content)?)?);
        bytes.extend(content);
    }
    bytes.extend(writer.finish()?);
    Ok(bytes)
}

/// A file found in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Where its bytes are.
    pub range: Range<usize>,
}

/// Reads an archive; the files in their order.
///
/// # Errors
/// [`ArchiveError`]; any byte that our writer would not have put there is one.
pub fn read(bytes: &[u8]) -> Result<Vec<Found>, ArchiveError> {
    let (mut writer, mut files, mut at) = (ArchiveWriter::default(), Vec::new(), 0);
    while bytes.get(at..at + 4) == Some(&LOCAL) {
        let (head, start) = read_local(bytes, at)?;
        let size = usize::try_from(head.size_bytes).map_err(|_| ArchiveError::TooLarge)?;
        let end = start.checked_add(size).ok_or(ArchiveError::Byte { at: start })?;
        let content = bytes.get(start..end).ok_or(ArchiveError::Byte { at: start })?;
        if crc32fast::hash(content) != head.crc32 {
            return Err(ArchiveError::Checksum { name: head.name });
        }
        let name = head.name.clone();
        if bytes[at..start] != writer.begin(head)? {
            return Err(ArchiveError::Byte { at });
        }
        files.push(Found { name, range: start..end });
        at = end;
    }
    if bytes[at..] != writer.finish()? { Err(ArchiveError::Byte { at }) } else { Ok(files) }
}

fn read_local(bytes: &[u8], at: usize) -> Result<(FileHead, usize), ArchiveError> {
    let fault = || ArchiveError::Byte { at };
    let number = |from: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at + from..at + from + 4)?.try_into().ok()?))
    };
    let (crc32, size_bytes, lengths) = (number(14), number(18), number(26));
    let (Some(crc32), Some(size_bytes), Some(lengths)) = (crc32, size_bytes, lengths) else { return Err(fault()) };
    let start = at + LOCAL_BYTES + usize::from(u16::try_from(lengths & 0xffff).unwrap_or(u16::MAX));
    let name = bytes.get(at + LOCAL_BYTES..start).ok_or_else(fault)?;
    let name = std::str::from_utf8(name).map_err(|_| ArchiveError::Name)?.to_owned();
    Ok((FileHead { name, size_bytes, crc32 }, start))
}

fn check_name(name: &str) -> Result<(), ArchiveError> {
    let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
    let is_good = name.len() <= MAX_NAME_BYTES
        && name.split('/').all(is_part)
        && !name.chars().any(|c| c.is_control() || c == '\\' || c == ':');
    if is_good { Ok(()) } else { Err(ArchiveError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        pack(files.iter().copied()).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let bytes = archive(&[("报告.html", b"<p>"), ("files/a.jpg", b""), ("b", &[7; 300])]);
        let names: Vec<_> =
            read(&bytes).unwrap().into_iter().map(|file| (file.name, bytes[file.range].len())).collect();
        assert_eq!(names, [("报告.html".to_owned(), 3), ("files/a.jpg".to_owned(), 0), ("b".to_owned(), 300)]);
        assert_eq!(read(&archive(&[])).unwrap(), []);
    }

    #[test]
    fn no_byte_can_be_changed_dropped_or_added() {
        let bytes = archive(&[("a", b"hello"), ("folder/b", b"world")]);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                assert!(read(&bad).is_err(), "byte {at} bit {bit} went unseen");
            }
            assert!(read(&bytes[..at]).is_err(), "cut at {at}");
            let mut dropped = bytes.clone();
            dropped.remove(at);
            assert!(read(&dropped).is_err(), "dropped {at}");
        }
        assert!(read(&[bytes.as_slice(), &[0]].concat()).is_err());
        assert!(read(&[&[0], bytes.as_slice()].concat()).is_err());
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        for name in ["", "/a", "a/", "../a", "a/../b", "a//b", "c:\\a", "a\0", &"n".repeat(201)] {
            assert_eq!(FileHead::of(name, b""), Err(ArchiveError::Name), "{name:?}");
        }
    }
}
