//! The contract of every store, as one suite. A new backend calls these with an empty store.

mod access;
mod city;
mod owned;
mod retention;
mod webhook;

use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::op::Leaves;
use greenshield_domain::policy::{Appointed, Facts, Office, Seat, Term};
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::Signed;
use greenshield_domain::tree::Frontier;
use greenshield_domain::verdict::{Decision, Ruling};
use greenshield_domain::wire::{Began, HealthReport, Verdict, WipeState};

pub(super) use self::access::keys_of_programs_are_found_by_their_secret_and_end;
pub(super) use self::city::versions_of_the_city_are_kept_by_number_and_withdrawn_once;
pub(super) use self::owned::what_somebody_has_is_told_by_kind_since_its_first_position;
pub(super) use self::retention::runs_are_kept_by_day_and_told_by_when_they_began;
pub(super) use self::webhook::receivers_are_kept_by_name_and_read_back;
use super::{
    AccountRow, AccountState, BlobRow, CheckpointRow, ErasingTx, InviteRow, NewLog, OpRow, Place, ServerRow, Store,
    StoreTx, UploadRow, WaitingRow,
};

fn account() -> AccountRow {
    AccountRow { id: AccountId([1; 16]), name: "义警甲".to_owned(), role: "volunteer".to_owned() }
}

fn signed() -> Signed {
    Signed { payload: vec![0xa0], signature: Signature([9; 64]) }
}

fn log_id() -> LogId {
    LogId([2; 32])
}

pub(super) fn op(pos: u64, size: usize, verdict: Verdict) -> OpRow {
    OpRow {
        pos,
        id: OpId([u8::try_from(pos).unwrap(); 32]),
        log: log_id(),
        seq: pos - 1,
        fork: pos == 3,
        record: RecordId([4; 16]),
        kind: 10,
        account: account().id,
        wall_millis: -5,
        eff_millis: 6,
        received_millis: 7,
        verdict,
        bytes: vec![0xcc; size],
    }
}

fn upload(id: &str, expires_at: i64) -> UploadRow {
    UploadRow {
        id: id.to_owned(),
        account: account().id,
        blob: BlobId([5; 32]),
        mime: "image/jpeg".to_owned(),
        length: 10,
        received: 0,
        complete: false,
        expires_at,
    }
}

/// The row that a first start writes.
pub(super) async fn first_start<S: Store>(store: &S) -> ServerRow {
    let row = ServerRow { epoch: Epoch([8; 8]), key_pkcs8: vec![1, 2, 3], began: None };
    let mut tx = store.begin().await.unwrap();
    tx.put_server(&row, 1).await.unwrap();
    tx.commit().await.unwrap();
    row
}

/// Server, account and one log.
pub(super) async fn with_log<S: Store>(store: &S) {
    first_start(store).await;
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(), 1).await.unwrap();
    let (id, account, public_key) = (log_id(), account().id, PublicKey([4; 65]));
    tx.put_log(&NewLog { id, account, public_key, certificate: signed(), enrolled_at: 1 }).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) async fn everything_written_reads_back<S: Store>(store: &S) {
    with_log(store).await;
    enrolment_reads_back(store).await;
    ops_read_back(store).await;
    uploads_read_back(store).await;
    devices_read_back(store).await;
    store.check_writable().await.unwrap();
}

