//! Numbers about the running server, for a Prometheus that asks.
//!
//! Owns: the name, the unit and the words of every number; [`page`] shows them. Refuses: names, ids and places in labels: a label is
//! one of a few words that are written down here, or what the operator calls a receiver of webhooks. Invariant: without a listener nothing is counted and nothing is shown.

pub mod page;

use std::net::SocketAddr;

use greenshield_domain::wire::{OpResult, ResultCode};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::store::WebhookRow;

const OPS: &str = "greenshield_ops_total";
const PUSHES: &str = "greenshield_pushes_total";
const RECEIPTS: &str = "greenshield_receipts_total";
const COMMIT_SECONDS: &str = "greenshield_commit_seconds";
const COMMIT_OPS: &str = "greenshield_commit_ops";
const COMMIT_FAILURES: &str = "greenshield_commit_failures_total";
const QUEUE: &str = "greenshield_queue_jobs";
const PULL_PAGES: &str = "greenshield_pull_pages_total";
const LONG_POLLS: &str = "greenshield_long_polls_open";
const UPLOADS_RUNNING: &str = "greenshield_uploads_running";
const UPLOADS_FINISHED: &str = "greenshield_uploads_finished_total";
const UPLOADS_REFUSED: &str = "greenshield_uploads_refused_total";
const BLOB_BYTES: &str = "greenshield_blob_bytes_total";
const BUCKET_FAILURES: &str = "greenshield_bucket_failures_total";
const RESPONSES: &str = "greenshield_responses_total";
const WEBHOOKS: &str = "greenshield_webhooks_total";
const WEBHOOK_BEHIND: &str = "greenshield_webhook_behind_ops";
const WEBHOOK_FAILURES: &str = "greenshield_webhook_failures_in_a_row";
const WEBHOOK_DELIVERED: &str = "greenshield_webhook_delivered_time_seconds";
const WEBHOOK_PAUSED: &str = "greenshield_webhook_paused";
const FREE_BYTES: &str = "greenshield_free_bytes";
const NEWEST_POS: &str = "greenshield_newest_position";
const INFO: &str = "greenshield_info";
const START_SECONDS: &str = "process_start_time_seconds";

const COUNTERS: [(&str, &str); 12] = [
    (OPS, "Ops that arrived, by what became of them; held, gap and fork want a look"),
    (PUSHES, "Pushes that were stored, those of rescue packages too"),
    (RECEIPTS, "Receipts for ops; one covers a run of ops"),
    (COMMIT_FAILURES, "Groups of pushes that were rolled back; nothing of them was confirmed"),
    (PULL_PAGES, "Pages of ops given out"),
    (UPLOADS_FINISHED, "Uploads whose bytes are stored, by blob and bundle"),
    (UPLOADS_REFUSED, "Requests of uploads that did not succeed, by the code of the error"),
    (BLOB_BYTES, "Bytes of blobs that were stored"),
    (BUCKET_FAILURES, "Requests to the bucket that failed after their retries"),
    (RESPONSES, "Responses, by status"),
    (WEBHOOKS, "Deliveries of webhooks by this process, by receiver and by what became of them"),
    ("greenshield_scrapes_total", "Times that this page was made"),
];
const GAUGES: [(&str, &str); 11] = [
    (QUEUE, "Pushes and enrolments that wait for the one writer; at 256 callers are told to come back"),
    (LONG_POLLS, "Pulls that wait for the next op"),
    (UPLOADS_RUNNING, "Requests that bring bytes or settle an upload now"),
    (FREE_BYTES, "Bytes that are free on the file system of the data folder"),
    (NEWEST_POS, "Position of the newest op"),
    (WEBHOOK_BEHIND, "Ops behind the position up to which a receiver was served"),
    (WEBHOOK_FAILURES, "Deliveries to a receiver that failed since the last one that did not"),
    (WEBHOOK_DELIVERED, "When something was delivered to a receiver last, in seconds since 1970; 0 is never"),
    (WEBHOOK_PAUSED, "1 for a receiver that wants nothing more until somebody resumes it"),
    (INFO, "Always 1; the labels say version, database and home of the blobs"),
    (START_SECONDS, "When the process started, in seconds since 1970"),
];
/// From a commit in memory to one on a card that is worn out.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const SIZES: [f64; 8] = [1.0, 5.0, 20.0, 100.0, 500.0, 1_000.0, 2_000.0, 4_000.0];

