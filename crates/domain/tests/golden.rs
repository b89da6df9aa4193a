//! The golden vectors: bytes that every version, on every platform, in every language must make and read the same way.
//!
//! A file that no longer matches is a changed format. `cargo xtask bless` writes the files anew; do that only on purpose.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a file that does not read is a failure")]

#[path = "golden/json.rs"]
mod json;
#[path = "golden/merging.rs"]
mod merging;
#[path = "golden/proofs.rs"]
mod proofs;
#[path = "golden/refusals.rs"]
mod refusals;
#[path = "golden/sealing.rs"]
mod sealing;
#[path = "golden/server.rs"]
mod server;
#[path = "golden/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;
use std::fs;

use greenshield_domain::bundle::Item;
use greenshield_domain::cbor;
use greenshield_domain::ids::{OpId, from_hex, to_hex};
use greenshield_domain::op::{Genesis, OpError, SignedOp};
use greenshield_domain::seal::key_id;
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::{
    BlobReceipt, Certificate, Checkpoint, Receipt, SealingKey, Signed, Statement as _,
};
use greenshield_domain::track::Segment;
use greenshield_domain::wire::{
    Began, ConsistencyProof, Cursor, HeadsReply, HealthReport, InclusionProof, PullPage, PushReply, ScopePage,
    split_push,
};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::seal::open_file;
use serde_json::Value as Read;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/");

fn read(name: &str) -> Read {
    serde_json::from_str(&fs::read_to_string(format!("{FOLDER}{name}")).unwrap()).unwrap()
}

fn hex(value: &Read) -> Vec<u8> {
    from_hex(value.as_str().unwrap()).unwrap()
}

fn key(value: &Read) -> PublicKey {
    PublicKey(hex(value).try_into().unwrap())
}

#[test]
fn every_file_is_what_the_code_computes_from_its_inputs() {
    let files = vectors::files();
    for (name, vector) in &files {
        let found = fs::read_to_string(format!("{FOLDER}{name}")).unwrap_or_default();
        let expected = vector.to_file();
        let line = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
        assert!(
            found == expected,
            "{name} differs from line {line:?}: the format changed, or `cargo xtask bless` is due"
        );
    }
    let computed: BTreeSet<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".json")).collect::<BTreeSet<_>>(), computed);
}

#[test]
fn the_ops_of_the_files_read_verify_and_say_what_the_files_say() {
    let people = ["genesis.json", "incident.json", "desk_genesis.json", "follow_up.json"];
    for name in people.into_iter().chain([
        "server_genesis.json",
        "decision.json",
        "erasure.json",
        "erasure_files.json",
        "hold.json",
    ]) {
        let file = read(name);
        let op = SignedOp::decode(&hex(&file["op"])).unwrap();
        let header = op.header().clone();
        assert_eq!(to_hex(&op.id().0), file["id"].as_str().unwrap(), "{name}");
        assert_eq!(to_hex(&header.encode()), file["header"].as_str().unwrap(), "{name}");
        assert_eq!(header.seq, file["seq"].as_u64().unwrap(), "{name}");
        assert_eq!(header.wall_millis, file["wall_millis"].as_i64().unwrap(), "{name}");
        assert_eq!(op.body().entries().count(), file["entries"].as_array().unwrap().len(), "{name}");
        let op = op.verify(&key(&file["public_key"]), &P256Check).unwrap();
        assert_eq!(Genesis::read(&op).is_ok(), name.ends_with("genesis.json"), "{name}");
    }
    let (redacted, whole) = (read("redacted.json"), read("incident.json"));
    let op = SignedOp::decode(&hex(&redacted["op"])).unwrap();
    assert_eq!(to_hex(&op.id().0), whole["id"].as_str().unwrap());
    assert!(op.verify(&key(&whole["public_key"]), &P256Check).is_ok());
}

