//! Short texts that come with a request or from a person: what reads back is the same text, or the same thing.

#![no_main]

use greenshield_domain::evidence::KnownServer;
use greenshield_domain::ids::{AccountId, BlobId, LogId, RecordId, from_hex, to_hex};
use greenshield_domain::wire::Cursor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(cursor) = Cursor::from_text(text) {
        assert_eq!(cursor.to_text(), text);
    }
    if let Some(bytes) = from_hex(text) {
        assert_eq!(to_hex(&bytes), text.to_ascii_lowercase());
    }
    let ids = [
        LogId::from_hex(text).map(|id| id.to_hex()),
        BlobId::from_hex(text).map(|id| id.to_hex()),
        RecordId::from_hex(text).map(|id| id.to_hex()),
        AccountId::from_hex(text).map(|id| id.to_hex()),
    ];
    for id in ids.into_iter().flatten() {
        assert_eq!(id, text.to_ascii_lowercase());
    }
    match KnownServer::parse(text) {
        Some(KnownServer::Key(key)) => assert_eq!(KnownServer::parse(&to_hex(&key.0)), Some(KnownServer::Key(key))),
        Some(known @ KnownServer::Fingerprint(print)) => assert_eq!(KnownServer::parse(&to_hex(&print)), Some(known)),
        None => {}
    }
});
