//! Sealing with the `p256` and `aes-gcm` crates: an implementation apart from those of the server and of the browser.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use greenshield_domain::bundle::{BundleHeader, Item, ItemReader, Run};
use greenshield_domain::ids::BlobId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::order;
use greenshield_domain::seal::{self, Frames, Slot, WRAP_NONCE, wrapping_key};
use greenshield_domain::signature::PublicKey;
use p256::elliptic_curve::point::AffineCoordinates as _;
use p256::{NonZeroScalar, ProjectivePoint};

use crate::keys::SeededKey;

fn scalar(key: &SeededKey) -> NonZeroScalar {
    p256::SecretKey::from_slice(&key.scalar()).expect("a key has a scalar").to_nonzero_scalar()
}

/// The x coordinate of the point that two keys share.
#[must_use]
pub fn shared_x(mine: &SeededKey, theirs: &PublicKey) -> Option<[u8; 32]> {
    let theirs = p256::PublicKey::from_sec1_bytes(&theirs.0).ok()?;
    let point: ProjectivePoint = theirs.to_projective() * scalar(mine).as_ref();
    Some(point.to_affine().x().into())
}

/// AES-256-GCM, encrypting.
#[must_use]
pub fn encrypt(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad };
    Aes256Gcm::new(key.into()).encrypt(nonce.into(), payload).expect("a frame is short enough")
}

/// AES-256-GCM, decrypting; `None` when a bit differs.
#[must_use]
pub fn decrypt(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: sealed, aad }).ok()
}

/// Wraps an envelope key for a server.
#[must_use]
pub fn wrap(envelope_key: &[u8; 32], ephemeral: &SeededKey, server: &PublicKey) -> Slot {
    let public = ephemeral.public_key();
    let shared = shared_x(ephemeral, server).expect("the key of a server is a point");
    let key = wrapping_key(&shared, &public, server);
    let wrapped = encrypt(&key, &WRAP_NONCE, &[], envelope_key);
    Slot {
        key: seal::key_id(server),
        ephemeral: public,
        wrapped: wrapped.try_into().expect("a wrapped key has 48 bytes"),
    }
}

/// Unwraps an envelope key with the private key of the server.
#[must_use]
pub fn unwrap(slot: &Slot, server: &SeededKey) -> Option<[u8; 32]> {
    let key = wrapping_key(&shared_x(server, &slot.ephemeral)?, &slot.ephemeral, &server.public_key());
    decrypt(&key, &WRAP_NONCE, &[], &slot.wrapped)?.try_into().ok()
}

/// Seals the plain stream behind a header; the whole file.
#[must_use]
pub fn seal_file(header: &BundleHeader, envelope_key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    seal_pieces(header, envelope_key, [plain], |sealed| file.extend_from_slice(sealed));
    file
}

/// Seals a plain stream that comes in pieces; gives the file in pieces, so that one of any size takes little memory.
fn seal_pieces(
    header: &BundleHeader,
    envelope_key: &[u8; 32],
    plain: impl IntoIterator<Item = impl AsRef<[u8]>>,
    mut give: impl FnMut(&[u8]),
) {
    let head = header.encode();
    let aad = seal::aad(&head);
    give(&head);
    let mut seal = |frame: seal::Frame| give(&encrypt(envelope_key, &frame.nonce, &aad, &frame.bytes));
    let mut frames = Frames::to_seal();
    for piece in plain {
        frames.push(piece.as_ref());
        while let Some(frame) = frames.next_frame().expect("a test is short enough") {
            seal(frame);
        }
    }
    seal(frames.finish().expect("plain bytes may end anywhere"));
}

/// Opens a file as a server does; `None` for anything that is not wholly in order.
#[must_use]
pub fn open_file(file: &[u8], server: &SeededKey) -> Option<(BundleHeader, Vec<Item>)> {
    let (header, used) = BundleHeader::read(file).ok()??;
    let key = unwrap(&header.slot, server)?;
    let aad = seal::aad(&file[..used]);
    let (mut frames, mut reader, mut items) = (Frames::to_open(), ItemReader::new(&header), Vec::new());
    frames.push(&file[used..]);
    while let Some(frame) = frames.next_frame().ok()? {
        items.extend(reader.push(&decrypt(&key, &frame.nonce, &aad, &frame.bytes)?).ok()?);
    }
    let last = frames.finish().ok()?;
    items.extend(reader.push(&decrypt(&key, &last.nonce, &aad, &last.bytes)?).ok()?);
    reader.finish().ok()?;
    Some((header, items))
}

