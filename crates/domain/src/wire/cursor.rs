//! The cursors: base64url of epoch ‖ scope ‖ position of a pull, and of those with a place in the records of a snapshot.
//! Neither is a secret or a permission.

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
#[error("a cursor is base64url, as given by the reply before")]
pub struct CursorError;

impl Cursor {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_text(self, &[])
    }

    /// Reads the text.
    ///
    /// # Errors
    /// [`CursorError`].
    pub fn from_text(text: &str) -> Result<Self, CursorError> {
        from_text(text).map(|(cursor, [])| cursor)
    }
}

/// Where a new phone stands in a snapshot: whole records, by the position at which each began, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotCursor {
    /// The snapshot holds exactly the ops up to this cursor, and ends with it.
    pub began: Cursor,
    /// Records that began after this position were given.
    pub upto: u64,
    /// Of the record that began at `upto` the ops up to this position were given, because it is too large for one page; else 0.
    pub after: u64,
}

impl SnapshotCursor {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_text(&self.began, &[self.upto, self.after])
    }

    /// Reads the text.
    ///
    /// # Errors
    /// [`CursorError`], also for the cursor of a pull.
    pub fn from_text(text: &str) -> Result<Self, CursorError> {
        from_text(text).map(|(began, [upto, after])| Self { began, upto, after })
    }
}

fn to_text(cursor: &Cursor, places: &[u64]) -> String {
    let mut bytes = [cursor.epoch.0, cursor.scope, cursor.pos.to_be_bytes()].concat();
    places.iter().for_each(|place| bytes.extend(place.to_be_bytes()));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn from_text<const N: usize>(text: &str) -> Result<(Cursor, [u64; N]), CursorError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
    let (parts, []) = bytes.as_chunks::<8>() else { return Err(CursorError) };
    let [epoch, scope, pos, places @ ..] = parts else { return Err(CursorError) };
    let places: &[[u8; 8]; N] = places.try_into().map_err(|_| CursorError)?;
    let cursor = Cursor { epoch: Epoch(*epoch), scope: *scope, pos: u64::from_be_bytes(*pos) };
    Ok((cursor, places.map(u64::from_be_bytes)))
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
            assert_eq!(SnapshotCursor::from_text(text), Err(CursorError));
        }
    }

    #[test]
    fn the_cursors_of_a_snapshot_and_of_a_pull_are_not_taken_for_each_other() {
        let began = Cursor { epoch: Epoch([1; 8]), scope: [2; 8], pos: 77 };
        let place = SnapshotCursor { began, upto: 5, after: u64::MAX };
        assert_eq!(SnapshotCursor::from_text(&place.to_text()), Ok(place));
        assert_eq!(Cursor::from_text(&place.to_text()), Err(CursorError));
        assert_eq!(SnapshotCursor::from_text(&began.to_text()), Err(CursorError));
    }
}
