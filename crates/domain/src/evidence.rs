//! Evidence exports: records with everything that an outsider needs to check them.
//!
//! Owns: the files of an export, their bytes, and the check of all of them without I/O. Refuses: to verify signatures; the
//! check gives them out as [`Claim`]s, so that a server's library and a browser's asynchronous one serve alike.
//! Invariants: every byte of a file is either fixed by the archive's form or covered by the signed manifest; an export that
//! passes was made by the holder of the server's key. Whether that key is the right one only its fingerprint can tell.

pub mod archive;
mod check;
mod manifest;
mod outcome;

pub use check::{Checked, Claim, Facts, Finding, Signer, check};
pub use manifest::{FileLine, Manifest};
pub use outcome::{KnownServer, Outcome, Said, Told, fingerprint};

use crate::cbor::{self, Value};
use crate::ids::BlobId;
use crate::statement::{Signed, read_uint, uint};
use crate::tree::Hash;
use crate::wire::{PersonRow, PulledOp, Verdict};

/// The names of the files of an export, in their order; the linked files stand between `people.cbor` and the manifest.
pub mod file {
    /// How to check the export, for people.
    pub const README: &str = "README.txt";
    /// The report, for people.
    pub const REPORT: &str = "report.html";
    /// Array of [`super::EvidenceOp`].
    pub const OPS: &str = "ops.cbor";
    /// Array of [`super::EvidenceLog`].
    pub const LOGS: &str = "logs.cbor";
    /// Array of signed receipts, one for each op, in the order of the ops.
    pub const RECEIPTS: &str = "receipts.cbor";
    /// Array of signed blob receipts, one for each linked file that is here.
    pub const BLOBS: &str = "blobs.cbor";
    /// Array of `[account, name, role]`.
    pub const PEOPLE: &str = "people.cbor";
    /// Folder of the linked files, each named by its SHA-256.
    pub const FILES: &str = "files/";
    /// The signed [`super::Manifest`]; always the last file.
    pub const MANIFEST: &str = "manifest.cbor";
    /// Those that every export has, in their order, the manifest apart.
    pub const FIXED: [&str; 7] = [README, REPORT, OPS, LOGS, RECEIPTS, BLOBS, PEOPLE];
}

/// An op with the proof that it is in the server's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceOp {
    /// The op as the server keeps it.
    pub pulled: PulledOp,
    /// Its inclusion path under the checkpoint of the manifest.
    pub path: Vec<Hash>,
}

impl EvidenceOp {
    /// The bytes of [`file::OPS`].
    #[must_use]
    pub fn encode_all(ops: &[Self]) -> Vec<u8> {
        cbor::encode(&Value::Array(ops.iter().map(Self::to_value).collect()))
    }

    /// Reads [`file::OPS`].
    #[must_use]
    pub fn decode_all(bytes: &[u8]) -> Option<Vec<Self>> {
        cbor::decode(bytes).ok()?.as_array()?.iter().map(Self::from_value).collect()
    }

    fn to_value(&self) -> Value {
        let op = &self.pulled;
        Value::Array(vec![
            uint(op.pos),
            Value::Int(op.eff_millis),
            Value::Int(op.received_millis),
            op.verdict.to_value(),
            op.account.to_value(),
            Value::bytes(&op.op),
            Value::Array(self.path.iter().map(Value::bytes).collect()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let [pos, eff, received, verdict, account, op, path] = value.as_array()? else { return None };
        let pulled = PulledOp {
            pos: read_uint(pos)?,
            eff_millis: eff.as_int()?,
            received_millis: received.as_int()?,
            verdict: Verdict::from_value(verdict)?,
            account: crate::ids::AccountId(account.as_array_of()?),
            op: op.as_bytes()?.to_vec(),
        };
        let path = path.as_array()?.iter().map(Value::as_array_of).collect::<Option<_>>()?;
        Some(Self { pulled, path })
    }
}

/// A log that wrote some of the ops: its certificate and its first op, which carries the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLog {
    /// Whose log it is, by the server.
    pub certificate: Signed,
    /// The exact bytes of seq 0.
    pub genesis: Vec<u8>,
}

impl EvidenceLog {
    /// The bytes of [`file::LOGS`].
    #[must_use]
    pub fn encode_all(logs: &[Self]) -> Vec<u8> {
        let log = |log: &Self| Value::Array(vec![log.certificate.to_value(), Value::bytes(&log.genesis)]);
        cbor::encode(&Value::Array(logs.iter().map(log).collect()))
    }

    /// Reads [`file::LOGS`].
    #[must_use]
    pub fn decode_all(bytes: &[u8]) -> Option<Vec<Self>> {
        let log = |value: &Value| {
            let [certificate, genesis] = value.as_array()? else { return None };
            Some(Self { certificate: Signed::from_value(certificate)?, genesis: genesis.as_bytes()?.to_vec() })
        };
        cbor::decode(bytes).ok()?.as_array()?.iter().map(log).collect()
    }
}

/// The bytes of a file of signed statements.
#[must_use]
pub fn encode_signed(statements: &[Signed]) -> Vec<u8> {
    cbor::encode(&Value::Array(statements.iter().map(Signed::to_value).collect()))
}

/// Reads a file of signed statements.
#[must_use]
pub fn decode_signed(bytes: &[u8]) -> Option<Vec<Signed>> {
    cbor::decode(bytes).ok()?.as_array()?.iter().map(Signed::from_value).collect()
}

/// The bytes of [`file::PEOPLE`].
#[must_use]
pub fn encode_people(people: &[PersonRow]) -> Vec<u8> {
    let person = |p: &PersonRow| Value::Array(vec![p.account.to_value(), Value::text(&p.name), Value::text(&p.role)]);
    cbor::encode(&Value::Array(people.iter().map(person).collect()))
}

/// Reads [`file::PEOPLE`].
#[must_use]
pub fn decode_people(bytes: &[u8]) -> Option<Vec<PersonRow>> {
    let person = |value: &Value| {
        let [account, name, role] = value.as_array()? else { return None };
        Some(PersonRow {
            account: crate::ids::AccountId(account.as_array_of()?),
            name: name.as_text()?.to_owned(),
            role: role.as_text()?.to_owned(),
        })
    };
    cbor::decode(bytes).ok()?.as_array()?.iter().map(person).collect()
}

/// The name of a linked file in the archive.
#[must_use]
pub fn blob_name(blob: &BlobId) -> String {
    format!("{}{blob}", file::FILES)
}
