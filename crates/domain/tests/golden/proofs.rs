//! Golden vectors of inclusion and consistency proofs over a small log.

use std::ops::Range;

use greenshield_domain::cbor;
use greenshield_domain::ids::sha256;
use greenshield_domain::statement::{Checkpoint, Signed};
use greenshield_domain::tree::proof::{Subtree, consistency_parts, inclusion_parts, join, subtrees};
use greenshield_domain::tree::{Hash, leaf_hash, root};
use greenshield_domain::wire::{ConsistencyProof, InclusionProof};
use greenshield_testkit::build::START_MILLIS;

use super::json::Json;
use super::vectors::Story;

const SIZES: [usize; 4] = [1, 6, 8, 11];

fn op_ids() -> Vec<Hash> {
    (0..11_u8).map(|n| sha256(&[b"op ", &[b'a' + n]])).collect()
}

fn path(leaves: &[Hash], parts: Vec<Range<u64>>) -> Vec<Hash> {
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let part = |Subtree { level, index: at }| root(&leaves[index(at << level)..index((at + 1) << level)]);
    let whole = |range: Range<u64>| join(&subtrees(range).into_iter().map(part).collect::<Vec<_>>());
    parts.into_iter().filter_map(whole).collect()
}

pub(crate) fn proofs(story: &Story) -> Json {
    let ids = op_ids();
    let leaves: Vec<Hash> = ids.iter().map(|id| leaf_hash(id)).collect();
    let sign = |size: usize| -> Signed {
        let (time_millis, root) = (START_MILLIS, root(&leaves[..size]));
        story.server.sign_statement(&Checkpoint { epoch: story.epoch, size: size as u64, root, time_millis })
    };
    let list = |path: &[Hash]| Json::list(path.iter().map(Json::hex));
    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for to in SIZES {
        let size = to as u64;
        for pos in 1..=size {
            let (path, checkpoint) = (path(&leaves, inclusion_parts(pos - 1, size)), sign(to));
            let proof = InclusionProof { pos, size, path, checkpoint };
            inclusion.push(Json::Map(vec![
                ("pos", Json::uint(pos)),
                ("size", Json::uint(size)),
                ("path", list(&proof.path)),
                ("cbor", Json::hex(proof.encode())),
            ]));
        }
        for from in 0..=size {
            let (path, checkpoint) = (path(&leaves, consistency_parts(from, size)), sign(to));
            let proof = ConsistencyProof { from, to: size, path, checkpoint };
            consistency.push(Json::Map(vec![
                ("from", Json::uint(from)),
                ("to", Json::uint(size)),
                ("path", list(&proof.path)),
                ("cbor", Json::hex(proof.encode())),
            ]));
        }
    }
    let signed = SIZES.map(|size| {
        Json::Map(vec![
            ("size", Json::uint(size as u64)),
            ("root", Json::hex(root(&leaves[..size]))),
            ("signed_cbor", Json::hex(cbor::encode(&sign(size).to_value()))),
        ])
    });
    Json::Map(vec![
        ("about", Json::text("Proofs over a log of eleven made-up op ids.")),
        ("server_key", Json::hex(story.server.public_key().0)),
        ("op_ids", Json::list(ids.iter().map(Json::hex))),
        ("checkpoints", Json::list(signed)),
        ("inclusion", Json::list(inclusion)),
        ("consistency", Json::list(consistency)),
    ])
}
