//! The command `greenshield`. Facts go to stdout as one JSON object a line, logs to stderr.

#![expect(clippy::print_stdout, reason = "facts on stdout are the contract with whoever started the process")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use greenshield_server::app::{self, App};
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_server::config::{Admin, Cli, Command, LogFormat, Serve};
use greenshield_server::invites::Invitation;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_server::{admin, demo, routes, serve, uploads};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const HOUR_MILLIS: i64 = 3_600_000;
/// How long the invites of the demo are good.
const DEMO_INVITE_MILLIS: i64 = 7 * 24 * HOUR_MILLIS;
/// How long bytes that were no op are kept.
const REJECTED_MILLIS: i64 = 90 * 24 * HOUR_MILLIS;
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// For links when no server ever said its address.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(config) => run_server(config).await,
            Command::Admin { command } => administrate(command).await,
        }
    });
    // A blocking read that still runs must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(2));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &Failure) -> ExitCode {
    tracing::error!(%error, "stopped");
    ExitCode::FAILURE
}

fn start_logging(cli: &Cli) {
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log).unwrap_or_default();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match cli.log_format {
        LogFormat::Json => lines.json().init(),
        LogFormat::Pretty => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
    }
}

async fn run_server(config: Serve) -> Result<(), Failure> {
    // Listening first: whoever is told of the signals too late would kill us instead of stopping us.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let started = app::start(&config.data, config.web_dir, Arc::new(SystemClock)).await?;
    let listener = TcpListener::bind(config.listen).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let base = config.url.unwrap_or_else(|| address.clone());
    let mut tx = started.app.store.begin().await?;
    tx.set_base_url(&base).await?;
    tx.commit().await?;
    println!("{}", json!({ "listening": address }));
    if config.demo {
        let now = SystemClock.now_millis();
        for invitation in demo::invitations(&started.app.store, now, now + DEMO_INVITE_MILLIS).await? {
            print_invite(&invitation, &base);
        }
    }
    tracing::info!(address, version = app::VERSION, "serving");
    let sweeper = tokio::spawn(sweep(started.app.clone()));
    let live = started.app.live.clone();
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        live.stop();
    };
    serve::run(listener, routes::router(started.app.clone()), stop).await;
    sweeper.abort();
    // Its end gives its share of the app back.
    drop(sweeper.await);
    started.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn print_invite(invitation: &Invitation, base: &str) {
    let account = &invitation.account;
    let facts = json!({ "role": account.role, "name": account.name, "url": invitation.url(base) });
    println!("{}", json!({ "invite": facts }));
}

/// Now and then: what is past its time goes.
async fn sweep(app: Arc<App>) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = sweep_once(&app).await {
            tracing::warn!(%error, "sweep");
        }
    }
}

async fn sweep_once(app: &App) -> Result<(), Failure> {
    let uploads = uploads::sweep(app).await?;
    let mut tx = app.store.begin().await?;
    tx.delete_rejected_before(app.clock.now_millis() - REJECTED_MILLIS).await?;
    tx.commit().await?;
    tracing::debug!(uploads, "swept");
    Ok(())
}

async fn administrate(command: Admin) -> Result<(), Failure> {
    let now = SystemClock.now_millis();
    match command {
        Admin::Invite { data, role, name, url, hours } => {
            let store = app::open_store(&data).await?;
            let invitation = admin::invite(&store, &role, name, hours, now).await?;
            let stored = store.base_url().await?;
            print_invite(&invitation, url.or(stored).as_deref().unwrap_or(DEFAULT_URL));
            store.close().await;
        }
        Admin::Revoke { data, log, account } => {
            let store = app::open_store(&data).await?;
            if let Some(log) = &log {
                admin::revoke_log(&store, log, now).await?;
            }
            if let Some(account) = &account {
                admin::revoke_account(&store, account, now).await?;
            }
            store.close().await;
            println!("{}", json!({ "revoked": log.or(account) }));
        }
        Admin::NewEpoch { data } => {
            let store = app::open_store(&data).await?;
            // A running server would go on with the old one.
            let _lock = app::lock(&data)?;
            let epoch = admin::new_epoch(&store).await?;
            store.close().await;
            println!("{}", json!({ "epoch": epoch }));
        }
    }
    Ok(())
}
