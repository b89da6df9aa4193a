//! Erasures: whoever holds the same ops hides the same leaves, in whatever order they came, and nothing that was proven of an
//! op is lost by it.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor::Value;
use greenshield_domain::erasure::{
    Basis, Erasure, Hold, erased, gone_of, hold_of, is_erasable, leaves_of, linked, orphans, takes_name,
};
use greenshield_domain::ids::{AccountId, BlobId, OpId};
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::merge::{MergeRule, Merged, RecordOp, merge};
use greenshield_domain::op::{Act, Entry, Leaves, MAX_LEAVES, SignedOp};
use greenshield_domain::person;
use greenshield_domain::policy::PROTOCOL_FIELDS;
use greenshield_domain::tree;
use greenshield_domain::verdict::{KIND_ERASURE, KIND_HOLD, SERVER_ACCOUNT, freeze_behind, judged};
use greenshield_domain::wire::Verdict;
use greenshield_testkit::build::{LogBuilder, Report, incident, photo};
use greenshield_testkit::keys::P256Check;
use proptest::prelude::*;

use crate::cases;

const DESK: AccountId = AccountId([7; 16]);

fn server() -> LogBuilder {
    let mut server = LogBuilder::new(99, SERVER_ACCOUNT);
    server.genesis([0; 16]);
    server
}

fn erasure(targets: impl IntoIterator<Item = (OpId, Leaves)>) -> Erasure {
    let targets = targets.into_iter().collect();
    let (files, fields) = (BTreeSet::new(), [6].into());
    Erasure { targets, files, fields, by: DESK, basis: Some(Basis::Purpose), note: "期限已到".to_owned() }
}

/// An op of some entries, with the log of its author.
fn note_of(words: &[String]) -> (LogBuilder, SignedOp) {
    let mut log = LogBuilder::new(1, AccountId([1; 16]));
    log.genesis([1; 16]);
    let record = log.record();
    let entries = words.iter().zip(100..).map(|(word, field)| Entry::set(field, Value::text(word)));
    let op = log.op(record, KIND, &[], entries.collect());
    (log, op)
}

