//! Ops: what decodes is exactly what its parts say, keeps its id when it is redacted, and what is made of any value reads back.

#![no_main]

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::erasure::{Erasure, Hold};
use greenshield_domain::ids::{AccountId, CheckpointId, LogId, OpId, RecordId};
use greenshield_domain::op::{Draft, Entry, Genesis, Header, Leaves, SignedOp};
use greenshield_domain::signature::Signature;
use greenshield_domain::tree;
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_testkit::keys::P256Check;
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8]) {
    let Ok(op) = SignedOp::decode(bytes) else { return };
    assert_eq!(op.bytes(), bytes);
    let value = cbor::decode(bytes).expect("an op is CBOR");
    assert_eq!(cbor::encode(&value), bytes);
    let header = value.as_array().and_then(|parts| parts[0].as_bytes()).expect("an op has a header");
    assert_eq!(op.header().encode(), header);
    assert_eq!(Header::decode(header).as_ref(), Ok(op.header()));
    assert_eq!(tree::root(&op.body().leaf_hashes()), op.header().root);
    for redacted in
        [op.redact(|_| true), op.redact(|entry| entry.field % 2 == 0), op.hide(Leaves(0x5a5a_5a5a_5a5a_5a5a))]
    {
        let again = SignedOp::decode(redacted.bytes()).expect("a redacted op reads");
        assert_eq!((again.id(), again.header(), again.signature()), (op.id(), op.header(), op.signature()));
    }
    if let Some(said) = Erasure::of(&op, SERVER_ACCOUNT) {
        let targets = said.targets.clone();
        let parts: Vec<_> = said.parts().into_iter().flat_map(|part| part.targets).collect();
        assert!(parts.into_iter().eq(targets), "parts say all of it");
    }
    assert!(Hold::of(&op, AccountId([1; 16])).is_none());
    if let Ok(genesis) = Genesis::read(&op) {
        assert_eq!(genesis.key.log_id(), op.header().log);
        // Whether it verifies or not: no panic, and the bytes stay.
        if let Ok(verified) = op.clone().verify(&genesis.key, &P256Check) {
            assert_eq!(verified.bytes(), bytes);
        }
    }
}

/// An op whose one field is this value.
fn write(value: Value) {
    let draft = Draft {
        log: LogId([1; 32]),
        seq: 1,
        prev: Some(OpId([2; 32])),
        wall_millis: 3,
        boot: [4; 8],
        mono_millis: 5,
        seen: CheckpointId::NONE,
        record: RecordId([6; 16]),
        kind: 10,
        deps: Vec::new(),
        seed: [7; 16],
        entries: vec![Entry::set(8, value)],
    };
    let Ok(unsigned) = draft.freeze() else { return };
    let op = unsigned.seal(Signature([0x11; 64]));
    assert_eq!(SignedOp::decode(op.bytes()), Ok(op));
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    if let Ok(value) = cbor::decode(bytes) {
        write(value);
    }
});
