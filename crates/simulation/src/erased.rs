//! I9: what is erased is on no phone that synced, in no file of the server and in no export.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_client::ports::{LocalStore as _, Read, Table};
use greenshield_domain::erasure;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::Facts;
use greenshield_domain::wire::PulledOp;
use greenshield_server::evidence;

use crate::check::{Checked, all_ops, expect};
use crate::violation::Invariant;
use crate::world::World;

/// The entry of a report that links its photo.
const PHOTO: usize = 2;

impl World {
    /// By the erasures that the server has in the end: one that a restore took away, and that nobody heard of, was never told.
    pub(crate) async fn erased_is_gone(&self, ops: &[PulledOp], facts: &BTreeMap<RecordId, Facts>) -> Checked {
        let ops: Vec<(SignedOp, &PulledOp)> =
            ops.iter().map(|pulled| (SignedOp::decode(&pulled.op).unwrap(), pulled)).collect();
        let gone = erasure::erased(ops.iter().map(|(op, pulled)| (op, pulled.account)));
        let is_left = |op: &SignedOp| gone.get(&op.id()).is_some_and(|leaves| op.hide(*leaves) != *op);
        for (op, pulled) in &ops {
            let detail = || format!("the server holds what is erased of position {}", pulled.pos);
            expect(!is_left(op), Invariant::ErasedIsGone, detail)?;
        }
        let files = self.erased_files(&ops);
        for (index, phone) in self.crowd.iter().enumerate().filter(|(_, phone)| !phone.revoked) {
            // Who may not read a record any more is told nothing of it; what others wrote of it is gone there anyway.
            let reads = |record| self.reads(phone.account, facts.get(&record));
            for row in all_ops(phone).await.iter().filter(|row| reads(row.op.header().record)) {
                let detail = || format!("phone {index} holds what is erased of {:?}", row.op.id());
                expect(!is_left(&row.op), Invariant::ErasedIsGone, detail)?;
            }
            let bytes = phone.disk().rows.read(vec![Read::prefix(Table::BlobBytes, &[], usize::MAX)]).await.unwrap();
            let held: BTreeSet<Vec<u8>> = bytes[0].iter().map(|(key, _)| key[..32].to_vec()).collect();
            for (record, blob, _) in files.iter().filter(|(record, ..)| reads(*record)) {
                let detail = || format!("phone {index} holds an erased photo of {record}");
                expect(!held.contains(&blob.0[..]), Invariant::ErasedIsGone, detail)?;
            }
        }
        self.leave_no_trace(&files).await
    }

    /// The photos of reports whose link is erased, and that nothing else links.
    fn erased_files(&self, ops: &[(SignedOp, &PulledOp)]) -> Vec<(RecordId, BlobId, &[u8])> {
        let linked: BTreeSet<BlobId> = ops.iter().flat_map(|(op, _)| erasure::linked(op)).collect();
        let gone = erasure::erased(ops.iter().map(|(op, pulled)| (op, pulled.account)));
        let is_gone = |record: &RecordId, blob: &BlobId| {
            let made = self.saved.iter().find(|saved| saved.record == *record);
            let is_erased = made.and_then(|made| gone.get(&made.op)).is_some_and(|leaves| leaves.has(PHOTO));
            let is_there = |op: &SignedOp| made.is_some_and(|made| made.op == op.id());
            is_erased && !linked.contains(blob) && ops.iter().any(|(op, _)| is_there(op))
        };
        let photos = self.photos.iter().filter(|(_, record, blob, _)| is_gone(record, blob));
        photos.map(|(_, record, blob, bytes)| (*record, *blob, bytes.as_slice())).collect()
    }

    async fn leave_no_trace(&self, files: &[(RecordId, BlobId, &[u8])]) -> Checked {
        let server = self.network.server.borrow();
        let app = server.app();
        for (record, blob, bytes) in files {
            let detail = || format!("the server holds an erased photo of {record}");
            expect(!app.blobs.path(blob).exists(), Invariant::ErasedIsGone, detail)?;
            let now = self.network.now_millis.get();
            let export = evidence::export(&app.store, &app.key, &app.blobs, &app.city(), *record, now).await;
            // A photo of a few bytes may stand anywhere by chance.
            let is_there =
                |export: Vec<u8>| bytes.len() > 16 && export.windows(bytes.len()).any(|found| found == *bytes);
            let detail = || format!("the export of {record} holds an erased photo");
            expect(!export.is_ok_and(is_there), Invariant::ErasedIsGone, detail)?;
        }
        Ok(())
    }
}
