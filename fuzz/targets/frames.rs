//! Frames of a sealed stream: full but the last, counted without a gap, the same in whatever pieces the bytes come.

#![no_main]

use greenshield_domain::seal::{FRAME_BYTES, Frames, SEALED_FRAME_BYTES, SealError, TAG_BYTES, nonce};
use libfuzzer_sys::fuzz_target;

/// More would only be slower.
const MAX_STREAM_BYTES: usize = 5 * SEALED_FRAME_BYTES;

fn frames(mut frames: Frames, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, SealError> {
    let mut found = Vec::new();
    for piece in pieces {
        frames.push(piece);
        while let Some(frame) = frames.next_frame()? {
            assert_eq!(frame.nonce, nonce(found.len() as u32, false));
            found.push(frame.bytes);
        }
    }
    let last = frames.finish()?;
    assert_eq!(last.nonce, nonce(found.len() as u32, true));
    found.push(last.bytes);
    Ok(found)
}

// Each three bytes of the input are the length of a piece and what it is filled with.
fuzz_target!(|bytes: &[u8]| {
    let (mut stream, mut ends) = (Vec::new(), Vec::new());
    for piece in bytes.chunks_exact(3) {
        let length = usize::from(u16::from_be_bytes([piece[0], piece[1]]));
        stream.resize((stream.len() + length).min(MAX_STREAM_BYTES), piece[2]);
        ends.push(stream.len());
    }
    let mut at = 0;
    let pieces: Vec<&[u8]> = ends.iter().map(|end| &stream[std::mem::replace(&mut at, *end)..*end]).collect();
    for (kind, size) in [(Frames::to_seal(), FRAME_BYTES), (Frames::to_open(), SEALED_FRAME_BYTES)] {
        let cut = frames(kind.clone(), &pieces);
        assert_eq!(cut, frames(kind, &[&stream]));
        let Ok(found) = cut else {
            assert!(size == SEALED_FRAME_BYTES && stream.len() % size <= TAG_BYTES);
            continue;
        };
        assert_eq!(found.concat(), stream);
        assert!(found[..found.len() - 1].iter().all(|frame| frame.len() == size));
    }
});
