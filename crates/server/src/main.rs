//! The command `greenshield`. Facts go to stdout as one JSON object a line, logs to stderr.

#![expect(clippy::print_stdout, reason = "facts on stdout are the contract with whoever started the process")]

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::{from_fn, from_fn_with_state};
use clap::Parser as _;
use governor::clock::MonotonicClock;
use greenshield_domain::calendar;
use greenshield_domain::city::compare;
use greenshield_domain::ids::{RecordId, to_hex};
use greenshield_domain::wire::Verdict;
use greenshield_server::app::{self, App};
use greenshield_server::assets::Assets;
use greenshield_server::blobs::Blobs;
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_server::config::{Admin, CityCommand, Cli, Command, WebhookCommand};
use greenshield_server::invites::Invitation;
use greenshield_server::keys::ServerKey;
use greenshield_server::limits::{self, AddressLimit};
use greenshield_server::package::Package;
use greenshield_server::settings::Settings;
use greenshield_server::store::{AnyStore, Store as _, StoreTx as _};
use greenshield_server::tls::Pair;
use greenshield_server::webhooks::{Webhooks, operator};
use greenshield_server::{
    admin, backup, demo, doorway, erasing, evidence, headers, metrics, retention, routes, serve, uploads, verify,
    versions,
};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const HOUR_MILLIS: i64 = 3_600_000;
/// How long the invites of the demo are good.
const DEMO_INVITE_MILLIS: i64 = 7 * 24 * HOUR_MILLIS;
/// How long bytes that were no op are kept.
const REJECTED_MILLIS: i64 = 90 * 24 * HOUR_MILLIS;
/// Exit code when the settings can not be used; the one that clap gives to a wrong command line.
const USAGE: u8 = 2;
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// How long a version of the city package that another process was brought may wait here.
const FOLLOW_EVERY: Duration = Duration::from_secs(5);
/// For links when no server ever said its address.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut flags = cli.command.flags();
    flags.extend(cli.flags.0);
    let settings = match Settings::gather(cli.config.as_deref(), &flags, |name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("greenshield: {error}");
            return ExitCode::from(USAGE);
        }
    };
    start_logging(&settings);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve { .. } => run_server(&settings).await,
            Command::Admin { command } => administrate(&settings, command).await,
            Command::Backup { to, .. } => back_up(&settings, &to).await,
            Command::Restore { from, .. } => restore(&settings, &from).await,
            Command::VerifyBackup { dir } => verify_backup(&dir).await,
            Command::Evidence { record, out, .. } => export_evidence(&settings, &record, &out).await,
            Command::Retention { .. } => show_retention(&settings).await,
            Command::Webhooks { command, .. } => look_at_webhooks(&settings, command).await,
            Command::Verify { file, server_key } => verify_evidence(&file, server_key.as_deref()),
            Command::City { command } => look_at_city(&settings, command).await,
            Command::Config { .. } => {
                print!("{}", settings.shown());
                Ok(())
            }
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

fn start_logging(settings: &Settings) {
    let filter = settings.text("log").unwrap_or_default();
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_default();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.text("log_format") {
        Some("json") => lines.json().init(),
        _ => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
    }
}

