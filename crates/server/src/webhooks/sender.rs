//! Serves one receiver: event after event, in the order of positions.
//!
//! Owns: whose turn it is, how far the receiver is, when it is tried again. Invariants: the position is kept only after what stands up to
//! it was delivered, so a process that dies tells something twice and leaves nothing out; a process sends only while the turn that it
//! took in the database is its own.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::wait_millis;
use super::event::{self, Event};
use super::post::{Answer, Post};
use super::receiver::Receiver;
use super::retry_after;
use crate::app::Shared;
use crate::auth::Caller;
use crate::entropy::random;
use crate::store::{Store as _, StoreTx as _, Stored, Turn, WebhookRow, WebhookStore as _, WebhookTx as _};
use crate::{metrics, programs};

/// How long a turn is; a process that died is followed by another one after that.
pub const TURN_MILLIS: i64 = 60_000;
/// With less left of it a turn is taken anew before a delivery, which takes up to ten seconds.
const RENEW_BELOW_MILLIS: i64 = 20_000;
/// Ops that are looked at together.
const OPS_AT_ONCE: usize = 200;
const BYTES_AT_ONCE: usize = 1024 * 1024;
/// Deliveries after which the position is kept: so many at most are made again after a crash.
const KEEP_EVERY: usize = 32;
/// The position of a receiver for whom there was nothing is kept after so many ops, or so long; that is shorter than a turn.
const KEEP_OPS: u64 = 1_000;
const KEEP_AFTER_MILLIS: i64 = 30_000;
/// However long there is to wait, the database is asked again after this: somebody may have resumed a receiver.
const LOOK_AGAIN_MILLIS: i64 = 60_000;
/// After a fault of the database.
const PAUSE_MILLIS: i64 = 5_000;
/// Why nothing is sent while there is nobody in whose name.
const NO_KEY: &str = "its access key is not there, past its time, revoked, or its person may take nothing out";

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    Now,
    /// Wait for an op behind this position, or for so long (ms) if that is given.
    Op {
        /// The position.
        after: u64,
        /// Longest wait.
        within: Option<i64>,
    },
    /// Wait for this moment, ms since 1970.
    At(i64),
}

/// Serves a receiver.
#[derive(Debug)]
pub struct Sender {
    app: Shared,
    receiver: Arc<Receiver>,
    post: Post,
    /// Names this process.
    mark: [u8; 16],
    /// All up to here is done, as far as this process knows.
    pos: u64,
    /// Until when it is its turn.
    until_millis: i64,
    kept_pos: u64,
    kept_millis: i64,
    /// Deliveries since the position was kept.
    delivered: usize,
}

impl Sender {
    /// One that has done nothing yet.
    #[must_use]
    pub fn new(app: Shared, receiver: Arc<Receiver>, post: Post) -> Self {
        // Over a database of one process a turn can only be left over from the process before.
        let mark = if app.store.is_shared() { random().unwrap_or_default() } else { [0; 16] };
        Self { app, receiver, post, mark, pos: 0, until_millis: 0, kept_pos: 0, kept_millis: 0, delivered: 0 }
    }