/// A bundle in the making, for tests that want one, good or bad.
#[derive(Debug, Clone)]
pub struct BundleBuilder {
    /// The ops, by log and seq.
    pub ops: Vec<SignedOp>,
    /// Bytes of blobs with their MIME type.
    pub blobs: Vec<(Vec<u8>, String)>,
    /// When it was made.
    pub created_millis: i64,
    /// Where envelope key and ephemeral key come from.
    pub seed: u64,
}

impl BundleBuilder {
    /// The runs of the ops, which must be in the order of their logs and seqs.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for op in &self.ops {
            let (log, seq, bytes) = (op.header().log, op.header().seq, op.bytes().len() as u64);
            match runs.last_mut().filter(|run| run.log == log && run.upto + 1 == seq) {
                Some(run) => {
                    run.upto = seq;
                    run.bytes += bytes;
                }
                None => runs.push(Run { log, from: seq, upto: seq, bytes }),
            }
        }
        runs
    }

    /// The items in their order.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        self.each_item().collect()
    }

    fn each_item(&self) -> impl Iterator<Item = Item> {
        let ops = self.ops.iter().map(|op| Item::Op(op.bytes().to_vec()));
        let mut blobs: Vec<_> = self.blobs.iter().map(|blob| (BlobId::of(&blob.0), blob)).collect();
        order::sort_by(&mut blobs, |a, b| a.0.cmp(&b.0));
        let blobs = blobs.into_iter().flat_map(|(id, (bytes, mime))| {
            let begin = Item::Blob { id, size_bytes: bytes.len() as u64, mime: mime.clone() };
            let pieces = bytes.chunks(greenshield_domain::bundle::PIECE_BYTES);
            std::iter::once(begin).chain(pieces.map(|piece| Item::Piece(piece.to_vec())))
        });
        let end = Item::End { ops: self.ops.len() as u64, blobs: self.blobs.len() as u64 };
        ops.chain(blobs).chain([end])
    }

    /// The key of the envelope.
    #[must_use]
    pub fn envelope_key(&self) -> [u8; 32] {
        crate::rng::SplitMix::new(self.seed).bytes()
    }

    /// The header for a server.
    #[must_use]
    pub fn header(&self, server: &PublicKey) -> BundleHeader {
        BundleHeader {
            slot: wrap(&self.envelope_key(), &SeededKey::new(self.seed ^ 0xe9_e9), server),
            runs: self.runs(),
            blobs: self.blobs.len() as u64,
            created_millis: self.created_millis,
        }
    }

    /// The whole file, sealed for a server.
    #[must_use]
    pub fn file(&self, server: &PublicKey) -> Vec<u8> {
        let mut file = Vec::new();
        self.pieces(server, |piece| file.extend_from_slice(piece));
        file
    }

    /// The same file in pieces: for one that is too large to hold in memory.
    pub fn pieces(&self, server: &PublicKey, give: impl FnMut(&[u8])) {
        seal_pieces(&self.header(server), &self.envelope_key(), self.each_item().map(|item| item.encode()), give);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_an_exchange_find_the_same_point_and_only_the_server_unwraps() {
        let (one, two, stranger) = (SeededKey::new(1), SeededKey::new(2), SeededKey::new(3));
        assert_eq!(shared_x(&one, &two.public_key()), shared_x(&two, &one.public_key()));
        let slot = wrap(&[7; 32], &one, &two.public_key());
        assert_eq!(unwrap(&slot, &two), Some([7; 32]));
        assert_eq!(unwrap(&slot, &stranger), None);
        assert_eq!(shared_x(&one, &PublicKey([4; 65])), None, "no point of the curve");
    }
}
