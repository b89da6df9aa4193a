//! The one write transaction of the PostgreSQL store.

use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::policy::{Facts, Office, Seat};
use greenshield_domain::statement::Signed;
use greenshield_domain::tree::Frontier;
use greenshield_domain::verdict::Decision;
use greenshield_domain::wire::{HealthReport, PulledOp, Verdict};
use sqlx::postgres::{PgArguments, PgQueryResult};
use sqlx::{Postgres, Transaction};

use super::rows::{self, fixed, uint};
use super::{fault, int};
use crate::store::{
    AccountRow, AccountState, BlobRow, CheckpointRow, InviteRow, JudgedOp, KnownOp, LogRow, NewLog, OpRow, Place,
    ServerRow, StoreError, StoreTx, Stored, UploadRow, WaitingRow, to_json,
};

/// SQLSTATE `lock_not_available`.
const LOCK_TIMEOUT: &str = "55P03";
/// Ops that are held back at most, so that memory stays small.
const MOST_HELD: usize = 1_000;

/// A transaction that holds the sequencer's lock; dropped without commit, it is rolled back and the lock is free.
///
/// Applied ops, links and where records belong are held back and inserted many at a time: a round trip for each would take
/// longer than the insert. Whatever reads the tables `op` and `belongs` must call [`PostgresTx::flush`] before.
#[derive(Debug)]
pub struct PostgresTx {
    pub(super) tx: Transaction<'static, Postgres>,
    ops: Vec<OpRow>,
    links: Vec<(RecordId, BlobId)>,
    belongs: Vec<(RecordId, u64, String)>,
    newest_pos: Option<u64>,
}

impl PostgresTx {
    pub(super) fn new(tx: Transaction<'static, Postgres>) -> Self {
        Self { tx, ops: Vec::new(), links: Vec::new(), belongs: Vec::new(), newest_pos: None }
    }

    pub(super) async fn run(&mut self, query: sqlx::query::Query<'_, Postgres, PgArguments>) -> Stored<PgQueryResult> {
        query.execute(&mut *self.tx).await.map_err(fault)
    }

    /// Inserts what was held back.
    pub(super) async fn flush(&mut self) -> Stored<()> {
        if !self.ops.is_empty() {
            let ops = std::mem::take(&mut self.ops);
            self.insert_ops(&ops).await?;
        }
        if !self.links.is_empty() {
            let links = std::mem::take(&mut self.links);
            let insert = sqlx::query(
                "INSERT INTO op_blob (record, sha256) SELECT * FROM unnest($1::bytea[], $2::bytea[])
                 ON CONFLICT DO NOTHING",
            )
            .bind(column(&links, |(record, _)| &record.0[..]))
            .bind(column(&links, |(_, blob)| &blob.0[..]));
            self.run(insert).await?;
            let linked = column(&links, |(_, blob)| &blob.0[..]);
            self.run(sqlx::query("DELETE FROM erased_blob WHERE sha256 = ANY($1)").bind(linked)).await?;
        }
        if !self.belongs.is_empty() {
            let belongs = std::mem::take(&mut self.belongs);
            let insert = sqlx::query(
                "INSERT INTO belongs (record, since, facts) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[])",
            )
            .bind(column(&belongs, |(record, ..)| &record.0[..]))
            .bind(column(&belongs, |(_, since, _)| int(*since)))
            .bind(column(&belongs, |(.., facts)| facts.as_str()));
            self.run(insert).await?;
        }
        Ok(())
    }

    async fn insert_ops(&mut self, ops: &[OpRow]) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO op (pos, id, log, seq, branch, record, kind, account, wall, eff, received, verdict, bytes)
             SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bytea[],
             $7::bigint[], $8::bytea[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bytea[])",
        )
        .bind(column(ops, |op| int(op.pos)))
        .bind(column(ops, |op| &op.id.0[..]))
        .bind(column(ops, |op| &op.log.0[..]))
        .bind(column(ops, |op| int(op.seq)))
        .bind(column(ops, |op| i64::from(op.fork)))
        .bind(column(ops, |op| &op.record.0[..]))
        .bind(column(ops, |op| i64::from(op.kind)))
        .bind(column(ops, |op| &op.account.0[..]))
        .bind(column(ops, |op| op.wall_millis))
        .bind(column(ops, |op| op.eff_millis))
        .bind(column(ops, |op| op.received_millis))
        .bind(column(ops, |op| rows::verdict_text(&op.verdict)))
        .bind(column(ops, |op| &op.bytes[..]));
        self.run(insert).await.map(drop)
    }

    /// Tells every process over this database, at the moment of the commit.
    async fn tell(&mut self, payload: &str) -> Stored<()> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(super::CHANNEL).bind(payload);
        self.run(notify).await.map(drop)
    }
}

