//! What a person's record says becomes name, role, seat and term of the account, in the transaction in which it begins to count.
//!
//! Owns: asking the policy whether an op or a decision may do that, and the note for auditors that rights changed. Invariants: the
//! account is a function of what an operator set and of the ops of the record that count; a record of another kind never changes one;
//! no office changes without its note, and what changes none has none.

use greenshield_domain::audit::{Deed, Note};
use greenshield_domain::erasure;
use greenshield_domain::ids::{AccountId, LogId, OpId, RecordId};
use greenshield_domain::merge::RecordOp;
use greenshield_domain::op::VerifiedOp;
use greenshield_domain::person::account_of;
use greenshield_domain::policy::{self, Appointed, Change, Facts, Standing};
use greenshield_domain::verdict::{Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::Verdict;

use super::GroupError;
use super::batch::Batch;
use crate::keys::ServerKey;
use crate::store::{AccountState, StoreError, StoreTx};

impl<T: StoreTx> Batch<T> {
    /// Asks once which of these records are of accounts that are there already.
    pub(super) async fn ask_accounts(&mut self, accounts: Vec<AccountId>) -> Result<(), StoreError> {
        let unknown: Vec<AccountId> = accounts.into_iter().filter(|id| !self.accounts.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        self.accounts.extend(unknown.iter().map(|id| (*id, None)));
        let found = self.tx.accounts(&unknown).await?;
        self.accounts.extend(found.into_iter().map(|state| (state.id, Some(state))));
        Ok(())
    }

    async fn account(&mut self, id: AccountId) -> Result<Option<AccountState>, StoreError> {
        self.ask_accounts(vec![id]).await?;
        Ok(self.accounts.get(&id).cloned().flatten())
    }

    /// Whether the author of an op answers for what it changes in somebody's office; true for every other op.
    pub(super) async fn may_appoint(
        &mut self,
        op: &VerifiedOp,
        author: &Standing,
        facts: &Facts,
        eff_millis: i64,
    ) -> Result<bool, StoreError> {
        let header = op.header();
        // Nobody gets around this by saying another kind, neither of the op nor of the record.
        if policy::is_person(facts.kind) != policy::is_person(header.kind) {
            return Ok(!policy::is_judged(header.kind));
        }
        if !policy::is_person(header.kind) || !op.body().entries().any(policy::appoints) {
            return Ok(true);
        }
        let this = RecordOp::new(op, author.account, eff_millis, Verdict::Ok);
        let account = account_of(header.record);
        let known = self.account(account).await?;
        let base = known.as_ref().map(|state| state.base.clone()).unwrap_or_default();
        let before = known.map(|state| state.now);
        let said = policy::said_alone(before.as_ref().unwrap_or(&base), &this);
        let mut ops = self.record_ops(header.record).await?;
        ops.push(this);
        let after = policy::appointed(&base, &ops);
        let change = Change { account, before: before.as_ref(), after: &after, said: &said };
        Ok(account != SERVER_ACCOUNT && policy::may_appoint(&self.rules, author, &change))
    }

    /// Whether whoever decides about an op of a person's record answers for what that changes; true for every other record.
    pub(super) async fn may_decide(&mut self, record: RecordId, ruling: &Ruling) -> Result<bool, StoreError> {
        if ruling.by == SERVER_ACCOUNT || !self.is_of_person(record).await? {
            return Ok(true);
        }
        let account = account_of(record);
        let (known, by) = (self.account(account).await?, self.account(ruling.by).await?);
        let Some(by) = by.map(|by| by.standing(self.now)) else { return Ok(false) };
        let base = known.as_ref().map(|state| state.base.clone()).unwrap_or_default();
        let before = known.map(|state| state.now);
        let decided = |op: RecordOp| if op.id == ruling.target { with(op, &ruling.verdict) } else { op };
        let ops: Vec<RecordOp> = self.record_ops(record).await?.into_iter().map(decided).collect();
        let after = policy::appointed(&base, &ops);
        if before.as_ref() == Some(&after) {
            return Ok(true);
        }
        let said = said_by(&base, &ops, ruling.target);
        Ok(policy::may_appoint(
            &self.rules,
            &by,
            &Change { account, before: before.as_ref(), after: &after, said: &said },
        ))
    }

    async fn is_of_person(&mut self, record: RecordId) -> Result<bool, StoreError> {
        self.ask_facts(vec![record]).await?;
        Ok(self.facts.get(&record).and_then(Option::as_ref).is_some_and(|facts| policy::is_person(facts.kind)))
    }

    /// The phones of a person have another office from here on.
    fn note_office(&mut self, person: &AccountState) {
        for state in self.logs.values_mut().filter(|state| state.row.account.id == person.id) {
            state.row.account = person.row();
            (state.row.seat, state.row.term) = (person.now.office.seat.clone(), person.now.office.term);
        }
    }

    /// The name of a person was erased from their record: an operator may have set the same one, so that goes, too.
    pub(super) async fn lose_name(&mut self, record: RecordId) -> Result<(), StoreError> {
        let id = account_of(record);
        if let Some(mut state) = self.account(id).await?.filter(|_| id != SERVER_ACCOUNT) {
            state.base.name = erasure::nameless(id);
            self.tx.appoint(&state).await?;
            self.accounts.insert(id, Some(state));
        }
        // A name gives no rights, so nobody's are other ones.
        self.take_office(record).await?;
        Ok(())
    }

    /// Takes over what a record says now, if it is about a person; gives whose rights are other ones by that.
    pub(super) async fn take_office(&mut self, record: RecordId) -> Result<Option<AccountId>, StoreError> {
        let id = account_of(record);
        if id == SERVER_ACCOUNT || !self.is_of_person(record).await? {
            return Ok(None);
        }
        let known = self.account(id).await?;
        let base = known.as_ref().map(|state| state.base.clone()).unwrap_or_default();
        let now = policy::appointed(&base, &self.record_ops(record).await?);
        let is_other = known.as_ref().is_none_or(|state| state.now.office != now.office);
        let state = match known {
            Some(state) if state.now == now => return Ok(None),
            Some(state) => AccountState { now, base, ..state },
            // An account begins with the first role that gives something.
            None if !self.rules.knows(&now.office.role) => return Ok(None),
            None => {
                let state = AccountState { id, now, base, revoked_at: None };
                self.tx.put_account(&state.row(), self.now).await?;
                state
            }
        };
        self.tx.appoint(&state).await?;
        self.note_office(&state);
        self.accounts.insert(id, Some(state));
        Ok(is_other.then_some(id))
    }

    /// Takes over what a record says behind an op, and remembers who changed somebody's rights by it.
    pub(super) async fn take_office_of(
        &mut self,
        record: RecordId,
        by: AccountId,
        log: LogId,
    ) -> Result<(), StoreError> {
        if let Some(whose) = self.take_office(record).await? {
            let (deed, about) = (Some(Deed::RightsChanged), Some(whose));
            self.rights.push(Note { deed, by, log, record: None, about, kind: None });
        }
        Ok(())
    }

    /// Notes for auditors whose rights changed since this was asked last: one note for each op that did.
    pub(super) async fn note_rights(&mut self, audit_key: &ServerKey) -> Result<(), GroupError> {
        for note in std::mem::take(&mut self.rights) {
            self.note(&note, audit_key).await?;
        }
        Ok(())
    }
}

fn with(op: RecordOp, verdict: &Verdict) -> RecordOp {
    RecordOp { verdict: verdict.clone(), ..op }
}

/// What the op that is decided about says alone, as if it counted.
fn said_by(base: &Appointed, ops: &[RecordOp], target: OpId) -> Appointed {
    let op = ops.iter().find(|op| op.id == target);
    op.map_or_else(|| base.clone(), |op| policy::said_alone(base, op))
}
