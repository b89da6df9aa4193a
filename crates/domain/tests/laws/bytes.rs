//! Bytes: one encoding per value, ops that can not be altered unseen, wire shapes that read back.

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, OpRef, RecordId};
use greenshield_domain::incident::{BlobLink, Place};
use greenshield_domain::log::LogHead;
use greenshield_domain::op::{
    Act, Body, Draft, Entry, MAX_BODY_BYTES, MAX_LEAVES, MAX_VALUE_DEPTH, OpError, RedactedLeaf, SignedOp,
};
use greenshield_domain::signature::Signature;
use greenshield_domain::statement::{BlobReceipt, Certificate, Checkpoint, Receipt, Signed, Statement};
use greenshield_domain::wire::{
    Began, Cursor, HeadsReply, MAX_PUSH_OPS, OpResult, PersonRow, PullPage, PulledOp, PushReply, ResultCode, Verdict,
    split_push,
};
use greenshield_testkit::keys::SeededKey;
use proptest::prelude::*;

use crate::cases;

fn value(depth: u32) -> impl Strategy<Value = Value> {
    let int = prop_oneof![-30..30i64, any::<i64>(), (0..63u32).prop_map(|bit| 1i64 << bit)];
    let leaf = prop_oneof![
        int.prop_map(Value::Int),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ".{0,20}".prop_map(Value::Text),
        Just(Value::Null),
    ];
    leaf.prop_recursive(depth, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((inner.clone(), inner), 0..5).prop_map(Value::map),
        ]
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let act = prop_oneof![Just(Act::Set), Just(Act::Add), Just(Act::Remove), Just(Act::Link)];
    (any::<u32>(), act, value(3)).prop_map(|(field, act, value)| Entry { field, act, value })
}

fn draft() -> impl Strategy<Value = Draft> {
    let place = (any::<[u8; 32]>(), 0..=i64::MAX, any::<[u8; 32]>());
    let clock = (any::<i64>(), any::<[u8; 8]>(), any::<i64>(), any::<[u8; 16]>());
    let about = (any::<[u8; 16]>(), any::<u32>(), prop::collection::vec(any::<[u8; 16]>().prop_map(OpRef), 0..=8));
    let body = (any::<[u8; 16]>(), prop::collection::vec(entry(), 1..9));
    (place, clock, about, body).prop_map(|(place, clock, about, body)| Draft {
        log: LogId(place.0),
        seq: place.1.unsigned_abs(),
        prev: (place.1 > 0).then_some(OpId(place.2)),
        wall_millis: clock.0,
        boot: clock.1,
        mono_millis: clock.2,
        seen: CheckpointId(clock.3),
        record: RecordId(about.0),
        kind: about.1,
        deps: about.2,
        seed: body.0,
        entries: body.1,
    })
}

fn op() -> impl Strategy<Value = SignedOp> {
    (draft(), any::<[u8; 32]>()).prop_map(|(draft, r)| {
        let mut signature = [0x11; 64];
        signature[..32].copy_from_slice(&r);
        draft.freeze().unwrap().seal(Signature(signature))
    })
}

