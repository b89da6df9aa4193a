//! From pushed bytes to authentic ops: decoding and signatures, on several cores, before the sequencer.
//!
//! Owns: the words for what is wrong with an op. Refuses: to look at places in a log, and whether what an op hides is
//! erased; that is decided inside the one transaction. Invariant: an op that leaves here as [`Arrived::Authentic`] was signed by the key of its log.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use greenshield_domain::ids::{LogId, OpId};
use greenshield_domain::op::{OpError, SignedOp, VerifiedOp};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::wire::ResultCode;

use crate::keys::NativeCheck;
use crate::store::{Store, Stored};

/// No op is longer: header, signature, body, and what frames them.
const MAX_OP_BYTES: usize = 20 * 1024;

/// One item of a push.
#[derive(Debug, Clone)]
pub enum Arrived {
    /// An op signed by its log.
    Authentic(Arc<VerifiedOp>),
    /// Anything else.
    Refused {
        /// Its id, where it could be read.
        id: Option<OpId>,
        /// Why, as a code.
        code: ResultCode,
        /// Why, as a stable word.
        reason: &'static str,
        /// The bytes, where they are kept for the search of the fault.
        bytes: Vec<u8>,
    },
}

impl Arrived {
    /// The id of an authentic op.
    #[must_use]
    pub fn authentic_id(&self) -> Option<OpId> {
        match self {
            Arrived::Authentic(op) => Some(op.id()),
            Arrived::Refused { .. } => None,
        }
    }
}

/// Reads and verifies the items of one push.
///
/// # Errors
/// When the keys of the logs can not be read.
pub async fn authenticate<S: Store>(store: &S, items: Vec<Vec<u8>>) -> Stored<Vec<Arrived>> {
    let decoded = on_all_cores(items, decode).await;
    let mut keys: HashMap<LogId, Option<PublicKey>> = HashMap::new();
    for op in decoded.iter().flatten() {
        let log = op.header().log;
        if let Entry::Vacant(place) = keys.entry(log) {
            place.insert(store.log(log).await?.map(|row| row.public_key));
        }
    }
    let with_keys = decoded.into_iter().map(|op| match op {
        Ok(op) => Ok((keys.get(&op.header().log).copied().flatten(), op)),
        Err(fault) => Err(fault),
    });
    Ok(on_all_cores(with_keys.collect(), verify).await)
}

/// An op, or why it is none together with its bytes.
type Read<T> = Result<T, (OpError, Vec<u8>)>;

fn decode(bytes: Vec<u8>) -> Read<SignedOp> {
    let found = bytes.len();
    // Strangers may push; what is kept of their nonsense must be small.
    if found > MAX_OP_BYTES {
        return Err((OpError::TooLarge { part: "op", found, limit: MAX_OP_BYTES }, bytes));
    }
    SignedOp::decode(&bytes).map_err(|error| (error, bytes))
}

fn verify(item: Read<(Option<PublicKey>, SignedOp)>) -> Arrived {
    let (key, op) = match item {
        Ok((Some(key), op)) => (key, op),
        Ok((None, op)) => {
            let (id, code) = (Some(op.id()), ResultCode::UnknownLog);
            return Arrived::Refused { id, code, reason: "unknown_log", bytes: Vec::new() };
        }
        Err((error, bytes)) => return refused(None, &error, bytes),
    };
    let (id, bytes) = (op.id(), op.bytes().to_vec());
    match op.verify(&key, &NativeCheck) {
        Ok(op) => Arrived::Authentic(Arc::new(op)),
        Err(error) => refused(Some(id), &error, bytes),
    }
}

fn refused(id: Option<OpId>, error: &OpError, bytes: Vec<u8>) -> Arrived {
    let (code, bytes) = match error {
        // These stay on the phone.
        OpError::TooLarge { .. } => (ResultCode::OverLimit, Vec::new()),
        _ => (ResultCode::Malformed, bytes),
    };
    Arrived::Refused { id, code, reason: word(error), bytes }
}

/// The stable word for a fault.
fn word(error: &OpError) -> &'static str {
    match error {
        OpError::Cbor(_) => "not_canonical",
        OpError::Shape { .. } => "shape",
        OpError::TooLarge { .. } => "too_large",
        OpError::RootMismatch => "root_mismatch",
        OpError::WrongKey => "wrong_key",
        OpError::BadSignature => "bad_signature",
    }
}

/// Least items that are worth a thread of their own.
const SHARE: usize = 16;

/// Maps items in parallel, off the async threads, and keeps their order.
async fn on_all_cores<T, R>(items: Vec<T>, map: fn(T) -> R) -> Vec<R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(SHARE);
    let mut items = items.into_iter();
    let mut parts = Vec::new();
    loop {
        let part: Vec<T> = items.by_ref().take(share).collect();
        if part.is_empty() {
            break;
        }
        parts.push(tokio::task::spawn_blocking(move || part.into_iter().map(map).collect::<Vec<R>>()));
    }
    let mut results = Vec::new();
    for part in parts {
        match part.await {
            Ok(part) => results.extend(part),
            // Only a panic ends a blocking task early; it goes on where it belongs.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn order_is_kept_across_cores() {
        let doubled = on_all_cores((0..1000).collect(), |n: u32| n * 2).await;
        assert_eq!(doubled, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
        assert!(on_all_cores(Vec::<u8>::new(), |n| n).await.is_empty());
    }
}
