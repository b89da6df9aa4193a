//! Which request works on which upload.
//!
//! Owns: that there is one at a time, and that the newest is it. Refuses: to know what an upload is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedMutexGuard, watch};

/// Which request works on which upload: the newest one. It tells the one before to stop and waits until it did, because
/// that one often belongs to a connection that is already dead.
#[derive(Debug, Default)]
pub struct Claims {
    slots: Mutex<HashMap<String, Weak<Slot>>>,
}

#[derive(Debug)]
struct Slot {
    gate: Arc<tokio::sync::Mutex<()>>,
    newest: watch::Sender<u64>,
}

/// The right to work on one upload.
#[derive(Debug)]
pub struct Claim {
    mine: u64,
    newest: watch::Receiver<u64>,
    _gate: OwnedMutexGuard<()>,
    _slot: Arc<Slot>,
}

impl Claims {
    /// Takes an upload over.
    pub async fn take(&self, upload: &str) -> Claim {
        let slot = self.slot(upload);
        let mut mine = 0;
        slot.newest.send_modify(|newest| {
            *newest += 1;
            mine = *newest;
        });
        let (newest, gate) = (slot.newest.subscribe(), slot.gate.clone().lock_owned().await);
        Claim { mine, newest, _gate: gate, _slot: slot }
    }

    fn slot(&self, upload: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(upload).and_then(Weak::upgrade) {
            return slot;
        }
        slots.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(Slot { gate: Arc::default(), newest: watch::Sender::new(0) });
        slots.insert(upload.to_owned(), Arc::downgrade(&slot));
        slot
    }
}

impl Claim {
    /// Waits until a newer request wants the upload.
    pub async fn overtaken(&mut self) {
        let mine = self.mine;
        // The sender lives in `_slot`, so the wait can not fail.
        let _ = self.newest.wait_for(|newest| *newest > mine).await;
    }
}
