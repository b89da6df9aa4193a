//! What every home of blobs must do, proved for the data folder and for a bucket.

use futures_util::TryStreamExt as _;
use greenshield_domain::ids::BlobId;
use greenshield_s3_harness::{ACCESS_KEY, BUCKET, Mood, S3, SECRET_KEY};

use super::*;
use crate::place::BucketPlace;

/// More than one part of an upload, and no round number.
const LARGE: usize = 20 * 1024 * 1024 + 17;

fn place(data: &Path, s3: Option<&S3>) -> Place {
    let bucket = s3.map(|s3| BucketPlace {
        url: format!("s3://{BUCKET}/herd"),
        endpoint: Some(s3.endpoint()),
        region: None,
        keys: Some((ACCESS_KEY.to_owned(), SECRET_KEY.to_owned())),
    });
    Place { data: data.to_owned(), database: None, blobs: bucket }
}

struct World {
    dir: tempfile::TempDir,
    blobs: Blobs,
    s3: Option<S3>,
}

impl World {
    fn local() -> Self {
        Self::new(None)
    }

    fn bucket() -> Self {
        Self::new(Some(S3::start()))
    }

    fn new(s3: Option<S3>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&place(dir.path(), s3.as_ref())).unwrap();
        Self { dir, blobs, s3 }
    }

    fn stage(&self, upload: &str, bytes: &[u8]) -> BlobId {
        std::fs::write(self.blobs.staged(upload), bytes).unwrap();
        BlobId::of(bytes)
    }

    async fn home(&self, bytes: &[u8]) -> BlobId {
        let blob = self.stage("00", bytes);
        assert_eq!(self.blobs.settle("00", &blob).await.unwrap(), Settled::Stored);
        self.blobs.discard("00").unwrap();
        blob
    }

    /// The file behind a blob, wherever its home is.
    fn file(&self, blob: &BlobId) -> PathBuf {
        let hex = blob.to_hex();
        match &self.s3 {
            None => self.blobs.path(blob),
            Some(s3) => s3.object(&format!("herd/{}/{hex}", &hex[..2])),
        }
    }

    async fn range(&self, blob: &BlobId, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        let parts: Vec<Bytes> = self.blobs.stream(blob, range).await?.try_collect().await?;
        Ok(parts.concat())
    }
}

async fn a_staged_file_comes_home_only_with_the_right_hash(world: World) {
    let (blobs, blob) = (&world.blobs, BlobId::of(b"photo"));
    assert_eq!(blobs.settle("00", &blob).await.unwrap(), Settled::Missing);
    world.stage("00", b"phot");
    assert_eq!(blobs.settle("00", &blob).await.unwrap(), Settled::Mismatch);
    assert!(!blobs.staged("00").exists());
    assert!(world.range(&blob, 0..5).await.unwrap_err().is_missing());
    assert_eq!(world.home(b"photo").await, blob);
    assert_eq!(blobs.settle("00", &blob).await.unwrap(), Settled::Stored, "after a crash between home and row");
    assert_eq!(std::fs::read(world.file(&blob)).unwrap(), b"photo");
    std::fs::write(world.file(&blob), b"other").unwrap();
    assert_eq!(blobs.settle("00", &blob).await.unwrap(), Settled::Missing, "what is damaged is asked for again");
    world.home(b"photo").await;
    assert_eq!(blobs.read(&blob, 5).await.unwrap(), b"photo");
    assert_eq!(std::fs::read_dir(world.dir.path().join("uploads")).unwrap().count(), 0);
}

async fn every_range_reads_back(world: World) {
    let bytes: Vec<u8> = (0..LARGE).map(|n| (n * 31 / 7) as u8).collect();
    let (large, size) = (world.home(&bytes).await, LARGE as u64);
    assert_eq!(world.blobs.read(&large, size).await.unwrap(), bytes);
    for range in [0..0, 0..1, 5..17, 1_048_570..3_145_733, size - 1..size] {
        let expected = &bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert_eq!(world.range(&large, range.clone()).await.unwrap(), expected, "{range:?}");
    }
    let empty = world.home(b"").await;
    assert_eq!(world.blobs.read(&empty, 0).await.unwrap(), b"");
}

async fn a_blob_that_ends_too_early_is_an_error_and_no_shorter_blob(world: World) {
    let blob = world.home(b"photo").await;
    std::fs::write(world.file(&blob), b"pho").unwrap();
    world.blobs.read(&blob, 5).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_is_a_home_of_blobs() {
    a_staged_file_comes_home_only_with_the_right_hash(World::local()).await;
    every_range_reads_back(World::local()).await;
    a_blob_that_ends_too_early_is_an_error_and_no_shorter_blob(World::local()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_a_home_of_blobs() {
    a_staged_file_comes_home_only_with_the_right_hash(World::bucket()).await;
    every_range_reads_back(World::bucket()).await;
    a_blob_that_ends_too_early_is_an_error_and_no_shorter_blob(World::bucket()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bucket_is_away_or_full_the_staged_file_stays_and_then_comes_home() {
    let world = World::bucket();
    let s3 = world.s3.as_ref().unwrap();
    for (mood, full) in [
        (Mood::Gone, false),
        (Mood::Answers(503, "SlowDown"), false),
        (Mood::Answers(403, "AccessDenied"), false),
        (Mood::Answers(404, "NoSuchBucket"), false),
        (Mood::RefusesWrites(507, "InsufficientStorage"), true),
        (Mood::RefusesWrites(400, "XMinioStorageFull"), true),
    ] {
        for size in [5, LARGE] {
            s3.feel(mood);
            let bytes = vec![7; size];
            let blob = world.stage("00", &bytes);
            let error = world.blobs.settle("00", &blob).await.unwrap_err();
            assert_eq!((error.is_full(), error.is_away()), (full, !full), "{mood:?} {error}");
            assert_eq!(std::fs::read(world.blobs.staged("00")).unwrap(), bytes, "{mood:?}");
            s3.feel(Mood::Well);
            assert_eq!(world.blobs.settle("00", &blob).await.unwrap(), Settled::Stored, "{mood:?}");
            std::fs::remove_file(world.file(&blob)).unwrap();
        }
    }
    assert_eq!(world.blobs.is_reachable().await, Some(true));
    s3.feel(Mood::Gone);
    assert_eq!(world.blobs.is_reachable().await, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_before_there_was_a_bucket_is_still_read() {
    let old = World::local();
    let blob = old.home(b"photo").await;
    let s3 = S3::start();
    let blobs = Blobs::open(&place(old.dir.path(), Some(&s3))).unwrap();
    assert_eq!(blobs.read(&blob, 5).await.unwrap(), b"photo");
    assert_eq!(blobs.settle("00", &blob).await.unwrap(), Settled::Stored);
    s3.feel(Mood::Gone);
    assert!(blobs.read(&blob, 5).await.unwrap_err().is_away(), "whether the bucket has it is not known");
}

#[test]
fn an_address_of_a_bucket_has_a_bucket_and_a_plain_folder() {
    assert_eq!(bucket_url("s3://b/p/q/"), Some(("b", "p/q")));
    assert_eq!(bucket_url("s3://b"), Some(("b", "")));
    for bad in ["b/p", "s3://", "s3:///p", "s3://b//p", "s3://b/../c", "s3://b/a b", "https://b/p"] {
        assert_eq!(bucket_url(bad), None, "{bad}");
    }
}