/// The word of a push result for an op that must be refused; `None` for a good one.
fn reason(bytes: &[u8], key: &PublicKey) -> Option<&'static str> {
    let verified = SignedOp::decode(bytes).and_then(|op| {
        let is_full = op.body().is_full();
        op.verify(key, &P256Check).map(|_| is_full)
    });
    match verified {
        Ok(true) => None,
        Ok(false) => Some("redacted"),
        Err(OpError::Cbor(_)) => Some("not_canonical"),
        Err(OpError::Shape { .. }) => Some("shape"),
        Err(OpError::TooLarge { .. }) => Some("too_large"),
        Err(OpError::RootMismatch) => Some("root_mismatch"),
        Err(OpError::WrongKey) => Some("wrong_key"),
        Err(OpError::BadSignature) => Some("bad_signature"),
    }
}

#[test]
fn what_must_be_refused_is_refused_for_its_reason() {
    let file = read("refusals.json");
    let desk = key(&file["public_key"]);
    assert_eq!(reason(&hex(&file["good_op"]), &desk), None);
    for case in file["refused"].as_array().unwrap() {
        assert_eq!(reason(&hex(&case["op"]), &desk), case["reason"].as_str(), "{}", case["why"]);
    }
    let forms = read("cbor.json");
    for case in forms["canonical"].as_array().unwrap() {
        let value = cbor::decode(&hex(&case["cbor"])).unwrap();
        assert_eq!(format!("{value:?}"), case["says"].as_str().unwrap());
    }
    for case in forms["refused"].as_array().unwrap() {
        assert!(cbor::decode(&hex(&case["cbor"])).is_err(), "{}", case["why"]);
    }
}

#[test]
fn the_statements_of_the_file_open_with_the_key_of_the_server_alone() {
    let file = read("statements.json");
    let (server, stranger) = (key(&file["server_key"]), key(&read("key.json")["public_key"]));
    let signed = |name: &str| Signed::from_value(&cbor::decode(&hex(&file[name]["signed_cbor"])).unwrap()).unwrap();
    let receipt: Receipt = signed("receipt").open(&server, &P256Check).unwrap();
    let checkpoint: Checkpoint = signed("checkpoint").open(&server, &P256Check).unwrap();
    assert_eq!(receipt.checkpoint, Checkpoint::id_of(&checkpoint.payload()));
    assert_eq!(to_hex(&receipt.head.0), read("incident.json")["id"].as_str().unwrap());
    assert_eq!((receipt.from, receipt.upto, checkpoint.size), (0, 1, 4));
    assert!(signed("blob_receipt").open::<BlobReceipt>(&server, &P256Check).is_ok());
    assert!(signed("certificate").open::<Certificate>(&server, &P256Check).is_ok());
    assert!(signed("certificate").open::<Receipt>(&server, &P256Check).is_err(), "the tag keeps statements apart");
    assert!(signed("receipt").open::<Receipt>(&stranger, &P256Check).is_err());
}

#[test]
fn the_bundle_of_the_file_opens_and_holds_the_volunteers_ops() {
    let file = read("bundle.json");
    let server = SeededKey::new(101);
    assert_eq!(hex(&file["sealing_key_private"]), server.scalar());
    let (header, items) = open_file(&hex(&file["file"]), &server).unwrap();
    let ops = ["genesis.json", "incident.json"].map(|name| Item::Op(hex(&read(name)["op"])));
    assert_eq!((&items[..2], items.len(), header.ops()), (&ops[..], 5, 2));
    let signed = Signed::from_value(&cbor::decode(&hex(&file["sealing_key_signed"])).unwrap()).unwrap();
    let statement: SealingKey = signed.open(&key(&read("statements.json")["server_key"]), &P256Check).unwrap();
    assert_eq!(key_id(&statement.public), header.slot.key);
}