async fn run_server(settings: &Settings) -> Result<(), Failure> {
    // Listening first: whoever is told of the signals too late would kill us instead of stopping us.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listen = settings.address("listen").ok_or("no address to listen on")?;
    let start_millis = SystemClock.now_millis();
    let numbers = match settings.address("metrics_listen") {
        None => None,
        Some(address) => Some((metrics::install()?, metrics::listen(address).await?)),
    };
    let assets = Assets::load(settings.path("web_dir"), settings.path("city").as_deref())?;
    let started = app::start(&settings.place()?, assets, Arc::new(SystemClock)).await?;
    started.app.erases_due.set(settings.text("retention") == Some("erase"));
    let webhooks = Arc::new(Webhooks::open(settings.webhooks(), &started.app.city())?);
    let tls = certificate(settings)?;
    let listener = TcpListener::bind(listen).await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr()?);
    let base = settings.text("url").map_or_else(|| address.clone(), str::to_owned);
    let mut tx = started.app.store.begin().await?;
    tx.set_base_url(&base).await?;
    tx.commit().await?;
    println!("{}", json!({ "listening": address }));
    let mut others = JoinSet::new();
    if let Some((handle, (listener, address))) = numbers {
        println!("{}", json!({ "metrics": format!("http://{address}/metrics") }));
        others.spawn(metrics::page::run(listener, handle, started.app.clone(), webhooks.clone(), start_millis));
    }
    let acceptor = tls.as_ref().map(Pair::acceptor).transpose()?;
    if let Some(address) = settings.address("door_listen") {
        let (listener, door) =
            (TcpListener::bind(address).await?, doorway::router(&base, settings.path("acme_webroot")));
        println!("{}", json!({ "door": format!("http://{}", listener.local_addr()?) }));
        let live = started.app.live.clone();
        others.spawn(async move { serve::run(listener, None, door, async move { live.stopped().await }).await });
    }
    let limit = Arc::new(AddressLimit::new(
        settings.number("requests_a_second").unwrap_or_default(),
        settings.addresses("proxies"),
        MonotonicClock,
    ));
    if settings.is_on("demo_city") {
        let ops = demo::city::fill(&started.app, SystemClock.now_millis()).await?;
        tracing::info!(ops, "the demo city is there");
    }
    if settings.is_on("demo") {
        let now = SystemClock.now_millis();
        for invitation in demo::invitations(&started.app.store, now, now + DEMO_INVITE_MILLIS).await? {
            print_invite(&invitation, &base);
        }
    }
    webhooks.start(&started.app, &mut others);
    tracing::info!(address, version = greenshield_server::VERSION, "serving");
    let sweeper = tokio::spawn(sweep(started.app.clone(), limit.clone()));
    let follower = tokio::spawn(follow_city(started.app.clone()));
    let renewer = tls.map(|pair| tokio::spawn(async move { pair.follow().await }));
    let live = started.app.live.clone();
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            // The database was exchanged below us.
            () = live.stopped() => {}
        }
        tracing::info!("stopping");
        live.stop();
    };
    let mut router = routes::router(started.app.clone());
    if base.starts_with("https://") {
        router = router.layer(from_fn(headers::only_https));
    }
    router = router.layer(from_fn_with_state(limit, limits::guard));
    serve::run(listener, acceptor, router, stop).await;
    sweeper.abort();
    if let Some(renewer) = renewer {
        renewer.abort();
    }
    follower.abort();
    // Their end gives their shares of the app back.
    drop(sweeper.await);
    drop(follower.await);
    while others.join_next().await.is_some() {}
    started.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The certificate, if one is named.
fn certificate(settings: &Settings) -> Result<Option<Arc<Pair>>, Failure> {
    match (settings.path("tls_certificate"), settings.path("tls_key")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Pair::open(certificate, key)?)),
        _ => Err("tls_certificate and tls_key are set together".into()),
    }
}

fn print_invite(invitation: &Invitation, base: &str) {
    let account = &invitation.account;
    let facts = json!({ "role": account.role, "name": account.name, "url": invitation.url(base) });
    println!("{}", json!({ "invite": facts }));
}

/// Now and then: what is past its time goes.
async fn sweep(app: Arc<App>, limit: Arc<AddressLimit>) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        limit.sweep();
        app.devices.sweep();
        if let Err(error) = sweep_once(&app).await {
            tracing::warn!(%error, "sweep");
        }
    }
}

/// Every few seconds: the day of a version of the city package may have come, or another process was brought one.
async fn follow_city(app: Arc<App>) {
    let mut every = tokio::time::interval(FOLLOW_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = app.follow_city().await {
            tracing::error!(%error, "the city package of before still holds");
        }
    }
}

async fn sweep_once(app: &App) -> Result<(), Failure> {
    if !erasing::clean(app).await.is_ok_and(|is_clean| is_clean) {
        tracing::warn!("bytes of what was erased are still to be removed");
    }
    let uploads = uploads::sweep(app).await?;
    let mut tx = app.store.begin().await?;
    tx.delete_rejected_before(app.clock.now_millis() - REJECTED_MILLIS).await?;
    tx.commit().await?;
    tracing::debug!(uploads, "swept");
    retention::run_if_due(app).await?;
    Ok(())
}

