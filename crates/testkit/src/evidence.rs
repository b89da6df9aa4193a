//! An evidence export as a server makes it, small, from a seed.

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::evidence::{
    EvidenceLog, EvidenceOp, FileLine, Manifest, archive, blob_name, encode_people, encode_signed, file,
};
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, OpId, sha256};
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::{BlobReceipt, Certificate, Checkpoint, Receipt, Signed};
use greenshield_domain::tree::proof::{inclusion_parts, join, subtrees};
use greenshield_domain::tree::{self, Hash, leaf_hash};
use greenshield_domain::wire::{PersonRow, PulledOp, Verdict};

use crate::build::{LogBuilder, START_MILLIS};
use crate::keys::SeededKey;
use crate::rng::SplitMix;

/// The files of an export and the key of its server.
#[derive(Debug, Clone)]
pub struct Export {
    /// Names and bytes in their order, the manifest last.
    pub files: Vec<(String, Vec<u8>)>,
    /// The server.
    pub server: PublicKey,
    key: SeededKey,
}

impl Export {
    /// The bytes of the archive.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        archive::pack(self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))).expect("small files")
    }

    /// The bytes of a file.
    #[must_use]
    pub fn file(&self, name: &str) -> &[u8] {
        self.files.iter().find(|(known, _)| known == name).map_or(&[], |(_, bytes)| bytes)
    }

    /// The same with other bytes in a file and a list that says so, signed by the server itself: what a careless or dishonest
    /// operator could hand out.
    #[must_use]
    pub fn with_file(&self, name: &str, bytes: Vec<u8>) -> Self {
        let mut changed = self.clone();
        let file = changed.files.iter_mut().find(|(known, _)| known == name);
        file.expect("an export has this file").1 = bytes;
        changed.listed_anew(&self.key)
    }

    /// The same without one file, and a list that says so.
    #[must_use]
    pub fn without_file(&self, name: &str) -> Self {
        let mut changed = self.clone();
        changed.files.retain(|(known, _)| known != name);
        changed.listed_anew(&self.key)
    }

    /// The same with a list that is signed by another key.
    #[must_use]
    pub fn signed_by(&self, key: &SeededKey) -> Self {
        self.clone().listed_anew(key)
    }

    fn listed_anew(mut self, key: &SeededKey) -> Self {
        let (name, bytes) = self.files.pop().expect("an export has a manifest");
        let signed = Signed::from_value(&cbor::decode(&bytes).expect("our own bytes")).expect("our own bytes");
        let manifest: Manifest = signed.read_unchecked().expect("our own bytes");
        let manifest = Manifest { files: self.files.iter().map(line).collect(), ..manifest };
        self.files.push((name, cbor::encode(&key.sign_statement(&manifest).to_value())));
        self
    }
}

fn line((name, bytes): &(String, Vec<u8>)) -> FileLine {
    FileLine { name: name.clone(), size_bytes: bytes.len() as u64, sha256: sha256(&[bytes]) }
}

/// One record by two people with two photos, one of which has not arrived, in a log of some twenty ops.
#[must_use]
pub fn export(seed: u64) -> Export {
    let server = SeededKey::new(seed ^ 0x7365_7276);
    let mut rng = SplitMix::new(seed);
    let photo: Vec<u8> = (0..200 + rng.below(400)).map(|_| rng.bytes::<1>()[0]).collect();
    let absent = BlobId(rng.bytes());
    let mut authors = [1, 2].map(|i| LogBuilder::new(seed * 2 + i, AccountId([u8::try_from(i).unwrap_or(9); 16])));
    let geneses = authors.each_mut().map(|author| author.genesis([7; 16]));
    let record = authors[0].record();
    let link = |blob, size_bytes| {
        BlobLink { blob, size_bytes, mime: "image/jpeg".to_owned(), name: None, original: None }.to_entry(field::PHOTOS)
    };
    let report = vec![
        Entry::set(field::FOUND_AT, Value::Int(START_MILLIS)),
        Entry::set(field::CATEGORY, Value::text("garbage-dumping")),
        link(BlobId::of(&photo), photo.len() as u64),
        link(absent, 10),
    ];
    let mut ops = vec![(0, authors[0].op(record, KIND, &[], report))];
    for text in ["岸边", "两车"] {
        let before = ops[ops.len() - 1].1.id().short();
        ops.push((1, authors[1].op(record, KIND, &[before], vec![Entry::set(field::NOTE, Value::text(text))])));
    }
    // Other records' ops stand between.
    let leaves: Vec<Hash> = (0..20).map(|_| leaf_hash(&rng.bytes::<32>())).collect();
    let place = |i: usize| 3 + 5 * i;
    let leaves = ops.iter().enumerate().fold(leaves, |mut leaves, (i, (_, op))| {
        leaves[place(i)] = leaf_hash(&op.id().0);
        leaves
    });
    let epoch = Epoch(rng.bytes());
    let checkpoint =
        Checkpoint { epoch, size: leaves.len() as u64, root: tree::root(&leaves), time_millis: START_MILLIS + 60_000 };
    let checkpoint = server.sign_statement(&checkpoint);
    let accounts = [0, 1].map(|i| authors[i].account());
    let rows: Vec<EvidenceOp> =
        ops.iter().enumerate().map(|(i, (author, op))| evidence_op(op, accounts[*author], place(i), &leaves)).collect();
    let receipts: Vec<Signed> = ops.iter().map(|(_, op)| server.sign_statement(&receipt(op, epoch))).collect();
    let logs: Vec<EvidenceLog> = geneses
        .iter()
        .zip(&authors)
        .map(|(genesis, author)| EvidenceLog {
            certificate: server.sign_statement(&Certificate {
                log: author.log(),
                account: author.account(),
                role: "volunteer".to_owned(),
                issued_millis: START_MILLIS,
            }),
            genesis: genesis.bytes().to_vec(),
        })
        .collect();
    let blob = BlobId::of(&photo);
    let blob_receipt =
        BlobReceipt { epoch, blob, size_bytes: photo.len() as u64, received_millis: START_MILLIS + 50_000 };
    let people = accounts.map(|account| PersonRow { account, name: "甲".to_owned(), role: "volunteer".to_owned() });
    let contents = [
        (file::README, b"how to check".to_vec()),
        (file::REPORT, "<p>报告</p>".as_bytes().to_vec()),
        (file::OPS, EvidenceOp::encode_all(&rows)),
        (file::LOGS, EvidenceLog::encode_all(&logs)),
        (file::RECEIPTS, encode_signed(&receipts)),
        (file::BLOBS, encode_signed(&[server.sign_statement(&blob_receipt)])),
        (file::PEOPLE, encode_people(&people)),
    ];
    let mut files: Vec<_> = contents.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    files.push((blob_name(&blob), photo));
    let manifest = Manifest {
        server: server.public_key(),
        created_millis: START_MILLIS + 70_000,
        records: vec![record],
        checkpoint,
        files: files.iter().map(line).collect(),
        missing: vec![absent],
    };
    files.push((file::MANIFEST.to_owned(), cbor::encode(&server.sign_statement(&manifest).to_value())));
    Export { files, server: server.public_key(), key: server }
}