async fn enrolment_reads_back<S: Store>(store: &S) {
    let (code_hash, nonce, invited_by) = ([3; 32], [6; 16], Some(AccountId([7; 16])));
    let invite = InviteRow { code_hash, account: account(), nonce, expires_at: 100, used_by: None, invited_by };
    let mut tx = store.begin().await.unwrap();
    tx.put_invite(&invite, 1).await.unwrap();
    assert_eq!(tx.invite([3; 32]).await.unwrap().as_ref(), Some(&invite));
    tx.use_invite([3; 32], log_id(), 2).await.unwrap();
    tx.set_lease(log_id(), [1; 16], Some([2; 16])).await.unwrap();
    tx.set_base_url("http://[::1]:1").await.unwrap();
    tx.set_epoch(Epoch([9; 8])).await.unwrap();
    let began = Some(Began { after: Epoch([8; 8]), size: 0 });
    let server = tx.server().await.unwrap().unwrap();
    assert_eq!((server.epoch, server.began), (Epoch([9; 8]), began));
    tx.commit().await.unwrap();
    assert_eq!(store.invite([3; 32]).await.unwrap().unwrap().used_by, Some(log_id()));
    assert_eq!(store.invite([4; 32]).await.unwrap(), None);
    assert_eq!(store.base_url().await.unwrap().as_deref(), Some("http://[::1]:1"));
    assert_eq!(store.server().await.unwrap().unwrap(), server);
    assert_eq!(store.account_named("义警甲", "volunteer").await.unwrap(), Some(account()));
    assert_eq!(store.account_named("义警甲", "desk").await.unwrap(), None);
    let log = store.log(log_id()).await.unwrap().unwrap();
    assert_eq!((log.lease_current, log.lease_previous), (Some([1; 16]), Some([2; 16])));
    assert_eq!((log.account, log.certificate, log.head), (account(), signed(), None));
    assert_eq!(store.log(LogId([0; 32])).await.unwrap(), None);
    assert!(store.heads(&[log_id()]).await.unwrap().is_empty());

    let mut tx = store.begin().await.unwrap();
    assert!(tx.revoke_log(log_id(), 50).await.unwrap());
    assert!(tx.revoke_account(account().id, 40).await.unwrap());
    assert!(tx.revoke_account(account().id, 30).await.unwrap());
    assert!(!tx.revoke_log(LogId([0; 32]), 1).await.unwrap());
    let log = tx.log(log_id()).await.unwrap().unwrap();
    assert_eq!(log.revoked_at, Some(40));
    assert!(log.standing(40).revoked && !log.standing(39).revoked);
}