/// What shows of ops after all that they say is erased.
fn shown(ops: &[(SignedOp, AccountId)]) -> Merged {
    let gone = erased(ops.iter().map(|(op, account)| (op, *account)));
    let left: Vec<(SignedOp, AccountId)> =
        ops.iter().map(|(op, by)| (op.hide(gone.get(&op.id()).copied().unwrap_or_default()), *by)).collect();
    let taken = |op: &SignedOp, by| RecordOp::new(op, by, op.header().wall_millis, Verdict::Ok);
    merge(&judged(left.iter().map(|(op, by)| (op, taken(op, *by)))), |_| MergeRule::Lww)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn what_is_erased_is_gone_and_what_was_proven_stays(
        words in prop::collection::vec("[a-z]{12,20}", 1..20), one: u64, two: u64,
    ) {
        let (log, op) = note_of(&words);
        let (one, two) = (Leaves(one), Leaves(two));
        let left = op.hide(one).hide(two);
        // In whichever order, once or twice: the same bytes.
        prop_assert_eq!(&left, &op.hide(two).hide(one));
        prop_assert_eq!(&left, &op.hide(one | two).hide(one));
        prop_assert_eq!((left.id(), left.header(), left.signature()), (op.id(), op.header(), op.signature()));
        prop_assert_eq!(tree::root(&left.body().leaf_hashes()), op.header().root);
        prop_assert_eq!(SignedOp::decode(left.bytes()), Ok(left.clone()));
        prop_assert!(left.clone().verify(&log.public_key(), &P256Check).is_ok());
        for (index, word) in words.iter().enumerate() {
            let is_there = left.bytes().windows(word.len()).any(|bytes| bytes == word.as_bytes());
            let is_repeated = words.iter().enumerate().any(|(i, w)| !(one | two).has(i) && w.contains(word.as_str()));
            prop_assert_eq!(is_there, !(one | two).has(index) || is_repeated);
        }
        // The seed opens every salt, and with it small values could be guessed.
        prop_assert_eq!(left.body().is_full(), left == op);
    }

    #[test]
    fn order_and_duplicates_of_erasures_do_not_matter(
        masks in prop::collection::vec((0..2_usize, any::<u64>()), 1..6), cut in any::<prop::sample::Index>(),
    ) {
        let words: Vec<String> = (0..8).map(|n| format!("word{n}")).collect();
        let (mut log, first) = note_of(&words);
        let record = first.header().record;
        let second = log.op(record, KIND, &[], first.body().entries().skip(2).cloned().collect());
        let targets = [first.id(), second.id()];
        let mut server = server();
        let mut ops = vec![(first, log.account()), (second, log.account())];
        for (target, mask) in masks {
            let said = erasure([(targets[target], Leaves(mask))]);
            ops.push((server.op(record, KIND_ERASURE, &[], said.entries()), SERVER_ACCOUNT));
        }
        let expected = shown(&ops);
        let mut again = ops.clone();
        again.rotate_left(cut.index(ops.len()));
        again.extend(ops.iter().take(cut.index(ops.len())).cloned());
        again.reverse();
        prop_assert_eq!(shown(&again), expected);
    }

    #[test]
    fn an_erasure_of_any_size_is_cut_into_ops_that_say_all_of_it(
        ops in 1..400_u16, leaves: u64, files in 0..900_u16,
    ) {
        let id = |n: u16| OpId(std::array::from_fn(|i| n.to_be_bytes()[i % 2] ^ u8::try_from(i).unwrap()));
        let targets = erasure((0..ops).map(|n| (id(n), Leaves(leaves | 1))));
        let whole = Erasure { files: (0..files).map(|n| BlobId(id(n).0)).collect(), ..targets };
        let (mut server, record) = (server(), LogBuilder::new(5, DESK).record());
        let said: Vec<SignedOp> =
            whole.clone().parts().iter().map(|part| server.op(record, KIND_ERASURE, &[], part.entries())).collect();
        prop_assert_eq!(erased(said.iter().map(|op| (op, SERVER_ACCOUNT))), whole.targets);
        let read = said.iter().flat_map(|op| Erasure::of(op, SERVER_ACCOUNT).unwrap().files);
        prop_assert_eq!(read.collect::<BTreeSet<_>>(), whole.files);
    }
}

#[test]
fn only_the_server_erases_and_holds() {
    let (mut log, op) = note_of(&["words".to_owned()]);
    let (record, me) = (op.header().record, log.account());
    let said = erasure([(op.id(), Leaves(1))]);
    let mine = log.op(record, KIND_ERASURE, &[], said.entries());
    assert_eq!(Erasure::of(&mine, SERVER_ACCOUNT), Some(said));
    assert_eq!(Erasure::of(&mine, me), None);
    let hold = Hold { is_held: true, by: DESK, reason: "调取".to_owned() };
    let mine = log.op(record, KIND_HOLD, &[], hold.entries());
    assert_eq!((Hold::of(&mine, SERVER_ACCOUNT), Hold::of(&mine, me)), (Some(hold), None));
    let of_tomorrow = log.op(record, KIND_ERASURE, &[], vec![Entry::set(7, Value::text("new"))]);
    assert_eq!(Erasure::of(&of_tomorrow, SERVER_ACCOUNT), None);
}

#[test]
fn the_latest_word_about_a_hold_counts() {
    let (log, op) = note_of(&["words".to_owned()]);
    let (mut server, record) = (server(), op.header().record);
    let mut say = |is_held| {
        let hold = Hold { is_held, by: DESK, reason: "x".to_owned() };
        server.op(record, KIND_HOLD, &[], hold.entries())
    };
    let (begun, ended) = (say(true), say(false));
    let is_held = |ops: &[(&SignedOp, i64)]| {
        hold_of(ops.iter().map(|(op, eff)| (*op, SERVER_ACCOUNT, *eff))).is_some_and(|hold| hold.is_held)
    };
    assert!(is_held(&[(&begun, 5)]));
    assert!(!is_held(&[(&begun, 5), (&ended, 6)]));
    assert!(!is_held(&[(&ended, 5), (&begun, 5)]), "the place in the log decides between equal times");
    assert!(is_held(&[(&ended, 5), (&begun, 6)]));
    assert!(hold_of([(&op, log.account(), 1)]).is_none());
}

