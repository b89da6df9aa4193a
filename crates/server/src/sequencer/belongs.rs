//! Where records belong, kept up to date op by op: the rights over a record are decided by it.
//!
//! Invariant: it follows from the ops of the record that count, and from the seat that its maker had when it arrived.

use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::merge::RecordOp;
use greenshield_domain::op::{Header, SignedOp, VerifiedOp};
use greenshield_domain::person::{KIND, account_of};
use greenshield_domain::policy::{self, Facts};
use greenshield_domain::verdict::{self, Decision};

use super::batch::Batch;
use crate::store::{LogRow, StoreError, StoreTx};

impl<T: StoreTx> Batch<T> {
    /// Asks once where the records of a group belong.
    pub(super) async fn ask_facts(&mut self, records: Vec<RecordId>) -> Result<(), StoreError> {
        let unknown: Vec<RecordId> = records.into_iter().filter(|record| !self.facts.contains_key(record)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        self.facts.extend(unknown.iter().map(|record| (*record, None)));
        let found = self.tx.facts(&unknown).await?;
        self.facts.extend(found.into_iter().map(|(record, facts)| (record, Some(facts))));
        // The record of somebody who has an account is that person's, whatever comes first.
        let new = unknown.into_iter().filter(|record| self.facts.get(record).is_none_or(Option::is_none));
        let new: Vec<AccountId> = new.map(account_of).collect();
        self.ask_accounts(new).await
    }

    /// Where the record of an op belongs before it, or by it when it is the first; with whether it is.
    pub(super) async fn facts_for(&mut self, op: &VerifiedOp, owner: &LogRow) -> Result<(Facts, bool), StoreError> {
        let header = op.header();
        self.ask_facts(vec![header.record]).await?;
        let known = self.facts.get(&header.record).cloned().flatten();
        // A decision may come before what it is about; only an op of the city says what a record is.
        let made = |facts: &Facts| policy::is_judged(facts.kind) || !policy::is_judged(header.kind);
        Ok(match known.filter(made) {
            Some(facts) => (facts, false),
            None => {
                // The record of somebody who has an account begins where that person works.
                let person = self.accounts.get(&account_of(header.record)).and_then(Option::as_ref);
                let person = person.filter(|_| policy::is_judged(header.kind));
                let first = Header { kind: person.map_or(header.kind, |_| KIND), ..header.clone() };
                let home = person.map_or(&owner.seat, |state| &state.now.office.seat);
                (Facts::of_first(&first, owner.account.id, home), true)
            }
        })
    }

    /// Where a record belongs once the op that made it comes behind others, as it may after a restore: it is its maker's all the
    /// same. That happens once; what an op like it says later of somebody else's record is held (`policy::may_recreate`).
    pub(super) async fn facts_of_maker(
        &mut self,
        op: &VerifiedOp,
        owner: &LogRow,
        known: &Facts,
        is_first: bool,
    ) -> Result<Option<Facts>, StoreError> {
        let (header, maker) = (op.header(), owner.account.id);
        if is_first || policy::is_person(known.kind) {
            return Ok(None);
        }
        let origin = self.origin_for(header).await?;
        if !policy::makes_behind(header, maker, origin, known.owner)
            || self.tx.newest_on_record(header.log, header.record).await?.is_some()
        {
            return Ok(None);
        }
        Ok(Some(Facts { owner: maker, home: owner.seat.clone(), ..known.clone() }))
    }

    /// Keeps where the record belongs after an op that was just put at `pos`.
    pub(super) async fn keep_facts(
        &mut self,
        op: &VerifiedOp,
        before: Facts,
        is_first: bool,
        pos: u64,
        decision: Option<&Decision>,
    ) -> Result<(), StoreError> {
        let record = op.header().record;
        let says = op.body().entries().any(|entry| policy::says_where(before.kind, entry)) || decision.is_some();
        let after = if says { before.clone().said_by(&self.record_ops(record).await?) } else { before.clone() };
        if is_first || after != before {
            self.tx.put_facts(record, pos, &after).await?;
            self.facts.insert(record, Some(after));
        }
        Ok(())
    }

    /// The ops of a record with the verdicts that count.
    pub(super) async fn record_ops(&mut self, record: RecordId) -> Result<Vec<RecordOp>, StoreError> {
        let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
        let mut ops = Vec::new();
        for pulled in self.tx.ops_of_record(record).await? {
            let op = SignedOp::decode(&pulled.op).map_err(corrupt)?;
            let taken = RecordOp::new(&op, pulled.account, pulled.eff_millis, pulled.verdict);
            ops.push((op, taken));
        }
        Ok(verdict::judged(ops.iter().map(|(op, taken)| (op, taken.clone()))))
    }
}
