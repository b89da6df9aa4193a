//! The phone of an invented person: a key, and a log that only it writes.
//!
//! Owns: genesis and ops of that log, and how they come to the server. Refuses: to keep the key; nobody goes on with the log.

use greenshield_domain::ids::{AccountId, CheckpointId, OpId, OpRef, RecordId};
use greenshield_domain::op::{Draft, Entry, Genesis};
use greenshield_domain::statement::Certificate;

use super::DemoError;
use crate::app::App;
use crate::ingest;
use crate::keys::ServerKey;
use crate::own_log::OwnOpError;
use crate::sequencer::Push;
use crate::store::{NewLog, Store as _, StoreTx as _};

const OPS_AT_ONCE: usize = 200;

/// The phone with what it has said so far.
pub(super) struct Phone {
    key: ServerKey,
    account: AccountId,
    now: i64,
    head: (u64, OpId),
    ops: Vec<Vec<u8>>,
}

impl Phone {
    /// A new one of an account.
    pub(super) fn begin(account: AccountId, now: i64) -> Result<Self, DemoError> {
        let key = ServerKey::from_pkcs8(&ServerKey::generate()?)?;
        let genesis = Genesis {
            key: *key.public(),
            nonce: key.seed(&[b"demo"]),
            account,
            app_version: "demo".into(),
            continues: None,
        };
        let draft = genesis.draft((now, [0; 8], 0), CheckpointId::NONE, key.seed(&[b"genesis"]));
        let first = key.sign_op(draft.freeze().map_err(OwnOpError::from)?)?;
        let (head, ops) = ((0, first.id()), vec![first.bytes().to_vec()]);
        Ok(Self { key, account, now, head, ops })
    }

    /// The id of a record that it makes; another one for each number.
    pub(super) fn record(&self, n: u32) -> RecordId {
        RecordId(self.key.seed(&[b"record", &n.to_be_bytes()]))
    }

    /// Its newest op, as those who saw it name it.
    pub(super) fn head(&self) -> OpRef {
        self.head.1.short()
    }

    /// Says something about a record; `deps` are the words of others that it answers.
    pub(super) fn say(
        &mut self,
        (record, kind): (RecordId, u32),
        deps: Vec<OpRef>,
        entries: Vec<Entry>,
        at: i64,
    ) -> Result<(), DemoError> {
        let seq = self.head.0 + 1;
        let draft = Draft {
            log: self.key.public().log_id(),
            seq,
            prev: Some(self.head.1),
            // Nobody writes tomorrow.
            wall_millis: at.min(self.now),
            boot: [0; 8],
            mono_millis: 0,
            seen: CheckpointId::NONE,
            record,
            kind,
            deps,
            seed: self.key.seed(&[b"op", &seq.to_be_bytes()]),
            entries,
        };
        let op = self.key.sign_op(draft.freeze().map_err(OwnOpError::from)?)?;
        self.head = (seq, op.id());
        self.ops.push(op.bytes().to_vec());
        Ok(())
    }

    /// Brings all of it to the server, where the account must be by now. Returns how many ops that were.
    pub(super) async fn bring(self, app: &App, role: &str) -> Result<usize, DemoError> {
        let (log, public_key) = (self.key.public().log_id(), *self.key.public());
        let (account, issued_millis) = (self.account, self.now);
        let certificate = app.key.sign(&Certificate { log, account, role: role.to_owned(), issued_millis })?;
        let mut tx = app.store.begin().await?;
        tx.put_log(&NewLog { id: log, account, public_key, certificate, enrolled_at: self.now }).await?;
        tx.commit().await?;
        for ops in self.ops.chunks(OPS_AT_ONCE) {
            let items = ingest::authenticate(&app.store, ops.to_vec()).await?;
            let done = app.sequencer.push(Push { items, caller: None }).await.map_err(|_| DemoError::Refused(0))?;
            if !done.results.is_empty() {
                return Err(DemoError::Refused(done.results.len()));
            }
        }
        Ok(self.ops.len())
    }
}
