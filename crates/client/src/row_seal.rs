//! The seal of one row: what lies on the phone is of no use without the data key of its install.
//!
//! Owns: the bytes of a sealed row, which rows are sealed, how their key follows from the data key. Refuses: randomness (a nonce is
//! an argument) and where the data key itself is kept (that is the platform's).
//!
//! A sealed row is `1 ‖ name of the key (7) ‖ nonce (24) ‖ XChaCha20-Poly1305 of the value`. Anything else is a row from before
//! there was a seal, or from a phone that can not keep a key, and is read as it is: no value of ours begins with the name of a
//! key that was drawn at random. The table and the key of the row are bound in, so that no row can stand in another's place.

use greenshield_cipher::{Cipher, TAG_BYTES};
use greenshield_domain::seal::purpose_key;
use zeroize::Zeroizing;

pub use greenshield_cipher::NONCE_BYTES;

use crate::ports::Table;
use crate::rows::meta;

/// The format byte of a sealed row.
const SEALED: u8 = 1;
const NAME_BYTES: usize = 7;
const HEAD_BYTES: usize = 1 + NAME_BYTES;
/// By how much a row grows.
pub const SEAL_BYTES: usize = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

/// The data key of an install: 32 random bytes, forgotten when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, to be wrapped.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey")
    }
}

/// Whether the values of these rows are sealed. Plain stay: rows that hold no more than ids and counts and are needed while the
/// phone is locked, and packages, which are sealed for the server.
#[must_use]
pub fn is_sealed(table: Table, key: &[u8]) -> bool {
    match table {
        Table::Outbox | Table::Couriers | Table::CourierBytes => false,
        Table::Meta => !meta::PLAIN.contains(&key),
        _ => true,
    }
}

/// Seals and opens rows.
#[derive(Debug)]
pub struct RowSeal {
    cipher: Cipher,
    head: [u8; HEAD_BYTES],
}

impl RowSeal {
    /// By the keys that follow from a data key.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        let rows = Zeroizing::new(purpose_key(key.bytes(), b"gs/rows/1\0"));
        let name = purpose_key(key.bytes(), b"gs/rows-key-name/1\0");
        let mut head = [SEALED; HEAD_BYTES];
        head[1..].copy_from_slice(&name[..NAME_BYTES]);
        Self { cipher: Cipher::new(&rows), head }
    }

    /// Whether a value is sealed by this key.
    #[must_use]
    pub fn sealed(&self, value: &[u8]) -> bool {
        value.len() >= SEAL_BYTES && value.starts_with(&self.head)
    }

    /// Seals a value for its place. A nonce is used once.
    #[must_use]
    pub fn seal(&self, table: Table, key: &[u8], nonce: [u8; NONCE_BYTES], value: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(value.len() + SEAL_BYTES);
        sealed.extend_from_slice(&self.head);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(value);
        let body = &mut sealed[HEAD_BYTES + NONCE_BYTES..];
        // It fails above 256 GiB only; an empty row then says that it does not read.
        let Some(tag) = self.cipher.seal(&nonce, &place(table, key), body) else { return Vec::new() };
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// The value of a row. Not sealed: as it is. Sealed, but not by us for this place: empty, which no reader takes for a row,
    /// so that one damaged row hides itself only.
    #[must_use]
    pub fn open(&self, table: Table, key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
        if !self.sealed(&value) {
            return value;
        }
        let (Some(nonce), Some(tag)) = (value[HEAD_BYTES..].first_chunk().copied(), value.last_chunk().copied()) else {
            return Vec::new();
        };
        let (nonce, tag): ([u8; NONCE_BYTES], [u8; TAG_BYTES]) = (nonce, tag);
        value.truncate(value.len() - TAG_BYTES);
        let body = &mut value[HEAD_BYTES + NONCE_BYTES..];
        if !self.cipher.open(&nonce, &place(table, key), body, &tag) {
            return Vec::new();
        }
        value.drain(..HEAD_BYTES + NONCE_BYTES);
        value
    }
}

/// What is bound into the seal: the table and the key of the row.
fn place(table: Table, key: &[u8]) -> Vec<u8> {
    [table.name().as_bytes(), &[0], key].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: u8) -> RowSeal {
        RowSeal::new(&DataKey::new([key; 32]))
    }

    #[test]
    fn a_sealed_row_opens_in_its_place_only() {
        let seal = seal(1);
        let sealed = seal.seal(Table::Ops, b"k", [2; NONCE_BYTES], b"value");
        assert_eq!(sealed.len(), 5 + SEAL_BYTES);
        assert!(seal.sealed(&sealed) && !sealed.windows(5).any(|part| part == b"value"));
        assert_eq!(seal.open(Table::Ops, b"k", sealed.clone()), b"value");
        assert_eq!(seal.open(Table::Ops, b"other", sealed.clone()), b"");
        assert_eq!(seal.open(Table::Drafts, b"k", sealed.clone()), b"");
        assert_ne!(sealed, seal.seal(Table::Ops, b"k", [3; NONCE_BYTES], b"value"));
    }

    #[test]
    fn every_changed_or_missing_byte_is_found() {
        let seal = seal(1);
        let sealed = seal.seal(Table::Ops, b"k", [2; NONCE_BYTES], b"value");
        for at in HEAD_BYTES..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open(Table::Ops, b"k", changed), b"", "byte {at}");
            if at >= SEAL_BYTES {
                assert_eq!(seal.open(Table::Ops, b"k", sealed[..at].to_vec()), b"", "cut at {at}");
            }
        }
    }

    #[test]
    fn rows_from_before_the_seal_and_of_another_key_are_left_as_they_are() {
        for plain in [b"".to_vec(), b"{}".to_vec(), vec![1; 100], vec![0; 100]] {
            assert_eq!(seal(1).open(Table::Ops, b"k", plain.clone()), plain);
        }
        let other = seal(2).seal(Table::Ops, b"k", [2; NONCE_BYTES], b"value");
        assert_eq!(seal(1).open(Table::Ops, b"k", other.clone()), other);
    }

    #[test]
    fn the_bytes_of_a_sealed_row_are_frozen() {
        // Computed by another implementation. Changed bytes here are a phone that can not read what it wrote.
        let sealed = seal(7).seal(Table::Meta, b"head", [9; NONCE_BYTES], "清水河".as_bytes());
        assert_eq!(greenshield_domain::ids::to_hex(&sealed), FROZEN);
    }

    const FROZEN: &str = "014783277ab73fa60909090909090909090909090909090909090909090909094465447cae986cba34ed4f8277\
        a9d00f4d2d5527f246fc53c3";
}
