//! The app's files: types, caching, compressed copies, navigations.

use std::path::Path;

use greenshield_domain::city::City;

use super::support::{Call, Reply, Server};

const HASHED: &str = "greenshield-app-0123456789abcdef.js";

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

async fn site() -> (tempfile::TempDir, Server) {
    let web = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "<title>app</title>"),
        ("sw.js", "sw"),
        (HASHED, "plain"),
        ("greenshield-app-0123456789abcdef.js.br", "br"),
        ("greenshield-app-0123456789abcdef.js.gz", "gz"),
        ("app-0123456789abcdef_bg.wasm", "wasm"),
    ] {
        write(web.path(), name, text);
    }
    let server = Server::start_with_web(web.path().to_owned()).await;
    (web, server)
}

fn seen(reply: &Reply) -> (u16, &str, &str, &str) {
    let body = std::str::from_utf8(&reply.body).unwrap();
    (reply.status.as_u16(), reply.header("content-type"), reply.header("cache-control"), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_never_change_and_all_others_are_asked_for_again() {
    let (_web, server) = site().await;
    let get = async |path: &str| server.send(Call::get(path)).await;
    let immutable = "public, max-age=31536000, immutable";
    assert_eq!(seen(&get("/").await), (200, "text/html; charset=utf-8", "no-cache", "<title>app</title>"));
    assert_eq!(seen(&get("/sw.js").await), (200, "text/javascript; charset=utf-8", "no-cache", "sw"));
    assert_eq!(seen(&get(&format!("/{HASHED}")).await), (200, "text/javascript; charset=utf-8", immutable, "plain"));
    assert_eq!(seen(&get("/app-0123456789abcdef_bg.wasm").await), (200, "application/wasm", immutable, "wasm"));
    let reply = get("/city.json").await;
    assert_eq!(reply.header("cache-control"), "no-cache");
    assert!(City::from_bundle(std::str::from_utf8(&reply.body).unwrap()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_compressed_copy_that_the_browser_takes_is_sent() {
    let (_web, server) = site().await;
    for (accepted, encoding, body) in [
        ("gzip, deflate, br", "br", "br"),
        ("gzip", "gzip", "gz"),
        ("br;q=0, gzip;q=0.5", "gzip", "gz"),
        ("identity", "", "plain"),
    ] {
        let reply = server.send(Call::get(&format!("/{HASHED}")).header("accept-encoding", accepted)).await;
        assert_eq!((reply.header("content-encoding"), seen(&reply).3), (encoding, body), "{accepted}");
        assert_eq!(reply.header("vary"), "accept-encoding");
        assert_eq!(reply.header("content-type"), "text/javascript; charset=utf-8");
        let etag = reply.header("etag").to_owned();
        let again = Call::get(&format!("/{HASHED}")).header("accept-encoding", accepted).header("if-none-match", &etag);
        let again = server.send(again).await;
        assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, etag.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_navigations_get_the_start_page_for_unknown_paths() {
    let (_web, server) = site().await;
    let navigation = |path| Call::get(path).header("sec-fetch-mode", "navigate").header("accept", "text/html");
    assert_eq!(seen(&server.send(navigation("/records/42")).await).3, "<title>app</title>");
    let old_browser = Call::get("/records/42").header("accept", "text/html,*/*");
    assert_eq!(seen(&server.send(old_browser).await).3, "<title>app</title>");
    for call in [
        Call::get("/records/42"),
        Call::get("/x").header("sec-fetch-mode", "cors").header("accept", "text/html"),
        navigation("/missing.js"),
        navigation("/v1/nothing"),
        Call::get("/../Cargo.toml"),
        Call::get("/%2e%2e/Cargo.toml"),
    ] {
        assert_eq!(server.send(call).await.error(), (404, "not_found".to_owned()));
    }
    assert_eq!(server.send(Call::post("/")).await.error(), (405, "method".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_on_disk_is_seen_by_its_etag() {
    let (web, server) = site().await;
    let first = server.send(Call::get("/sw.js")).await.header("etag").to_owned();
    write(web.path(), "sw.js", "sw 2");
    let reply = server.send(Call::get("/sw.js").header("if-none-match", &first)).await;
    assert_eq!(seen(&reply).3, "sw 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_app_still_has_a_page() {
    let server = Server::start().await;
    let reply = server.send(Call::get("/")).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/html; charset=utf-8"));
}
