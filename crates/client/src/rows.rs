//! Rows of the local store: what is under which key, and in which bytes.
//!
//! Owns: every key layout and every value that the engine writes. Refuses: transactions and meaning. Rows with signed bytes
//! are CBOR, so that the bytes stay verbatim; the others are JSON, so that a later app can add fields.

mod courier;
mod coverage;
mod device;
pub mod meta;
mod place;
mod referral;

use std::collections::BTreeMap;

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::ids::{AccountId, BlobId, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::merge::RecordOp;
use greenshield_domain::op::SignedOp;
use greenshield_domain::person::Person;
use greenshield_domain::register::LineValue;
use greenshield_domain::statement::Signed;
use greenshield_domain::unit::Unit;
use greenshield_domain::wire::Verdict;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use courier::{CarrierRow, CourierRow};
pub use coverage::KeptCoverage;
pub use device::{Cause, OldLog, RotatedRow, RotatingRow, WipeRow};
pub use place::RowPlace;
pub use referral::ReferralRow;

use crate::ports::{Key, Row, StoreError, Table};

/// Bytes of a blob under one key of [`Table::BlobBytes`].
pub const BLOB_CHUNK_BYTES: usize = 512 * 1024;

/// Who this install belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRow {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The city package.
    pub city: String,
    /// The log of this install.
    pub log: LogId,
    /// The number of its key.
    #[serde(default)]
    pub key: u32,
    /// The logs that this install wrote before, oldest first.
    #[serde(default)]
    pub before: Vec<OldLog>,
    /// The server's public key, 65 bytes in hex.
    pub server_key: String,
}

impl IdentityRow {
    /// All logs that this install wrote, oldest first.
    #[must_use]
    pub fn logs(&self) -> Vec<LogId> {
        self.before.iter().map(|old| old.log).chain([self.log]).collect()
    }
}

/// An enrolment whose reply has not come yet. The genesis is kept so that a retry sends the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollingRow {
    /// The code it used.
    pub code: String,
    /// Who it will be.
    pub identity: IdentityRow,
    /// The genesis op in hex.
    pub genesis: String,
}

/// The end of this install's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadRow {
    /// The log.
    pub log: LogId,
    /// Seq of the newest op.
    pub seq: u64,
    /// That op.
    pub id: OpId,
}

impl From<HeadRow> for LogHead {
    fn from(row: HeadRow) -> Self {
        Self { log: row.log, seq: row.seq, id: row.id }
    }
}

/// The last contact with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContactRow {
    /// When, by the phone's clock, ms since 1970.
    pub wall_millis: i64,
    /// Server clock minus the phone's clock, ms.
    pub offset_millis: i64,
}

/// A waiting op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Its record.
    pub record: RecordId,
    /// Its id.
    pub op: OpId,
    /// How often it was sent.
    #[serde(default)]
    pub tries: u32,
    /// Not before this moment of the phone's clock, ms since 1970.
    #[serde(default)]
    pub next_attempt_millis: i64,
    /// Why it is still here: a result code's word or a transport word; empty = not tried yet.
    #[serde(default)]
    pub reason: String,
}

/// A blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRow {
    /// Its size.
    pub size_bytes: u64,
    /// MIME type.
    pub mime: String,
    /// The record that links it; `None` while it belongs to a draft.
    pub record: Option<RecordId>,
    /// For a smaller copy: the original.
    #[serde(default)]
    pub original: Option<BlobId>,
    /// When it was put here, ms since 1970.
    pub stored_millis: i64,
    /// Whether this phone has to deliver it.
    pub mine: bool,
    /// Whether the bytes are on this phone.
    pub local: bool,
    /// When the server said that it holds it, ms since 1970; set only by a verified receipt.
    #[serde(default)]
    pub delivered_millis: Option<i64>,
    /// The upload under way: its path on the server.
    #[serde(default)]
    pub upload_path: Option<String>,
    /// Bytes that the server has durably.
    #[serde(default)]
    pub offset_bytes: u64,
    /// How often it failed in a row.
    #[serde(default)]
    pub tries: u32,
    /// Not before this moment, ms since 1970.
    #[serde(default)]
    pub next_attempt_millis: i64,
    /// Why it is still here.
    #[serde(default)]
    pub reason: String,
}

impl BlobRow {
    /// A file that lies on this phone and that nothing is known of yet.
    #[must_use]
    pub fn new(size_bytes: u64, mime: String, original: Option<BlobId>, stored_millis: i64) -> Self {
        Self {
            size_bytes,
            mime,
            record: None,
            original,
            stored_millis,
            mine: true,
            local: true,
            delivered_millis: None,
            upload_path: None,
            offset_bytes: 0,
            tries: 0,
            next_attempt_millis: 0,
            reason: String::new(),
        }
    }
}

