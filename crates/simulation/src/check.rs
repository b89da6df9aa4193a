//! The invariants of a drained world, and how a broken one is told.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_client::engine::project;
use greenshield_client::ports::{LocalStore as _, Read, Table};
use greenshield_client::rows::{OpRow, decode_signed, meta};
use greenshield_domain::ids::{AccountId, LogId, OpId, RecordId};
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::Facts;
use greenshield_domain::statement::{Checkpoint, Receipt};
use greenshield_domain::tree::{Frontier, leaf_hash};
use greenshield_domain::wire::{Cursor, PulledOp};
use greenshield_server::store::Store as _;

use crate::violation::{Invariant, Violation};
use crate::world::{Phone, World};

pub(crate) type Checked = Result<(), (Invariant, String)>;

pub(crate) fn expect(holds: bool, invariant: Invariant, detail: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err((invariant, detail())) }
}

/// What one phone shows: each record as people see it, and the exact ops behind it.
pub type Shown = BTreeMap<RecordId, Record>;
/// One record: as people see it, and its ops.
pub type Record = (String, BTreeSet<Vec<u8>>);

impl World {
    /// Checks every invariant.
    ///
    /// # Errors
    /// The first that is broken.
    pub async fn check(&mut self) -> Result<(), Box<Violation>> {
        let late = self.late_comer().await?;
        let checked = self.invariants(&late).await;
        checked.map_err(|(invariant, detail)| self.violation(invariant, detail))
    }

    /// The ops of the server in its order.
    pub async fn server_ops(&self) -> Vec<PulledOp> {
        let server = self.network.server.borrow();
        server.app().store.ops_after(0, 1_000_000, usize::MAX / 2).await.unwrap()
    }

    async fn invariants(&self, late: &Phone) -> Checked {
        let ops = self.server_ops().await;
        self.tree_grows(&ops).await?;
        self.receipted_is_stored(&ops).await?;
        self.saved_is_kept(&ops).await?;
        let reference = self.shown(late).await;
        let facts = self.facts().await;
        self.erased_is_gone(&ops, &facts).await?;
        let mut owners: BTreeMap<LogId, AccountId> = BTreeMap::new();
        for phone in self.crowd.iter().chain([late]) {
            owners.extend(own_logs(phone).await.into_keys().map(|log| (log, phone.account)));
        }
        for (index, phone) in self.crowd.iter().enumerate() {
            right_author(phone, &owners).await?;
            if !phone.copied {
                one_chain(phone, &ops).await?;
            }
            if phone.revoked {
                continue;
            }
            self.no_hole(phone, &ops, &facts).await?;
            self.inside_scope(phone, &facts).await?;
            for (record, theirs) in &self.shown(phone).await {
                let detail = || {
                    let difference = match reference.get(record) {
                        Some(mine) if mine.1 != theirs.1 => format!("other ops: {}", difference(&theirs.1, &mine.1)),
                        Some(mine) => format!("{}\n  and a new phone shows\n  {}", theirs.0, mine.0),
                        None => "a record that a new phone lacks".to_owned(),
                    };
                    format!("phone {index}, record {record}: {difference}")
                };
                expect(reference.get(record) == Some(theirs), Invariant::SameRecords, detail)?;
            }
        }
        self.function_of_the_set(late).await
    }

    /// I8: the newest checkpoint is over exactly the ops in their order, and so was every one that a phone was given.
    async fn tree_grows(&self, ops: &[PulledOp]) -> Checked {
        let mut frontier = Frontier::default();
        let mut roots = vec![frontier.root()];
        for (at, op) in ops.iter().enumerate() {
            let detail = || format!("position {} after {at}", op.pos);
            expect(op.pos == at as u64 + 1, Invariant::TreeGrows, detail)?;
            frontier.push(leaf_hash(&SignedOp::decode(&op.op).unwrap().id().0));
            roots.push(frontier.root());
        }
        let server = self.network.server.borrow();
        let newest = server.app().store.newest_checkpoint().await.unwrap().unwrap();
        let newest: Checkpoint = newest.signed.read_unchecked().unwrap();
        expect(newest.size == ops.len() as u64, Invariant::TreeGrows, || format!("{} leaves", newest.size))?;
        for given in self.checkpoints.iter().filter(|given| given.epoch == newest.epoch).chain([&newest]) {
            let root = usize::try_from(given.size).ok().and_then(|size| roots.get(size));
            let detail = || format!("the tree of {} leaves had another root", given.size);
            expect(root == Some(&given.root), Invariant::TreeGrows, detail)?;
        }
        Ok(())
    }