async fn back_up(settings: &Settings, to: &Path) -> Result<(), Failure> {
    let done = backup::make(&settings.place()?, to, SystemClock.now_millis()).await?;
    println!("{}", json!({ "backup": done.manifest, "copied": done.copied }));
    if done.manifest.missing.is_empty() {
        return Ok(());
    }
    Err(format!("the backup is made, but {} blobs are not there any more", done.manifest.missing.len()).into())
}

async fn restore(settings: &Settings, from: &Path) -> Result<(), Failure> {
    let (manifest, epoch) = backup::restore(&settings.place()?, from).await?;
    println!("{}", json!({ "restored": manifest, "epoch": epoch }));
    tracing::info!("start the server on this folder; phones notice the new epoch and send again what the backup lacks");
    Ok(())
}

async fn verify_backup(dir: &Path) -> Result<(), Failure> {
    println!("{}", json!({ "verified": backup::verify(dir).await? }));
    Ok(())
}

async fn export_evidence(settings: &Settings, record: &str, out: &Path) -> Result<(), Failure> {
    let place = settings.place()?;
    let record = RecordId::from_hex(record)?;
    let store = app::open_store(&place).await?;
    let server = store.server().await?.ok_or("no server ever ran on this data")?;
    let (key, blobs) = (ServerKey::from_pkcs8(&server.key_pkcs8)?, Blobs::open(&place)?);
    let city = that_holds(settings, &store).await?.city.clone();
    let bytes = evidence::export(&store, &key, &blobs, &city, record, SystemClock.now_millis()).await?;
    store.close().await;
    std::fs::File::create_new(out)?.write_all(&bytes)?;
    println!("{}", json!({ "evidence": out, "bytes": bytes.len(), "server_key": to_hex(&key.public().0) }));
    Ok(())
}

async fn show_retention(settings: &Settings) -> Result<(), Failure> {
    let place = settings.place()?;
    let store = app::open_store(&place).await?;
    let (city, now) = (that_holds(settings, &store).await?.city.clone(), SystemClock.now_millis());
    store.server().await?.ok_or("no server ever ran on this data")?;
    let look = retention::look(&store, &city, now, None).await?;
    store.close().await;
    for count in look.counts {
        let class = city.retention.class(count.class);
        println!("{}", json!({ "retention": count, "class": class }));
    }
    println!("{}", json!({ "setting": settings.text("retention"), "time": calendar::utc(now) }));
    Ok(())
}

/// How the receivers of webhooks stand, or what somebody does about one.
async fn look_at_webhooks(settings: &Settings, command: Option<WebhookCommand>) -> Result<(), Failure> {
    let now = SystemClock.now_millis();
    let package = that_holds_if_there_is_data(settings).await?;
    let webhooks = Webhooks::open(settings.webhooks(), &package.city)?;
    let known = |name: &str| {
        let names = webhooks.receivers().iter().map(|receiver| receiver.name.as_str()).collect::<Vec<_>>().join(", ");
        format!("no webhook of the settings is called {name:?}; there are: {names}")
    };
    if let Some(WebhookCommand::Test { name, .. }) = &command {
        let (fact, is_there) = operator::test(&webhooks, name, now).await.ok_or_else(|| known(name))?;
        println!("{fact}");
        return if is_there { Ok(()) } else { Err("the receiver did not take the ping".into()) };
    }
    let store = app::open_store(&settings.place()?).await?;
    let done = match &command {
        Some(WebhookCommand::Resume { name, .. }) if webhooks.named(name).is_none() => Err(known(name)),
        Some(WebhookCommand::Resume { name, .. }) => {
            let is_done = operator::resume(&store, name).await?;
            if is_done { Ok(vec![json!({ "resumed": name })]) } else { Err(format!("{name} was never told anything")) }
        }
        Some(WebhookCommand::Keys { .. }) => Ok(operator::keys(&store, now).await?),
        Some(WebhookCommand::Test { .. }) | None => Ok(operator::list(&store, &webhooks, now).await?),
    };
    store.close().await;
    for fact in done? {
        println!("{fact}");
    }
    Ok(())
}

fn verify_evidence(file: &Path, server_key: Option<&str>) -> Result<(), Failure> {
    let outcome = verify::verify(file, server_key)?;
    println!("{}", json!(outcome));
    if server_key.is_none() {
        tracing::warn!("no --server-key: compare server_fingerprint with the one that the server's operator names");
    }
    if outcome.verified { Ok(()) } else { Err("the file was changed, or is no export of this server".into()) }
}