#[test]
fn fields_are_found_in_every_op_and_what_says_where_and_who_stays() {
    let mut log = LogBuilder::new(1, AccountId([1; 16]));
    log.genesis([1; 16]);
    let report = Report { photos: vec![photo(b"a photo")], ..Report::default() };
    let (_, op) = incident(&mut log, &report);
    let photos = leaves_of(&op, &BTreeSet::from([field::PHOTOS]));
    assert_eq!((photos.count(), linked(&op).len()), (1, 1));
    assert!(linked(&op.hide(photos)).is_empty());
    let gone = BTreeMap::from([(op.id(), photos)]);
    assert_eq!(orphans([&op], &gone), linked(&op));
    let (_, other) = incident(&mut log, &report);
    assert!(orphans([&op, &other], &gone).is_empty(), "another op links it");
    assert!(leaves_of(&op.hide(photos), &BTreeSet::from([field::PHOTOS])).is_empty());
    assert!(is_erasable(KIND, field::NOTE) && is_erasable(KIND, field::PHOTOS) && is_erasable(KIND, 150));
    assert!(!is_erasable(KIND, field::STATE) && !is_erasable(3, 6));
    assert!(PROTOCOL_FIELDS.iter().all(|(_, field)| !is_erasable(KIND, *field)), "where it belongs");
    assert!(is_erasable(person::KIND, person::field::PHONE) && !is_erasable(person::KIND, person::field::ROLE));
    let entries = vec![Entry::set(person::field::ROLE, Value::text("desk")), Entry::set(20, Value::text("王"))];
    let record = log.record();
    let op = log.op(record, person::KIND, &[], entries);
    assert!(takes_name(&op, Leaves::at(1)) && !takes_name(&op, Leaves::at(0)));
    let unlinks = Entry { field: field::PHOTOS, act: Act::Remove, value: Value::Null };
    assert!(linked(&log.op(record, KIND, &[], vec![unlinks])).is_empty());
}

#[test]
fn the_last_erasure_of_a_field_tells_when_and_why() {
    let (log, op) = note_of(&["words".to_owned()]);
    let (mut server, record) = (server(), op.header().record);
    let mut say = |basis, fields: &[u32]| {
        let fields = fields.iter().copied().collect();
        let said = Erasure { fields, basis: Some(basis), ..erasure([(op.id(), Leaves(1))]) };
        server.op(record, KIND_ERASURE, &[], said.entries())
    };
    let (first, second) = (say(Basis::Order, &[6, 9]), say(Basis::Retention, &[6]));
    for ops in [[(&first, 5), (&second, 7)], [(&second, 7), (&first, 5)]] {
        let gone = gone_of(ops.iter().map(|(op, eff)| (*op, SERVER_ACCOUNT, *eff)));
        let told: Vec<_> = gone.iter().map(|(field, gone)| (*field, gone.at_millis, gone.basis)).collect();
        assert_eq!(told, [(6, 7, Some(Basis::Retention)), (9, 5, Some(Basis::Order))]);
    }
    assert!(gone_of([(&first, log.account(), 5)]).is_empty());
}

#[test]
fn leaves_are_bits_and_one_beyond_the_last_is_none() {
    let leaves: Leaves = [0, 5, 63, 64, 900].into_iter().collect();
    assert_eq!(leaves.indexes().collect::<Vec<_>>(), [0, 5, 63]);
    assert!(leaves.has(63) && !leaves.has(1) && !leaves.has(64));
    assert!(Leaves::at(5).are_among(leaves) && !Leaves::at(6).are_among(leaves) && Leaves::default().is_empty());
    assert_eq!(leaves.count(), 3);
    assert_eq!((0..MAX_LEAVES).collect::<Leaves>(), Leaves(u64::MAX));
}

#[test]
fn an_app_that_knows_no_erasures_takes_the_kind_of_a_record_from_what_people_wrote() {
    let (_, op) = note_of(&["words".to_owned()]);
    let mut server = server();
    for _ in 0..20 {
        let draft = server.draft(op.header().record, KIND_ERASURE, &[], erasure([(op.id(), Leaves(1))]).entries());
        assert!(freeze_behind(&draft, op.id()).unwrap().id() > op.id());
    }
}
