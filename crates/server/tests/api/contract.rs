//! What every response has, and that the OpenAPI tells the truth.

use std::collections::BTreeSet;

use greenshield_server::routes;
use greenshield_server::store::Store as _;

use super::support::{Call, NOW, Server};

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_the_security_headers() {
    let server = Server::start().await;
    for call in [Call::get("/"), Call::get("/v1/health"), Call::get("/v1/me"), Call::get("/v1/x"), Call::post("/v1/me")]
    {
        let reply = server.send(call).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self), screen-wake-lock=(self)"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(reply.header(name), value);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_and_errors_are_json() {
    let server = Server::start().await;
    let health: serde_json::Value = server.send(Call::get("/v1/health")).await.read();
    assert_eq!(health, serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    let ready: serde_json::Value = server.send(Call::get("/v1/ready")).await.read();
    assert_eq!(ready["status"], "ready");
    assert_eq!(server.send(Call::get("/v1")).await.error(), (404, "not_found".to_owned()));
    assert_eq!(server.send(Call::new("DELETE", "/v1/me")).await.error(), (405, "method".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_when_to_come_back_and_loses_nothing_it_took() {
    let server = std::sync::Arc::new(Server::start().await);
    // Nobody else can write while this transaction is open, so the queue fills.
    let block = server.app().store.begin().await.unwrap();
    let mut waiting: Vec<_> = (0..600)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { server.send(Call::push(&[])).await })
        })
        .collect();
    let mut busy = 0;
    // The refused ones are answered while the others wait.
    while busy < 80 {
        let (reply, _, rest) = futures_util::future::select_all(waiting).await;
        let reply = reply.unwrap();
        assert_eq!((reply.error(), reply.header("retry-after")), ((503, "busy".to_owned()), "5"));
        (busy, waiting) = (busy + 1, rest);
    }
    drop(block);
    for push in waiting {
        let status = push.await.unwrap().status.as_u16();
        assert!(status == 200 || status == 503, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_are_no_text_are_errors_of_the_same_shape() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    for path in ["/v1/blobs/%ff", "/v1/blobs/..%2f..%2fgreenshield.db"] {
        let call = Call::new("DELETE", path).signed(phone.key(), NOW).header("tus-resumable", "1.0.0");
        assert_eq!(server.send(call).await.error(), (404, "not_found".to_owned()), "{path}");
    }
    let blob = Call::get("/v1/records/%ff/blobs/%ff").signed(phone.key(), NOW);
    assert_eq!(server.send(blob).await.error(), (404, "not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_compressed_for_those_who_take_it() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    server.push(&phone.reports(50)).await;
    let call = || Call::get("/v1/ops").signed(phone.key(), NOW);
    let plain = server.send(call()).await;
    let zipped = server.send(call().header("accept-encoding", "gzip")).await;
    assert_eq!((plain.header("content-encoding"), zipped.header("content-encoding")), ("", "gzip"));
    assert!(zipped.body.len() < plain.body.len());
}

#[test]
fn routes_and_openapi_name_the_same_calls() {
    let openapi: serde_json::Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let paths = openapi["paths"].as_object().unwrap();
    let methods = ["get", "post", "patch", "delete", "head", "options", "put"];
    let told: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method, path)))
        .filter(|(method, _)| methods.contains(&method.as_str()))
        .map(|(method, path)| (method.to_uppercase(), path.clone()))
        .collect();
    let served: BTreeSet<(String, String)> =
        routes::table().iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(told, served);
}

#[test]
fn every_reference_inside_the_openapi_leads_somewhere() {
    let openapi: serde_json::Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let (mut open, mut found) = (vec![&openapi], 0);
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(|value| value.as_str()) {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(openapi.pointer(pointer).is_some(), "{reference}");
                    found += 1;
                }
                open.extend(map.values());
            }
            serde_json::Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn every_error_code_of_the_server_is_in_the_openapi() {
    let source = include_str!("../../src/error.rs");
    let openapi = include_str!("../../openapi.json");
    for code in [
        "broken_frame",
        "clock",
        "revoked",
        "not_found",
        "unknown_code",
        "expired_code",
        "used_code",
        "epoch",
        "scope",
        "stale_copy",
        "offset",
        "too_large",
        "too_many_ops",
        "media_type",
        "tus_version",
        "checksum",
        "hash_mismatch",
        "range",
        "body_cut",
        "busy",
        "not_ready",
        "disk_full",
        "internal",
        "method",
        "unknown_log",
        "bad_signature",
        "unauthorized",
        "genesis",
        "lease",
        "bad_cursor",
        "bad_query",
        "bad_json",
        "bad_hours",
        "bad_roster",
        "bad_reason",
        "bad_word",
        "bad_header",
        "bad_checksum",
        "metadata",
        "bundle_damaged",
        "bundle_foreign",
        "bundle_version",
        "city_faults",
        "city_moved",
        "city_past",
        "bad_day",
        "bad_note",
    ] {
        assert!(openapi.contains(&format!("`{code}`")), "{code} is not told");
    }
    // Words in error.rs that look like codes are in the list above.
    for word in source.split('"').filter(|word| word.contains('_') && !word.contains([' ', '{', '-', ':'])) {
        assert!(openapi.contains(&format!("`{word}`")), "{word} is not told");
    }
}
