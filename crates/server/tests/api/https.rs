//! The server without a proxy: HTTPS with a certificate of its own, the plain port beside it, and strangers who ask too often.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::generate_simple_self_signed;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::running::{Machine, http};

/// A certificate for this machine in a folder: its file and the file of its key.
fn certificate(folder: &Path) -> [String; 2] {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let names = ["site.pem", "site.key"].map(|name| folder.join(name));
    std::fs::write(&names[0], made.cert.pem()).unwrap();
    std::fs::write(&names[1], made.signing_key.serialize_pem()).unwrap();
    names.map(|name| name.to_str().unwrap().to_owned())
}

/// Asks by HTTPS, trusting the certificate in the file and no other; the whole reply in lower case.
fn ask(address: &str, certificate: &str, path: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config =
        builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(address)?);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut reply = Vec::new();
    // A server that closes without a goodbye has said all of it.
    drop(stream.read_to_end(&mut reply));
    Ok(String::from_utf8_lossy(&reply).to_lowercase())
}

/// A header of a reply in the open.
fn plain(address: &str, path: &str, header: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{header}\r\n").as_bytes())
        .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply.to_lowercase()
}

#[test]
fn the_server_speaks_https_and_the_plain_port_only_sends_on() {
    let machine = Machine::new();
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = certificate(folder.path());
    let webroot = folder.path().join("web");
    let challenges = webroot.join(".well-known/acme-challenge");
    std::fs::create_dir_all(&challenges).unwrap();
    std::fs::write(challenges.join("a-Token_1"), "the answer").unwrap();
    let door = ["--door-listen", "127.0.0.1:0", "--acme-webroot", webroot.to_str().unwrap()];
    let url = ["--url", "https://green.example.org/"];
    let server = machine.serve(&[&["--tls-certificate", &certificate, "--tls-key", &key][..], &door, &url].concat(), 2);
    let reply = ask(&server.address, &certificate, "/v1/health").unwrap();
    assert!(reply.starts_with("http/1.1 200"), "{reply}");
    assert!(reply.contains("\r\nstrict-transport-security: max-age=63072000\r\n"), "{reply}");
    assert!(http(&server.address, "GET", "/v1/health", &[], b"").is_err(), "nothing is answered in the open");

    let door = server.facts[1]["door"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let reply = plain(&door, "/v1/ops?cursor=x", "");
    assert!(reply.starts_with("http/1.1 308"), "{reply}");
    assert!(reply.contains("\r\nlocation: https://green.example.org/v1/ops?cursor=x\r\n"), "{reply}");
    let challenge = |token: &str| plain(&door, &format!("/.well-known/acme-challenge/{token}"), "");
    assert!(challenge("a-Token_1").ends_with("\r\n\r\nthe answer"));
    for outside in ["..%2f..%2f..%2fsite.key", "%2e%2e", "nothing", "a-Token_1%00"] {
        assert!(challenge(outside).starts_with("http/1.1 404"), "{outside}");
    }
    server.terminate();
}

#[test]
fn a_certificate_without_its_key_ends_the_start_with_a_sentence() {
    let machine = Machine::new();
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = certificate(folder.path());
    let start = |words: &[&str]| {
        let output = machine.command(&["serve", "--listen", "127.0.0.1:0"]).args(words).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(start(&["--tls-certificate", &certificate]).contains("tls_certificate and tls_key are set together"));
    std::fs::write(&key, "no key").unwrap();
    assert!(start(&["--tls-certificate", &certificate, "--tls-key", &key]).contains("site.key"));
}

#[test]
fn a_stranger_who_asks_too_often_waits_and_nobody_else_does() {
    let machine = Machine::new();
    let server = machine.serve(&["--requests-a-second", "1"], 1);
    let ask = |header: &str| plain(&server.address, "/v1/health", header);
    let (one, other) = ("x-forwarded-for: 203.0.113.7\r\n", "x-forwarded-for: 203.0.113.8\r\n");
    let replies: Vec<String> = (0..12).map(|_| ask(one)).collect();
    let refused = replies.iter().find(|reply| reply.starts_with("http/1.1 429")).expect("some are refused");
    assert!(refused.contains("\r\nretry-after: 1\r\n") && refused.contains("\"rate_limited\""), "{refused}");
    assert!(ask(other).starts_with("http/1.1 200"));
    // What a stranger writes in front of the proxy's word is not believed.
    let spoofed: Vec<String> =
        (0..12).map(|n| ask(&format!("x-forwarded-for: 198.51.100.{n}, 203.0.113.7\r\n"))).collect();
    assert!(spoofed.iter().any(|reply| reply.starts_with("http/1.1 429")));
    assert!(ask("").starts_with("http/1.1 200"), "tools on this machine are not counted");
    server.terminate();
}
