//! Sealed bundles: what was put in comes out, and no change of any kind opens.

use greenshield_domain::bundle::{BundleHeader, Item, ReceiptsFile, Run};
use greenshield_domain::ids::AccountId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::seal::SEALED_FRAME_BYTES;
use greenshield_testkit::build::{LogBuilder, Report, incident};
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::seal::{BundleBuilder, open_file, seal_file};
use proptest::prelude::*;

use crate::cases;

/// A bundle of so many reports and blobs of such sizes.
fn bundle(seed: u64, reports: usize, sizes: &[usize]) -> BundleBuilder {
    let mut log = LogBuilder::new(seed, AccountId([7; 16]));
    let mut ops = vec![log.genesis([9; 16])];
    ops.extend((0..reports).map(|_| incident(&mut log, &Report::default()).1));
    let fill = |(i, size): (usize, &usize)| (vec![u8::try_from(i % 256).unwrap(); *size], "image/jpeg".to_owned());
    BundleBuilder { ops, blobs: sizes.iter().enumerate().map(fill).collect(), created_millis: 5, seed }
}

fn server() -> SeededKey {
    SeededKey::new(900)
}

/// The bundle with other items behind its own header.
fn with_items(bundle: &BundleBuilder, items: &[Item]) -> Vec<u8> {
    let plain: Vec<u8> = items.iter().flat_map(Item::encode).collect();
    seal_file(&bundle.header(&server().public_key()), &bundle.envelope_key(), &plain)
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn what_was_sealed_opens_for_its_server_alone(
        seed in 1..50u64,
        reports in 0..6usize,
        sizes in prop::collection::btree_set(0..150_000usize, 0..4),
    ) {
        let bundle = bundle(seed, reports, &sizes.into_iter().collect::<Vec<_>>());
        let file = bundle.file(&server().public_key());
        let (header, items) = open_file(&file, &server()).unwrap();
        prop_assert_eq!(items, bundle.items());
        prop_assert_eq!(header.runs, bundle.runs());
        prop_assert!(open_file(&file, &SeededKey::new(901)).is_none());
    }

    #[test]
    fn a_file_cut_anywhere_or_with_any_bit_flipped_or_with_more_behind_does_not_open(
        cut in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
        more in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let file = bundle(3, 2, &[100_000]).file(&server().public_key());
        prop_assert!(open_file(&file[..cut.index(file.len())], &server()).is_none());
        let mut flipped = file.clone();
        let at = bit.index(file.len() * 8);
        flipped[at / 8] ^= 1 << (at % 8);
        prop_assert!(open_file(&flipped, &server()).is_none(), "bit {}", at);
        prop_assert!(open_file(&[file, more].concat(), &server()).is_none());
    }
}

#[test]
fn every_bit_of_the_header_and_of_the_first_frame_counts_and_so_does_every_frame_border() {
    let file = bundle(4, 0, &[]).file(&server().public_key());
    let (_, header) = BundleHeader::read(&file).unwrap().unwrap();
    for bit in 0..(header + 40) * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open_file(&flipped, &server()).is_none(), "bit {bit}");
    }
    let file = bundle(4, 1, &[200_000]).file(&server().public_key());
    let (_, header) = BundleHeader::read(&file).unwrap().unwrap();
    for frames in 0..=3 {
        for near in [0, 1, 16, 17] {
            let cut = header + frames * SEALED_FRAME_BYTES + near;
            assert!(cut >= file.len() || open_file(&file[..cut], &server()).is_none(), "cut at {cut}");
        }
    }
}