fn simple_draft(entries: Vec<Entry>) -> Draft {
    Draft {
        log: LogId([1; 32]),
        seq: 1,
        prev: Some(OpId([2; 32])),
        wall_millis: 0,
        boot: [3; 8],
        mono_millis: 0,
        seen: CheckpointId::NONE,
        record: RecordId([4; 16]),
        kind: 10,
        deps: Vec::new(),
        seed: [5; 16],
        entries,
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_value_has_one_encoding_and_it_reads_back(value in value(6)) {
        prop_assert_eq!(cbor::decode(&cbor::encode(&value)), Ok(value));
    }

    #[test]
    fn bytes_that_decode_are_the_encoding_of_what_they_decode_to(
        bytes in prop::collection::vec(any::<u8>(), 0..24), value in value(4), at: prop::sample::Index, flip: u8,
    ) {
        let mut changed = cbor::encode(&value);
        let at = at.index(changed.len());
        changed[at] ^= flip;
        for bytes in [bytes, changed] {
            if let Ok(value) = cbor::decode(&bytes) {
                prop_assert_eq!(cbor::encode(&value), bytes);
            }
        }
    }

    #[test]
    fn a_number_in_a_longer_form_than_it_needs_is_refused(
        value in value(0), bit in 0..64u32, below in 0..3u64, major in 0..6u8,
    ) {
        let n = (1u64 << bit).saturating_sub(below);
        let forms = [(24u8, 1usize, 24u64), (25, 2, 0x100), (26, 4, 0x1_0000), (27, 8, 0x1_0000_0000)];
        for (info, width, least) in forms.into_iter().filter(|(_, _, least)| n < *least) {
            let bytes = [&[major << 5 | info], &n.to_be_bytes()[8 - width..], &cbor::encode(&value)].concat();
            prop_assert_eq!(cbor::decode(&bytes), Err(cbor::CborError::NotShortest { at: 0 }), "{} under {}", n, least);
        }
    }

    #[test]
    fn what_is_frozen_reads_back_byte_for_byte(op in op()) {
        prop_assert_eq!(SignedOp::decode(op.bytes()), Ok(op));
    }

    #[test]
    fn a_changed_byte_is_refused_or_makes_another_op(op in op(), at: prop::sample::Index, flip in 1..=255u8) {
        let mut bytes = op.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = SignedOp::decode(&bytes) {
            prop_assert_ne!(&other, &op);
            // The body hangs on the root: whatever still decodes differs in what was signed or in who signed.
            prop_assert!(other.id() != op.id() || other.signature() != op.signature());
        }
    }

    #[test]
    fn a_cut_or_lengthened_op_is_refused(op in op(), at: prop::sample::Index, more: u8) {
        prop_assert!(SignedOp::decode(&op.bytes()[..at.index(op.bytes().len())]).is_err());
        prop_assert!(SignedOp::decode(&[op.bytes(), &[more]].concat()).is_err());
    }

    #[test]
    fn redaction_keeps_id_root_and_signature_and_hides_exactly_what_was_asked(op in op(), hide: u64, more: u64) {
        let hidden = |mask: u64, entry: &Entry| {
            op.body().entries().position(|e| e == entry).is_some_and(|i| mask >> (i % 64) & 1 == 1)
        };
        let redacted = op.redact(|entry| hidden(hide, entry));
        prop_assert_eq!((redacted.id(), redacted.signature()), (op.id(), op.signature()));
        prop_assert_eq!(redacted.header(), op.header());
        prop_assert_eq!(SignedOp::decode(redacted.bytes()), Ok(redacted.clone()));
        prop_assert_eq!(redacted.body().leaf_hashes(), op.body().leaf_hashes());
        let kept: Vec<Entry> = op.body().entries().filter(|entry| !hidden(hide, entry)).cloned().collect();
        prop_assert_eq!(redacted.body().entries().cloned().collect::<Vec<_>>(), kept);
        prop_assert!(!redacted.body().is_full());
        let Body::Redacted(leaves) = redacted.body() else { unreachable!("it was redacted") };
        for (leaf, entry) in leaves.iter().zip(op.body().entries()) {
            prop_assert_eq!(matches!(leaf, RedactedLeaf::Hidden(_)), hidden(hide, entry));
        }
        // Hiding in two steps is hiding both at once.
        prop_assert_eq!(redacted.redact(|e| hidden(more, e)), op.redact(|e| hidden(hide, e) || hidden(more, e)));
    }

    #[test]
    fn any_five_numbers_make_a_place_on_the_globe_or_none(n in any::<[i64; 5]>()) {
        if let Some(place) = Place::from_value(&Value::Array(n.map(Value::Int).to_vec())) {
            prop_assert!((-900_000_000..=900_000_000).contains(&place.lat_e7));
            prop_assert!((-1_800_000_000..=1_800_000_000).contains(&place.lon_e7));
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn wire_shapes_read_back_and_no_bytes_make_them_panic(
        a in any::<[u8; 32]>(), n in any::<u32>(), name in ".{0,12}", at: prop::sample::Index, flip in 1..=255u8,
    ) {
        let pos = u64::from(n);
        let signed = Signed { payload: a.to_vec(), signature: Signature([7; 64]) };
        let heads = vec![LogHead { log: LogId(a), seq: pos, id: OpId(a) }];
        let code = ResultCode::from_int(i64::from(n % 8)).unwrap();
        let push = PushReply {
            results: vec![OpResult { index: pos, id: (n & 1 == 0).then_some(OpId(a)), code, reason: name.clone() }],
            heads: heads.clone(),
            receipts: vec![signed.clone()],
            lease: (n & 2 == 0).then_some([9; 16]),
            time_millis: i64::from(n),
            epoch: Epoch([1; 8]),
            checkpoint: signed.clone(),
        };
        let verdict = [Verdict::Ok, Verdict::Held(name.clone()), Verdict::Void][n as usize % 3].clone();
        let account = AccountId([2; 16]);
        let pulled = PulledOp {
            pos, eff_millis: -i64::from(n), received_millis: i64::from(n), verdict, account, op: a.to_vec(),
        };
        let page = PullPage {
            ops: vec![pulled],
            next: name.clone(),
            checkpoint: signed,
            more: n & 1 == 1,
            time_millis: 1,
            people: vec![PersonRow { account, name, role: "desk".to_owned() }],
            left: Vec::new(),
        };
        let began = (n & 1 == 1).then_some(Began { after: Epoch([7; 8]), size: pos });
        let reply = HeadsReply { heads, epoch: Epoch([3; 8]), time_millis: 5, began };
        prop_assert_eq!(PushReply::decode(&push.encode()), Ok(push.clone()));
        prop_assert_eq!(PullPage::decode(&page.encode()), Ok(page.clone()));
        prop_assert_eq!(HeadsReply::decode(&reply.encode()), Ok(reply.clone()));
        let cursor = Cursor { epoch: Epoch([4; 8]), scope: [5; 8], pos };
        prop_assert_eq!(Cursor::from_text(&cursor.to_text()), Ok(cursor));
        for mut bytes in [push.encode(), page.encode(), reply.encode()] {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            _ = (PushReply::decode(&bytes), PullPage::decode(&bytes), HeadsReply::decode(&bytes));
        }
    }

    #[test]
    fn statements_read_back_from_their_payload(a in any::<[u8; 32]>(), n in any::<u32>(), role in ".{0,12}") {
        fn reads_back<S: Statement + PartialEq>(statement: &S) -> bool {
            let signed = Signed { payload: statement.payload(), signature: Signature([0; 64]) };
            let same = signed.read_unchecked::<S>().as_ref() == Ok(statement);
            same && Signed::from_value(&signed.to_value()) == Some(signed)
        }
        let (log, head, n) = (LogId(a), OpId(a), u64::from(n));
        let (epoch, time, checkpoint) = (Epoch([1; 8]), i64::try_from(n).unwrap(), CheckpointId([2; 16]));
        let receipt = Receipt { epoch, log, from: n, upto: n + 1, head, received_millis: time, checkpoint };
        let blob = BlobReceipt { epoch, blob: BlobId(a), size_bytes: n, received_millis: time };
        let checkpoint = Checkpoint { epoch, size: n, root: a, time_millis: time };
        let certificate = Certificate { log, account: AccountId([3; 16]), role, issued_millis: time };
        prop_assert!(reads_back(&receipt) && reads_back(&blob) && reads_back(&checkpoint) && reads_back(&certificate));
    }

    #[test]
    fn a_push_is_cut_into_its_ops_and_an_error_loses_none_before_it(
        ops in prop::collection::vec(value(2), 0..6), rubbish in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let whole: Vec<Vec<u8>> = ops.iter().map(cbor::encode).collect();
        let joined = whole.concat();
        let (items, error) = split_push(&joined);
        prop_assert_eq!(&items.iter().map(|item| item.to_vec()).collect::<Vec<_>>(), &whole);
        prop_assert_eq!(error, None);
        let body = [whole.concat(), rubbish].concat();
        let (items, _) = split_push(&body);
        prop_assert!(items.len() >= whole.len() && body.starts_with(&items.concat()));
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_signature_has_one_low_twin(seed: u64, message in prop::collection::vec(any::<u8>(), 0..40)) {
        let signature = SeededKey::new(seed).sign_as_is(&message);
        let low = signature.to_low_s();
        prop_assert!(low.is_low_s());
        prop_assert_eq!(low.to_low_s(), low);
        prop_assert_eq!(signature.is_low_s(), low == signature);
    }
}

#[test]
fn an_op_at_the_limits_survives_any_redaction() {
    let long = MAX_BODY_BYTES / MAX_LEAVES - 9;
    let entries: Vec<Entry> =
        (0..64).map(|i| Entry::set(if i < 32 { 300 } else { 7 }, Value::Bytes(vec![i; long]))).collect();
    let op = simple_draft(entries).freeze().unwrap().seal(Signature([1; 64]));
    for redacted in [op.redact(|_| false), op.redact(|_| true), op.redact(|entry| entry.field == 7)] {
        assert_eq!(SignedOp::decode(redacted.bytes()), Ok(redacted));
    }
    let tiny = (0..64).map(|i| Entry::set(i, Value::Null)).collect();
    let tiny = simple_draft(tiny).freeze().unwrap().seal(Signature([1; 64])).redact(|_| true);
    assert_eq!(SignedOp::decode(tiny.bytes()), Ok(tiny));
}

#[test]
fn what_can_not_be_read_back_is_not_frozen() {
    let nested = |depth: usize| (1..depth).fold(Value::Int(1), |inner, _| Value::Array(vec![inner]));
    let with = |value: Value| simple_draft(vec![Entry::set(1, value)]);
    let deepest = with(nested(MAX_VALUE_DEPTH)).freeze().unwrap().seal(Signature([1; 64]));
    assert_eq!(SignedOp::decode(deepest.redact(|_| false).bytes()).unwrap().id(), deepest.id());
    assert!(matches!(
        with(nested(MAX_VALUE_DEPTH + 1)).freeze(),
        Err(OpError::TooLarge { limit: MAX_VALUE_DEPTH, .. })
    ));
    assert!(matches!(with(nested(40)).freeze(), Err(OpError::Cbor(_) | OpError::TooLarge { .. })));
    let unordered = Value::Map(vec![(Value::Int(2), Value::Null), (Value::Int(1), Value::Null)]);
    assert!(matches!(with(unordered).freeze(), Err(OpError::Cbor(_))));
    let orphan = Draft { prev: None, ..with(Value::Null) };
    assert_eq!(orphan.freeze().unwrap_err(), OpError::Shape { part: "header.prev" });
    let endless = Draft { seq: u64::MAX, ..with(Value::Null) };
    assert_eq!(endless.freeze().unwrap_err(), OpError::Shape { part: "header" });
    assert_eq!(simple_draft(Vec::new()).freeze().unwrap_err(), OpError::Shape { part: "body" });
    let many = (0..=64).map(|i| Entry::set(i, Value::Null)).collect();
    assert!(matches!(simple_draft(many).freeze(), Err(OpError::TooLarge { part: "body.leaves", .. })));
    let big = with(Value::Bytes(vec![0; MAX_BODY_BYTES]));
    assert!(matches!(big.freeze(), Err(OpError::TooLarge { part: "op.body", .. })));
    let knowing = Draft { deps: vec![OpRef([0; 16]); 9], ..with(Value::Null) };
    assert!(matches!(knowing.freeze(), Err(OpError::TooLarge { part: "header.deps", .. })));
}

#[test]
fn an_item_of_a_push_that_is_not_canonical_hides_none_after_it() {
    let good = simple_draft(vec![Entry::set(1, Value::Null)]).freeze().unwrap().seal(Signature([1; 64]));
    let bad = [0x82, 0x18, 0x17, 0xf5];
    let body = [good.bytes(), &bad, good.bytes()].concat();
    assert_eq!(split_push(&body), (vec![good.bytes(), &bad, good.bytes()], None));
    assert!(matches!(SignedOp::decode(&bad), Err(OpError::Cbor(_))));
    assert_eq!(split_push(&[0; 4096]).0.len(), MAX_PUSH_OPS + 1);
}

#[test]
fn a_blob_link_reads_back_with_and_without_its_optional_parts() {
    for (name, original) in [(None, None), (Some("图.jpg".to_owned()), Some(BlobId([2; 32])))] {
        let link = BlobLink { blob: BlobId([1; 32]), size_bytes: 5, mime: "image/jpeg".to_owned(), name, original };
        assert_eq!(BlobLink::from_value(&link.to_entry(9).value), Some(link));
    }
}
