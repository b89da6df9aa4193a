//! The pull cursor: base64url of epoch ‖ scope ‖ position. Neither a secret nor a permission.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::ids::Epoch;

/// Where a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The database incarnation that the position belongs to.
    pub epoch: Epoch,
    /// Hash of the scope under which the pages before were given.
    pub scope: [u8; 8],
    /// Newest position that was given.
    pub pos: u64,
}

/// Text that is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a cursor is 24 bytes in base64url, as given by the reply before")]
pub struct CursorError;

impl Cursor {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.epoch.0, self.scope, self.pos.to_be_bytes()].concat())
    }

    /// Reads the text.
    ///
    /// # Errors
    /// [`CursorError`].
    pub fn from_text(text: &str) -> Result<Self, CursorError> {
        let bytes: [u8; 24] =
            URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(CursorError)?;
        let part = |i: usize| {
            let mut part = [0; 8];
            part.copy_from_slice(&bytes[8 * i..8 * i + 8]);
            part
        };
        Ok(Self { epoch: Epoch(part(0)), scope: part(1), pos: u64::from_be_bytes(part(2)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_is_refused() {
        let cursor = Cursor { epoch: Epoch([1; 8]), scope: [2; 8], pos: 77 };
        assert_eq!(Cursor::from_text(&cursor.to_text()), Ok(cursor));
        for text in ["", "AAAA", "水", "AQEBAQEBAQECAgICAgICAgAAAAAAAABNAA"] {
            assert_eq!(Cursor::from_text(text), Err(CursorError));
        }
    }
}