/// The city package that the settings name.
fn named(settings: &Settings) -> Result<Package, Failure> {
    Ok(Package::load(settings.path("city").as_deref())?)
}

/// The city package that holds: that one, or a version that was brought to the server.
async fn that_holds(settings: &Settings, store: &AnyStore) -> Result<Arc<Package>, Failure> {
    Ok(versions::that_holds(store, Arc::new(named(settings)?), SystemClock.now_millis()).await?)
}

/// The same for a command that works without data, too.
async fn that_holds_if_there_is_data(settings: &Settings) -> Result<Arc<Package>, Failure> {
    match settings.place() {
        Ok(place) if place.is_there() => {
            let store = app::open_store(&place).await?;
            let package = that_holds(settings, &store).await;
            store.close().await;
            package
        }
        _ => Ok(Arc::new(named(settings)?)),
    }
}

async fn judge(settings: &Settings, op: &str, verdict: Verdict, reason: &str) -> Result<(), Failure> {
    let store = app::open_store(&settings.place()?).await?;
    let package = Package::clone(&*that_holds(settings, &store).await?);
    let decision = admin::judge(store.clone(), op, verdict, reason, Arc::new(SystemClock), package).await?;
    store.close().await;
    println!("{}", json!({ "op": op, "decision": decision }));
    Ok(())
}

/// Checks a package, or prints the one that holds. A package that would break records of before ends with an error.
async fn look_at_city(settings: &Settings, command: CityCommand) -> Result<(), Failure> {
    let holds = that_holds_if_there_is_data(settings).await?;
    let (file, against) = match command {
        CityCommand::Export { .. } => {
            println!("{}", holds.bundle);
            return Ok(());
        }
        CityCommand::Check { file, against, .. } => (file, against),
    };
    let before = match against {
        Some(path) => Package::load(Some(&path))?.city,
        None => holds.city.clone(),
    };
    let city = Package::load(Some(&file))?.city;
    let changes = compare(&before, &city);
    let breaks = changes.iter().filter(|change| change.breaks).count();
    let facts = json!({
        "city": city.info.id, "version": city.info.version, "kinds": city.kinds.len(),
        "categories": city.catalog.categories.len(), "against": before.info.id, "against_version": before.info.version,
        "breaks": breaks, "changes": changes,
    });
    println!("{facts}");
    if breaks > 0 {
        return Err(format!(
            "{breaks} changes would make records of {} {} unreadable; numbers and words that were ever used stay as they are",
            before.info.id, before.info.version
        )
        .into());
    }
    // Another text or limit is no change of what records mean, and still has to be told apart.
    if city != before && city.info.version <= before.info.version {
        return Err(format!("it differs from version {} and needs a higher one", before.info.version).into());
    }
    Ok(())
}

async fn administrate(settings: &Settings, command: Admin) -> Result<(), Failure> {
    let (now, place) = (SystemClock.now_millis(), settings.place()?);
    match command {
        Admin::Invite { role, name, unit, url, hours, .. } => {
            let store = app::open_store(&place).await?;
            let city = that_holds(settings, &store).await?.city.clone();
            let invitation = admin::invite(&store, &role, name, unit, hours, now, &city).await?;
            let stored = store.base_url().await?;
            print_invite(&invitation, url.or(stored).as_deref().unwrap_or(DEFAULT_URL));
            store.close().await;
        }
        Admin::Revoke { log, account, .. } => {
            let store = app::open_store(&place).await?;
            if let Some(log) = &log {
                admin::revoke_log(&store, log, now).await?;
            }
            if let Some(account) = &account {
                admin::revoke_account(&store, account, now).await?;
            }
            store.close().await;
            println!("{}", json!({ "revoked": log.or(account) }));
        }
        Admin::Release { op, reason, .. } => judge(settings, &op, Verdict::Ok, &reason).await?,
        Admin::Void { op, reason, .. } => judge(settings, &op, Verdict::Void, &reason).await?,
        Admin::NewEpoch { .. } => {
            let store = app::open_store(&place).await?;
            // A running server would go on with the old one.
            let _lock = app::lock(&place)?;
            let epoch = admin::new_epoch(&store).await?;
            store.close().await;
            println!("{}", json!({ "epoch": epoch }));
        }
    }
    Ok(())
}
