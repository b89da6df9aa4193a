//! What a phone says of itself: what waits, since when, and never more than the server asked for.

use greenshield_client::engine::{EngineError, Save};
use greenshield_client::ports::{HttpResponse, TransportError};
use greenshield_domain::incident::KIND;
use greenshield_domain::wire::{CBOR_MIME, HealthReport};

use crate::device::{phone, report};

#[tokio::test]
async fn a_report_says_what_waits_and_since_when() {
    let engine = phone(1).await;
    let quiet = engine.health().await.unwrap();
    assert_eq!((quiet.ops_unsent, quiet.files_unsent, quiet.oldest_unsent_millis), (0, 0, None));
    assert_eq!((quiet.version.as_str(), quiet.skew_millis, quiet.continues), ("test", None, None));
    let first_millis = engine.ports().wall_millis.get();
    for later in [0, 5_000] {
        engine.ports().wall_millis.set(first_millis + later);
        let save = Save { record: None, kind: KIND, entries: report(later), draft: None };
        engine.save(save).await.unwrap();
    }
    let waiting = engine.health().await.unwrap();
    assert_eq!((waiting.ops_unsent, waiting.oldest_unsent_millis), (2, Some(first_millis)));
    assert_eq!(waiting.wall_millis, first_millis + 5_000);
}

#[tokio::test]
async fn it_is_sent_signed_and_a_server_that_does_not_take_it_is_no_harm() {
    let engine = phone(1).await;
    let report = HealthReport { files_unsent: 3, ..engine.health().await.unwrap() };
    let answers =
        [Ok(HttpResponse { status: 204, headers: Vec::new(), body: Vec::new() }), Err(TransportError::Timeout)];
    engine.ports().script.borrow_mut().extend(answers);
    engine.tell_health(&report).await.unwrap();
    assert_eq!(engine.tell_health(&report).await, Err(EngineError::Transport(TransportError::Timeout)));
    let sent = engine.ports().sent.borrow();
    let header = |name: &str| sent[0].headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    assert_eq!((sent[0].method, sent[0].path.as_str()), ("POST", "/v1/health"));
    assert_eq!(header("content-type").as_deref(), Some(CBOR_MIME));
    assert!(header("authorization").is_some_and(|value| value.starts_with("Greenshield log=")));
    assert_eq!(HealthReport::decode(&sent[0].body), Ok(report));
}