fn evidence_op(op: &SignedOp, account: AccountId, place: usize, leaves: &[Hash]) -> EvidenceOp {
    let received_millis = START_MILLIS + 40_000;
    let pulled = PulledOp {
        pos: place as u64 + 1,
        eff_millis: op.header().wall_millis.min(received_millis),
        received_millis,
        verdict: Verdict::Ok,
        account,
        op: op.bytes().to_vec(),
    };
    let hash = |range: std::ops::Range<u64>| {
        let hashes: Vec<Hash> = subtrees(range)
            .into_iter()
            .map(|part| {
                let start = usize::try_from(part.index << part.level).expect("a small tree");
                tree::root(&leaves[start..start + (1 << part.level)])
            })
            .collect();
        join(&hashes).expect("no empty part")
    };
    let path = inclusion_parts(place as u64, leaves.len() as u64).into_iter().map(hash).collect();
    EvidenceOp { pulled, path }
}

fn receipt(op: &SignedOp, epoch: Epoch) -> Receipt {
    let (seq, head): (u64, OpId) = (op.header().seq, op.id());
    let received_millis = START_MILLIS + 40_000;
    Receipt { epoch, log: op.header().log, from: seq, upto: seq, head, received_millis, checkpoint: CheckpointId::NONE }
}

/// One damaged version of an export, and how it was damaged; sometimes an honest one by chance.
#[must_use]
pub fn tamper(export: &Export, other: &Export, rng: &mut SplitMix) -> (&'static str, Vec<u8>) {
    let mut bytes = export.bytes();
    let at = |rng: &mut SplitMix, bound: usize| usize::try_from(rng.below(bound as u64)).unwrap_or_default();
    let repack = |files: Vec<(String, Vec<u8>)>| Export { files, ..export.clone() }.bytes();
    let mut files = export.files.clone();
    match rng.below(12) {
        0..3 => {
            let i = at(rng, bytes.len());
            bytes[i] ^= 1 << rng.below(8);
            ("a bit of the archive", bytes)
        }
        3 => {
            bytes.truncate(at(rng, bytes.len()));
            ("cut", bytes)
        }
        4 => {
            bytes.extend(rng.bytes::<8>());
            ("bytes behind the end", bytes)
        }
        5 => {
            files.remove(at(rng, files.len()));
            ("a file dropped", repack(files))
        }
        6 => {
            let (i, j) = (at(rng, files.len()), at(rng, files.len()));
            files.swap(i, j);
            ("files re-ordered", repack(files))
        }
        7 => {
            let i = at(rng, files.len());
            let k = at(rng, files[i].1.len().max(1));
            if let Some(byte) = files[i].1.get_mut(k) {
                *byte ^= 1 << rng.below(8);
            }
            ("a bit of a file, checksums made right", repack(files))
        }
        8 => {
            let i = at(rng, files.len());
            files[i].1.clone_from(&other.files[i].1);
            ("a file of another export", repack(files))
        }
        9 => {
            let i = at(rng, files.len());
            let (name, content) = files[i].clone();
            files.insert(i, (format!("{name}2"), content));
            ("a file more", repack(files))
        }
        10 => {
            let mut ops = EvidenceOp::decode_all(&files[2].1).unwrap_or_default();
            if rng.happens(5_000) {
                ops.remove(at(rng, ops.len()));
            } else {
                ops.swap(0, 1);
            }
            files[2].1 = EvidenceOp::encode_all(&ops);
            ("ops dropped or swapped", repack(files))
        }
        _ => {
            let i = at(rng, bytes.len());
            bytes.remove(i);
            ("a byte dropped", bytes)
        }
    }
}
