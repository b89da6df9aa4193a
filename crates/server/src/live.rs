//! What long polls wait for: a newer op, or the end of the process.

use tokio::sync::watch;

/// The newest position and whether the server is going down.
#[derive(Debug)]
pub struct Live {
    newest: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

impl Live {
    /// Starts at a position.
    #[must_use]
    pub fn new(newest_pos: u64) -> Self {
        Self { newest: watch::Sender::new(newest_pos), stopping: watch::Sender::new(false) }
    }

    /// Position of the newest op.
    #[must_use]
    pub fn newest_pos(&self) -> u64 {
        *self.newest.borrow()
    }

    /// Tells that ops up to this position are committed.
    pub fn advance(&self, pos: u64) {
        self.newest.send_if_modified(|newest| {
            let newer = pos > *newest;
            *newest = pos.max(*newest);
            newer
        });
    }

    /// Waits for an op after a position, or for the end of the process.
    pub async fn after(&self, pos: u64) {
        let mut newest = self.newest.subscribe();
        tokio::select! {
            _ = newest.wait_for(|newest| *newest > pos) => {}
            () = self.stopped() => {}
        }
    }

    /// Ends all waiting.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the process ends.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits for the end of the process.
    pub async fn stopped(&self) {
        // The sender lives in `self`, so the wait can not fail.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}
