//! A rescue package that is as large as one can be is taken piece by piece, never as a whole in memory.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::TcpStream;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenshield_domain::bundle::ReceiptsFile;
use greenshield_domain::ids::BlobId;
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::{SealingKey, Signed};
use greenshield_domain::wire::KeysResponse;
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_testkit::build::{Report, incident};
use greenshield_testkit::keys::P256Check;
use greenshield_testkit::rng::SplitMix;
use greenshield_testkit::seal::BundleBuilder;

use super::running::{Machine, Running, code_of, enrol, http};
use super::tus::OFFSET_STREAM;

const MIB: usize = 1024 * 1024;
/// MiB of the package of an ordinary run; `GREENSHIELD_PACKAGE_MIB` asks for more, 2,040 at most.
const PACKAGE_MIB: usize = 48;
/// A file of this size is the largest that a record takes.
const FILE_MIB: usize = 200;
/// What the process may take at most, however large the package is.
const MOST_BYTES: u64 = 160 * MIB as u64;

fn sealing_key(server: &Running, key: &PublicKey) -> PublicKey {
    let (_, body) = http(&server.address, "GET", "/v1/keys", &[], b"").unwrap();
    let keys: KeysResponse = serde_json::from_slice(&body).unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let signature = Signature(decode(&keys.sealing_key.signature).try_into().unwrap());
    let signed = Signed { payload: decode(&keys.sealing_key.payload), signature };
    signed.open::<SealingKey>(key, &P256Check).unwrap().public
}

#[test]
fn a_large_package_is_taken_in_little_memory() {
    let asked = std::env::var("GREENSHIELD_PACKAGE_MIB").ok().and_then(|text| text.parse().ok());
    let mut rest = asked.unwrap_or(PACKAGE_MIB);
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (mut log, key) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let mut dice = SplitMix::new(7);
    let mut blobs = Vec::new();
    while rest > 0 {
        let block: [u8; 4096] = dice.bytes();
        let size = rest.min(FILE_MIB);
        blobs.push((block.repeat(size * MIB / block.len()), "video/mp4".to_owned()));
        rest -= size;
    }
    let ops = (0..20).map(|_| incident(&mut log, &Report::default()).1).collect();
    let now = SystemClock.now_millis();
    // By way of a file: this side shall not need memory for several packages either.
    let (mut file, mut hash) = (tempfile::tempfile().unwrap(), Context::new(&SHA256));
    BundleBuilder { ops, blobs, created_millis: now, seed: 3 }.pieces(&sealing_key(&server, &key), |piece| {
        hash.update(piece);
        file.write_all(piece).unwrap();
    });
    let size = file.stream_position().unwrap();
    file.rewind().unwrap();
    let name = BlobId(hash.finish().as_ref().try_into().unwrap());

    let authorization = log.key.authorization("POST", "/v1/bundles", now);
    let head = format!(
        "POST /v1/bundles HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {authorization}\r\ntus-resumable: 1.0.0\r\n\
         upload-length: {size}\r\nupload-metadata: sha256 {}\r\ncontent-type: {OFFSET_STREAM}\r\ncontent-length: {size}\r\n\r\n",
        STANDARD.encode(name.to_hex()),
    );
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    io::copy(&mut file, &mut stream).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert!(reply.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&reply));
    let peak = server.peak_bytes();

    let path = format!("/v1/bundles/{}/receipts", name.to_hex());
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    let (status, body) = http(&server.address, "GET", &path, &[("authorization", &authorization)], b"").unwrap();
    let receipts = ReceiptsFile::decode(&body).unwrap();
    assert_eq!((status, receipts.results.len(), receipts.ops.len()), (200, 0, 1));
    assert_eq!(receipts.blobs.len(), asked.unwrap_or(PACKAGE_MIB).div_ceil(FILE_MIB));
    assert!(peak.is_none_or(|bytes| bytes < MOST_BYTES), "{peak:?} bytes");
    server.terminate();
}
