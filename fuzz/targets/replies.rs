//! Replies of a server and the receipts file: what reads is written again to something that reads the same.

#![no_main]

use std::fmt::Debug;

use greenshield_domain::bundle::ReceiptsFile;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::{ConsistencyProof, HeadsReply, InclusionProof, PullPage, PushReply};
use libfuzzer_sys::fuzz_target;

fn again<T: PartialEq + Debug, E: Debug>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, E>,
    encode: impl Fn(&T) -> Vec<u8>,
) -> Option<T> {
    let read = decode(bytes).ok()?;
    let written = encode(&read);
    let reread = decode(&written).expect("our own bytes");
    assert_eq!(reread, read);
    assert_eq!(encode(&reread), written);
    Some(read)
}

fuzz_target!(|bytes: &[u8]| {
    again(bytes, PullPage::decode, PullPage::encode);
    again(bytes, PushReply::decode, PushReply::encode);
    again(bytes, HeadsReply::decode, HeadsReply::encode);
    again(bytes, ReceiptsFile::decode, ReceiptsFile::encode);
    if let Some(proof) = again(bytes, InclusionProof::decode, InclusionProof::encode)
        && let Ok(checkpoint) = proof.checkpoint.read_unchecked::<Checkpoint>()
    {
        let _ = proof.shows(greenshield_domain::ids::OpId([1; 32]), &checkpoint);
    }
    if let Some(proof) = again(bytes, ConsistencyProof::decode, ConsistencyProof::encode)
        && let Ok(new) = proof.checkpoint.read_unchecked::<Checkpoint>()
    {
        let old = Checkpoint { size: proof.from, ..new.clone() };
        let _ = proof.shows(&old, &new);
    }
});
