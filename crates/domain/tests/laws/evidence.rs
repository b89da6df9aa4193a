//! Evidence exports: an honest one passes, a changed one is found, whatever was changed.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::evidence::{
    EvidenceLog, EvidenceOp, Finding, Signer, blob_name, check, decode_signed, encode_signed, file,
};
use greenshield_domain::ids::{AccountId, BlobId};
use greenshield_domain::statement::Signed;
use greenshield_testkit::evidence::{Export, export, tamper};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::rng::SplitMix;

#[test]
fn an_honest_export_passes_and_says_what_it_is() {
    let export = export(1);
    let bytes = export.bytes();
    let checked = check(&bytes, Some(&export.server));
    let facts = checked.facts.clone().unwrap();
    assert_eq!(checked.verify(&P256Check), []);
    assert_eq!((facts.ops, facts.files, facts.manifest.missing.len()), (3, 1, 1));
    assert_eq!(facts.signers, ["甲", "甲"]);
}

#[test]
fn an_export_of_another_server_is_told_from_the_one_expected() {
    let (export, other) = (export(1), SeededKey::new(99).public_key());
    let findings = check(&export.bytes(), Some(&other)).verify(&P256Check);
    assert_eq!(findings, [Finding::OtherServer(export.server)]);
}

#[test]
fn a_list_that_the_server_did_not_sign_is_found() {
    let forged = export(1).signed_by(&SeededKey::new(99));
    let findings = check(&forged.bytes(), Some(&forged.server)).verify(&P256Check);
    assert_eq!(findings, [Finding::Signature(Signer::Server("manifest"))]);
}

/// Even the server's own signature under the list does not cover a false content: each check finds its fault by itself.
#[test]
fn behind_a_list_that_the_server_signed_every_fault_is_found_by_its_own_check() {
    let (honest, other) = (export(1), export(2));
    let ops = || EvidenceOp::decode_all(honest.file(file::OPS)).unwrap();
    let with_ops = |ops: &[EvidenceOp]| honest.with_file(file::OPS, EvidenceOp::encode_all(ops));
    let with_receipts = |list: &[Signed]| honest.with_file(file::RECEIPTS, encode_signed(list));
    let codes = |export: &Export| {
        let findings = check(&export.bytes(), Some(&export.server)).verify(&P256Check);
        findings.iter().map(Finding::code).collect::<BTreeSet<_>>()
    };
    let is_found = |export: &Export, code: &str| assert!(codes(export).contains(code), "{code}: {:?}", codes(export));
    assert!(codes(&honest.signed_by(&SeededKey::new(1 ^ 0x7365_7276))).is_empty(), "listing anew changes nothing");

    let mut swapped = ops();
    swapped.swap(0, 1);
    is_found(&with_ops(&swapped), "place");
    let mut doubled = ops();
    doubled.insert(1, doubled[0].clone());
    is_found(&with_ops(&doubled), "place");
    let mut moved = ops();
    moved[1].pulled.pos += 1;
    is_found(&with_ops(&moved), "not_included");
    let mut pathless = ops();
    pathless[2].path.clear();
    is_found(&with_ops(&pathless), "not_included");
    let mut foreign = ops();
    foreign[1].pulled.account = AccountId([9; 16]);
    is_found(&with_ops(&foreign), "no_log");
    let mut earlier = ops();
    earlier[0].pulled.received_millis -= 1;
    is_found(&with_ops(&earlier), "no_receipt");
    let mut broken = ops();
    broken[0].pulled.op.truncate(10);
    is_found(&with_ops(&broken), "op");
    let mut unsigned = ops();
    let at = unsigned[0].pulled.op.windows(2).position(|pair| pair == [0x58, 64]).unwrap() + 3;
    unsigned[0].pulled.op[at] ^= 1;
    is_found(&with_ops(&unsigned), "signature");

    let receipts = decode_signed(honest.file(file::RECEIPTS)).unwrap();
    is_found(&with_receipts(&receipts[1..]), "no_receipt");
    let theirs = decode_signed(other.file(file::RECEIPTS)).unwrap();
    is_found(&with_receipts(&theirs), "no_receipt");
    is_found(&honest.with_file(file::LOGS, other.file(file::LOGS).to_vec()), "no_log");
    let mut logs = EvidenceLog::decode_all(honest.file(file::LOGS)).unwrap();
    logs[0].certificate = logs[1].certificate.clone();
    is_found(&honest.with_file(file::LOGS, EvidenceLog::encode_all(&logs)), "log");
    let mut logs = EvidenceLog::decode_all(honest.file(file::LOGS)).unwrap();
    logs[0].certificate.signature.0[5] ^= 1;
    is_found(&honest.with_file(file::LOGS, EvidenceLog::encode_all(&logs)), "signature");

    let photo = &honest.files[7].0;
    is_found(&honest.with_file(photo, b"another photo".to_vec()), "altered");
    is_found(&honest.without_file(photo), "no_file");
    is_found(&honest.with_file(file::BLOBS, encode_signed(&[])), "no_file");
    is_found(&honest.without_file(file::PEOPLE), "missing");
    let mut stray = honest.clone();
    stray.files.insert(7, (blob_name(&BlobId::of(b"stray")), b"stray".to_vec()));
    is_found(&stray.with_file(file::README, b"new".to_vec()), "stray");
}

/// How many changed exports; the soak asks for more.
fn rounds() -> u64 {
    std::env::var("GREENSHIELD_TAMPER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

#[test]
fn every_changed_export_is_found() {
    let (original, other) = (export(3), export(4));
    let honest = original.bytes();
    let mut rng = SplitMix::new(5);
    let mut kinds = BTreeMap::new();
    for round in 0..rounds() {
        let (kind, bytes) = tamper(&original, &other, &mut rng);
        if bytes == honest {
            continue;
        }
        let checked = check(&bytes, Some(&original.server));
        // Signatures are slow and only asked where nothing else was found.
        let is_found = !checked.findings.is_empty() || !checked.verify(&P256Check).is_empty();
        assert!(is_found, "round {round}: {kind} went unseen");
        *kinds.entry(kind).or_insert(0) += 1;
    }
    // Some rounds swap a file with itself: the others must be nearly all.
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    assert!(kinds.values().sum::<u64>() * 10 > rounds() * 9, "{kinds:?}");
}
