//! What was done with records and people besides writing: taken out, looked at, given to a new phone; and whose rights changed. Each
//! note is an op of a log of the server's own, so it can not be changed or taken away unseen.
//!
//! Owns: what such an op says. Refuses: to be pulled: notes leave the server only by the audit call, to those who may read
//! them. What people write about records needs no note: it is an op of theirs. Rights do: which op gave or took them only the server
//! can tell.

use crate::cbor::Value;
use crate::ids::{AccountId, LogId, RecordId};
use crate::op::{Entry, SignedOp};
use crate::statement::{read_uint, uint};
use crate::verdict::FIRST_PROTOCOL_FIELD;

/// The kind of an op that notes a deed.
pub const KIND_AUDIT: u32 = 2;

const DEED: u32 = FIRST_PROTOCOL_FIELD + 20;
const BY: u32 = FIRST_PROTOCOL_FIELD + 21;
const LOG: u32 = FIRST_PROTOCOL_FIELD + 22;
const RECORD: u32 = FIRST_PROTOCOL_FIELD + 23;
const ABOUT: u32 = FIRST_PROTOCOL_FIELD + 24;
const KIND: u32 = FIRST_PROTOCOL_FIELD + 25;

/// What was done. The numbers are never used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A record was taken out as evidence, or all records of a kind as a ledger.
    Export,
    /// Files of a record of somebody else were looked at, at least once within an hour.
    Files,
    /// A phone took all that it may read.
    Snapshot,
    /// The notes themselves were read.
    Audit,
    /// A held op was released, one was held, or one never shows.
    Decision,
    /// Values of a record were erased.
    Erasure,
    /// A legal hold of a record began or ended.
    Hold,
    /// An access key for programs was made.
    KeyMade,
    /// An access key was revoked.
    KeyEnded,
    /// Records were read with an access key, at least once within a day.
    KeyUsed,
    /// A code for one more phone of somebody was made.
    Invited,
    /// A phone of somebody was ended.
    Revoked,
    /// A phone of somebody was asked to wipe itself.
    WipeAsked,
    /// A phone said that it wiped itself.
    Wiped,
    /// A version of the city package was kept, to hold from some day on.
    PackageKept,
    /// A version of the city package was withdrawn before its day.
    PackageWithdrawn,
    /// Role, areas, unit or term of somebody became other ones.
    RightsChanged,
}

impl Deed {
    /// All deeds.
    pub const ALL: [Deed; 17] = [
        Deed::Export,
        Deed::Files,
        Deed::Snapshot,
        Deed::Audit,
        Deed::Decision,
        Deed::Erasure,
        Deed::Hold,
        Deed::KeyMade,
        Deed::KeyEnded,
        Deed::KeyUsed,
        Deed::Invited,
        Deed::Revoked,
        Deed::WipeAsked,
        Deed::Wiped,
        Deed::PackageKept,
        Deed::PackageWithdrawn,
        Deed::RightsChanged,
    ];

    /// Its number in an op.
    #[must_use]
    pub fn code(self) -> u64 {
        match self {
            Deed::Export => 1,
            Deed::Files => 2,
            Deed::Snapshot => 3,
            Deed::Audit => 4,
            Deed::Decision => 5,
            Deed::Erasure => 6,
            Deed::Hold => 7,
            Deed::KeyMade => 8,
            Deed::KeyEnded => 9,
            Deed::KeyUsed => 10,
            Deed::Invited => 11,
            Deed::Revoked => 12,
            Deed::WipeAsked => 13,
            Deed::Wiped => 14,
            Deed::PackageKept => 15,
            Deed::PackageWithdrawn => 16,
            Deed::RightsChanged => 17,
        }
    }

    /// Its word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Deed::Export => "export",
            Deed::Files => "files",
            Deed::Snapshot => "snapshot",
            Deed::Audit => "audit",
            Deed::Decision => "decision",
            Deed::Erasure => "erasure",
            Deed::Hold => "hold",
            Deed::KeyMade => "key_made",
            Deed::KeyEnded => "key_ended",
            Deed::KeyUsed => "key_used",
            Deed::Invited => "invited",
            Deed::Revoked => "revoked",
            Deed::WipeAsked => "wipe_asked",
            Deed::Wiped => "wiped",
            Deed::PackageKept => "package_kept",
            Deed::PackageWithdrawn => "package_withdrawn",
            Deed::RightsChanged => "rights_changed",
        }
    }
}

/// A note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// What was done; `None` for a deed of a later version.
    pub deed: Option<Deed>,
    /// By whom.
    pub by: AccountId,
    /// With which phone.
    pub log: LogId,
    /// With which record.
    pub record: Option<RecordId>,
    /// With whom.
    pub about: Option<AccountId>,
    /// With all records of which kind.
    pub kind: Option<u32>,
}

impl Note {
    /// The entries of its op.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![
            Entry::set(DEED, uint(self.deed.map_or(0, Deed::code))),
            Entry::set(BY, self.by.to_value()),
            Entry::set(LOG, self.log.to_value()),
        ];
        entries.extend(self.record.map(|record| Entry::set(RECORD, Value::Bytes(record.0.to_vec()))));
        entries.extend(self.about.map(|account| Entry::set(ABOUT, account.to_value())));
        entries.extend(self.kind.map(|kind| Entry::set(KIND, Value::Int(i64::from(kind)))));
        entries
    }

    /// Reads the op of a note; `None` for every other op.
    #[must_use]
    pub fn read(op: &SignedOp) -> Option<Self> {
        if op.header().kind != KIND_AUDIT {
            return None;
        }
        let get = |field| op.body().entries().find(|entry| entry.field == field).map(|entry| &entry.value);
        let code = read_uint(get(DEED)?)?;
        Some(Self {
            deed: Deed::ALL.into_iter().find(|deed| deed.code() == code),
            by: AccountId(get(BY)?.as_array_of()?),
            log: LogId(get(LOG)?.as_array_of()?),
            record: get(RECORD).and_then(|value| value.as_array_of().map(RecordId)),
            about: get(ABOUT).and_then(|value| value.as_array_of().map(AccountId)),
            kind: get(KIND).and_then(|value| u32::try_from(value.as_int()?).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_deed_has_a_number_and_a_word_of_its_own() {
        let codes: Vec<u64> = Deed::ALL.into_iter().map(Deed::code).collect();
        assert_eq!(codes, (1..=17).collect::<Vec<u64>>());
        let words: BTreeSet<&str> = Deed::ALL.into_iter().map(Deed::word).collect();
        assert_eq!(words.len(), Deed::ALL.len());
        assert_eq!((Deed::RightsChanged.code(), Deed::RightsChanged.word()), (17, "rights_changed"));
    }

    #[test]
    fn a_note_of_changed_rights_says_by_whom_in_which_log_and_whose() {
        let (by, log, about) = (AccountId([2; 16]), LogId([3; 32]), Some(AccountId([4; 16])));
        let note = Note { deed: Some(Deed::RightsChanged), by, log, record: None, about, kind: None };
        let said: Vec<(u32, Value)> = note.entries().into_iter().map(|entry| (entry.field, entry.value)).collect();
        let expected = [
            (1_000_020, Value::Int(17)),
            (1_000_021, Value::Bytes(vec![2; 16])),
            (1_000_022, Value::Bytes(vec![3; 32])),
            (1_000_024, Value::Bytes(vec![4; 16])),
        ];
        assert_eq!(said, expected);
    }
}
