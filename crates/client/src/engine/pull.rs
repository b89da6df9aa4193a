//! Pull: pages of other people's ops; a page and its cursor are one transaction.

use std::collections::BTreeSet;

use futures_util::future::join;
use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::op::SignedOp;
use greenshield_domain::person;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::{PullPage, PulledOp};

use super::apply::Changes;
use super::request::{TIMEOUT_MILLIS, request};
use super::{Engine, EngineError};
use crate::ports::{Durability, HttpRequest, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{OpRow, OutboxRow, PersonRow, encode_signed, from_json, log_key, meta, to_json};

/// Ops asked for in one page.
const PAGE_OPS: usize = 1_000;

/// What a pull did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Ops that came.
    pub ops: usize,
    /// Records whose rows changed, or that this phone may not hold any more.
    pub changed: Vec<RecordId>,
    /// Whether the next page is ready now.
    pub more: bool,
    /// Ops that this version of the app can not read; the server has them.
    pub unreadable: usize,
    /// The server's database is another incarnation: reconcile before the next push.
    pub new_epoch: bool,
    /// Name or role of this person changed.
    pub new_me: bool,
}

impl<P: Ports> Engine<P> {
    /// Fetches the next page; waits up to `wait_seconds` at the server when there is nothing new. A phone that hears that it was
    /// revoked wipes what it may not read any more.
    ///
    /// # Errors
    /// [`EngineError`]; the cursor is what it was.
    pub async fn pull(&self, wait_seconds: u32) -> Result<Pulled, EngineError> {
        let pulled = self.pull_page(wait_seconds).await;
        match &pulled {
            Err(error) if error.refusal_code() == Some("revoked") => self.lose_rights().await?,
            Err(_) => {}
            Ok(_) => self.regain_rights().await?,
        }
        pulled
    }

    async fn pull_page(&self, wait_seconds: u32) -> Result<Pulled, EngineError> {
        let facts = self.read_meta(&[meta::CURSOR, meta::SNAPSHOT, meta::SCOPE_DUE]).await?;
        let [cursor, snapshot, scope_due] = facts.try_into().unwrap_or_default();
        if cursor.is_none()
            && let Some(pulled) = self.take_snapshot(snapshot).await?
        {
            return Ok(pulled);
        }
        let text = cursor.as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let fetched = self.ahead.take().filter(|(from, _)| *from == text);
        let page = match fetched {
            Some((_, page)) => page,
            None => match self.fetch_page(&text, wait_seconds).await {
                Err(EngineError::Refused(refusal)) if matches!(refusal.body.code.as_str(), "epoch" | "scope") => {
                    let new_epoch = refusal.body.code == "epoch";
                    let changed = if new_epoch {
                        self.must_reconcile.set(true);
                        Vec::new()
                    } else {
                        self.leave_scope().await?
                    };
                    // Before the old place is forgotten: what breaks off here is met again.
                    let new_me = !new_epoch && self.learn_me_if_told().await?;
                    self.restart_pull(cursor).await?;
                    return Ok(Pulled { changed, more: true, new_epoch, new_me, ..Pulled::default() });
                }
                other => other?,
            },
        };
        if !page.more {
            let mut pulled = self.take_page(cursor, page).await?;
            if scope_due.is_some() && !pulled.more && !pulled.new_epoch {
                pulled.changed.extend(self.leave_scope().await?);
                let mut write = Write::new(Durability::Relaxed);
                write.delete(Table::Meta, meta::SCOPE_DUE);
                self.ports.store().write(write).await?;
            }
            return Ok(pulled);
        }
        // The network fetches the next page while the database takes this one. Its fault, if any, is met by the next call.
        let next = page.next.clone();
        let (applied, following) = join(self.take_page(cursor, page), self.fetch_page(&next, 0)).await;
        self.ahead.replace(following.ok().map(|page| (next, page)));
        applied
    }

    async fn fetch_page(&self, cursor: &str, wait_seconds: u32) -> Result<PullPage, EngineError> {
        let pull = HttpRequest {
            timeout_millis: TIMEOUT_MILLIS + wait_seconds * 1_000,
            ..request("GET", format!("/v1/ops?cursor={cursor}&max={PAGE_OPS}&wait={wait_seconds}"))
        };
        Ok(PullPage::decode(&self.send_signed(pull).await?.body)?)
    }