#[test]
fn frames_swapped_dropped_doubled_or_of_another_bundle_do_not_open() {
    let key = server().public_key();
    let (file, other) = (bundle(5, 1, &[200_000]).file(&key), bundle(6, 1, &[200_000]).file(&key));
    let split = |file: &[u8]| {
        let (_, used) = BundleHeader::read(file).unwrap().unwrap();
        let frames: Vec<Vec<u8>> = file[used..].chunks(SEALED_FRAME_BYTES).map(<[u8]>::to_vec).collect();
        (file[..used].to_vec(), frames)
    };
    let ((header, frames), (other_header, other_frames)) = (split(&file), split(&other));
    assert_eq!(frames.len(), 4);
    let open = |header: &[u8], frames: &[Vec<u8>]| open_file(&[header, &frames.concat()].concat(), &server());
    assert!(open(&header, &frames).is_some());
    for i in 0..frames.len() {
        let mut dropped = frames.clone();
        dropped.remove(i);
        let mut doubled = frames.clone();
        doubled.insert(i, frames[i].clone());
        let mut spliced = frames.clone();
        spliced[i] = other_frames[i].clone();
        let mut swapped = frames.clone();
        swapped.swap(i, (i + 1) % frames.len());
        for (what, frames) in [("dropped", dropped), ("doubled", doubled), ("spliced", spliced), ("swapped", swapped)] {
            assert!(open(&header, &frames).is_none(), "frame {i} {what}");
        }
    }
    assert!(open(&other_header, &frames).is_none(), "the header of another bundle");
}

#[test]
fn a_stream_that_differs_from_its_header_is_refused_even_when_it_is_sealed_well() {
    let bundle = bundle(7, 2, &[70_000, 10]);
    let items = bundle.items();
    assert!(open_file(&with_items(&bundle, &items), &server()).is_some());
    for i in 0..items.len() {
        let mut without = items.clone();
        without.remove(i);
        assert!(open_file(&with_items(&bundle, &without), &server()).is_none(), "without item {i}");
        let mut twice = items.clone();
        twice.insert(i, items[i].clone());
        assert!(open_file(&with_items(&bundle, &twice), &server()).is_none(), "item {i} twice");
        let mut swapped = items.clone();
        swapped.swap(i, (i + 1) % items.len());
        assert!(open_file(&with_items(&bundle, &swapped), &server()).is_none(), "item {i} swapped");
    }
    let mut changed = items.clone();
    let Some(Item::Piece(piece)) = changed.iter_mut().find(|item| matches!(item, Item::Piece(_))) else { panic!() };
    piece[0] ^= 1;
    assert!(open_file(&with_items(&bundle, &changed), &server()).is_none(), "a blob that is another one");
    let mut stranger = items;
    stranger[1] = Item::Op(vec![0xf6; 10]);
    assert!(open_file(&with_items(&bundle, &stranger), &server()).is_none(), "an item that is no op");
}

#[test]
fn a_header_out_of_order_of_another_version_or_with_more_in_it_is_refused() {
    let good = bundle(8, 1, &[]).header(&server().public_key());
    let run = good.runs[0];
    let bad = |runs: Vec<Run>| BundleHeader::read(&BundleHeader { runs, ..good.clone() }.encode()).is_err();
    assert!(!bad(vec![run]));
    assert!(bad(vec![run, run]));
    assert!(bad(vec![Run { from: 5, upto: 4, ..run }]));
    assert!(bad(vec![Run { from: 9, upto: 9, ..run }, run]));
    assert!(bad(vec![Run { from: 0, upto: u64::MAX >> 1, ..run }]));
    let mut newer = good.encode();
    newer[2] = 2;
    let error = BundleHeader::read(&newer).unwrap_err();
    assert_eq!(error.to_string(), "a bundle of version 2");
    assert!(BundleHeader::read(b"not a bundle at all").is_err());
    assert_eq!(BundleHeader::read(&good.encode()[..50]).unwrap(), None);
}

#[test]
fn a_receipts_file_reads_back() {
    let signed = SeededKey::new(1)
        .sign_statement(&greenshield_domain::statement::SealingKey { public: server().public_key(), issued_millis: 3 });
    let file = ReceiptsFile { bundle: [1; 32], results: Vec::new(), ops: vec![signed.clone()], blobs: vec![signed] };
    assert_eq!(ReceiptsFile::decode(&file.encode()), Ok(file.clone()));
    assert!(ReceiptsFile::decode(&file.encode()[1..]).is_err());
    assert!(SignedOp::decode(&file.encode()).is_err());
}
