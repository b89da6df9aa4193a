//! A new log for this install, when the old one can not go on: a copy of the phone wrote in it too.
//!
//! Owns: the decision (one row in the store), the genesis that continues the old log, and taking over the new one. Refuses: to
//! touch the old log or its ops; they stay, and what waits of them goes up without a signature of the request.
//! Invariants: the genesis is on disk before it is sent and a retry sends the same one; identity, head and genesis change in
//! one transaction, so that no save ever writes with the key of one log and the head of the other.

use greenshield_domain::ids::{LogId, OpId, to_hex};
use greenshield_domain::log::LogHead;
use greenshield_domain::op::{Continues, Genesis, SignedOp};
use greenshield_domain::wire::EnrolResponse;

use super::apply::MOST_ATTEMPTS;
use super::backoff::wait_millis;
use super::enrol::{enrol_request, read_reply, stored_genesis};
use super::pushed::Pushed;
use super::save::seen;
use super::{Engine, EngineError, first_value};
use crate::ports::{Durability, Keys, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{
    Cause, EnrollingRow, HeadRow, IdentityRow, OldLog, OpRow, RotatedRow, RotatingRow, from_json, lease_key, log_key,
    meta, to_json,
};

/// What is known of our own log and of the server, from one read.
pub(super) struct Standing {
    pub(super) identity: IdentityRow,
    pub(super) rotating: Option<RotatingRow>,
    pub(super) lease: Option<Vec<u8>>,
    pub(super) epoch: Option<Vec<u8>>,
}

/// How this install stands with its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogState {
    /// The log can not go on and the next one has not begun; why.
    pub rotating: Option<Cause>,
    /// The last change.
    pub rotated: Option<RotatedRow>,
}