async fn ops_read_back<S: Store>(store: &S) {
    let waiting = WaitingRow { id: OpId([77; 32]), log: log_id(), seq: 9, received_millis: 3, bytes: vec![1] };
    let checkpoint = |size, id| CheckpointRow { id: CheckpointId([id; 16]), size, time_millis: 5, signed: signed() };
    let mut frontier = Frontier::default();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.frontier().await.unwrap(), frontier);
    for row in [op(1, 4, Verdict::Ok), op(2, 4, Verdict::Held("revoked".to_owned())), op(3, 4, Verdict::Void)] {
        tx.put_op(&row).await.unwrap();
        frontier.push(row.id.0);
    }
    tx.set_head(log_id(), 1, OpId([2; 32])).await.unwrap();
    tx.flag_fork(log_id(), 1).await.unwrap();
    tx.put_waiting(&waiting).await.unwrap();
    tx.link_blob(RecordId([4; 16]), BlobId([5; 32])).await.unwrap();
    tx.link_blob(RecordId([4; 16]), BlobId([5; 32])).await.unwrap();
    tx.put_checkpoint(&frontier, &checkpoint(3, 1)).await.unwrap();
    tx.put_checkpoint(&frontier, &checkpoint(3, 2)).await.unwrap();
    for n in 0..5u8 {
        tx.put_rejected("shape", &[n], i64::from(n), 3).await.unwrap();
    }
    tx.delete_rejected_before(3).await.unwrap();
    tx.commit().await.unwrap();

    let ops = store.ops_after(0, 10, 1000).await.unwrap();
    let verdicts: Vec<Verdict> = ops.iter().map(|op| op.verdict.clone()).collect();
    assert_eq!(verdicts, [Verdict::Ok, Verdict::Held("revoked".to_owned()), Verdict::Void]);
    assert_eq!((ops[0].pos, ops[0].eff_millis, ops[0].received_millis, ops[0].account), (1, 6, 7, account().id));
    assert_eq!(ops[0].op, vec![0xcc; 4]);
    assert_eq!(store.newest_pos().await.unwrap(), 3);
    assert_eq!(store.newest_checkpoint().await.unwrap(), Some(checkpoint(3, 2)));
    assert_eq!(store.checkpoint_of_size(3).await.unwrap(), Some(checkpoint(3, 2)), "the newest of that size");
    assert_eq!(store.checkpoint_of_size(2).await.unwrap(), None);
    let found = (store.op_pos(OpId([3; 32])).await.unwrap(), store.op_pos(OpId([88; 32])).await.unwrap());
    assert_eq!(found, (Some(3), None));
    assert_eq!(store.record_of(OpId([3; 32])).await.unwrap(), Some(RecordId([4; 16])));
    assert_eq!(store.record_of(OpId([88; 32])).await.unwrap(), None);
    assert_eq!(store.op_ids_after(1, 9).await.unwrap(), [OpId([2; 32]), OpId([3; 32])]);
    assert_eq!(store.op_ids_after(0, 1).await.unwrap(), [OpId([1; 32])]);
    assert_eq!(store.people(&[account().id, AccountId([0; 16])]).await.unwrap().len(), 1);
    let heads = store.heads(&[log_id(), LogId([0; 32])]).await.unwrap();
    assert_eq!((heads.len(), heads[0].seq, heads[0].id), (1, 1, OpId([2; 32])));

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.frontier().await.unwrap(), frontier);
    assert_eq!(tx.checkpoint_time(CheckpointId([1; 16])).await.unwrap(), Some(5));
    assert_eq!(tx.checkpoint_time(CheckpointId([7; 16])).await.unwrap(), None);
    assert_eq!(tx.newest_checkpoint().await.unwrap(), Some(checkpoint(3, 2)));
    let mut known = tx.known(&[OpId([1; 32]), OpId([3; 32]), waiting.id, OpId([88; 32])]).await.unwrap();
    known.sort_by_key(|known| known.id);
    let places: Vec<(i64, Place)> = known.iter().map(|known| (known.received_millis, known.place)).collect();
    assert_eq!(places, [(7, Place::Main), (7, Place::Fork), (3, Place::Waiting)]);
    assert_eq!(tx.waiting_count(log_id()).await.unwrap(), 1);
    assert_eq!(tx.waiting_at(log_id(), 9).await.unwrap(), std::slice::from_ref(&waiting));
    tx.delete_waiting(waiting.id).await.unwrap();
    assert!(tx.waiting_at(log_id(), 9).await.unwrap().is_empty());
}

async fn devices_read_back<S: Store>(store: &S) {
    let other = LogId([3; 32]);
    let mut tx = store.begin().await.unwrap();
    let public_key = PublicKey([4; 65]);
    let newer = NewLog { id: other, account: account().id, public_key, certificate: signed(), enrolled_at: 20 };
    tx.put_log(&newer).await.unwrap();
    tx.put_health(log_id(), &HealthReport { ops_unsent: 1, ..HealthReport::default() }, 30).await.unwrap();
    let second = HealthReport { ops_unsent: 2, browser: "chrome".to_owned(), ..HealthReport::default() };
    tx.put_health(log_id(), &second, 31).await.unwrap();
    tx.commit().await.unwrap();
    let found = store.devices(100).await.unwrap();
    let told: Vec<_> = found.iter().map(|(row, _)| (row.log, row.contact_millis, row.report.clone())).collect();
    assert_eq!(told, [(log_id(), 31, Some(second)), (other, 20, None)]);
    assert_eq!((&found[0].0.name, found[0].0.account, found[0].0.enrolled_millis), (&account().name, account().id, 1));

    let mut tx = store.begin().await.unwrap();
    tx.put_health(other, &HealthReport { continues: Some(log_id()), ..HealthReport::default() }, 40).await.unwrap();
    tx.revoke_log(other, 50).await.unwrap();
    tx.commit().await.unwrap();
    let logs = async |now| -> Vec<_> {
        store.devices(now).await.unwrap().into_iter().map(|(row, _)| (row.log, row.revoked)).collect()
    };
    assert_eq!((logs(49).await, logs(50).await), (vec![(other, false)], vec![(other, true)]));
}