    async fn take_page(&self, cursor: Option<Vec<u8>>, page: PullPage) -> Result<Pulled, EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        if cursor.as_deref() != Some(page.next.as_bytes()) {
            write.put(Table::Meta, meta::CURSOR, page.next.clone().into_bytes());
        }
        write.expect(Table::Meta, meta::CURSOR, cursor);
        self.apply_page(write, page).await
    }

    /// Commits a page together with the place that `write` keeps; without a new place there is nothing on the page.
    pub(super) async fn apply_page(&self, mut write: Write, page: PullPage) -> Result<Pulled, EngineError> {
        let server = self.server_key()?;
        let checkpoint: Checkpoint = self.open_signed(&page.checkpoint, &server).await?;
        // A phone without a place hears of a restore only here; the epoch on disk stays the old one until it has compared.
        let known = self.read_meta(&[meta::EPOCH]).await?.remove(0);
        let new_epoch = known.is_some_and(|known| known != checkpoint.epoch.0);
        if new_epoch {
            self.must_reconcile.set(true);
        }
        let waiting = self.waiting_of(&page).await?;
        let read = page.ops.iter().map(|pulled| read_op(pulled, &waiting));
        let (readable, unreadable): (Vec<_>, Vec<_>) = read.partition(Option::is_some);
        let changes = Changes { ops: readable.into_iter().flatten().collect(), ..Changes::default() };
        if !write.puts.is_empty() {
            write.put(Table::Meta, meta::CHECKPOINT, encode_signed(&page.checkpoint));
            for person in page.people {
                let row = PersonRow { name: person.name, role: person.role };
                write.put(Table::People, person.account.0, to_json(&row));
            }
            self.wipe(&mut write, &page.left).await?;
            let ops = changes.ops.len();
            let result = self.apply(write, changes).await;
            self.heard(page.time_millis).await?;
            return match result {
                Ok(mut changed) => {
                    changed.extend(page.left);
                    // The rights hold already; what can not be learned now is learned with the next change.
                    let mine = self.identity().map(|me| person::record_of(me.account));
                    let is_me = mine.is_some_and(|mine| changed.contains(&mine));
                    let new_me = is_me && self.learn_me().await.unwrap_or(false);
                    Ok(Pulled { ops, changed, more: page.more, unreadable: unreadable.len(), new_epoch, new_me })
                }
                // Another tab applied this page first.
                Err(EngineError::Store(StoreError::Expectation { .. })) => {
                    Ok(Pulled { more: true, new_epoch, ..Pulled::default() })
                }
                Err(error) => Err(error),
            };
        }
        self.heard(page.time_millis).await?;
        Ok(Pulled { more: page.more, new_epoch, ..Pulled::default() })
    }

    /// Which ops of a page wait here for their receipt.
    async fn waiting_of(&self, page: &PullPage) -> Result<BTreeSet<OpId>, EngineError> {
        let own = self.enrolled()?.logs();
        let ops = page.ops.iter().filter_map(|pulled| SignedOp::decode(&pulled.op).ok());
        let ops = ops.filter(|op| own.contains(&op.header().log));
        let keys = ops.map(|op| Read::Get(Table::Outbox, log_key(&op.header().log, op.header().seq)));
        let rows = self.ports.store().read(keys.collect()).await?.into_iter().flatten();
        let mut waiting = BTreeSet::new();
        for (_, bytes) in rows {
            let row: OutboxRow = from_json(Table::Outbox, &bytes)?;
            waiting.insert(row.op);
        }
        Ok(waiting)
    }

    /// Starts from the beginning: ops that are here already merge with themselves. An empty cursor, not none: this phone is
    /// not fresh, and needs no snapshot. An empty cursor names no scope either, so a change of rights from here on would pass
    /// unseen: once all is here again the scope is asked for. A restored server lacks what this phone has yet to bring back, and
    /// the scope waits for that.
    async fn restart_pull(&self, cursor: Option<Vec<u8>>) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Meta, meta::SCOPE_DUE, vec![1]);
        write.expect(Table::Meta, meta::CURSOR, cursor);
        write.put(Table::Meta, meta::CURSOR, Vec::new());
        match self.ports.store().write(write).await {
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Our own ops come back too. That the server showed them is no receipt, so they stay undelivered until one was verified.
fn read_op(pulled: &PulledOp, waiting: &BTreeSet<OpId>) -> Option<OpRow> {
    let op = SignedOp::decode(&pulled.op).ok()?;
    Some(OpRow {
        received_millis: (!waiting.contains(&op.id())).then_some(pulled.received_millis),
        op,
        account: pulled.account,
        eff_millis: pulled.eff_millis,
        verdict: pulled.verdict.clone(),
        pos: pulled.pos,
    })
}