/// What is known of a record besides its ops; guards its list row against two writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRow {
    /// Place in the list, ms since 1970.
    pub sort_millis: i64,
    /// Grows with every write.
    pub rev: u64,
    /// Whether it left the scope of this phone: what is still here was written by this install, or has to be delivered.
    #[serde(default)]
    pub left: bool,
}

/// A line of the list: the projection that is shown without reading any op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: u32,
    /// When it was found, else when its first op was made, ms since 1970.
    pub sort_millis: i64,
    /// Catalogue category.
    pub category: Option<String>,
    /// Workflow state, `None` = the initial one.
    pub state: Option<String>,
    /// Urgency chosen by a person.
    pub urgency: Option<String>,
    /// Name of the place.
    pub place_name: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub place: RowPlace,
    /// First 80 characters of the note.
    pub note: Option<String>,
    /// Whether there is an answer for the reporter.
    pub answered: bool,
    /// Who reported it.
    pub reporter: Option<AccountId>,
    /// Photos as people count them: a copy and its original are one.
    pub photos: u32,
    /// Photos of which every file has a receipt, or that are another phone's to deliver.
    pub photos_delivered: u32,
    /// Other files of this phone without a receipt: tracks.
    #[serde(default)]
    pub files_waiting: u32,
    /// The patrol on which it was found.
    #[serde(default)]
    pub patrol: Option<RecordId>,
    /// When a patrol that is under way should be back, when a task is due, until when a notice holds, until when a unit is asked to
    /// answer, ms since 1970.
    #[serde(default)]
    pub due_millis: Option<i64>,
    /// The first day on which a task has to be reviewed and was not, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_millis: Option<i64>,
    /// From when a notice holds, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_millis: Option<i64>,
    /// Title of a task or a notice, name of a person or a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// For whom a task is; to whom a report was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<AccountId>,
    /// The record that it points to: the report of which a duplicate tells the same, that a task or a referral came from, the
    /// joint operation of a patrol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RecordId>,
    /// The unit that has to deal with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// When the server received what the state is by, ms since 1970; before, when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_millis: Option<i64>,
    /// What a referral is besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralRow>,
    /// Role words of those for whom a notice is; none = everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<String>,
    /// What the record of a person says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<Person>>,
    /// What the record of a unit says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_facts: Option<Box<Unit>>,
    /// The other fields of a task or of a record of a register, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<u32, LineValue>,
    /// Voice notes of this phone without a receipt.
    #[serde(default)]
    pub voices_unsent: u32,
    /// The file to show in the list, smallest first.
    pub thumb: Option<BlobId>,
    /// Ops of this phone without a receipt.
    pub ops_unsent: u32,
    /// Fields with losing values.
    pub conflicts: u32,
    /// Ops that wait for a decision.
    pub held: u32,
    /// Newest receipt among its own ops, ms since 1970.
    pub delivered_millis: Option<i64>,
    /// When the server received the first of its ops, ms since 1970: where the desk's clocks start. Counts for ops of other
    /// phones, and for own ones after their receipt.
    pub arrived_millis: Option<i64>,
    /// When it last changed, ms since 1970.
    pub updated_millis: i64,
}

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Name to show.
    pub name: String,
    /// Role word.
    pub role: String,
}

/// An op and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpRow {
    /// The op with its exact bytes.
    pub op: SignedOp,
    /// Whose log.
    pub account: AccountId,
    /// Orders concurrent values; provisional while `received_millis` is `None`.
    pub eff_millis: i64,
    /// When the server received it, ms since 1970; `None` = no receipt yet.
    pub received_millis: Option<i64>,
    /// May it show?
    pub verdict: Verdict,
    /// Position at the server, 0 = not known.
    pub pos: u64,
}

impl OpRow {
    /// Bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let verdict = match &self.verdict {
            Verdict::Ok => Value::Int(0),
            Verdict::Held(reason) => Value::text(reason),
            Verdict::Void => Value::Int(2),
        };
        cbor::encode(&Value::int_map([
            (1, Value::bytes(self.op.bytes())),
            (2, self.account.to_value()),
            (3, Value::Int(self.eff_millis)),
            (4, self.received_millis.map_or(Value::Null, Value::Int)),
            (5, verdict),
            (6, Value::Int(i64::try_from(self.pos).unwrap_or(i64::MAX))),
        ]))
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let read = || {
            let value = cbor::decode(bytes).ok()?;
            Some(Self {
                op: SignedOp::decode(value.get(1)?.as_bytes()?).ok()?,
                account: AccountId(value.get(2)?.as_array_of()?),
                eff_millis: value.get(3)?.as_int()?,
                received_millis: value.get(4)?.as_int(),
                verdict: match value.get(5)? {
                    Value::Text(reason) => Verdict::Held(reason.clone()),
                    Value::Int(2) => Verdict::Void,
                    _ => Verdict::Ok,
                },
                pos: u64::try_from(value.get(6)?.as_int()?).ok()?,
            })
        };
        read().ok_or(StoreError::Corrupt { table: Table::Ops.name() })
    }

    /// As the merge needs it.
    #[must_use]
    pub fn to_record_op(&self) -> RecordOp {
        RecordOp::new(&self.op, self.account, self.eff_millis, self.verdict.clone())
    }
}

