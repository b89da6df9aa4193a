//! The last answer about coverage stays on the phone, and goes with the rights.

use greenshield_client::engine::EngineError;
use greenshield_client::ports::{HttpResponse, TransportError};
use greenshield_domain::wire::{CoverageReport, ErrorBody};

use crate::device::phone;

#[tokio::test]
async fn the_last_answer_stays_when_there_is_no_network_and_goes_with_the_rights() {
    let engine = phone(1).await;
    assert_eq!(engine.kept_coverage().await, Ok(None));
    let told = CoverageReport {
        days: 7,
        looked_days: 90,
        areas: Vec::new(),
        areas_left: 0,
        tracks: 3,
        tracks_left: 1,
        time_millis: 5,
    };
    let reply = |status, body| Ok(HttpResponse { status, headers: Vec::new(), body });
    let revoked = ErrorBody { code: "revoked".to_owned(), message: "x".to_owned(), detail: serde_json::Value::Null };
    engine.ports().script.borrow_mut().extend([
        reply(200, serde_json::to_vec(&told).unwrap()),
        Err(TransportError::Timeout),
        reply(403, serde_json::to_vec(&revoked).unwrap()),
    ]);
    let came = engine.coverage(7).await.unwrap();
    assert_eq!((&came.report, came.wall_millis), (&told, engine.ports().wall_millis.get()));
    engine.ports().wall_millis.set(came.wall_millis + 60_000);
    assert_eq!(engine.coverage(30).await, Err(EngineError::Transport(TransportError::Timeout)));
    assert_eq!(engine.kept_coverage().await, Ok(Some(came)));
    assert_eq!(engine.ports().sent.borrow()[0].path, "/v1/coverage?days=7");
    assert!(engine.pull(0).await.is_err());
    assert_eq!(engine.kept_coverage().await, Ok(None));
}