impl<P: Ports> Engine<P> {
    /// Whether the log of this install is being changed, and when and why it was changed last.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn log_state(&self) -> Result<LogState, EngineError> {
        let rows = self.read_meta(&[meta::ROTATING, meta::ROTATED]).await?;
        let rotating: Option<RotatingRow> = rows[0].as_deref().map(|b| from_json(Table::Meta, b)).transpose()?;
        let rotated = rows[1].as_deref().map(|b| from_json(Table::Meta, b)).transpose()?;
        Ok(LogState { rotating: rotating.map(|row| row.cause), rotated })
    }

    /// The identity as it is on disk; another tab may have changed it.
    pub(super) fn take_identity(&self, row: Option<&[u8]>) -> Result<IdentityRow, EngineError> {
        let identity: IdentityRow = from_json(Table::Meta, row.ok_or(EngineError::NotEnrolled)?)?;
        self.identity.replace(Some(identity.clone()));
        Ok(identity)
    }

    pub(super) async fn standing(&self) -> Result<Standing, EngineError> {
        let mut log = self.enrolled()?.log;
        loop {
            let lease = lease_key(&log);
            let rows = self.read_meta(&[meta::IDENTITY, meta::ROTATING, meta::EPOCH, &lease]).await?;
            let identity = self.take_identity(rows[0].as_deref())?;
            if identity.log == log {
                let rotating = rows[1].as_deref().map(|bytes| from_json(Table::Meta, bytes)).transpose()?;
                let [.., epoch, lease] = <[_; 4]>::try_from(rows).unwrap_or_default();
                return Ok(Standing { identity, rotating, lease, epoch });
            }
            log = identity.log;
        }
    }

    /// What the server's head says against our log: `None` when it is a place that we know.
    pub(super) async fn quarrel(&self, theirs: &LogHead) -> Result<Option<Cause>, EngineError> {
        let own = log_key(&theirs.log, theirs.seq);
        let reads = vec![Read::Get(Table::Meta, meta::HEAD.to_vec()), Read::Get(Table::OwnOps, own)];
        let mut rows = self.ports.store().read(reads).await?.into_iter().map(first_value);
        let (head, own) = (rows.next().flatten(), rows.next().flatten());
        let head: HeadRow = from_json(Table::Meta, &head.ok_or(EngineError::NotEnrolled)?)?;
        let ours = match own.as_deref().and_then(|place| place.get(16..)?.try_into().ok()).map(OpId) {
            None if head.seq == theirs.seq => Some(head.id),
            ours => ours,
        };
        Ok(match ours {
            // Another tab has changed the log meanwhile.
            _ if head.log != theirs.log => None,
            _ if theirs.seq > head.seq => Some(Cause::Behind),
            Some(ours) if ours != theirs.id => Some(Cause::Fork),
            _ => None,
        })
    }

    /// Decides that a log ends. Says whether this call decided it.
    pub(super) async fn end_log(&self, log: LogId, cause: Cause) -> Result<bool, EngineError> {
        let rows = self.read_meta(&[meta::IDENTITY, meta::ROTATING]).await?;
        if rows[1].is_some() || self.take_identity(rows[0].as_deref())?.log != log {
            return Ok(false);
        }
        let since_millis = self.now_millis();
        let row = RotatingRow { log, cause, since_millis, next: None, tries: 0, next_attempt_millis: 0 };
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, meta::IDENTITY, rows[0].clone());
        write.expect(Table::Meta, meta::ROTATING, None);
        write.put(Table::Meta, meta::ROTATING, to_json(&row));
        match self.ports.store().write(write).await {
            Ok(()) => Ok(true),
            Err(StoreError::Expectation { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins the next log if that was decided and is due. A refusal waits and lets everything else go on.
    pub(super) async fn rotate_due(&self, next_due_millis: Option<i64>) -> Result<Pushed, EngineError> {
        let idle = Pushed { next_due_millis, ..Pushed::default() };
        let Some(row) = self.standing().await?.rotating else { return Ok(idle) };
        let later = |at: i64| Pushed { next_due_millis: next_due_millis.into_iter().chain([at]).min(), ..idle.clone() };
        if row.next_attempt_millis > self.now_millis() {
            return Ok(later(row.next_attempt_millis));
        }
        match self.rotate().await {
            Ok(rotated) => Ok(Pushed { rotated, ..idle }),
            Err(EngineError::Refused(refusal)) if refusal.status < 500 && refusal.status != 429 => {
                // A restored server may not know the old log any more: then it is shown who vouched for it.
                self.must_reconcile.set(refusal.body.code == "unknown_log");
                Ok(later(self.postpone_rotation().await?))
            }
            Err(error) => Err(error),
        }
    }

    async fn postpone_rotation(&self) -> Result<i64, EngineError> {
        let bytes = self.read_meta(&[meta::ROTATING]).await?.remove(0);
        let Some(bytes) = bytes else { return Ok(self.now_millis()) };
        let row: RotatingRow = from_json(Table::Meta, &bytes)?;
        let tries = row.tries + 1;
        let next_attempt_millis = self.now_millis() + wait_millis(tries, u32::from_be_bytes(self.random()));
        let mut write = Write::new(Durability::Relaxed);
        write.expect(Table::Meta, meta::ROTATING, Some(bytes));
        write.put(Table::Meta, meta::ROTATING, to_json(&RotatingRow { tries, next_attempt_millis, ..row }));
        match self.ports.store().write(write).await {
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(next_attempt_millis),
            Err(error) => Err(error.into()),
        }
    }

    async fn rotate(&self) -> Result<bool, EngineError> {
        for _ in 0..MOST_ATTEMPTS {
            let rows = self.read_meta(&[meta::IDENTITY, meta::ROTATING]).await?;
            let identity = self.take_identity(rows[0].as_deref())?;
            let Some(row) = rows[1].as_deref().map(|b| from_json::<RotatingRow>(Table::Meta, b)).transpose()? else {
                return Ok(false);
            };
            // Each step ends with a transaction; one that another tab was faster with is looked at again.
            let Some(next) = &row.next else {
                self.make_genesis(&rows, &identity, &row).await?;
                continue;
            };
            let genesis = stored_genesis(next)?;
            let by = OldLog { log: identity.log, key: identity.key };
            let response = self.send_signed_by(by, enrol_request("", &genesis)?).await?;
            let reply: EnrolResponse = read_reply(&response.body)?;
            if self.take_over(&rows, &row, next, genesis, &reply).await? {
                return Ok(true);
            }
        }
        Err(EngineError::Busy)
    }

    async fn make_genesis(
        &self,
        rows: &[Option<Vec<u8>>],
        identity: &IdentityRow,
        row: &RotatingRow,
    ) -> Result<(), EngineError> {
        let found = self.read_meta(&[meta::HEAD, meta::CHECKPOINT]).await?;
        let head: HeadRow = from_json(Table::Meta, found[0].as_deref().ok_or(EngineError::NotEnrolled)?)?;
        let number = identity.key + 1;
        let key = self.ports.keys().public_key(number).await?;
        let genesis = Genesis {
            key,
            nonce: self.random(),
            account: identity.account,
            app_version: self.app_version.clone(),
            continues: Some(Continues { log: head.log, seq: head.seq, head: head.id }),
        };
        let clock = (self.now_millis(), self.boot, self.ports.clock().mono_millis());
        let unsigned = genesis.draft(clock, seen(found[1].as_deref()).0, self.random()).freeze()?;
        let signature = self.ports.keys().sign(number, &unsigned.message()).await?;
        let mut before = identity.before.clone();
        before.push(OldLog { log: identity.log, key: identity.key });
        let next = EnrollingRow {
            code: String::new(),
            identity: IdentityRow { log: key.log_id(), key: number, before, ..identity.clone() },
            genesis: to_hex(unsigned.seal(signature).bytes()),
        };
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, meta::IDENTITY, rows[0].clone());
        write.expect(Table::Meta, meta::ROTATING, rows[1].clone());
        write.put(Table::Meta, meta::ROTATING, to_json(&RotatingRow { next: Some(next), ..row.clone() }));
        match self.ports.store().write(write).await {
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn take_over(
        &self,
        rows: &[Option<Vec<u8>>],
        row: &RotatingRow,
        next: &EnrollingRow,
        genesis: SignedOp,
        reply: &EnrolResponse,
    ) -> Result<bool, EngineError> {
        let (mut write, _) = self.admitted(&next.identity, genesis, reply).await?;
        let rotated = RotatedRow { cause: row.cause, millis: self.now_millis() };
        write.expect(Table::Meta, meta::IDENTITY, rows[0].clone());
        write.expect(Table::Meta, meta::ROTATING, rows[1].clone());
        write.put(Table::Meta, meta::ROTATED, to_json(&rotated));
        write.delete(Table::Meta, meta::ROTATING);
        match self.ports.store().write(write).await {
            Ok(()) => {}
            Err(StoreError::Expectation { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        self.identity.replace(Some(next.identity.clone()));
        self.heard(reply.time_millis).await?;
        Ok(true)
    }

    /// Shows a restored server the logs that this install went on with after the backup: each genesis again, vouched for by
    /// the log before it. What the server knows it answers as before. Says whether there was anything to show.
    pub(super) async fn vouch_again(&self) -> Result<bool, EngineError> {
        let identity = self.enrolled()?;
        let after = identity.logs().into_iter().skip(1);
        for (by, log) in identity.before.iter().zip(after) {
            let store = self.ports.store();
            let place = store.read(vec![Read::Get(Table::OwnOps, log_key(&log, 0))]).await?.pop().and_then(first_value);
            let place = place.ok_or(StoreError::Corrupt { table: Table::OwnOps.name() })?;
            let row = store.read(vec![Read::Get(Table::Ops, place)]).await?.pop().and_then(first_value);
            let row = OpRow::decode(&row.ok_or(StoreError::Corrupt { table: Table::Ops.name() })?)?;
            match self.send_signed_by(*by, enrol_request("", &row.op)?).await {
                // An older log that is unknown too: it may be a later one that the server can check.
                Err(EngineError::Refused(refusal)) if refusal.body.code == "unknown_log" => {}
                outcome => drop(outcome?),
            }
        }
        Ok(!identity.before.is_empty())
    }
}