/// Why there are no numbers.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// They can not be set up.
    #[error("the metrics can not be set up: {0}")]
    Build(#[from] BuildError),
    /// Something else counts in this process.
    #[error("the metrics are counted already in this process")]
    Twice,
    /// The address can not be listened on.
    #[error("the metrics can not listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Begins to count. Before the rest starts, so that nothing is missed.
///
/// # Errors
/// [`MetricsError`].
pub fn install() -> Result<PrometheusHandle, MetricsError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(COMMIT_SECONDS.to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full(COMMIT_OPS.to_owned()), &SIZES)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
    for (name, words) in COUNTERS {
        describe_counter!(name, words);
    }
    for (name, words) in GAUGES {
        describe_gauge!(name, words);
    }
    describe_histogram!(
        COMMIT_SECONDS,
        "How long a group of pushes took from the first statement to the durable commit"
    );
    describe_histogram!(COMMIT_OPS, "Ops in a group");
    // What must not rise is shown from the start, so that an alarm can tell zero from nothing.
    for code in ["held", "gap", "fork", "malformed"] {
        counter!(OPS, "code" => code).absolute(0);
    }
    for name in [PUSHES, RECEIPTS, COMMIT_FAILURES, BUCKET_FAILURES, BLOB_BYTES, PULL_PAGES] {
        counter!(name).absolute(0);
    }
    for name in [LONG_POLLS, UPLOADS_RUNNING] {
        gauge!(name).set(0.0);
    }
    Ok(handle)
}

/// Listens; gives the address.
///
/// # Errors
/// [`MetricsError::Listen`].
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), MetricsError> {
    let fault = |source| MetricsError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok((listener, address))
}

/// A push was committed.
pub(crate) fn pushed(items: usize, results: &[OpResult], receipts: usize) {
    counter!(PUSHES).increment(1);
    counter!(RECEIPTS).increment(receipts as u64);
    counter!(OPS, "code" => "stored").increment(items.saturating_sub(results.len()) as u64);
    for result in results {
        counter!(OPS, "code" => word(result.code)).increment(1);
    }
}

fn word(code: ResultCode) -> &'static str {
    match code {
        ResultCode::Stored => "stored",
        ResultCode::Duplicate => "duplicate",
        ResultCode::Held => "held",
        ResultCode::Gap => "gap",
        ResultCode::Fork => "fork",
        ResultCode::Malformed => "malformed",
        ResultCode::OverLimit => "over_limit",
        ResultCode::UnknownLog => "unknown_log",
    }
}

/// A group was committed, or rolled back.
pub(crate) fn committed(since: Instant, ops: usize, done: bool) {
    if done {
        histogram!(COMMIT_SECONDS).record(since.elapsed().as_secs_f64());
        histogram!(COMMIT_OPS).record(ops as f64);
    } else {
        counter!(COMMIT_FAILURES).increment(1);
    }
}

/// A page of ops was given out.
pub(crate) fn pulled() {
    counter!(PULL_PAGES).increment(1);
}

/// Bytes of an upload are stored.
pub(crate) fn finished(kind: &'static str, size_bytes: u64) {
    counter!(UPLOADS_FINISHED, "kind" => kind).increment(1);
    if kind == "blob" {
        counter!(BLOB_BYTES).increment(size_bytes);
    }
}

/// A request of an upload did not succeed; the code is the stable word of its error.
pub(crate) fn refused(code: &'static str) {
    counter!(UPLOADS_REFUSED, "code" => code).increment(1);
}

/// A request to the bucket failed.
pub(crate) fn bucket_failed() {
    counter!(BUCKET_FAILURES).increment(1);
}

/// A response goes out.
pub(crate) fn answered(status: u16) {
    counter!(RESPONSES, "status" => status.to_string()).increment(1);
}

/// A receiver of webhooks is served from now on.
pub(crate) fn webhook_begins(receiver: &str) {
    for code in ["delivered", "failed"] {
        counter!(WEBHOOKS, "receiver" => receiver.to_owned(), "code" => code).absolute(0);
    }
}

/// Something was delivered to a receiver.
pub(crate) fn webhook_delivered(receiver: &str) {
    counter!(WEBHOOKS, "receiver" => receiver.to_owned(), "code" => "delivered").increment(1);
}

/// Something was not delivered to a receiver.
pub(crate) fn webhook_failed(receiver: &str) {
    counter!(WEBHOOKS, "receiver" => receiver.to_owned(), "code" => "failed").increment(1);
}

/// How a receiver stands; `None` for one that was never told anything.
pub(crate) fn webhook_stands(receiver: &str, behind: u64, row: Option<&WebhookRow>) {
    let set = |name: &'static str, number: f64| gauge!(name, "receiver" => receiver.to_owned()).set(number);
    set(WEBHOOK_BEHIND, behind as f64);
    set(WEBHOOK_FAILURES, row.map_or(0, |row| row.failures) as f64);
    let delivered = row.and_then(|row| row.delivered_millis);
    set(WEBHOOK_DELIVERED, delivered.map_or(0.0, |millis| millis as f64 / 1000.0));
    set(WEBHOOK_PAUSED, if row.is_some_and(|row| row.paused_millis.is_some()) { 1.0 } else { 0.0 });
}

/// Something that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(&'static str);

impl UnderWay {
    pub(crate) fn long_poll() -> Self {
        Self::begin(LONG_POLLS)
    }

    pub(crate) fn upload() -> Self {
        Self::begin(UPLOADS_RUNNING)
    }

    fn begin(name: &'static str) -> Self {
        gauge!(name).increment(1.0);
        Self(name)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1.0);
    }
}
