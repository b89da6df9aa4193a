//! The golden vector of sealing: a bundle of the volunteer's log with one blob, and every value on the way to it.

use greenshield_domain::bundle::Item;
use greenshield_domain::seal::{self, wrapping_key};
use greenshield_domain::statement::{SealingKey, Statement as _};
use greenshield_testkit::build::START_MILLIS;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::seal::{BundleBuilder, shared_x};

use super::json::Json;
use super::vectors::Story;

pub(crate) fn bundle(story: &Story) -> Json {
    let sealing = SeededKey::new(101);
    let public = sealing.public_key();
    let statement = SealingKey { public, issued_millis: START_MILLIS - 120_000 };
    let signed = story.server.sign_statement(&statement);
    let bundle = BundleBuilder {
        ops: vec![story.genesis.op.clone(), story.report.op.clone()],
        blobs: vec![(b"the photo at 2048 px".to_vec(), "image/jpeg".to_owned())],
        created_millis: START_MILLIS + 30_000,
        seed: 102,
    };
    let header = bundle.header(&public);
    let ephemeral = header.slot.ephemeral;
    let shared = shared_x(&sealing, &ephemeral).unwrap_or_default();
    let plain: Vec<u8> = bundle.items().iter().flat_map(Item::encode).collect();
    Json::Map(vec![
        ("about", Json::text("A rescue package: the volunteer's two ops and one blob, sealed for the server.")),
        ("sealing_key_private", Json::hex(sealing.scalar())),
        ("sealing_key", Json::hex(public.0)),
        ("sealing_key_payload", Json::hex(statement.payload())),
        ("sealing_key_signed", Json::hex(greenshield_domain::cbor::encode(&signed.to_value()))),
        ("sealing_key_id", Json::hex(seal::key_id(&public).0)),
        ("ephemeral_private", Json::hex(SeededKey::new(102 ^ 0xe9_e9).scalar())),
        ("ephemeral_key", Json::hex(ephemeral.0)),
        ("shared_x", Json::hex(shared)),
        ("wrapping_key", Json::hex(wrapping_key(&shared, &ephemeral, &public))),
        ("envelope_key", Json::hex(bundle.envelope_key())),
        ("wrapped_key", Json::hex(header.slot.wrapped)),
        ("header", Json::hex(header.encode())),
        ("aad", Json::hex(seal::aad(&header.encode()))),
        ("nonce", Json::hex(seal::nonce(0, true))),
        ("plain", Json::hex(plain)),
        ("file", Json::hex(bundle.file(&public))),
    ])
}
