//! How the phones are: each says so itself, those who answer for them see it.

use greenshield_domain::wire::{CBOR_MIME, DevicesResponse, EnrolResponse, HealthReport, MAX_HEALTH_BYTES};
use greenshield_testkit::keys::SeededKey;

use super::support::{Call, NOW, Reply, Server, genesis};

async fn tell(server: &Server, key: &SeededKey, report: &HealthReport) -> Reply {
    let call = Call::post("/v1/health").header("content-type", CBOR_MIME).body(report.encode());
    server.send(call.signed(key, NOW)).await
}

async fn desk(server: &Server) -> SeededKey {
    let code = server.invite("值班员", "desk").await;
    let (log, genesis) = genesis(50, &server.begin(&code).await.read());
    let _: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    log.key
}

fn report() -> HealthReport {
    let (used_bytes, quota_bytes) = (Some(5), Some(10));
    HealthReport { ops_unsent: 3, browser: "wechat".to_owned(), used_bytes, quota_bytes, ..HealthReport::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_report_of_each_phone_is_shown_to_the_desk() {
    let server = Server::start().await;
    let (phone, silent) = (server.phone(1).await, server.phone(2).await);
    let desk = desk(&server).await;
    assert_eq!(tell(&server, phone.key(), &HealthReport::default()).await.status.as_u16(), 204);
    tell(&server, phone.key(), &report()).await.ok();
    let call = || Call::get("/v1/devices").signed(&desk, NOW);
    let shown: DevicesResponse = server.send(call()).await.read();
    let of = |log| shown.devices.iter().find(|row| row.log == log).unwrap();
    let (told, quiet) = (of(phone.log.log()), of(silent.log.log()));
    assert_eq!((&told.report, told.contact_millis, told.revoked), (&Some(report()), NOW, false));
    assert_eq!((&quiet.report, quiet.name.as_str(), quiet.role.as_str()), (&None, "义警2", "volunteer"));
    assert_eq!((shown.devices.len(), shown.time_millis), (3, NOW));

    // Whoever lost the right still says what waits on the phone.
    server.revoke(&phone).await;
    tell(&server, phone.key(), &HealthReport { ops_unsent: 4, ..report() }).await.ok();
    let shown: DevicesResponse = server.send(call()).await.read();
    let row = shown.devices.iter().find(|row| row.log == phone.log.log()).unwrap();
    assert_eq!((row.revoked, row.report.as_ref().map(|report| report.ops_unsent)), (true, Some(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_went_on_in_another_one_is_no_phone_of_its_own() {
    let server = Server::start().await;
    let (phone, stranger) = (server.phone(1).await, server.phone(2).await);
    let desk = desk(&server).await;
    // Nobody hides the phone of somebody else.
    let claim = HealthReport { continues: Some(phone.log.log()), ..report() };
    tell(&server, stranger.key(), &claim).await.ok();
    let shown: DevicesResponse = server.send(Call::get("/v1/devices").signed(&desk, NOW)).await.read();
    assert!(shown.devices.iter().any(|row| row.log == phone.log.log()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_is_refused() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let send = async |mime: &str, body: Vec<u8>| {
        let call = Call::post("/v1/health").header("content-type", mime).body(body);
        server.send(call.signed(phone.key(), NOW)).await.error()
    };
    assert_eq!(send(CBOR_MIME, vec![0xa0]).await, (400, "bad_report".to_owned()));
    assert_eq!(send(CBOR_MIME, b"health".to_vec()).await, (400, "bad_report".to_owned()));
    assert_eq!(send("application/json", report().encode()).await, (415, "media_type".to_owned()));
    assert_eq!(send(CBOR_MIME, vec![0; MAX_HEALTH_BYTES + 1]).await, (413, "too_large".to_owned()));
}