/// Key of the lease of a log in [`Table::Meta`]: 16 bytes that its last push brought.
#[must_use]
pub fn lease_key(log: &LogId) -> Key {
    [b"lease/".as_slice(), &log.0].concat()
}

/// Key of an op.
#[must_use]
pub fn op_key(record: &RecordId, op: &OpId) -> Key {
    [record.0.as_slice(), &op.0].concat()
}

/// Key of an outbox row, and of a receipt.
#[must_use]
pub fn log_key(log: &LogId, seq: u64) -> Key {
    [log.0.as_slice(), &seq.to_be_bytes()].concat()
}

/// Key of a list row: newest first, then by record.
#[must_use]
pub fn list_key(sort_millis: i64, record: &RecordId) -> Key {
    let inverted = !(sort_millis.cast_unsigned() ^ (1 << 63));
    [inverted.to_be_bytes().as_slice(), &record.0].concat()
}

/// Key of a chunk of blob bytes.
#[must_use]
pub fn chunk_key(blob: &BlobId, index: u32) -> Key {
    [blob.0.as_slice(), &index.to_be_bytes()].concat()
}

/// Key of a file to deliver: small copies before originals, then oldest first.
#[must_use]
pub fn upload_key(blob: &BlobId, row: &BlobRow) -> Key {
    let since = (row.stored_millis.cast_unsigned() ^ (1 << 63)).to_be_bytes();
    [&[u8::from(row.original.is_none())], since.as_slice(), &blob.0].concat()
}

/// The file of an [`upload_key`].
#[must_use]
pub fn upload_blob(key: &[u8]) -> Option<BlobId> {
    key.get(9..).and_then(|blob| blob.try_into().ok()).map(BlobId)
}

/// A JSON row.
#[must_use]
pub fn to_json<T: Serialize>(row: &T) -> Vec<u8> {
    // Rows are plain data with text keys; serialising them has no way to fail.
    serde_json::to_vec(row).unwrap_or_default()
}

/// Reads a JSON row.
///
/// # Errors
/// [`StoreError::Corrupt`] with the table.
pub fn from_json<T: DeserializeOwned>(table: Table, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt { table: table.name() })
}

/// Reads the row of a [`crate::ports::Read::Get`], if there is one.
///
/// # Errors
/// [`StoreError::Corrupt`] with the table.
pub fn first_json<T: DeserializeOwned>(table: Table, rows: &[Row]) -> Result<Option<T>, StoreError> {
    rows.first().map(|(_, value)| from_json(table, value)).transpose()
}

/// A signed statement as stored.
#[must_use]
pub fn encode_signed(signed: &Signed) -> Vec<u8> {
    cbor::encode(&signed.to_value())
}

/// Reads a stored statement.
#[must_use]
pub fn decode_signed(bytes: &[u8]) -> Option<Signed> {
    Signed::from_value(&cbor::decode(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_upload_before_originals_and_old_before_new() {
        let row = |original, stored_millis| BlobRow::new(1, String::new(), original, stored_millis);
        let blob = BlobId([3; 32]);
        let keys =
            [row(Some(blob), 5), row(Some(blob), 9), row(None, 1), row(None, 2)].map(|row| upload_key(&blob, &row));
        assert!(keys.is_sorted() && keys.iter().all(|key| upload_blob(key) == Some(blob)));
    }

    #[test]
    fn a_line_from_before_lines_told_their_place_still_reads() {
        let place = |json: &str| serde_json::from_str::<RowPlace>(json).unwrap();
        assert_eq!(RowPlace::default(), RowPlace::Untold);
        assert_eq!(place(r#""nowhere""#), RowPlace::Nowhere);
        assert_eq!(place(r#"{"at":{"lat_e7":1,"lon_e7":-2}}"#), RowPlace::At { lat_e7: 1, lon_e7: -2 });
        let old = r#"{"record":"07070707070707070707070707070707","kind":10,"sort_millis":1,"answered":false,"photos":0,
            "photos_delivered":0,"ops_unsent":0,"conflicts":0,"held":0,"updated_millis":1}"#;
        assert_eq!(serde_json::from_str::<ListRow>(old).unwrap().place, RowPlace::Untold);
    }

    #[test]
    fn list_keys_sort_newest_first_even_before_1970() {
        let record = RecordId([7; 16]);
        let keys: Vec<Key> = [i64::MAX, 2_000, 1_000, 0, -1, i64::MIN].map(|t| list_key(t, &record)).to_vec();
        assert!(keys.is_sorted());
    }
}
