//! Who may ask: signed requests, clocks, revocation.

use greenshield_testkit::keys::SeededKey;

use super::support::{Call, NOW, Server};

const TEN_MINUTES: i64 = 10 * 60 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_tells_who_asks() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let me: serde_json::Value = server.send(Call::get("/v1/me").signed(phone.key(), NOW)).await.read();
    let account = phone.log.account().to_hex();
    let expected = serde_json::json!({
        "account": account, "name": "义警1", "role": "volunteer", "log": phone.log.log().to_hex()
    });
    assert_eq!(me, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_told_the_time_and_ten_minutes_are_forgiven() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    for at in [NOW - TEN_MINUTES, NOW + TEN_MINUTES] {
        server.send(Call::get("/v1/me").signed(phone.key(), at)).await.ok();
    }
    for at in [NOW - TEN_MINUTES - 1, NOW + TEN_MINUTES + 1, i64::MIN, i64::MAX] {
        let reply = server.send(Call::get("/v1/me").signed(phone.key(), at)).await;
        let error = reply.error_body();
        assert_eq!((reply.status.as_u16(), error.code.as_str(), &error.detail["now"]), (401, "clock", &NOW.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_good_for_one_method_path_query_and_log_only() {
    let server = Server::start().await;
    let (phone, other) = (server.phone(1).await, server.phone(2).await);
    let replayed = |method, path: &str, as_method: &str, as_path: &str, key: &SeededKey| {
        Call::new(method, path).header("authorization", key.authorization(as_method, as_path, NOW))
    };
    for call in [
        replayed("GET", "/v1/ops", "GET", "/v1/me", phone.key()),
        replayed("GET", "/v1/ops?max=1", "GET", "/v1/ops?max=2", phone.key()),
        replayed("GET", "/v1/me", "POST", "/v1/me", phone.key()),
    ] {
        assert_eq!(server.send(call).await.error(), (401, "bad_signature".to_owned()));
    }
    let stolen =
        phone.key().authorization("GET", "/v1/me", NOW).replace(&phone.log.log().to_hex(), &other.log.log().to_hex());
    let call = Call::get("/v1/me").header("authorization", stolen);
    assert_eq!(server.send(call).await.error(), (401, "bad_signature".to_owned()));
    let unknown = Call::get("/v1/me").signed(&SeededKey::new(99), NOW);
    assert_eq!(server.send(unknown).await.error(), (401, "unknown_log".to_owned()));
    for bad in ["", "Bearer x", "Greenshield", "Greenshield log=\"\", at=\"\", sig=\"\""] {
        let call = Call::get("/v1/me").header("authorization", bad);
        assert_eq!(server.send(call).await.error(), (401, "unauthorized".to_owned()), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_sign_reads_nothing() {
    let server = Server::start().await;
    let blob = format!("/v1/records/{}/blobs/{}", "0".repeat(32), "0".repeat(64));
    for (method, path) in [
        ("GET", "/v1/ops"),
        ("GET", "/v1/heads?logs="),
        ("GET", "/v1/me"),
        ("POST", "/v1/blobs"),
        ("PATCH", "/v1/blobs/00"),
        ("DELETE", "/v1/blobs/00"),
        ("GET", blob.as_str()),
    ] {
        assert_eq!(server.send(Call::new(method, path)).await.error(), (401, "unauthorized".to_owned()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_reads_nothing_new_from_its_next_contact() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    server.revoke(&phone).await;
    let blob = format!("/v1/records/{}/blobs/{}", "0".repeat(32), "0".repeat(64));
    for path in ["/v1/ops", "/v1/heads?logs=", "/v1/me", blob.as_str()] {
        let reply = server.send(Call::get(path).signed(phone.key(), NOW)).await;
        assert_eq!(reply.error(), (403, "revoked".to_owned()), "{path}");
    }
}
