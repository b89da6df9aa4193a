//! What people do to the server: they revoke, decide, pull the plug and restore.

use std::collections::BTreeSet;

use greenshield_domain::erasure::Basis;
use greenshield_domain::ids::{Epoch, OpId, RecordId};
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::op::SignedOp;
use greenshield_domain::verdict::Ruling;
use greenshield_domain::wire::Verdict;
use greenshield_server::erasing;
use greenshield_server::sequencer::Erase;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::rng::SplitMix;

use super::World;
use crate::mutant::Mutant;
use crate::violation::Violation;

impl World {
    /// A coordinator looks at some op and releases it, holds it, or decides that it never shows.
    pub(super) async fn judge(&mut self) {
        let ops = self.server_ops().await;
        let ops: Vec<SignedOp> = ops.iter().filter_map(|pulled| SignedOp::decode(&pulled.op).ok()).collect();
        let targets: Vec<OpId> = ops.iter().filter(|op| op.header().kind == KIND).map(SignedOp::id).collect();
        if targets.is_empty() {
            return;
        }
        let target = targets[self.below(targets.len())];
        let verdict = [Verdict::Ok, Verdict::Void, Verdict::Held("decided".to_owned())][self.below(3)].clone();
        let line = format!("{target:?} was decided to be {verdict:?}");
        let ruling = Ruling { target, verdict, by: self.crowd[0].account, reason: "looked at".to_owned() };
        let decision = self.network.server.borrow().app().sequencer.judge(ruling).await.unwrap();
        if decision.is_some() {
            self.network.counter.count("decisions");
        }
        self.note(line);
    }

    /// Somebody has the note, the photos or both of a report erased, whatever is at the server of it by now.
    pub(super) async fn erase(&mut self) {
        let records: Vec<RecordId> = self.photos.iter().map(|(_, record, ..)| *record).collect();
        if records.is_empty() {
            return;
        }
        let below = |rng: &mut SplitMix, n: usize| usize::try_from(rng.below(n as u64)).unwrap();
        let record = records[below(&mut self.eraser, records.len())];
        let fields = [&[field::NOTE][..], &[field::PHOTOS], &[field::NOTE, field::PHOTOS]][below(&mut self.eraser, 3)];
        let (by, note) = (self.crowd[0].account, "asked for".to_owned());
        let asked = Erase {
            record,
            fields: fields.iter().copied().collect(),
            files: BTreeSet::new(),
            by,
            basis: Basis::Withdrawn,
            note,
        };
        let values = {
            let server = self.network.server.borrow();
            let values = server.app().sequencer.erase(asked).await.map_or(0, |erased| erased.values);
            assert!(erasing::clean_if_due(server.app()).await, "nobody else reads");
            values
        };
        if values > 0 {
            self.network.counter.count("erasures");
        }
        self.note(format!("{values} values of {record} were erased"));
    }

    pub(super) async fn revoke(&mut self, phone: usize) {
        let account = self.crowd[phone].account;
        for twin in self.crowd.iter_mut().filter(|twin| twin.account == account) {
            twin.revoked = true;
        }
        self.note(format!("phone {phone} was revoked"));
        let now = self.network.now_millis.get();
        let server = self.network.server.borrow();
        let mut tx = server.app().store.begin().await.unwrap();
        tx.revoke_account(account, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn kill_server(&mut self) -> Result<(), Box<Violation>> {
        let image = self.unflushed.take().unwrap_or_else(|| self.network.server.borrow().image());
        self.network.server.borrow_mut().restart_from(image.path(), None).await;
        self.note("the server was killed".to_owned());
        if !self.restored {
            let ops = self.server_ops().await;
            let checked = self.receipted_is_stored(&ops).await;
            checked.map_err(|(invariant, detail)| self.violation(invariant, detail))?;
        }
        Ok(())
    }

    pub(super) async fn restore_server(&mut self) {
        let Some(image) = self.backup.take() else { return };
        let epoch = (self.mutant != Some(Mutant::SameEpoch)).then(|| Epoch(self.rng.bytes()));
        self.network.server.borrow_mut().restart_from(image.path(), epoch).await;
        self.restored = true;
        // Who was revoked since must be revoked again by whoever restores.
        for phone in 0..self.crowd.len() {
            if self.crowd[phone].revoked {
                self.revoke(phone).await;
            }
        }
        self.seat_all().await;
        self.note("the server was restored".to_owned());
    }
}
