//! The check behind the page: good exports, changed ones, and files that can not be checked.

#![expect(clippy::unwrap_used, reason = "a helper of a test that can not go on must stop the test")]

use greenshield_domain::ids::{sha256, to_hex};
use greenshield_testkit::evidence::{Export, export, tamper};
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;
use greenshield_verifier::{Intake, IntakeError, MAX_FILE_BYTES};
use serde_json::Value;

fn taken(bytes: &[u8], piece: usize) -> Intake {
    let mut intake = Intake::new(bytes.len() as u64).unwrap();
    bytes.chunks(piece).for_each(|piece| intake.push(piece));
    intake
}

fn checked(bytes: &[u8], server: &str) -> Value {
    taken(bytes, bytes.len().max(1)).check(server).unwrap()["outcome"].clone()
}

fn codes(outcome: &Value) -> Vec<&str> {
    outcome["findings"].as_array().unwrap().iter().filter_map(|finding| finding["code"].as_str()).collect()
}

fn server_of(export: &Export) -> String {
    to_hex(&export.server.0)
}

#[test]
fn an_honest_export_passes_and_its_facts_are_told() {
    let export = export(1);
    let outcome = checked(&export.bytes(), "");
    assert_eq!((&outcome["verified"], &outcome["server_key_was_given"]), (&true.into(), &false.into()), "{outcome}");
    let said = &outcome["export"];
    assert_eq!((&said["ops"], &said["files"], &said["files_missing"]), (&3.into(), &1.into(), &1.into()));
    assert_eq!((said["records"].as_array().unwrap().len(), said["signers"].as_array().unwrap().len()), (1, 2));
    assert_eq!(said["server_fingerprint"], to_hex(&sha256(&[&export.server.0])));
    assert!(said["checkpoint_millis"].as_i64() < said["created_millis"].as_i64());
}

#[test]
fn the_server_is_compared_by_its_key_and_by_its_fingerprint() {
    let export = export(2);
    let known = [server_of(&export), to_hex(&sha256(&[&export.server.0])).to_uppercase()];
    for server in &known {
        let outcome = checked(&export.bytes(), server);
        assert_eq!((&outcome["verified"], &outcome["server_key_was_given"]), (&true.into(), &true.into()));
    }
    let other = SeededKey::new(99).public_key();
    for server in [to_hex(&other.0), to_hex(&sha256(&[&other.0]))] {
        let outcome = checked(&export.bytes(), &server);
        assert_eq!((&outcome["verified"], codes(&outcome)), (&false.into(), vec!["other_server"]));
        assert_eq!(outcome["findings"][0]["about"], known[1].to_lowercase(), "the fingerprint of the one that signed");
    }
}

#[test]
fn an_export_of_somebody_who_calls_himself_the_server_has_false_signatures() {
    let outcome = checked(&export(3).signed_by(&SeededKey::new(5)).bytes(), "");
    assert_eq!((&outcome["verified"], codes(&outcome)), (&false.into(), vec!["signature"]));
    assert_eq!(outcome["findings"][0]["about"], "manifest of the server");
}

#[test]
fn every_changed_export_is_found_out() {
    let (good, other) = (export(4), export(5));
    let mut rng = SplitMix::new(4);
    let mut changed = 0;
    for _ in 0..200 {
        let (how, bytes) = tamper(&good, &other, &mut rng);
        if bytes == good.bytes() {
            continue;
        }
        let outcome = checked(&bytes, &server_of(&good));
        assert_eq!(outcome["verified"], false, "{how} went unseen");
        assert!(!codes(&outcome).is_empty(), "{how} has no finding");
        changed += 1;
    }
    assert!(changed > 150);
}

#[test]
fn the_pieces_in_which_a_file_comes_do_not_matter() {
    let bytes = export(6).bytes();
    let whole = taken(&bytes, bytes.len()).check("").unwrap();
    assert_eq!(whole["sha256"], to_hex(&sha256(&[&bytes])));
    for piece in [1, 7, 1000] {
        assert_eq!(taken(&bytes, piece).check("").unwrap(), whole);
    }
}

#[test]
fn a_file_that_changed_its_size_while_it_was_read_is_not_checked() {
    let bytes = export(7).bytes();
    let mut short = Intake::new(bytes.len() as u64).unwrap();
    short.push(&bytes[1..]);
    let mut long = Intake::new(bytes.len() as u64).unwrap();
    long.push(&bytes);
    long.push(b"more");
    let expected = bytes.len();
    assert_eq!(short.check(""), Err(IntakeError::Size { expected, came: expected - 1 }));
    assert_eq!(long.check(""), Err(IntakeError::Size { expected, came: expected + 4 }));
}

#[test]
fn a_file_that_no_memory_holds_is_refused_before_it_is_read() {
    for size_bytes in [MAX_FILE_BYTES + 1, u64::MAX] {
        assert_eq!(Intake::new(size_bytes).unwrap_err(), IntakeError::TooLarge { size_bytes });
    }
}

#[test]
fn what_is_no_name_of_a_server_is_a_mistake_and_not_a_finding() {
    let intake = taken(&export(8).bytes(), 100);
    assert_eq!(intake.check("绿盾"), Err(IntakeError::Server));
    assert_eq!(intake.check(" \n"), intake.check(""));
}

#[test]
fn files_that_are_no_export_are_found_out() {
    for bytes in [&b""[..], b"PK\x03\x04", b"%PDF-1.7", &[0; 5000]] {
        assert_eq!(codes(&checked(bytes, "")).len(), 1);
    }
}
