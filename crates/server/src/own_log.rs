//! The server's own log: what it decides about ops, as ops that everybody pulls, and what it notes for auditors.
//!
//! Owns: the row of the log, its genesis, the drafts of its ops. Refuses: to give them a place; the sequencer does. Invariants:
//! the log is that of the signing key, so a restored server goes on with it; its genesis depends on the key alone, so it is
//! the same op however often it is made anew. The first decision brings it.

use greenshield_domain::audit::{KIND_AUDIT, Note};
use greenshield_domain::ids::{CheckpointId, LogId, OpId, RecordId};
use greenshield_domain::op::{Draft, Entry, Genesis, OpError, SignedOp};
use greenshield_domain::statement::Certificate;
use greenshield_domain::verdict::{KIND_VERDICT, Ruling, SERVER_ACCOUNT, freeze_behind};
use greenshield_domain::wire::PulledOp;
use thiserror::Error;

use crate::keys::{KeyError, ServerKey};
use crate::store::{AccountRow, NewLog, Store, StoreError, StoreTx as _};

/// The role word of the server's account; no city has it.
const ROLE: &str = "server";
const DAY_MILLIS: i64 = 24 * 3600 * 1000;
/// Its name beside those of people.
const NAME: &str = "Greenshield";

/// Why there is no op.
#[derive(Debug, Error)]
pub enum OwnOpError {
    /// It is over a limit.
    #[error(transparent)]
    Op(#[from] OpError),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The log of a key.
#[must_use]
pub fn id(key: &ServerKey) -> LogId {
    key.public().log_id()
}

/// Ops of the log as they were said, with where they stand.
///
/// # Errors
/// [`StoreError::Corrupt`] for a row that does not read.
pub fn decoded(rows: Vec<PulledOp>) -> Result<Vec<(SignedOp, PulledOp)>, StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
    rows.into_iter().map(|row| Ok((SignedOp::decode(&row.op).map_err(corrupt)?, row))).collect()
}

/// Makes sure that the logs of these keys have their rows. The first is the log of decisions, the second that of notes: they
/// are two, so that phones, which never get the notes, can bring all decisions back to a restored server without a gap.
///
/// # Errors
/// [`StoreError`] or [`KeyError`], as the caller's error.
pub async fn ensure_both<S: Store, E>(store: &S, keys: [&ServerKey; 2], now_millis: i64) -> Result<(), E>
where
    E: From<StoreError> + From<KeyError>,
{
    for key in keys {
        ensure::<S, E>(store, key, now_millis).await?;
    }
    Ok(())
}

/// Makes sure that the log has its row, so that its ops are taken from whoever brings them back after a restore.
///
/// # Errors
/// [`StoreError`] or [`KeyError`], as the caller's error.
async fn ensure<S: Store, E>(store: &S, key: &ServerKey, now_millis: i64) -> Result<(), E>
where
    E: From<StoreError> + From<KeyError>,
{
    let log = id(key);
    if store.log(log).await?.is_some() {
        return Ok(());
    }
    let certificate =
        key.sign(&Certificate { log, account: SERVER_ACCOUNT, role: ROLE.to_owned(), issued_millis: now_millis })?;
    let mut tx = store.begin().await?;
    // Another process may have been faster.
    if tx.log(log).await?.is_none() {
        if store.people(&[SERVER_ACCOUNT]).await?.is_empty() {
            let account = AccountRow { id: SERVER_ACCOUNT, name: NAME.to_owned(), role: ROLE.to_owned() };
            tx.put_account(&account, now_millis).await?;
        }
        let public_key = *key.public();
        tx.put_log(&NewLog { id: log, account: SERVER_ACCOUNT, public_key, certificate, enrolled_at: now_millis })
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Seq 0.
///
/// # Errors
/// [`OwnOpError`].
pub fn genesis(key: &ServerKey) -> Result<SignedOp, OwnOpError> {
    let genesis = Genesis {
        key: *key.public(),
        nonce: key.seed(&[b"nonce"]),
        account: SERVER_ACCOUNT,
        app_version: ROLE.to_owned(),
        continues: None,
    };
    let draft = genesis.draft((0, [0; 8], 0), CheckpointId::NONE, key.seed(&[b"genesis"]));
    Ok(key.sign_op(draft.freeze()?)?)
}

/// The op of a note, behind the head of the log. The notes of one day stand on one record, which nobody else can name.
///
/// # Errors
/// [`OwnOpError`].
pub fn note(key: &ServerKey, head: (u64, OpId), note: &Note, at_millis: i64) -> Result<SignedOp, OwnOpError> {
    let day = at_millis.div_euclid(DAY_MILLIS).to_be_bytes();
    let record = RecordId(key.seed(&[b"notes of a day", &day]));
    let draft = next(key, head, (record, KIND_AUDIT), b"note", note.entries(), at_millis);
    Ok(key.sign_op(draft.freeze()?)?)
}

/// What stands behind the head of a log of the server's own; `purpose` keeps the seeds of different kinds apart.
fn next(
    key: &ServerKey,
    head: (u64, OpId),
    (record, kind): (RecordId, u32),
    purpose: &[u8],
    entries: Vec<Entry>,
    at_millis: i64,
) -> Draft {
    let seq = head.0 + 1;
    Draft {
        log: id(key),
        seq,
        prev: Some(head.1),
        wall_millis: at_millis,
        boot: [0; 8],
        mono_millis: 0,
        seen: CheckpointId::NONE,
        record,
        kind,
        deps: Vec::new(),
        seed: key.seed(&[purpose, &seq.to_be_bytes(), &head.1.0, &at_millis.to_be_bytes()]),
        entries,
    }
}

/// What an op of the server's own log says: on which record, of which kind.
pub type Said = (RecordId, u32, Vec<Entry>);

/// An op about a record, behind the head of the log. Its id stands behind `least`, an op of people on the record: older apps take
/// the kind of a record from the least id.
///
/// # Errors
/// [`OwnOpError`].
pub fn about(
    key: &ServerKey,
    head: (u64, OpId),
    (record, kind, entries): Said,
    least: OpId,
    at_millis: i64,
) -> Result<SignedOp, OwnOpError> {
    let draft = next(key, head, (record, kind), b"about", entries, at_millis);
    Ok(key.sign_op(freeze_behind(&draft, least)?)?)
}

/// The op of a decision, behind the head of the log.
///
/// # Errors
/// [`OwnOpError`].
pub fn decision(
    key: &ServerKey,
    head: (u64, OpId),
    record: RecordId,
    ruling: &Ruling,
    at_millis: i64,
) -> Result<SignedOp, OwnOpError> {
    let draft = next(key, head, (record, KIND_VERDICT), b"decision", ruling.entries(), at_millis);
    Ok(key.sign_op(ruling.freeze(&draft)?)?)
}
