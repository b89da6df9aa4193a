//! The network, as far as it can be had without a server of ours.

use greenshield_app::platform::net::BrowserNet;
use greenshield_client::ports::{HttpRequest, Transport, TransportError};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(js_namespace = gsNet)]
extern "C" {
    fn turn(kind: &str);
    fn restore();
}

fn get(path: &str, timeout_millis: u32) -> HttpRequest {
    HttpRequest { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new(), timeout_millis }
}

async fn on(kind: &str, request: HttpRequest) -> Result<greenshield_client::ports::HttpResponse, TransportError> {
    super::fresh::evaluate(include_str!("js/net.js"));
    turn(kind);
    let outcome = BrowserNet.send(request).await;
    restore();
    outcome
}

#[wasm_bindgen_test]
async fn a_real_reply_has_status_headers_and_body() {
    let reply = BrowserNet.send(get("/", 10_000)).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(!reply.body.is_empty());
    assert!(reply.header("content-type").is_some_and(|mime| mime.contains("html")), "{:?}", reply.headers);
    let reply = BrowserNet.send(get("/there/is/no/such/file", 10_000)).await.unwrap();
    assert_eq!(reply.status, 404, "an error of the server is a reply");
}

#[wasm_bindgen_test]
async fn no_network_is_offline() {
    assert_eq!(on("down", get("/test", 10_000)).await, Err(TransportError::Offline));
    assert_eq!(on("cut", get("/test", 10_000)).await, Err(TransportError::Offline), "half a reply is none");
}

#[wasm_bindgen_test]
async fn silence_is_a_timeout_and_slowness_is_not() {
    assert_eq!(on("deaf", get("/test", 30)).await, Err(TransportError::Timeout));
    let reply = on("slow", get("/test", 200)).await.unwrap();
    assert_eq!(reply.body, b"abcdef", "360 ms in all, but never 200 without a word");
}

#[wasm_bindgen_test]
async fn nothing_goes_to_another_origin() {
    for path in ["//example.org/", "https://example.org/", "relative", ""] {
        assert_eq!(BrowserNet.send(get(path, 1_000)).await, Err(TransportError::Offline), "{path}");
    }
}

#[wasm_bindgen_test]
async fn a_request_carries_its_parts_and_no_cookies() {
    let headers = vec![("x-a", "1".to_owned())];
    let body = "水".as_bytes().to_vec();
    let request = HttpRequest { method: "PATCH", path: "/test?q=1".to_owned(), headers, body, timeout_millis: 1_000 };
    let reply = on("echo", request).await.unwrap();
    let words = String::from_utf8(reply.body.clone()).unwrap();
    assert_eq!(words, "PATCH /test?q=1 same-origin omit no-store error 1 水");
    assert_eq!((reply.status, reply.header("upload-offset"), reply.header("x-b")), (418, Some("5"), Some("1")));
}
