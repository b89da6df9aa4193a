//! How many signed ops a second the server makes durable, beside a bare insert loop of the same bytes.
//!
//! `cargo run --release -p greenshield-server --example ingest_bench [-- OPS [BATCH [PUSHERS]]]`. Prints one JSON object.
//! With `GREENSHIELD_DATABASE` (an empty PostgreSQL database) it measures that instead of SQLite.
//! Pushes go through the whole router: decoding, signatures, sequencer, receipts, reply. The loop below it inserts the same
//! bytes in transactions of the same size with the same durability: what the disk and the database allow.

#![expect(clippy::print_stdout, reason = "the result is for whoever runs the bench")]
#![expect(clippy::expect_used, reason = "a bench that can not run must stop")]

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use greenshield_domain::ids::from_hex;
use greenshield_domain::op::SignedOp;
use greenshield_domain::wire::{BeginResponse, CBOR_SEQ_MIME, PushReply};
use greenshield_server::assets::Assets;
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_server::place::Place;
use greenshield_server::{app, invites, routes};
use greenshield_testkit::build::{LogBuilder, Report, incident};
use http_body_util::BodyExt as _;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tower::ServiceExt as _;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn call(router: axum::Router, path: &str, mime: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let request = Request::post(path).header("content-type", mime).body(Body::from(body))?;
    let response = router.oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes().to_vec();
    if status.is_success() { Ok(body) } else { Err(String::from_utf8_lossy(&body).into_owned().into()) }
}

/// The signed pushes of one phone, made before the clock runs.
fn pushes(log: &mut LogBuilder, ops: usize, batch: usize) -> Vec<Vec<SignedOp>> {
    let ops: Vec<SignedOp> = (0..ops).map(|_| incident(log, &Report::default()).1).collect();
    ops.chunks(batch).map(<[SignedOp]>::to_vec).collect()
}

fn bytes(ops: &[SignedOp]) -> Vec<u8> {
    ops.iter().flat_map(|op| op.bytes()).copied().collect()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let get = |i: usize, default| arguments.get(i).copied().unwrap_or(default);
    let (total, batch, pushers) = (get(0, 20_000), get(1, 500), get(2, 4).max(1));
    let data = tempfile::tempdir()?;
    let database = std::env::var("GREENSHIELD_DATABASE").ok().filter(|url| !url.is_empty());
    let place = Place { data: data.path().to_owned(), database: database.clone(), blobs: None };
    let started = app::start(&place, Assets::load(None, None)?, Arc::new(SystemClock)).await?;
    let router = routes::router(started.app.clone());
    let now = SystemClock.now_millis();
    let mut work = Vec::new();
    for seed in 0..pushers {
        let account = invites::new_account(&started.app.store, "义警", "volunteer", now).await?;
        let code = invites::invite(&started.app.store, account, None, now, now + 3_600_000).await?.code;
        let begin = json!({ "code": code }).to_string().into_bytes();
        let begin = call(router.clone(), "/v1/enrol/begin", "application/json", begin).await?;
        let begin: BeginResponse = serde_json::from_slice(&begin)?;
        let mut log = LogBuilder::new(seed as u64 + 1, begin.account);
        let nonce = from_hex(&begin.nonce).and_then(|nonce| nonce.try_into().ok()).expect("a nonce of 16 bytes");
        let genesis = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, log.genesis(nonce).bytes());
        let enrol = json!({ "code": code, "op": genesis }).to_string().into_bytes();
        call(router.clone(), "/v1/enrol", "application/json", enrol).await?;
        work.push(tokio::task::spawn_blocking(move || pushes(&mut log, total / pushers, batch)));
    }
    let mut batches = Vec::new();
    for made in work {
        batches.push(made.await?);
    }
    let all: Vec<SignedOp> = batches.iter().flatten().flatten().cloned().collect();

    let begun = tokio::time::Instant::now();
    let mut running = Vec::new();
    for batches in batches {
        let router = router.clone();
        running.push(tokio::spawn(async move {
            for ops in batches {
                let reply = call(router.clone(), "/v1/ops", CBOR_SEQ_MIME, bytes(&ops)).await?;
                assert!(PushReply::decode(&reply)?.results.is_empty(), "every op of the bench is simply stored");
            }
            Ok::<_, Failure>(())
        }));
    }
    for pusher in running {
        pusher.await??;
    }
    let server = all.len() as f64 / begun.elapsed().as_secs_f64();
    let bare = match &database {
        Some(url) => bare_postgres(url, &all, batch).await?,
        None => bare_sqlite(data.path(), &all, batch).await?,
    };
    let size: usize = all.iter().map(|op| op.bytes().len()).sum();
    let facts = json!({
        "ops": all.len(), "batch": batch, "pushers": pushers, "bytes_per_op": size / all.len().max(1),
        "server_ops_per_second": server.round(), "bare_inserts_per_second": bare.round(),
        "database": if database.is_some() { "postgresql" } else { "sqlite" },
        "ratio": (server / bare * 1000.0).round() / 1000.0,
    });
    println!("{facts}");
    Ok(())
}

/// The same bytes, one row each, in transactions of the same size with the same durability.
async fn bare_sqlite(data: &std::path::Path, ops: &[SignedOp], batch: usize) -> Result<f64, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query("CREATE TABLE bare (pos INTEGER PRIMARY KEY, id BLOB UNIQUE, bytes BLOB)").execute(&pool).await?;
    let begun = tokio::time::Instant::now();
    for ops in ops.chunks(batch) {
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
        for op in ops {
            let insert = sqlx::query("INSERT INTO bare (id, bytes) VALUES (?, ?)");
            insert.bind(&op.id().0[..]).bind(op.bytes()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
    Ok(ops.len() as f64 / begun.elapsed().as_secs_f64())
}

/// The same, many rows in one statement, as a round trip for each would measure the way and not the database.
async fn bare_postgres(url: &str, ops: &[SignedOp], batch: usize) -> Result<f64, Failure> {
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    sqlx::query("SET synchronous_commit = on").execute(&pool).await?;
    sqlx::query("CREATE TABLE bare (id BYTEA UNIQUE, bytes BYTEA)").execute(&pool).await?;
    let begun = tokio::time::Instant::now();
    for ops in ops.chunks(batch) {
        let (ids, bytes): (Vec<_>, Vec<_>) = ops.iter().map(|op| (op.id().0.to_vec(), op.bytes().to_vec())).unzip();
        let insert = sqlx::query("INSERT INTO bare (id, bytes) SELECT * FROM unnest($1::bytea[], $2::bytea[])");
        insert.bind(ids).bind(bytes).execute(&pool).await?;
    }
    Ok(ops.len() as f64 / begun.elapsed().as_secs_f64())
}