    /// I2. After a restore it holds again once the phones have refilled the server; a revoked one is not asked any more.
    pub(crate) async fn receipted_is_stored(&self, ops: &[PulledOp]) -> Checked {
        let mut stored: BTreeMap<OpId, &[u8]> = BTreeMap::new();
        for op in ops {
            stored.insert(SignedOp::decode(&op.op).unwrap().id(), &op.op);
        }
        for (index, phone) in self.crowd.iter().enumerate() {
            if phone.revoked && self.restored {
                continue;
            }
            let own = own_ops(phone).await;
            let rows = phone.disk().rows.read(vec![Read::prefix(Table::Receipts, &[], usize::MAX)]).await.unwrap();
            for (_, bytes) in &rows[0] {
                let receipt: Receipt = decode_signed(bytes).unwrap().read_unchecked().unwrap();
                let covered = |row: &&OpRow| {
                    let header = row.op.header();
                    header.log == receipt.log && (receipt.from..=receipt.upto).contains(&header.seq)
                };
                for row in own.iter().filter(covered) {
                    // What is erased on either side is erased.
                    let there = stored.get(&row.op.id()).is_some_and(|there| {
                        let there = SignedOp::decode(there).unwrap();
                        let gone = there.body().hidden() | row.op.body().hidden();
                        there.hide(gone).bytes() == row.op.hide(gone).bytes()
                    });
                    let detail = || {
                        let known = stored.contains_key(&row.op.id());
                        let what = if known { "other bytes of" } else { "nothing of" };
                        format!(
                            "the server has {what} op {} of phone {index}, which has a receipt",
                            row.op.header().seq
                        )
                    };
                    expect(there, Invariant::ReceiptedIsStored, detail)?;
                }
            }
        }
        Ok(())
    }

    /// I1, in its strongest form: after the queues have drained it is at the server.
    async fn saved_is_kept(&self, ops: &[PulledOp]) -> Checked {
        let stored: BTreeSet<OpId> = ops.iter().map(|op| SignedOp::decode(&op.op).unwrap().id()).collect();
        let mut held = BTreeSet::new();
        for phone in self.crowd.iter().filter(|phone| !phone.revoked) {
            held.extend(all_ops(phone).await.iter().map(|row| row.op.id()));
        }
        for saved in &self.saved {
            let phone = &self.crowd[saved.phone];
            // A phone that may not speak, or that got an older profile, may have had it alone after the backup.
            if self.restored && (phone.revoked || phone.copied) && !held.contains(&saved.op) {
                continue;
            }
            let detail = || format!("op {:?} of record {} by phone {}", saved.op, saved.record, saved.phone);
            expect(stored.contains(&saved.op), Invariant::SavedIsKept, detail)?;
        }
        Ok(())
    }

    /// I7.
    pub(crate) async fn no_hole(&self, phone: &Phone, ops: &[PulledOp], facts: &BTreeMap<RecordId, Facts>) -> Checked {
        let found = phone.disk().rows.read(vec![Read::Get(Table::Meta, meta::CURSOR.to_vec())]).await.unwrap();
        let Some((_, text)) = found[0].first() else { return Ok(()) };
        let cursor = Cursor::from_text(&String::from_utf8_lossy(text)).unwrap();
        if cursor.epoch != self.network.server.borrow().app().epoch {
            return Ok(());
        }
        let notes = self.network.server.borrow().app().audit_key.public().log_id();
        let held: BTreeSet<OpId> = all_ops(phone).await.iter().map(|row| row.op.id()).collect();
        for op in ops.iter().filter(|op| op.pos <= cursor.pos) {
            let read = SignedOp::decode(&op.op).unwrap();
            // The audit is on no phone.
            let is_note = read.header().log == notes;
            if is_note || !self.reads(phone.account, facts.get(&read.header().record)) {
                continue;
            }
            let id = read.id();
            let detail =
                || format!("position {} is missing below {} on the phone of {}", op.pos, cursor.pos, phone.account);
            expect(held.contains(&id), Invariant::NoHole, detail)?;
        }
        Ok(())
    }

    /// I5.
    async fn inside_scope(&self, phone: &Phone, facts: &BTreeMap<RecordId, Facts>) -> Checked {
        let own = own_logs(phone).await;
        for row in all_ops(phone).await.iter().filter(|row| !own.contains_key(&row.op.header().log)) {
            let record = row.op.header().record;
            // What a restored server lost is not outside.
            let inside = facts.get(&record).is_none_or(|facts| self.reads(phone.account, Some(facts)));
            let detail = || format!("the phone of {} holds an op about record {record}", phone.account);
            expect(inside, Invariant::OutsideScope, detail)?;
        }
        Ok(())
    }