async fn uploads_read_back<S: Store>(store: &S) {
    let (record, blob) = (RecordId([4; 16]), BlobId([5; 32]));
    assert_eq!(store.blob_of_record(record, blob).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.put_upload(&upload("a", 10)).await.unwrap();
    tx.put_upload(&upload("b", 20)).await.unwrap();
    tx.set_upload_received("a", 4, 15).await.unwrap();
    let row = |received_millis| BlobRow { id: blob, size_bytes: 10, mime: "image/jpeg".to_owned(), received_millis };
    assert_eq!(tx.complete_upload("b", &row(5)).await.unwrap(), row(5));
    assert_eq!(tx.complete_upload("b", &row(6)).await.unwrap(), row(5), "the first arrival stays");
    tx.commit().await.unwrap();
    let a = store.upload("a").await.unwrap().unwrap();
    assert_eq!((a.received, a.expires_at, a.complete), (4, 15, false));
    let b = store.upload("b").await.unwrap().unwrap();
    assert_eq!((b.received, b.complete), (10, true));
    assert_eq!(store.expired_uploads(15).await.unwrap(), [a]);
    assert_eq!(store.blob(blob).await.unwrap(), Some(row(5)));
    assert_eq!(store.blob_of_record(record, blob).await.unwrap(), Some(row(5)));
    assert_eq!(store.blob_of_record(RecordId([9; 16]), blob).await.unwrap(), None);
    assert_eq!(store.records_linking(blob).await.unwrap(), [record]);
    assert_eq!(store.records_linking(BlobId([9; 32])).await.unwrap(), []);
    let mut tx = store.begin().await.unwrap();
    tx.delete_upload("a").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.upload("a").await.unwrap(), None);
}