    /// Serves until the server goes down, then gives its turn back.
    pub async fn run(mut self) {
        while !self.app.live.is_stopping() {
            let next = match self.step().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, receiver = self.receiver.name, "webhook");
                    Next::At(self.now() + PAUSE_MILLIS)
                }
            };
            self.wait(next).await;
        }
        if let Err(error) = self.leave().await {
            tracing::warn!(%error, receiver = self.receiver.name, "the turn of a webhook is not given back");
        }
    }

    async fn wait(&self, next: Next) {
        let live = &self.app.live;
        let pause = |millis: i64| Duration::from_millis(millis.clamp(0, LOOK_AGAIN_MILLIS).unsigned_abs());
        match next {
            Next::Now => tokio::task::yield_now().await,
            Next::Op { after, within: None } => live.after(after).await,
            // Whether the time is over or something happened, it is looked again.
            Next::Op { after, within: Some(millis) } => {
                let _ = tokio::time::timeout(pause(millis), live.after(after)).await;
            }
            Next::At(millis) => {
                let _ = tokio::time::timeout(pause(millis - self.now()), live.stopped()).await;
            }
        }
    }

    /// Delivers what there is, as far as one look at the database goes.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn step(&mut self) -> Stored<Next> {
        let now = self.now();
        let rows = self.app.store.webhooks().await?;
        let row = rows.into_iter().find(|row| row.name == self.receiver.name);
        if let Some(row) = &row {
            self.receiver.see(row.pos);
            if row.paused_millis.is_some() {
                self.until_millis = 0;
                return Ok(Next::At(now + LOOK_AGAIN_MILLIS));
            }
            if let Some(next) = row.next_millis.filter(|next| is_ahead(*next, now, retry_after::MOST_MILLIS)) {
                return Ok(Next::At(next));
            }
        }
        if !is_ahead(self.until_millis, now, TURN_MILLIS) {
            let newest = self.app.live.newest_pos();
            if row.as_ref().is_some_and(|row| row.pos >= newest) {
                return Ok(Next::Op { after: newest, within: None });
            }
            if let Some(until) = self.take_turn().await? {
                return Ok(Next::At(until));
            }
        }
        self.serve().await
    }

    /// Ends the turn, so that another process may go on at once.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn leave(&mut self) -> Stored<()> {
        if self.until_millis > 0 {
            self.keep(|row| row.turn = None).await?;
        }
        Ok(())
    }

    /// Takes the turn; gives the moment when that of somebody else ends, if it is theirs.
    async fn take_turn(&mut self) -> Stored<Option<i64>> {
        let (name, now) = (self.receiver.name.clone(), self.now());
        let newest = self.app.store.newest_pos().await?;
        let mut tx = self.app.store.begin().await?;
        let row = tx.webhook(&name).await?;
        let theirs = row.as_ref().and_then(|row| row.turn).filter(|turn| turn.of != self.mark);
        if let Some(turn) = theirs.filter(|turn| is_ahead(turn.until_millis, now, TURN_MILLIS)) {
            return Ok(Some(turn.until_millis));
        }
        let begins = self.receiver.from.unwrap_or(newest);
        let mut row = row.unwrap_or_else(|| WebhookRow { name, pos: begins, ..WebhookRow::default() });
        row.pos = row.pos.max(self.pos);
        row.turn = Some(Turn { of: self.mark, until_millis: now + TURN_MILLIS });
        tx.put_webhook(&row).await?;
        tx.commit().await?;
        self.pos = row.pos;
        (self.until_millis, self.kept_pos, self.kept_millis) = (now + TURN_MILLIS, row.pos, now);
        Ok(None)
    }

    async fn serve(&mut self) -> Stored<Next> {
        let app = self.app.clone();
        let page = app.store.ops_after(self.pos, OPS_AT_ONCE, BYTES_AT_ONCE).await?;
        if page.is_empty() {
            return self.rest().await;
        }
        let Some(mut reader) = self.reader().await? else { return self.fail(NO_KEY.to_owned(), None).await };
        for pulled in &page {
            if app.live.is_stopping() {
                break;
            }
            if let Some(event) = event::of(&app, &reader, &self.receiver, pulled).await? {
                if self.until_millis - self.now() < RENEW_BELOW_MILLIS && !self.keep(|_| {}).await? {
                    return Ok(Next::Now);
                }
                match self.deliver(&event).await {
                    None => break,
                    Some(Answer::Delivered(_)) => {}
                    Some(Answer::Gone) => return self.pause().await,
                    Some(Answer::Failed { reason, again_millis }) => return self.fail(reason, again_millis).await,
                }
                self.delivered += 1;
                metrics::webhook_delivered(&self.receiver.name);
                self.pos = pulled.pos;
                if self.delivered >= KEEP_EVERY && !self.keep(|_| {}).await? {
                    return Ok(Next::Now);
                }
                // A delivery takes its time, and rights are those of the moment.
                match self.reader().await? {
                    Some(same) => reader = same,
                    None => break,
                }
            }
            self.pos = pulled.pos;
        }
        self.receiver.see(self.pos);
        if self.delivered > 0 || self.pos - self.kept_pos >= KEEP_OPS {
            self.keep(|_| {}).await?;
        }
        Ok(Next::Now)
    }

    /// Nothing is there to tell: a position that moved on without a delivery is kept now and then.
    async fn rest(&mut self) -> Stored<Next> {
        let left = self.kept_millis + KEEP_AFTER_MILLIS - self.now();
        let within = if self.pos == self.kept_pos {
            None
        } else if (1..=KEEP_AFTER_MILLIS).contains(&left) {
            Some(left)
        } else {
            self.keep(|_| {}).await?;
            None
        };
        Ok(Next::Op { after: self.pos, within })
    }

    /// Delivers an event; `None` when the server goes down meanwhile.
    async fn deliver(&self, event: &Event) -> Option<Answer> {
        tokio::select! {
            answer = self.post.send(&self.receiver, event, self.now()) => Some(answer),
            () = self.app.live.stopped() => None,
        }
    }

    /// In whose name it is read.
    async fn reader(&self) -> Stored<Option<Caller>> {
        programs::person_of_key(&self.app, self.receiver.key).await
    }

    /// Keeps how far it is, and takes the turn anew; `false` when it is somebody else's by now.
    async fn keep(&mut self, change: impl FnOnce(&mut WebhookRow) + Send) -> Stored<bool> {
        let now = self.now();
        let mut tx = self.app.store.begin().await?;
        let row = tx.webhook(&self.receiver.name).await?;
        let mine = row.filter(|row| row.turn.is_some_and(|turn| turn.of == self.mark));
        let Some(mut row) = mine else {
            self.until_millis = 0;
            return Ok(false);
        };
        row.pos = row.pos.max(self.pos);
        row.turn = Some(Turn { of: self.mark, until_millis: now + TURN_MILLIS });
        if self.delivered > 0 {
            (row.failures, row.error, row.next_millis, row.delivered_millis) = (0, None, None, Some(now));
        }
        change(&mut row);
        tx.put_webhook(&row).await?;
        tx.commit().await?;
        self.until_millis = row.turn.map_or(0, |turn| turn.until_millis);
        (self.kept_pos, self.kept_millis, self.delivered) = (row.pos, now, 0);
        self.receiver.see(row.pos);
        Ok(true)
    }

    /// It is tried again later, here or in another process; not before the receiver asks for it.
    async fn fail(&mut self, reason: String, again_millis: Option<i64>) -> Stored<Next> {
        metrics::webhook_failed(&self.receiver.name);
        let (now, dice) = (self.now(), random().map_or(0, u64::from_be_bytes));
        let mut next = now;
        self.keep(|row| {
            row.failures += 1;
            next = now + retry_after::heeding(wait_millis(row.failures, dice), again_millis);
            tracing::warn!(receiver = row.name, failures = row.failures, reason, "a webhook was not delivered");
            (row.error, row.next_millis, row.turn) = (Some(reason), Some(next), None);
        })
        .await?;
        Ok(Next::At(next))
    }

    /// The receiver wants nothing more until somebody resumes it.
    async fn pause(&mut self) -> Stored<Next> {
        metrics::webhook_failed(&self.receiver.name);
        let now = self.now();
        self.keep(|row| {
            tracing::warn!(receiver = row.name, "the receiver of a webhook is gone, and paused");
            (row.failures, row.error) = (row.failures + 1, Some("status 410: it wants nothing more".to_owned()));
            (row.paused_millis, row.turn) = (Some(now), None);
        })
        .await?;
        Ok(Next::At(now + LOOK_AGAIN_MILLIS))
    }

    fn now(&self) -> i64 {
        self.app.clock.now_millis()
    }
}

/// Whether a moment is still to come. One that is further away than it can be is of a clock that was set back since.
fn is_ahead(millis: i64, now_millis: i64, most_millis: i64) -> bool {
    millis > now_millis && millis - now_millis <= most_millis
}