    /// I4: another order of the same ops shows the same.
    async fn function_of_the_set(&self, phone: &Phone) -> Checked {
        for row in phone.engine.list(None, usize::MAX - 1).await.unwrap().rows {
            let mut view = phone.engine.record(row.record).await.unwrap().unwrap();
            view.ops.reverse();
            let rule = |field| self.city.rule(row.kind, field);
            let again = project(row.record, &view.ops, &[], &BTreeMap::new(), rule).map(|again| again.merged);
            let detail = || format!("record {}", row.record);
            expect(again.as_ref() == Some(&view.merged), Invariant::FunctionOfTheSet, detail)?;
        }
        Ok(())
    }

    /// What a phone shows.
    pub async fn shown(&self, phone: &Phone) -> Shown {
        let mut shown = BTreeMap::new();
        for row in phone.engine.list(None, usize::MAX - 1).await.unwrap().rows {
            let view = phone.engine.record(row.record).await.unwrap().unwrap();
            let ops = view.ops.iter().map(|row| row.op.bytes().to_vec()).collect();
            shown.insert(row.record, (format!("{:?}", view.merged), ops));
        }
        shown
    }
}

/// Which ops one side has and the other has not, or has otherwise.
fn difference(theirs: &BTreeSet<Vec<u8>>, mine: &BTreeSet<Vec<u8>>) -> String {
    let lacks = |left: &BTreeSet<Vec<u8>>, right: &BTreeSet<Vec<u8>>| {
        let words = left.difference(right).filter_map(|bytes| SignedOp::decode(bytes).ok()).map(|op| {
            let header = op.header();
            format!("{:?} (kind {}, seq {}, {} hidden)", op.id(), header.kind, header.seq, op.body().hidden().count())
        });
        words.collect::<Vec<_>>().join(", ")
    };
    format!("the phone alone has [{}], a new phone alone has [{}]", lacks(theirs, mine), lacks(mine, theirs))
}

pub(crate) async fn all_ops(phone: &Phone) -> Vec<OpRow> {
    let rows = phone.disk().rows.read(vec![Read::prefix(Table::Ops, &[], usize::MAX)]).await.unwrap();
    rows[0].iter().filter_map(|(_, bytes)| OpRow::decode(bytes).ok()).collect()
}

/// The logs of an install with the seqs that it holds of each.
async fn own_logs(phone: &Phone) -> BTreeMap<LogId, BTreeSet<u64>> {
    let rows = phone.disk().rows.read(vec![Read::prefix(Table::OwnOps, &[], usize::MAX)]).await.unwrap();
    let mut logs: BTreeMap<LogId, BTreeSet<u64>> = BTreeMap::new();
    for (key, _) in &rows[0] {
        let (log, seq) = key.split_at(32);
        let seq = u64::from_be_bytes(seq.try_into().unwrap());
        logs.entry(LogId(log.try_into().unwrap())).or_default().insert(seq);
    }
    logs
}

async fn own_ops(phone: &Phone) -> Vec<OpRow> {
    let logs = own_logs(phone).await;
    let mut ops = all_ops(phone).await;
    ops.retain(|row| logs.contains_key(&row.op.header().log));
    ops
}

/// I6.
async fn right_author(phone: &Phone, owners: &BTreeMap<LogId, AccountId>) -> Checked {
    for row in all_ops(phone).await {
        let log = row.op.header().log;
        // The server has a log of its own, which belongs to nobody here.
        let right = owners.get(&log).is_none_or(|owner| *owner == row.account);
        expect(right, Invariant::RightAuthor, || format!("an op of log {log} shows as of {}", row.account))?;
    }
    Ok(())
}

/// The logs of a phone that was never copied: no hole on the phone, no second branch at the server.
async fn one_chain(phone: &Phone, ops: &[PulledOp]) -> Checked {
    for (log, seqs) in own_logs(phone).await {
        let whole = seqs.last().is_some_and(|last| seqs.len() as u64 == last + 1);
        expect(whole, Invariant::OneChain, || format!("a hole in log {log}"))?;
        let mut there = BTreeSet::new();
        for op in ops.iter().map(|op| SignedOp::decode(&op.op).unwrap()).filter(|op| op.header().log == log) {
            let seq = op.header().seq;
            expect(there.insert(seq), Invariant::OneChain, || format!("two ops {seq} in log {log}"))?;
        }
    }
    Ok(())
}
