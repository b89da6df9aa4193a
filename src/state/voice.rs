//! Voice notes: pieces while somebody speaks, one file afterwards.
//!
//! Owns: how a piece is framed and joined, limits, lengths in words. Refuses: the sound itself, which stays as it came from the
//! browser; the file is its pieces one after the other, byte for byte.

use greenshield_client::engine::{BlobView, RecordView};
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, field};
use greenshield_domain::op::Entry;
use serde::{Deserialize, Serialize};

use super::capture::capture_of;

/// The longest note.
pub const MOST_MILLIS: i64 = 5 * 60_000;
/// So much is lost at most when the phone dies while somebody speaks.
pub const PART_MILLIS: i32 = 2_000;
/// Most notes of one report.
pub const MOST_VOICES: usize = 4;

/// A note that is being recorded, or whose recording was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRecording {
    /// Its media type.
    pub mime: String,
    /// When it was begun, ms since 1970.
    pub started_millis: i64,
}

/// A finished note of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftVoice {
    /// The file.
    pub blob: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// Its media type.
    pub mime: String,
    /// How long somebody speaks.
    pub length_millis: i64,
    /// When it was begun, ms since 1970.
    pub started_millis: i64,
    /// Whether the app ended before the recording did.
    pub was_cut: bool,
}

impl DraftVoice {
    /// The entry that links it.
    #[must_use]
    pub fn link(&self) -> Entry {
        let link = BlobLink {
            blob: self.blob,
            size_bytes: self.size_bytes,
            mime: self.mime.clone(),
            name: None,
            original: None,
        };
        link.to_entry(field::VOICE)
    }

    /// What the capture facts of its record say of it.
    #[must_use]
    pub fn facts(&self) -> Value {
        Value::map([
            (Value::text("blob"), self.blob.to_value()),
            (Value::text("cut"), Value::Int(i64::from(self.was_cut))),
            (Value::text("millis"), Value::Int(self.length_millis)),
            (Value::text("started"), Value::Int(self.started_millis)),
        ])
    }
}

/// A note that is being added to a saved record, as it lies on disk meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddedVoice {
    /// While its pieces are there.
    pub recording: Option<DraftRecording>,
    /// Once they are one file that no op links yet.
    pub note: Option<DraftVoice>,
}

impl AddedVoice {
    /// The name among the drafts, for a record in hex.
    #[must_use]
    pub fn draft(record: &str) -> String {
        format!("voice-{record}")
    }

    /// Bytes to keep.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Plain data with text keys: serialising it has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads kept bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// A note of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceView {
    /// From 1.
    pub number: usize,
    /// Its file.
    pub link: BlobLink,
    /// How long it is: `0:42`; `None` = nobody said.
    pub length: Option<String>,
}

/// The notes of a record.
#[must_use]
pub fn voices(view: &RecordView) -> Vec<VoiceView> {
    let length = |blob: BlobId| capture_of(view, "voices", blob, "millis")?.as_int().map(length_words);
    let note = |(number, BlobView { link, .. }): (usize, &BlobView)| VoiceView {
        number,
        length: length(link.blob),
        link: link.clone(),
    };
    (1..).zip(&view.voices).map(note).collect()
}

/// A piece as it is stored: how long the note is with it, then its bytes.
#[must_use]
pub fn framed(length_millis: i64, bytes: &[u8]) -> Vec<u8> {
    [length_millis.to_be_bytes().as_slice(), bytes].concat()
}

/// The pieces as one file, and how long it is. A piece that is torn ends it.
#[must_use]
pub fn joined(parts: &[Vec<u8>]) -> (Vec<u8>, i64) {
    let (mut file, mut length_millis) = (Vec::new(), 0);
    for part in parts {
        let Some((head, bytes)) = part.split_first_chunk::<8>() else { break };
        length_millis = i64::from_be_bytes(*head);
        file.extend_from_slice(bytes);
    }
    (file, length_millis)
}

/// `0:42`.
#[must_use]
pub fn length_words(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_the_file_byte_for_byte_and_the_last_one_tells_the_length() {
        let parts = [framed(2_000, b"ab"), framed(4_010, b""), framed(5_500, b"c")];
        assert_eq!(joined(&parts), (b"abc".to_vec(), 5_500));
        assert_eq!(joined(&[framed(2_000, b"ab"), vec![1, 2]]), (b"ab".to_vec(), 2_000));
        assert_eq!(joined(&[]), (Vec::new(), 0));
    }

    #[test]
    fn lengths_are_minutes_and_seconds() {
        assert_eq!(["0:00", "0:09", "5:00"].map(str::to_owned), [999, 9_999, 300_000].map(length_words));
    }
}
