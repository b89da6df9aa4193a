//! A receiver of webhooks in this process: it keeps what it is sent, and answers what a test says.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenshield_domain::ids::{AccessKeyId, sha256};
use greenshield_server::serve;
use greenshield_server::settings::Settings;
use greenshield_server::tls::Pair;
use greenshield_server::webhooks::Webhooks;
use greenshield_server::webhooks::sender::{Next, Sender};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::support::Server;

/// The secret of every receiver of the tests, as bytes and as it is written.
pub const SECRET: [u8; 32] = [0x5e; 32];

pub fn written(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// HMAC-SHA256 (RFC 2104) as it is defined, beside the library that the server uses.
pub fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect() };
    let inner = sha256(&[&pad(0x36), message]);
    sha256(&[&pad(0x5c), &inner])
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// (type, record, position, state).
    pub fn told(&self) -> (String, String, u64, Option<String>) {
        let json = self.json();
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let data = &json["data"];
        let position = data["position"].as_u64().unwrap();
        (text(&json["type"]).unwrap(), text(&data["record"]).unwrap(), position, text(&data["state"]))
    }

    /// Whether a signature of the header is the one of a secret.
    pub fn is_signed_by(&self, secret: &[u8]) -> bool {
        let head = format!("{}.{}.", self.id(), self.header("webhook-timestamp"));
        let expected = format!("v1,{}", STANDARD.encode(hmac(secret, &[head.as_bytes(), &self.body].concat())));
        self.header("webhook-signature").split(' ').any(|found| found == expected)
    }
}

/// What a receiver does with a request.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Answers with this status.
    Status(u16),
    /// Answers with this status, and asks to be asked again in so many seconds.
    Later(u16, u64),
    /// Answers 429, and asks to be asked again at this moment, ms since 1970.
    Until(i64),
    /// Sends elsewhere.
    Redirect,
    /// Never answers.
    Hangs,
}

type Script = Arc<Mutex<VecDeque<Does>>>;

pub struct Hook {
    pub address: String,
    script: Script,
    got: mpsc::UnboundedReceiver<Got>,
}

impl Hook {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::listening(None).await
    }

    /// One that speaks TLS, with a certificate that the authority of the city signed; gives the file of that authority.
    pub async fn start_in_an_intranet(folder: &Path) -> (Self, String) {
        let (authority, issuer) = authority(folder, "city");
        let [certificate, key] = ["hook.pem", "hook.key"].map(|name| folder.join(name));
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&own_key, &issuer).unwrap();
        std::fs::write(&certificate, own.pem()).unwrap();
        std::fs::write(&key, own_key.serialize_pem()).unwrap();
        let tls = Pair::open(certificate, key).unwrap().acceptor().unwrap();
        (Self::listening(Some(tls)).await, authority)
    }

    async fn listening(tls: Option<TlsAcceptor>) -> Self {
        let (tell, got) = mpsc::unbounded_channel();
        let script = Script::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().fallback(receive).with_state((tell, script.clone()));
        tokio::spawn(serve::run(listener, tls, router, std::future::pending()));
        Self { address, script, got }
    }

    /// What it does with the next requests, before it takes everything again.
    pub fn will(&self, script: &[Does]) {
        self.script.lock().unwrap().extend(script);
    }

    /// What came so far and was not asked for yet.
    pub fn taken(&mut self) -> Vec<Got> {
        std::iter::from_fn(|| self.got.try_recv().ok()).collect()
    }

    /// The next request; waits for it.
    pub async fn next(&mut self) -> Got {
        self.got.recv().await.unwrap()
    }

    /// The table of this receiver in a settings file.
    pub fn table(&self, name: &str, key: AccessKeyId, kinds: &str) -> String {
        let (address, secret) = (&self.address, written(&SECRET));
        format!(
            "[[webhooks]]\nname = \"{name}\"\nurl = \"http://{address}/hook/of-theirs\"\nsecret = \"{secret}\"\n\
             key = \"{key}\"\nkinds = {kinds}\n"
        )
    }
}

/// An authority of its own: the file of its certificate, and what signs others.
pub fn authority(folder: &Path, name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("The authority of the {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let file = folder.join(format!("{name}.pem"));
    std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
    (file.to_str().unwrap().to_owned(), Issuer::new(params, key))
}

async fn receive(
    State((tell, script)): State<(mpsc::UnboundedSender<Got>, Script)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let does = script.lock().unwrap().pop_front().unwrap_or(Does::Status(204));
    drop(tell.send(Got { path: uri.path().to_owned(), headers, body: body.to_vec() }));
    match does {
        Does::Status(code) => StatusCode::from_u16(code).unwrap().into_response(),
        Does::Later(code, seconds) => {
            let status = StatusCode::from_u16(code).unwrap();
            (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Does::Until(millis) => {
            let moment = UNIX_EPOCH + Duration::from_millis(millis.unsigned_abs());
            let date = httpdate::fmt_http_date(moment);
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, date)]).into_response()
        }
        Does::Redirect => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response(),
        Does::Hangs => std::future::pending().await,
    }
}

/// The receivers of a settings file, for a server.
pub fn open(server: &Server, file: &str) -> Webhooks {
    let path = server.data().join("webhooks.toml");
    std::fs::write(&path, file).unwrap();
    let settings = Settings::gather(Some(&path), &Default::default(), |_| None).unwrap();
    Webhooks::open(settings.webhooks(), &server.app().city()).unwrap()
}

/// Whoever serves a receiver at a server, step by step.
pub fn sender(server: &Server, webhooks: &Webhooks, name: &str) -> Sender {
    let (receiver, post) = webhooks.named(name).unwrap();
    Sender::new(server.app().clone(), receiver, post)
}

/// Goes on until there is something to wait for.
pub async fn settle(sender: &mut Sender) -> Next {
    loop {
        match sender.step().await.unwrap() {
            Next::Now => {}
            next => return next,
        }
    }
}
