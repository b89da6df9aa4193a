//! A disk that is really full: what had a receipt stays, what has none is asked for again, and room heals it.
//!
//! The disk is a tmpfs in a mount namespace of its own, where this test runs once more; both go with that process. It needs
//! root, or user namespaces. Where neither is allowed it fails: a promise that nobody tried is not kept.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use greenshield_domain::ids::BlobId;
use greenshield_domain::op::SignedOp;

use super::support::{Call, Phone, Server};
use super::tus::{creation, patch, receipt, tus, upload};

/// Says that the temporary folder is the small disk.
const INSIDE: &str = "GREENSHIELD_TEST_ON_SMALL_DISK";
const NAME: &str = "api::disk_full::a_full_disk_is_told_loses_nothing_and_heals_without_a_restart";
/// More than the server wants to keep free, and some photos.
const DISK: &str = "size=112m";
const MIB: usize = 1024 * 1024;
/// With the disk full, so many pushes at most fit into what the database had taken before.
const MOST_PUSHES: usize = 200;

#[test]
fn a_full_disk_is_told_loses_nothing_and_heals_without_a_restart() {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(on_the_small_disk());
    }
    let disk = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o \"$1\" tmpfs \"$0\" && shift && TMPDIR=\"$0\" exec \"$@\"";
    let again = |user: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(user).args(["--mount", "--", "sh", "-c", script]).arg(disk.path()).arg(DISK);
        command.arg(std::env::current_exe().unwrap()).args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1");
        command.output().unwrap()
    };
    let told = |output: &std::process::Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let ran = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).contains("running 1 test");
    let mut output = again(&[]);
    if !ran(&output) {
        output = again(&["--user", "--map-root-user"]);
    }
    assert!(ran(&output), "NOT TESTED: no small disk; run as root, or allow user namespaces. {}", told(&output));
    assert!(output.status.success(), "{}", told(&output));
}

/// Takes all room until it is dropped.
struct Filler(PathBuf);

impl Filler {
    fn fill(folder: &Path) -> Self {
        let path = folder.join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [MIB, 4096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

async fn on_the_small_disk() {
    let server = Server::start_on_file().await;
    let mut phone = server.phone(1).await;
    let mut kept = vec![phone.genesis.clone()];
    let first = phone.reports(20);
    assert_eq!(server.push(&first).await.receipts.len(), 1);
    kept.extend(first);
    upload(&server, &phone, b"photo").await;
    let large: Vec<u8> = (0..6 * MIB).map(|n| (n * 31 / 7) as u8).collect();
    let blob = BlobId::of(&large);
    let path = server.send(creation(&phone, &blob, large.len())).await.header("location").to_owned();
    server.send(patch(&phone, &path, 0, large[..MIB].to_vec())).await.ok();

    let filler = Filler::fill(server.data());
    assert_eq!(server.app().blobs.free_bytes().unwrap(), 0, "the disk is full");
    let unsent = push_until_full(&server, &mut phone, &mut kept).await;
    let offset = async || server.send(tus(&phone, "HEAD", &path)).await.ok().header("upload-offset").to_owned();
    let refused = server.send(patch(&phone, &path, MIB, large[MIB..].to_vec())).await;
    assert_eq!((refused.error(), offset().await), ((507, "disk_full".to_owned()), MIB.to_string()));
    let refused = server.send(creation(&phone, &BlobId::of(b"other"), 5)).await;
    assert_eq!(refused.error(), (507, "disk_full".to_owned()));
    assert_eq!(server.send(Call::get("/v1/ready")).await.status, 503);
    assert_eq!(stored(&server, &phone).await, bytes_of(&kept), "reading goes on, and nothing is lost");
    // Ops are small and come first: a phone tries again and again.
    for _ in 0..5 {
        assert_eq!(server.send(Call::push(&unsent)).await.error(), (507, "disk_full".to_owned()));
    }
    drop(filler);

    // The same requests, without a restart.
    server.push(&unsent).await;
    kept.extend(unsent);
    let staged = server.app().blobs.staged(path.rsplit('/').next().unwrap());
    fills_in_the_middle(&server, &phone, &path, &large).await;
    assert_eq!(std::fs::metadata(&staged).unwrap().len(), MIB as u64, "half a piece does not keep the disk full");
    assert_eq!(offset().await, MIB.to_string());
    let done = server.send(patch(&phone, &path, MIB, large[MIB..].to_vec())).await.ok();
    assert_eq!(receipt(&server, &done).unwrap().blob, blob);
    assert_eq!(std::fs::read(server.blob_file(&blob)).unwrap(), large);
    assert_eq!(std::fs::read(server.blob_file(&BlobId::of(b"photo"))).unwrap(), b"photo");
    let server = server.restart_after(async |_| {}).await;
    assert_eq!(stored(&server, &phone).await, bytes_of(&kept));
}

/// Pushes until one is refused; what was receipted is kept, the push that was refused is given back.
async fn push_until_full(server: &Server, phone: &mut Phone, kept: &mut Vec<SignedOp>) -> Vec<SignedOp> {
    for _ in 0..MOST_PUSHES {
        let ops = phone.reports(20);
        let reply = server.send(Call::push(&ops)).await;
        if reply.status == 200 {
            assert_eq!(reply.push_reply().receipts.len(), 1);
            kept.extend(ops);
        } else {
            assert_eq!(reply.error(), (507, "disk_full".to_owned()));
            return ops;
        }
    }
    // A database that takes so much on a full disk is no test of a full disk.
    assert_eq!(kept.len(), 0, "{MOST_PUSHES} pushes were taken");
    Vec::new()
}

/// A piece that begins while there is room, and ends when there is none.
async fn fills_in_the_middle(server: &Server, phone: &Phone, path: &str, large: &[u8]) {
    let (data, pieces) =
        (server.data().to_owned(), [&large[MIB..2 * MIB], &large[2 * MIB..]].map(Bytes::copy_from_slice));
    let (filled, filler) = std::sync::mpsc::channel();
    let body = stream::iter(pieces.into_iter().enumerate().map(move |(n, piece)| {
        if n == 1 {
            filled.send(Filler::fill(&data)).unwrap();
        }
        Ok::<_, std::io::Error>(piece)
    }));
    let refused = server.send(patch(phone, path, MIB, Body::from_stream(body))).await;
    assert_eq!(refused.error(), (507, "disk_full".to_owned()));
    drop(filler.recv().unwrap());
}

async fn stored(server: &Server, phone: &Phone) -> Vec<Vec<u8>> {
    let (mut cursor, mut ops) = (String::new(), Vec::new());
    loop {
        let page = server.pull(phone, &format!("?cursor={cursor}")).await.page();
        ops.extend(page.ops.into_iter().map(|op| op.op));
        if !page.more {
            return ops;
        }
        cursor = page.next;
    }
}

fn bytes_of(ops: &[SignedOp]) -> Vec<Vec<u8>> {
    ops.iter().map(|op| op.bytes().to_vec()).collect()
}