/// One column of many rows, to be bound as an array.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

impl StoreTx for PostgresTx {
    async fn commit(mut self) -> Stored<()> {
        self.flush().await?;
        if let Some(pos) = self.newest_pos {
            self.tell(&pos.to_string()).await?;
        }
        self.tx.commit().await.map_err(fault)
    }

    async fn server(&mut self) -> Stored<Option<ServerRow>> {
        let row = sqlx::query(rows::SERVER).fetch_optional(&mut *self.tx).await;
        row.map_err(fault)?.as_ref().map(rows::server).transpose()
    }

    async fn put_server(&mut self, row: &ServerRow, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO server (one, epoch, key_pkcs8, created, tree_size, tree_hashes) VALUES (1, $1, $2, $3, 0, ''::bytea)",
        );
        self.run(insert.bind(&row.epoch.0[..]).bind(&row.key_pkcs8).bind(now_millis)).await.map(drop)
    }

    async fn set_epoch(&mut self, epoch: Epoch) -> Stored<()> {
        // Not at once: a server that just ended may be closing its sessions.
        self.run(sqlx::query("SET LOCAL lock_timeout = '2s'")).await?;
        let alone = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(super::SERVING);
        let alone = alone.execute(&mut *self.tx).await;
        alone
            .map_err(|error| if super::has_code(&error, LOCK_TIMEOUT) { StoreError::Serving } else { fault(error) })?;
        self.run(
            sqlx::query("UPDATE server SET began_after = epoch, began_size = tree_size, epoch = $1").bind(&epoch.0[..]),
        )
        .await
        .map(drop)
    }

    async fn set_base_url(&mut self, url: &str) -> Stored<()> {
        self.run(sqlx::query("UPDATE server SET base_url = $1").bind(url)).await.map(drop)
    }

    async fn put_account(&mut self, account: &AccountRow, now_millis: i64) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO account (id, name, role, created) VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(&account.id.0[..]).bind(&account.name).bind(&account.role).bind(now_millis);
        self.run(insert).await.map(drop)
    }

    async fn set_seat(&mut self, account: AccountId, role: &str, seat: &Seat) -> Stored<bool> {
        let update = sqlx::query("UPDATE account SET role = $1, seat = $2, base = NULL WHERE id = $3");
        let update = update.bind(role).bind(to_json(seat)).bind(&account.0[..]);
        Ok(self.run(update).await?.rows_affected() > 0)
    }

    async fn accounts(&mut self, accounts: &[AccountId]) -> Stored<Vec<AccountState>> {
        let found = sqlx::query(rows::ACCOUNTS).bind(column(accounts, |id| &id.0[..]));
        found.fetch_all(&mut *self.tx).await.map_err(fault)?.iter().map(rows::account_state).collect()
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
            "INSERT INTO invite (code_hash, account, nonce, created, expires_at, invited_by) VALUES ($1, $2, $3, $4, $5, $6)",
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
        let row = sqlx::query(rows::INVITE).bind(&code_hash[..]).fetch_optional(&mut *self.tx).await;
        row.map_err(fault)?.as_ref().map(rows::invite).transpose()
    }

    async fn use_invite(&mut self, code_hash: [u8; 32], log: LogId, now_millis: i64) -> Stored<()> {
        let update = sqlx::query("UPDATE invite SET used_by_log = $1, used_at = $2 WHERE code_hash = $3");
        self.run(update.bind(&log.0[..]).bind(now_millis).bind(&code_hash[..])).await.map(drop)
    }

    async fn put_log(&mut self, log: &NewLog) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO log (id, account, public_key, certificate, certificate_sig, enrolled_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
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
        let row = sqlx::query(rows::LOG).bind(&log.0[..]).fetch_optional(&mut *self.tx).await;
        row.map_err(fault)?.as_ref().map(rows::log).transpose()
    }

    async fn set_head(&mut self, log: LogId, seq: u64, id: OpId) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET head_seq = $1, head_id = $2 WHERE id = $3");
        self.run(update.bind(int(seq)).bind(&id.0[..]).bind(&log.0[..])).await.map(drop)
    }

    async fn flag_fork(&mut self, log: LogId, now_millis: i64) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET forked_at = coalesce(forked_at, $1) WHERE id = $2");
        self.run(update.bind(now_millis).bind(&log.0[..])).await.map(drop)
    }

    async fn set_lease(&mut self, log: LogId, current: [u8; 16], previous: Option<[u8; 16]>) -> Stored<()> {
        let update = sqlx::query("UPDATE log SET lease_current = $1, lease_previous = $2 WHERE id = $3");
        let previous = previous.as_ref().map(|lease| &lease[..]);
        self.run(update.bind(&current[..]).bind(previous).bind(&log.0[..])).await.map(drop)
    }

    async fn revoke_log(&mut self, log: LogId, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query("UPDATE log SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2");
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
        let update = sqlx::query("UPDATE account SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2");
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
        self.flush().await?;
        let found = sqlx::query(
            "SELECT id, received, branch AS place FROM op WHERE id = ANY($1)
             UNION ALL SELECT id, received, 2 AS place FROM pen WHERE id = ANY($1)",
        )
        .bind(column(ids, |id| &id.0[..]))
        .fetch_all(&mut *self.tx)
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
        self.flush().await?;
        let row = sqlx::query(rows::JUDGED).bind(&op.0[..]).fetch_optional(&mut *self.tx).await;
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
        self.flush().await?;
        let found = sqlx::query(rows::FIRST_OPS).bind(column(records, |id| &id.0[..]));
        found.fetch_all(&mut *self.tx).await.map_err(fault)?.iter().map(rows::first_op).collect()
    }

    async fn newest_on_record(&mut self, log: LogId, record: RecordId) -> Stored<Option<Verdict>> {
        self.flush().await?;
        let newest = sqlx::query(rows::NEWEST_ON_RECORD).bind(&record.0[..]).bind(&log.0[..]);
        let row = newest.fetch_optional(&mut *self.tx).await;
        Ok(row.map_err(fault)?.as_ref().map(rows::judged).transpose()?.map(|found| found.verdict))
    }

    async fn put_op(&mut self, op: &OpRow) -> Stored<()> {
        self.newest_pos = self.newest_pos.max(Some(op.pos));
        self.ops.push(op.clone());
        if self.ops.len() < MOST_HELD { Ok(()) } else { self.flush().await }
    }

    async fn facts(&mut self, records: &[RecordId]) -> Stored<Vec<(RecordId, Facts)>> {
        self.flush().await?;
        let found = sqlx::query(rows::FACTS).bind(column(records, |id| &id.0[..]));
        found.fetch_all(&mut *self.tx).await.map_err(fault)?.iter().map(rows::facts).collect()
    }

    async fn put_facts(&mut self, record: RecordId, since: u64, facts: &Facts) -> Stored<()> {
        self.belongs.push((record, since, to_json(facts)));
        if self.belongs.len() < MOST_HELD { Ok(()) } else { self.flush().await }
    }

    async fn ops_of_record(&mut self, record: RecordId) -> Stored<Vec<PulledOp>> {
        self.flush().await?;
        let found =
            sqlx::query("SELECT pos, eff, received, verdict, account, bytes FROM op WHERE record = $1 ORDER BY pos");
        let found = found.bind(&record.0[..]).fetch_all(&mut *self.tx).await;
        found.map_err(fault)?.iter().map(rows::pulled).collect()
    }

    async fn link_blob(&mut self, record: RecordId, blob: BlobId) -> Stored<()> {
        self.links.push((record, blob));
        if self.links.len() < MOST_HELD { Ok(()) } else { self.flush().await }
    }

    async fn waiting_count(&mut self, log: LogId) -> Stored<u64> {
        let count = sqlx::query("SELECT count(*) AS n FROM pen WHERE log = $1").bind(&log.0[..]);
        uint(&count.fetch_one(&mut *self.tx).await.map_err(fault)?, "pen", "n")
    }

    async fn waiting_at(&mut self, log: LogId, seq: u64) -> Stored<Vec<WaitingRow>> {
        let found = sqlx::query(
            "SELECT id, log, seq, received, bytes FROM pen WHERE log = $1 AND seq = $2 ORDER BY received, id",
        )
        .bind(&log.0[..])
        .bind(int(seq))
        .fetch_all(&mut *self.tx)
        .await;
        found.map_err(fault)?.iter().map(rows::waiting).collect()
    }

    async fn put_waiting(&mut self, row: &WaitingRow) -> Stored<()> {
        let insert = sqlx::query("INSERT INTO pen (id, log, seq, received, bytes) VALUES ($1, $2, $3, $4, $5)")
            .bind(&row.id.0[..])
            .bind(&row.log.0[..])
            .bind(int(row.seq))
            .bind(row.received_millis)
            .bind(&row.bytes);
        self.run(insert).await.map(drop)
    }

    async fn delete_waiting(&mut self, id: OpId) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM pen WHERE id = $1").bind(&id.0[..])).await.map(drop)
    }

    async fn put_rejected(&mut self, reason: &str, bytes: &[u8], now_millis: i64, keep: u64) -> Stored<()> {
        let insert = sqlx::query_scalar::<_, i64>(
            "INSERT INTO rejected (number, received, reason, bytes)
             SELECT coalesce(max(number), 0) + 1, $1, $2, $3 FROM rejected RETURNING number",
        );
        let insert = insert.bind(now_millis).bind(reason).bind(bytes).fetch_one(&mut *self.tx);
        let oldest = insert.await.map_err(fault)?.saturating_sub(int(keep));
        self.run(sqlx::query("DELETE FROM rejected WHERE number <= $1").bind(oldest)).await.map(drop)
    }

    async fn delete_rejected_before(&mut self, millis: i64) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM rejected WHERE received < $1").bind(millis)).await.map(drop)
    }

    async fn frontier(&mut self) -> Stored<Frontier> {
        let row = sqlx::query("SELECT tree_size, tree_hashes FROM server").fetch_one(&mut *self.tx).await;
        let row = row.map_err(fault)?;
        let corrupt = || StoreError::Corrupt { table: "server", column: "tree_hashes" };
        let bytes = rows::bytes(&row, "tree_hashes")?;
        let (hashes, []) = bytes.as_chunks::<32>() else { return Err(corrupt()) };
        Frontier::restore(uint(&row, "server", "tree_size")?, hashes.to_vec()).ok_or_else(corrupt)
    }

    async fn put_checkpoint(&mut self, frontier: &Frontier, checkpoint: &CheckpointRow) -> Stored<()> {
        let update = sqlx::query("UPDATE server SET tree_size = $1, tree_hashes = $2");
        self.run(update.bind(int(frontier.size())).bind(frontier.hashes().concat())).await?;
        let insert = sqlx::query(
            "INSERT INTO checkpoint (number, id, size, time, payload, signature)
             SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5 FROM checkpoint",
        )
        .bind(&checkpoint.id.0[..])
        .bind(int(checkpoint.size))
        .bind(checkpoint.time_millis)
        .bind(&checkpoint.signed.payload)
        .bind(&checkpoint.signed.signature.0[..]);
        self.run(insert).await.map(drop)
    }

    async fn newest_checkpoint(&mut self) -> Stored<Option<CheckpointRow>> {
        let row = sqlx::query(rows::NEWEST_CHECKPOINT).fetch_optional(&mut *self.tx).await;
        row.map_err(fault)?.as_ref().map(rows::checkpoint).transpose()
    }

    async fn checkpoint_time(&mut self, id: CheckpointId) -> Stored<Option<i64>> {
        let time = sqlx::query_scalar("SELECT time FROM checkpoint WHERE id = $1").bind(&id.0[..]);
        time.fetch_optional(&mut *self.tx).await.map_err(fault)
    }

    async fn put_upload(&mut self, upload: &UploadRow) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO upload (id, account, sha256, mime, length, received, complete, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
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
        let update = sqlx::query("UPDATE upload SET received = $1, expires_at = $2 WHERE id = $3");
        self.run(update.bind(int(received)).bind(expires_at).bind(id)).await.map(drop)
    }

    async fn complete_upload(&mut self, id: &str, blob: &BlobRow) -> Stored<BlobRow> {
        let insert = sqlx::query(
            "INSERT INTO blob (sha256, size, mime, received) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&blob.id.0[..])
        .bind(int(blob.size_bytes))
        .bind(&blob.mime)
        .bind(blob.received_millis);
        self.run(insert).await?;
        let update = sqlx::query("UPDATE upload SET received = length, complete = true WHERE id = $1");
        self.run(update.bind(id)).await?;
        let stored =
            sqlx::query("SELECT sha256, size, mime, received FROM blob WHERE sha256 = $1").bind(&blob.id.0[..]);
        rows::blob(&stored.fetch_one(&mut *self.tx).await.map_err(fault)?)
    }

    async fn delete_upload(&mut self, id: &str) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM upload WHERE id = $1").bind(id)).await.map(drop)
    }
}
