//! The one write transaction of the SQLite store.

use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::policy::{Facts, Office, Seat};
use greenshield_domain::statement::Signed;
use greenshield_domain::tree::Frontier;
use greenshield_domain::verdict::Decision;
use greenshield_domain::wire::{HealthReport, PulledOp, Verdict};
use sqlx::sqlite::{SqliteArguments, SqliteQueryResult};
use sqlx::{Sqlite, Transaction};

use super::rows::{self, fixed, uint};
use super::{fault, id_list, int};
use crate::store::{
    AccountRow, AccountState, BlobRow, CheckpointRow, InviteRow, JudgedOp, KnownOp, LogRow, NewLog, OpRow, Place,
    ServerRow, StoreError, StoreTx, Stored, UploadRow, WaitingRow, to_json,
};

/// A transaction on the writer connection; dropped without commit, it is rolled back.
#[derive(Debug)]
pub struct SqliteTx(pub(super) Transaction<'static, Sqlite>);

impl SqliteTx {
    pub(super) async fn run(
        &mut self,
        query: sqlx::query::Query<'_, Sqlite, SqliteArguments>,
    ) -> Stored<SqliteQueryResult> {
        query.execute(&mut *self.0).await.map_err(fault)
    }
}

impl StoreTx for SqliteTx {
    async fn commit(self) -> Stored<()> {
        self.0.commit().await.map_err(fault)
    }

    async fn server(&mut self) -> Stored<Option<ServerRow>> {
        let row = sqlx::query(rows::SERVER).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::server).transpose()
    }

    async fn put_server(&mut self, row: &ServerRow, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO server (one, epoch, key_pkcs8, created, tree_size, tree_hashes) VALUES (1, ?, ?, ?, 0, x'')",
        );
        self.run(insert.bind(&row.epoch.0[..]).bind(&row.key_pkcs8).bind(now_millis)).await.map(drop)
    }

    async fn set_epoch(&mut self, epoch: Epoch) -> Stored<()> {
        self.run(
            sqlx::query("UPDATE server SET began_after = epoch, began_size = tree_size, epoch = ?").bind(&epoch.0[..]),
        )
        .await
        .map(drop)
    }

    async fn set_base_url(&mut self, url: &str) -> Stored<()> {
        self.run(sqlx::query("UPDATE server SET base_url = ?").bind(url)).await.map(drop)
    }

    async fn put_account(&mut self, account: &AccountRow, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO account (id, name, role, created) VALUES (?, ?, ?, ?)");
        let insert = insert.bind(&account.id.0[..]).bind(&account.name).bind(&account.role).bind(now_millis);
        self.run(insert).await.map(drop)
    }

    async fn set_seat(&mut self, account: AccountId, role: &str, seat: &Seat) -> Stored<bool> {
        let update = sqlx::query("UPDATE account SET role = ?, seat = ?, base = NULL WHERE id = ?");
        let update = update.bind(role).bind(to_json(seat)).bind(&account.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn accounts(&mut self, accounts: &[AccountId]) -> Stored<Vec<AccountState>> {
        let found = sqlx::query(rows::ACCOUNTS).bind(id_list(accounts.iter().map(|id| &id.0[..])));
        found.fetch_all(&mut *self.0).await.map_err(fault)?.iter().map(rows::account_state).collect()
    }

    async fn appoint(&mut self, state: &AccountState) -> Stored<bool> {
        let Office { role, seat, term } = &state.now.office;
        let update = sqlx::query(rows::APPOINT)
            .bind(&state.now.name)
            .bind(role)
            .bind(to_json(seat))
            .bind(term.from_millis)
            .bind(term.until_millis)
            .bind(to_json(&state.base))
            .bind(&state.id.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn put_invite(&mut self, invite: &InviteRow, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO invite (code_hash, account, nonce, created, expires_at, invited_by) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&invite.code_hash[..])
        .bind(&invite.account.id.0[..])
        .bind(&invite.nonce[..])
        .bind(now_millis)
        .bind(invite.expires_at)
        .bind(invite.invited_by.as_ref().map(|account| &account.0[..]));
        self.run(insert).await.map(drop)
    }

    async fn invite(&mut self, code_hash: [u8; 32]) -> Stored<Option<InviteRow>> {
        let row = sqlx::query(rows::INVITE).bind(&code_hash[..]).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::invite).transpose()
    }

    async fn use_invite(&mut self, code_hash: [u8; 32], log: LogId, now_millis: i64) -> Stored<()> {
        let update = sqlx::query("UPDATE invite SET used_by_log = ?, used_at = ? WHERE code_hash = ?");
        self.run(update.bind(&log.0[..]).bind(now_millis).bind(&code_hash[..])).await.map(drop)
    }

    async fn put_log(&mut self, log: &NewLog) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO log (id, account, public_key, certificate, certificate_sig, enrolled_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&log.id.0[..])
        .bind(&log.account.0[..])
        .bind(&log.public_key.0[..])
        .bind(&log.certificate.payload)
        .bind(&log.certificate.signature.0[..])
        .bind(log.enrolled_at);
        self.run(insert).await.map(drop)
    }

    async fn log(&mut self, log: LogId) -> Stored<Option<LogRow>> {
        let row = sqlx::query(rows::LOG).bind(&log.0[..]).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::log).transpose()
    }

    async fn set_head(&mut self, log: LogId, seq: u64, id: OpId) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET head_seq = ?, head_id = ? WHERE id = ?");
        self.run(update.bind(int(seq)).bind(&id.0[..]).bind(&log.0[..])).await.map(drop)
    }

    async fn flag_fork(&mut self, log: LogId, now_millis: i64) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET forked_at = coalesce(forked_at, ?) WHERE id = ?");
        self.run(update.bind(now_millis).bind(&log.0[..])).await.map(drop)
    }

    async fn set_lease(&mut self, log: LogId, current: [u8; 16], previous: Option<[u8; 16]>) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET lease_current = ?, lease_previous = ? WHERE id = ?");
        let previous = previous.as_ref().map(|lease| &lease[..]);
        self.run(update.bind(&current[..]).bind(previous).bind(&log.0[..])).await.map(drop)
    }

    async fn revoke_log(&mut self, log: LogId, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query("UPDATE log SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?");
        Ok(self.run(update.bind(now_millis).bind(&log.0[..])).await?.rows_affected() > 0)
    }

    async fn revoke_for(&mut self, log: LogId, by: AccountId, reason: &str, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query(rows::REVOKE_FOR).bind(&by.0[..]).bind(reason).bind(now_millis).bind(&log.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn ask_wipe(&mut self, log: LogId, by: AccountId, reason: &str, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query(rows::ASK_WIPE).bind(&by.0[..]).bind(reason).bind(now_millis).bind(&log.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn put_wiped(&mut self, log: LogId, word: &Signed, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query(rows::PUT_WIPED).bind(now_millis).bind(&word.payload);
        let update = update.bind(&word.signature.0[..]).bind(&log.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn revoke_account(&mut self, account: AccountId, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query("UPDATE account SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?");
        Ok(self.run(update.bind(now_millis).bind(&account.0[..])).await?.rows_affected() > 0)
    }

    async fn put_health(&mut self, log: LogId, report: &HealthReport, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query(rows::PUT_HEALTH)
            .bind(&log.0[..])
            .bind(now_millis)
            .bind(report.continues.as_ref().map(|log| &log.0[..]))
            .bind(report.encode());
        self.run(insert).await.map(drop)
    }

    async fn known(&mut self, ids: &[OpId]) -> Stored<Vec<KnownOp>> {
        let found = sqlx::query(
            "WITH asked AS MATERIALIZED (SELECT unhex(value) AS id FROM json_each(?1))
             SELECT o.id, o.received, o.branch AS place FROM asked CROSS JOIN op o ON o.id = asked.id
             UNION ALL
             SELECT p.id, p.received, 2 AS place FROM asked CROSS JOIN pen p ON p.id = asked.id",
        )
        .bind(id_list(ids.iter().map(|id| &id.0[..])))
        .fetch_all(&mut *self.0)
        .await
        .map_err(fault)?;
        let known = |row| {
            let place = match uint(row, "op", "place")? {
                0 => Place::Main,
                1 => Place::Fork,
                _ => Place::Waiting,
            };
            Ok(KnownOp { id: OpId(fixed(row, "op", "id")?), received_millis: rows::int(row, "received")?, place })
        };
        found.iter().map(known).collect()
    }

    async fn judged(&mut self, op: OpId) -> Stored<Option<JudgedOp>> {
        let row = sqlx::query(rows::JUDGED).bind(&op.0[..]).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::judged).transpose()
    }

    async fn put_decision(&mut self, decision: &Decision) -> Stored<()> {
        let insert = sqlx::query(rows::PUT_DECISION)
            .bind(&decision.ruling.target.0[..])
            .bind(decision.eff_millis)
            .bind(int(decision.seq))
            .bind(&decision.id.0[..])
            .bind(rows::verdict_text(&decision.ruling.verdict));
        self.run(insert).await.map(drop)
    }

    async fn first_ops(&mut self, records: &[RecordId]) -> Stored<Vec<(RecordId, AccountId, Vec<u8>)>> {
        let found = sqlx::query(rows::FIRST_OPS).bind(id_list(records.iter().map(|id| &id.0[..])));
        found.fetch_all(&mut *self.0).await.map_err(fault)?.iter().map(rows::first_op).collect()
    }

    async fn newest_on_record(&mut self, log: LogId, record: RecordId) -> Stored<Option<Verdict>> {
        let newest = sqlx::query(rows::NEWEST_ON_RECORD).bind(&record.0[..]).bind(&log.0[..]);
        let row = newest.fetch_optional(&mut *self.0).await;
        Ok(row.map_err(fault)?.as_ref().map(rows::judged).transpose()?.map(|found| found.verdict))
    }

    async fn put_op(&mut self, op: &OpRow) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO op (pos, id, log, seq, branch, record, kind, account, wall, eff, received, verdict, bytes)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(int(op.pos))
        .bind(&op.id.0[..])
        .bind(&op.log.0[..])
        .bind(int(op.seq))
        .bind(op.fork)
        .bind(&op.record.0[..])
        .bind(i64::from(op.kind))
        .bind(&op.account.0[..])
        .bind(op.wall_millis)
        .bind(op.eff_millis)
        .bind(op.received_millis)
        .bind(rows::verdict_text(&op.verdict))
        .bind(&op.bytes);
        self.run(insert).await.map(drop)
    }

    async fn facts(&mut self, records: &[RecordId]) -> Stored<Vec<(RecordId, Facts)>> {
        let found = sqlx::query(rows::FACTS).bind(id_list(records.iter().map(|id| &id.0[..])));
        found.fetch_all(&mut *self.0).await.map_err(fault)?.iter().map(rows::facts).collect()
    }

    async fn put_facts(&mut self, record: RecordId, since: u64, facts: &Facts) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO belongs (record, since, facts) VALUES (?, ?, ?)");
        self.run(insert.bind(&record.0[..]).bind(int(since)).bind(to_json(facts))).await.map(drop)
    }

    async fn ops_of_record(&mut self, record: RecordId) -> Stored<Vec<PulledOp>> {
        let found =
            sqlx::query("SELECT pos, eff, received, verdict, account, bytes FROM op WHERE record = ? ORDER BY pos");
        let found = found.bind(&record.0[..]).fetch_all(&mut *self.0).await;
        found.map_err(fault)?.iter().map(rows::pulled).collect()
    }

    async fn link_blob(&mut self, record: RecordId, blob: BlobId) -> Stored<()> {
        let insert = sqlx::query("INSERT OR IGNORE INTO op_blob (record, sha256) VALUES (?, ?)");
        self.run(insert.bind(&record.0[..]).bind(&blob.0[..])).await?;
        self.run(sqlx::query("DELETE FROM erased_blob WHERE sha256 = ?").bind(&blob.0[..])).await.map(drop)
    }

    async fn waiting_count(&mut self, log: LogId) -> Stored<u64> {
        let count = sqlx::query("SELECT count(*) AS n FROM pen WHERE log = ?").bind(&log.0[..]);
        uint(&count.fetch_one(&mut *self.0).await.map_err(fault)?, "pen", "n")
    }

    async fn waiting_at(&mut self, log: LogId, seq: u64) -> Stored<Vec<WaitingRow>> {
        let found = sqlx::query(
            "SELECT id, log, seq, received, bytes FROM pen WHERE log = ? AND seq = ? ORDER BY received, id",
        )
        .bind(&log.0[..])
        .bind(int(seq))
        .fetch_all(&mut *self.0)
        .await;
        found.map_err(fault)?.iter().map(rows::waiting).collect()
    }

    async fn put_waiting(&mut self, row: &WaitingRow) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO pen (id, log, seq, received, bytes) VALUES (?, ?, ?, ?, ?)")
            .bind(&row.id.0[..])
            .bind(&row.log.0[..])
            .bind(int(row.seq))
            .bind(row.received_millis)
            .bind(&row.bytes);
        self.run(insert).await.map(drop)
    }

    async fn delete_waiting(&mut self, id: OpId) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM pen WHERE id = ?").bind(&id.0[..])).await.map(drop)
    }

    async fn put_rejected(&mut self, reason: &str, bytes: &[u8], now_millis: i64, keep: u64) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO rejected (received, reason, bytes) VALUES (?, ?, ?)");
        let inserted = self.run(insert.bind(now_millis).bind(reason).bind(bytes)).await?;
        let oldest = inserted.last_insert_rowid().saturating_sub(int(keep));
        self.run(sqlx::query("DELETE FROM rejected WHERE number <= ?").bind(oldest)).await.map(drop)
    }

    async fn delete_rejected_before(&mut self, millis: i64) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM rejected WHERE received < ?").bind(millis)).await.map(drop)
    }

    async fn frontier(&mut self) -> Stored<Frontier> {
        let row = sqlx::query("SELECT tree_size, tree_hashes FROM server").fetch_one(&mut *self.0).await;
        let row = row.map_err(fault)?;
        let corrupt = || StoreError::Corrupt { table: "server", column: "tree_hashes" };
        let bytes = rows::bytes(&row, "tree_hashes")?;
        let (hashes, []) = bytes.as_chunks::<32>() else { return Err(corrupt()) };
        Frontier::restore(uint(&row, "server", "tree_size")?, hashes.to_vec()).ok_or_else(corrupt)
    }

    async fn put_checkpoint(&mut self, frontier: &Frontier, checkpoint: &CheckpointRow) -> Stored<()> {
        let update = sqlx::query("UPDATE server SET tree_size = ?, tree_hashes = ?");
        self.run(update.bind(int(frontier.size())).bind(frontier.hashes().concat())).await?;
        let insert = sqlx::query("INSERT INTO checkpoint (id, size, time, payload, signature) VALUES (?, ?, ?, ?, ?)")
            .bind(&checkpoint.id.0[..])
            .bind(int(checkpoint.size))
            .bind(checkpoint.time_millis)
            .bind(&checkpoint.signed.payload)
            .bind(&checkpoint.signed.signature.0[..]);
        self.run(insert).await.map(drop)
    }

    async fn newest_checkpoint(&mut self) -> Stored<Option<CheckpointRow>> {
        let row = sqlx::query(rows::NEWEST_CHECKPOINT).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::checkpoint).transpose()
    }

    async fn checkpoint_time(&mut self, id: CheckpointId) -> Stored<Option<i64>> {
        let time = sqlx::query_scalar("SELECT time FROM checkpoint WHERE id = ?").bind(&id.0[..]);
        time.fetch_optional(&mut *self.0).await.map_err(fault)
    }

    async fn put_upload(&mut self, upload: &UploadRow) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO upload (id, account, sha256, mime, length, received, complete, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&upload.id)
        .bind(&upload.account.0[..])
        .bind(&upload.blob.0[..])
        .bind(&upload.mime)
        .bind(int(upload.length))
        .bind(int(upload.received))
        .bind(upload.complete)
        .bind(upload.expires_at);
        self.run(insert).await.map(drop)
    }

    async fn set_upload_received(&mut self, id: &str, received: u64, expires_at: i64) -> Stored<()> {
        let update = sqlx::query("UPDATE upload SET received = ?, expires_at = ? WHERE id = ?");
        self.run(update.bind(int(received)).bind(expires_at).bind(id)).await.map(drop)
    }

    async fn complete_upload(&mut self, id: &str, blob: &BlobRow) -> Stored<BlobRow> {
        let insert = sqlx::query("INSERT OR IGNORE INTO blob (sha256, size, mime, received) VALUES (?, ?, ?, ?)")
            .bind(&blob.id.0[..])
            .bind(int(blob.size_bytes))
            .bind(&blob.mime)
            .bind(blob.received_millis);
        self.run(insert).await?;
        let update = sqlx::query("UPDATE upload SET received = length, complete = 1 WHERE id = ?");
        self.run(update.bind(id)).await?;
        let stored = sqlx::query("SELECT sha256, size, mime, received FROM blob WHERE sha256 = ?").bind(&blob.id.0[..]);
        rows::blob(&stored.fetch_one(&mut *self.0).await.map_err(fault)?)
    }

    async fn delete_upload(&mut self, id: &str) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM upload WHERE id = ?").bind(id)).await.map(drop)
    }
}
