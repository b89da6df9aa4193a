//! Evidence exports: a record with all that an outsider needs to check it, as one file.
//!
//! Owns: the gathering from store and blobs. Refuses: the format and its check, which are `domain::evidence`. The tree is
//! computed anew from the log, so a damaged tree can not be exported; that reads the log once, about a second for 100,000 ops.
//! Invariant: what is exported passes the check, or there is no export.

mod report;

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor;
use greenshield_domain::evidence::archive::{self, ArchiveError};
use greenshield_domain::evidence::{
    EvidenceLog, EvidenceOp, FileLine, Manifest, blob_name, check, encode_people, encode_signed, file,
};
use greenshield_domain::ids::{AccountId, BlobId, LogId, RecordId, sha256};
use greenshield_domain::incident::links;
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::statement::{BlobReceipt, Checkpoint, Receipt};
use greenshield_domain::tree::proof::inclusion_parts;
use greenshield_domain::tree::{self, Hash, leaf_hash};
use greenshield_domain::wire::PulledOp;
use thiserror::Error;

use crate::blobs::{BlobError, Blobs};
use crate::keys::{KeyError, NativeCheck, ServerKey};
use crate::store::{BlobRow, Store, StoreError};

/// Most bytes of linked files in one export; they pass through memory.
pub const MAX_FILES_BYTES: u64 = 1024 * 1024 * 1024;
const PAGE_OPS: usize = 5_000;
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Why there is no export. Nothing was changed.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// There is no such record.
    #[error("there is no such record here")]
    NotFound,
    /// Too much for one file.
    #[error("the files of the record have {bytes} bytes, one export holds {MAX_FILES_BYTES}")]
    TooLarge {
        /// Their size.
        bytes: u64,
    },
    /// What was gathered does not pass the check: the database or a blob is damaged.
    #[error("what is stored does not pass the check ({codes}); the database or a file is damaged")]
    Damaged {
        /// Codes of the findings.
        codes: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// What the whole log says about one record.
struct Gathered {
    leaves: Vec<Hash>,
    ops: Vec<(PulledOp, SignedOp)>,
    geneses: BTreeMap<LogId, Vec<u8>>,
}

/// Makes the export of a record.
///
/// # Errors
/// [`EvidenceError`].
pub async fn export<S: Store>(
    store: &S,
    key: &ServerKey,
    blobs: &Blobs,
    city: &greenshield_domain::city::City,
    record: RecordId,
    now_millis: i64,
) -> Result<Vec<u8>, EvidenceError> {
    let newest = store.newest_checkpoint().await?.ok_or(EvidenceError::NotFound)?;
    let corrupt = |_| StoreError::Corrupt { table: "checkpoint", column: "payload" };
    let checkpoint: Checkpoint = newest.signed.read_unchecked().map_err(corrupt)?;
    let gathered = gather(store, record, checkpoint.size).await?;
    if gathered.ops.is_empty() {
        return Err(EvidenceError::NotFound);
    }
    let accounts: BTreeSet<AccountId> = gathered.ops.iter().map(|(pulled, _)| pulled.account).collect();
    let people = store.people(&accounts.into_iter().collect::<Vec<_>>()).await?;
    let receipts: Vec<_> = gathered
        .ops
        .iter()
        .map(|(pulled, op)| {
            key.sign(&Receipt {
                epoch: checkpoint.epoch,
                log: op.header().log,
                from: op.header().seq,
                upto: op.header().seq,
                head: op.id(),
                received_millis: pulled.received_millis,
                checkpoint: newest.id,
            })
        })
        .collect::<Result<_, _>>()?;
    let (present, missing) = linked(store, record, &gathered.ops).await?;
    let blob_receipts: Vec<_> = present
        .iter()
        .map(|row| {
            let (blob, size_bytes, received_millis) = (row.id, row.size_bytes, row.received_millis);
            key.sign(&BlobReceipt { epoch: checkpoint.epoch, blob, size_bytes, received_millis })
        })
        .collect::<Result<_, _>>()?;
    let report = report::Report {
        words: report::Words::load(),
        city,
        record,
        now_millis,
        server: key.public(),
        checkpoint: &checkpoint,
        ops: &gathered.ops,
        people: &people,
        files: &present,
        missing: &missing,
    };
    let mut files = vec![
        (file::README.to_owned(), report::README.as_bytes().to_vec()),
        (file::REPORT.to_owned(), report.html().into_bytes()),
        (file::OPS.to_owned(), EvidenceOp::encode_all(&gathered.with_paths())),
        (file::LOGS.to_owned(), EvidenceLog::encode_all(&logs(store, &gathered).await?)),
        (file::RECEIPTS.to_owned(), encode_signed(&receipts)),
        (file::BLOBS.to_owned(), encode_signed(&blob_receipts)),
        (file::PEOPLE.to_owned(), encode_people(&people)),
    ];
    for row in &present {
        files.push((blob_name(&row.id), blobs.read(&row.id, row.size_bytes).await?));
    }
    let line = |(name, bytes): &(String, Vec<u8>)| FileLine {
        name: name.clone(),
        size_bytes: bytes.len() as u64,
        sha256: sha256(&[bytes]),
    };
    let manifest = Manifest {
        server: *key.public(),
        created_millis: now_millis,
        records: vec![record],
        checkpoint: newest.signed,
        files: files.iter().map(line).collect(),
        missing,
    };
    files.push((file::MANIFEST.to_owned(), cbor::encode(&key.sign(&manifest)?.to_value())));
    let bytes = archive::pack(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))?;
    let findings = check(&bytes, Some(key.public())).verify(&NativeCheck);
    if findings.is_empty() {
        return Ok(bytes);
    }
    let codes: BTreeSet<&str> = findings.iter().map(greenshield_domain::evidence::Finding::code).collect();
    Err(EvidenceError::Damaged { codes: codes.into_iter().collect::<Vec<_>>().join(", ") })
}