pub(super) async fn records_are_told_by_where_they_began<S: Store>(store: &S) {
    with_log(store).await;
    let mut tx = store.begin().await.unwrap();
    for (pos, record) in (1..).zip([1, 2, 1, 3, 2, 4, 3]) {
        tx.put_op(&OpRow { record: RecordId([record; 16]), ..op(pos, 100, Verdict::Ok) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let told = async |from, upto, max| -> Vec<(u8, u64, u64, usize, usize)> {
        let spans = store.records_down_from(from, upto, max).await.unwrap();
        spans.iter().map(|span| (span.record.0[0], span.first, span.last, span.ops, span.size_bytes)).collect()
    };
    let all = [(4, 6, 6, 1, 100), (3, 4, 7, 2, 200), (2, 2, 5, 2, 200), (1, 1, 3, 2, 200)];
    assert_eq!(told(7, 7, 10).await, all);
    assert_eq!(told(7, 7, 2).await, all[..2]);
    assert_eq!(
        told(5, 6, 10).await,
        [(3, 4, 4, 1, 100), all[2], all[3]],
        "a later op counts only up to the upper position"
    );
    assert_eq!(told(0, 7, 10).await, []);
    let page = async |records: &[u8], span, ops, bytes| -> Vec<u64> {
        let records: Vec<RecordId> = records.iter().map(|record| RecordId([*record; 16])).collect();
        store.ops_of_records(&records, span, ops, bytes).await.unwrap().iter().map(|op| op.pos).collect()
    };
    assert_eq!(page(&[3, 1], 1..=7, usize::MAX, usize::MAX).await, [1, 3, 4, 7]);
    assert_eq!(page(&[3, 1], 2..=6, 100, 10_000).await, [3, 4]);
    assert_eq!(page(&[3, 1], 2..=7, 1, 10_000).await, [3]);
    assert_eq!(page(&[3, 1], 2..=7, 9, 250).await, [3, 4]);
    assert_eq!(page(&[3], 7..=7, 9, 1).await, [7], "one op is given however large it is");
    assert_eq!(page(&[], 1..=7, 9, 10_000).await, [0u64; 0]);
}

pub(super) async fn the_decision_with_the_greatest_rank_counts<S: Store>(store: &S) {
    with_log(store).await;
    let decision = |target: u8, eff_millis, seq, verdict| Decision {
        id: OpId([40; 32]),
        seq,
        eff_millis,
        ruling: Ruling { target: OpId([target; 32]), verdict, by: account().id, reason: String::new() },
    };
    let mut tx = store.begin().await.unwrap();
    let held = |reason: &str| Verdict::Held(reason.to_owned());
    for row in [op(1, 4, Verdict::Ok), op(2, 4, held("revoked")), op(3, 4, held("recreated")), op(4, 4, Verdict::Void)]
    {
        tx.put_op(&OpRow { record: RecordId([5 + u8::try_from(row.pos / 3).unwrap(); 16]), ..row }).await.unwrap();
    }
    let judged = tx.judged(OpId([2; 32])).await.unwrap().unwrap();
    assert_eq!((judged.record, judged.kind, judged.verdict), (RecordId([5; 16]), 10, held("revoked")));
    assert_eq!(judged.decided_millis, None);
    assert_eq!(tx.judged(OpId([99; 32])).await.unwrap(), None);
    for row in [
        decision(2, 50, 3, Verdict::Ok),
        decision(2, 50, 2, Verdict::Void),
        decision(2, 49, 9, Verdict::Void),
        decision(1, 7, 1, held("decided")),
        decision(98, 7, 1, Verdict::Void),
        decision(4, 1, 1, held("decided")),
        decision(4, 1, 2, Verdict::Void),
    ] {
        tx.put_decision(&row).await.unwrap();
    }
    let judged = tx.judged(OpId([2; 32])).await.unwrap().unwrap();
    assert_eq!((judged.verdict, judged.decided_millis), (Verdict::Ok, Some(50)));
    let newest = async |tx: &mut S::Tx, log, record| tx.newest_on_record(log, RecordId([record; 16])).await.unwrap();
    assert_eq!(newest(&mut tx, log_id(), 5).await, Some(Verdict::Ok));
    assert_eq!(newest(&mut tx, log_id(), 6).await, Some(Verdict::Void));
    assert_eq!(newest(&mut tx, log_id(), 7).await, None);
    assert_eq!(newest(&mut tx, LogId([0; 32]), 5).await, None);
    let mut first = tx.first_ops(&[RecordId([5; 16]), RecordId([6; 16]), RecordId([7; 16])]).await.unwrap();
    first.sort();
    let expected = [5, 6].map(|record| (RecordId([record; 16]), account().id, vec![0xcc; 4]));
    assert_eq!(first, expected);
    assert_eq!(tx.first_ops(&[]).await.unwrap(), []);
    tx.commit().await.unwrap();
    let waiting = async |after, max| -> Vec<(u64, String)> {
        let rows = store.held_after(after, max).await.unwrap();
        rows.into_iter().map(|row| (row.pos, row.reason)).collect()
    };
    let both = [(1, "decided".to_owned()), (3, "recreated".to_owned())];
    assert_eq!(waiting(0, 9).await, both);
    assert_eq!(waiting(0, 1).await, both[..1]);
    assert_eq!(waiting(1, 9).await, both[1..]);
}

pub(super) async fn where_a_record_belonged_is_told_by_position<S: Store>(store: &S) {
    with_log(store).await;
    let seat = |area: &str| Seat { areas: vec![area.to_owned()], unit: Some("water".to_owned()) };
    let record = |n: u8| RecordId([n; 16]);
    let of = |area: &str| Facts {
        kind: 10,
        owner: account().id,
        home: seat(area),
        area: None,
        unit: None,
        assigned: vec![AccountId([3; 16])],
        helpers: vec!["police".to_owned()],
    };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.facts(&[record(4)]).await.unwrap(), []);
    for (n, since, area) in [(4, 1, "620723"), (9, 2, "620724"), (4, 3, "620725")] {
        tx.put_facts(record(n), since, &of(area)).await.unwrap();
    }
    assert_eq!(tx.facts(&[record(4)]).await.unwrap(), [(record(4), of("620725"))]);
    tx.put_op(&op(1, 4, Verdict::Ok)).await.unwrap();
    let ops = tx.ops_of_record(record(4)).await.unwrap();
    assert_eq!(ops.iter().map(|op| op.pos).collect::<Vec<_>>(), [1]);
    assert!(tx.set_seat(account().id, "chief", &seat("620723")).await.unwrap());
    assert!(!tx.set_seat(AccountId([0; 16]), "chief", &seat("620723")).await.unwrap());
    tx.commit().await.unwrap();
    let history = store.histories(&[record(4), record(5)]).await.unwrap();
    assert_eq!(history, [(record(4), 1, of("620723")), (record(4), 3, of("620725"))]);
    assert_eq!(store.facts_after(None, 1).await.unwrap(), [(record(4), of("620725"))]);
    assert_eq!(store.facts_after(Some(record(4)), 9).await.unwrap(), [(record(9), of("620724"))]);
    let standing = store.log(log_id()).await.unwrap().unwrap().standing(1);
    assert_eq!((standing.role.as_str(), standing.seat), ("chief", seat("620723")));
}

pub(super) async fn people_are_appointed_and_their_phones_end<S: Store>(store: &S) {
    with_log(store).await;
    let term = Term { from_millis: Some(-5), until_millis: Some(50) };
    let seat = Seat { areas: vec!["620723".to_owned()], unit: None };
    let now = Appointed { name: "李山".to_owned(), office: Office { role: "chief".to_owned(), seat, term } };
    let mut tx = store.begin().await.unwrap();
    let before = tx.accounts(&[account().id, AccountId([9; 16])]).await.unwrap();
    assert_eq!(before.iter().map(AccountState::row).collect::<Vec<_>>(), [account()]);
    assert_eq!(before[0].now, before[0].base, "nobody said anything yet");
    let state = AccountState { now: now.clone(), ..before[0].clone() };
    assert!(tx.appoint(&state).await.unwrap());
    assert!(!tx.appoint(&AccountState { id: AccountId([9; 16]), ..state.clone() }).await.unwrap());
    let (by, other) = (AccountId([8; 16]), AccountId([7; 16]));
    assert!(!tx.put_wiped(log_id(), &signed(), 60).await.unwrap(), "nobody asked");
    for (by, reason, now) in [(by, "lost", 60), (other, "again", 70)] {
        assert!(tx.revoke_for(log_id(), by, reason, now).await.unwrap());
        assert!(tx.ask_wipe(log_id(), by, reason, now + 1).await.unwrap());
    }
    assert!(!tx.revoke_for(LogId([0; 32]), by, "lost", 60).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.account(account().id).await.unwrap(), Some(state));
    assert_eq!(store.account(AccountId([9; 16])).await.unwrap(), None);
    let log = store.log(log_id()).await.unwrap().unwrap();
    assert_eq!((log.account.name.as_str(), log.term, log.revoked_at), ("李山", term, Some(60)));
    assert_eq!(log.wipe, Some(WipeState { asked_millis: 61, wiped_millis: None }));
    assert_eq!([-6, -5, 49, 50].map(|at| log.standing(at).revoked), [true, false, false, true]);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.put_wiped(log_id(), &signed(), 80).await.unwrap());
    assert!(!tx.put_wiped(log_id(), &signed(), 90).await.unwrap(), "the first word stays");
    tx.commit().await.unwrap();
    let (row, _) = store.devices(100).await.unwrap().remove(0);
    assert_eq!((row.revoke_reason.as_deref(), row.revoked), (Some("lost"), true));
    assert_eq!(row.wipe, Some(WipeState { asked_millis: 61, wiped_millis: Some(80) }));
}

pub(super) async fn what_is_erased_is_overwritten_and_its_files_are_doomed<S: Store>(store: &S) {
    with_log(store).await;
    let (id, blob, record) = (|n: u8| OpId([n; 32]), BlobId([5; 32]), RecordId([4; 16]));
    let waiting = |bytes| WaitingRow { id: id(8), log: log_id(), seq: 9, received_millis: 1, bytes };
    let mut tx = store.begin().await.unwrap();
    tx.put_op(&op(1, 40, Verdict::Ok)).await.unwrap();
    tx.put_waiting(&waiting(vec![7; 9])).await.unwrap();
    tx.put_rejected("shape", b"a copy", 1, 10).await.unwrap();
    tx.put_upload(&upload("up", 100)).await.unwrap();
    let row = BlobRow { id: blob, size_bytes: 10, mime: "image/jpeg".to_owned(), received_millis: 3 };
    tx.complete_upload("up", &row).await.unwrap();
    tx.link_blob(record, blob).await.unwrap();
    tx.link_blob(RecordId([6; 16]), blob).await.unwrap();
    assert_eq!(tx.erased(&[id(1)]).await.unwrap(), []);
    assert!(!tx.scrub_due().await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    for (op, leaves) in [(1, Leaves(1 << 63)), (1, Leaves(5)), (9, Leaves(2))] {
        tx.put_erased(id(op), leaves).await.unwrap();
    }
    let mut erased = tx.erased(&[id(1), id(2), id(9)]).await.unwrap();
    erased.sort_unstable();
    assert_eq!(erased, [(id(1), Leaves(5 | 1 << 63)), (id(9), Leaves(2))]);
    tx.overwrite(id(1), b"what is left").await.unwrap();
    tx.overwrite(id(8), b"of this, too").await.unwrap();
    assert_eq!(tx.ops_of_record(record).await.unwrap()[0].op, b"what is left");
    assert_eq!(tx.all_waiting().await.unwrap(), [waiting(b"of this, too".to_vec())]);
    tx.delete_rejected().await.unwrap();
    tx.unlink_blob(record, blob).await.unwrap();
    assert_eq!((tx.doomed_blobs().await.unwrap(), tx.is_erased_blob(blob).await.unwrap()), (vec![], false));
    tx.unlink_blob(RecordId([6; 16]), blob).await.unwrap();
    assert_eq!((tx.doomed_blobs().await.unwrap(), tx.is_erased_blob(blob).await.unwrap()), (vec![blob], true));
    assert_eq!(tx.uploads_of(blob).await.unwrap().len(), 1);
    tx.set_blob_gone(blob, true).await.unwrap();
    assert_eq!((tx.doomed_blobs().await.unwrap(), tx.is_erased_blob(blob).await.unwrap()), (vec![], true));
    tx.set_scrub_due(true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.blob(blob).await.unwrap(), None);
    assert!(store.scrub().await.unwrap());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.scrub_due().await.unwrap());
    tx.link_blob(record, blob).await.unwrap();
    assert!(!tx.is_erased_blob(blob).await.unwrap(), "another op links it");
    tx.commit().await.unwrap();
    assert_eq!(store.ops_after(0, 9, 9_000).await.unwrap()[0].op, b"what is left");
}

pub(super) async fn a_dropped_transaction_leaves_no_trace<S: Store>(store: &S) {
    with_log(store).await;
    let mut tx = store.begin().await.unwrap();
    tx.put_op(&op(1, 4, Verdict::Ok)).await.unwrap();
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.known(&[OpId([1; 32])]).await.unwrap().is_empty());
    tx.put_op(&op(1, 4, Verdict::Ok)).await.unwrap();
    let again = match tx.put_op(&op(1, 4, Verdict::Ok)).await {
        Ok(()) => tx.commit().await,
        Err(error) => Err(error),
    };
    assert!(again.is_err(), "a position is given once");
}

pub(super) async fn pages_stop_at_their_limits<S: Store>(store: &S) {
    with_log(store).await;
    let mut tx = store.begin().await.unwrap();
    for pos in 1..=9 {
        tx.put_op(&op(pos, 100, Verdict::Ok)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let page = async |after, ops, bytes| -> Vec<u64> {
        store.ops_after(after, ops, bytes).await.unwrap().iter().map(|op| op.pos).collect()
    };
    assert_eq!(page(0, 2, 10_000).await, [1, 2]);
    assert_eq!(page(2, 100, 250).await, [3, 4]);
    assert_eq!(page(7, 100, 1).await, [8], "one op is given however large it is");
    assert_eq!(page(9, 100, 10_000).await, [0u64; 0]);
}