#[test]
fn the_sync_bodies_of_the_file_read() {
    let file = read("sync.json");
    let body = |name: &str| hex(&file[name]["cbor"]);
    let push = PushReply::decode(&body("push_reply")).unwrap();
    assert_eq!((push.results.len(), push.receipts.len(), push.lease.is_some()), (2, 1, true));
    let page = PullPage::decode(&body("pull_page")).unwrap();
    assert_eq!(page.next, file["cursor"]["text"].as_str().unwrap());
    assert!(page.ops.iter().all(|op| SignedOp::decode(&op.op).is_ok()));
    let (left, listed) =
        (PullPage::decode(&body("pull_page_left")).unwrap(), ScopePage::decode(&body("scope_page")).unwrap());
    assert_eq!((left.left.len(), &left.left, listed.all, listed.next), (1, &listed.records, false, Some(left.left[0])));
    assert!(page.left.is_empty() && ScopePage::decode(&body("scope_page_all")).unwrap().all);
    let heads = HeadsReply::decode(&body("heads_reply")).unwrap();
    assert_eq!((&heads.heads, heads.began), (&push.heads, None));
    let restored = HeadsReply::decode(&body("heads_reply_restored")).unwrap();
    assert_eq!(restored.began, Some(Began { after: heads.epoch, size: 3 }));
    let health = HealthReport::decode(&body("health_report")).unwrap();
    assert_eq!((health.ops_unsent, health.files_unsent, health.skew_millis), (12, 30, Some(-42_000)));
    assert_eq!(Cursor::from_text(&page.next).unwrap().pos, 4);
    let (whole, cut) = (hex(&file["push_body"]), hex(&file["push_body_cut"]));
    assert_eq!((split_push(&whole).0.len(), split_push(&whole).1), (2, None));
    assert_eq!((split_push(&cut).0.len(), split_push(&cut).1.is_some()), (1, true));
}

#[test]
fn the_proofs_of_the_file_show_what_they_claim_and_nothing_else() {
    let file = read("proofs.json");
    let server = key(&file["server_key"]);
    let ids: Vec<OpId> =
        file["op_ids"].as_array().unwrap().iter().map(|id| OpId(hex(id).try_into().unwrap())).collect();
    let open = |signed: &Signed| -> Checkpoint { signed.open(&server, &P256Check).unwrap() };
    for case in file["inclusion"].as_array().unwrap() {
        let proof = InclusionProof::decode(&hex(&case["cbor"])).unwrap();
        let checkpoint = open(&proof.checkpoint);
        let shown: Vec<u64> =
            (1..).zip(&ids).filter(|(_, id)| proof.shows(**id, &checkpoint)).map(|(pos, _)| pos).collect();
        assert_eq!(shown, [case["pos"].as_u64().unwrap()], "size {}", checkpoint.size);
    }
    let signed = file["checkpoints"].as_array().unwrap().iter();
    let signed = signed.map(|case| Signed::from_value(&cbor::decode(&hex(&case["signed_cbor"])).unwrap()).unwrap());
    let checkpoints: Vec<Checkpoint> = signed.map(|signed| open(&signed)).collect();
    for case in file["consistency"].as_array().unwrap() {
        let proof = ConsistencyProof::decode(&hex(&case["cbor"])).unwrap();
        let new = open(&proof.checkpoint);
        for old in &checkpoints {
            assert_eq!(proof.shows(old, &new), old.size == proof.from, "{} in {}", old.size, new.size);
        }
    }
}

#[test]
fn signatures_of_the_key_file_have_the_low_twin_that_it_says() {
    for twins in read("key.json")["low_s"].as_array().unwrap() {
        let high = Signature(hex(&twins["high_s"]).try_into().unwrap());
        assert_eq!(high.to_low_s().0.to_vec(), hex(&twins["low_s"]));
    }
}

#[test]
fn the_track_of_the_file_reads() {
    let file = read("track.json");
    let segment = Segment::decode(&hex(&file["segment"])).unwrap();
    let items: Vec<&str> = file["items"].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
    assert_eq!(segment.items.iter().map(vectors::item_words).collect::<Vec<_>>(), items);
    assert_eq!((segment.mode.word(), segment.items.len()), (file["mode"].as_str().unwrap(), 4));
}

#[test]
fn every_long_hex_of_the_format_page_stands_in_a_golden_file() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/op-format.md")).unwrap();
    let files: String = vectors::files().iter().map(|(_, vector)| vector.to_file()).collect();
    let words = page.split(|c: char| !c.is_ascii_alphanumeric());
    let long: Vec<&str> =
        words.filter(|word| word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit())).collect();
    assert!(long.len() > 10);
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    for hex in long.into_iter().filter(|hex| *hex != order) {
        assert!(files.contains(hex), "{hex}");
    }
}