impl Gathered {
    fn with_paths(&self) -> Vec<EvidenceOp> {
        let hash = |part: std::ops::Range<u64>| {
            let bound = |n| usize::try_from(n).unwrap_or(usize::MAX);
            tree::root(&self.leaves[bound(part.start)..bound(part.end)])
        };
        let path = |pos: u64| inclusion_parts(pos - 1, self.leaves.len() as u64).into_iter().map(hash).collect();
        self.ops.iter().map(|(pulled, _)| EvidenceOp { path: path(pulled.pos), pulled: pulled.clone() }).collect()
    }
}

async fn gather<S: Store>(store: &S, record: RecordId, size: u64) -> Result<Gathered, EvidenceError> {
    let mut gathered = Gathered { leaves: Vec::new(), ops: Vec::new(), geneses: BTreeMap::new() };
    let mut pos = 0;
    while pos < size {
        let page = store.ops_after(pos, PAGE_OPS, PAGE_BYTES).await?;
        let before = pos;
        for pulled in page.into_iter().take_while(|op| op.pos <= size) {
            let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
            let op = SignedOp::decode(&pulled.op).map_err(corrupt)?;
            pos = pulled.pos;
            gathered.leaves.push(leaf_hash(&op.id().0));
            if op.header().seq == 0 {
                gathered.geneses.entry(op.header().log).or_insert_with(|| pulled.op.clone());
            }
            if op.header().record == record {
                gathered.ops.push((pulled, op));
            }
        }
        if pos == before {
            return Err(StoreError::Corrupt { table: "op", column: "pos" }.into());
        }
    }
    Ok(gathered)
}

async fn logs<S: Store>(store: &S, gathered: &Gathered) -> Result<Vec<EvidenceLog>, EvidenceError> {
    let ids: BTreeSet<LogId> = gathered.ops.iter().map(|(_, op)| op.header().log).collect();
    let mut logs = Vec::new();
    for id in ids {
        let (row, genesis) = (store.log(id).await?, gathered.geneses.get(&id).cloned());
        let (Some(row), Some(genesis)) = (row, genesis) else {
            return Err(StoreError::Corrupt { table: "log", column: "certificate" }.into());
        };
        logs.push(EvidenceLog { certificate: row.certificate, genesis });
    }
    Ok(logs)
}

/// The linked files that are here, and those that are not.
async fn linked<S: Store>(
    store: &S,
    record: RecordId,
    ops: &[(PulledOp, SignedOp)],
) -> Result<(Vec<BlobRow>, Vec<BlobId>), EvidenceError> {
    let mut ids = BTreeSet::new();
    for (_, op) in ops {
        let entries: Vec<Entry> = op.body().entries().cloned().collect();
        ids.extend(links(&entries).map(|link| link.blob));
    }
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match store.blob_of_record(record, id).await? {
            Some(row) => present.push(row),
            None => missing.push(id),
        }
    }
    let bytes = present.iter().map(|row| row.size_bytes).sum();
    if bytes > MAX_FILES_BYTES { Err(EvidenceError::TooLarge { bytes }) } else { Ok((present, missing)) }
}
