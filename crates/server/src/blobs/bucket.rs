//! A bucket of S3 as the home of blobs.
//!
//! Owns: the address and the keys of a bucket, requests to it, and what their failures mean. Refuses: to decide what is
//! removed; what stands under a hash is never replaced by other bytes. Invariants: bytes are hashed while they are sent, and a blob is
//! finished in the bucket only when they have its hash; a request ends, so an outage is told within about a minute.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use greenshield_domain::ids::BlobId;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path as Key;
use object_store::{BackoffConfig, ClientConfigKey, MultipartUpload, ObjectStoreExt as _, RetryConfig};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::files::{fault, finished, sync};
use super::{BlobError, Parts};
use crate::place::BucketPlace;

/// Bytes of one part of an upload. S3 takes parts from 5 MiB on.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of one request of a download: a phone that reads slowly holds so much and no connection to the bucket.
const READ_BYTES: u64 = 1024 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// For one request; a part passes in that time at 1.2 Mbit/s.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// A phone tries again by itself; a request that hangs here would only keep it from knowing.
const RETRIES: usize = 2;
const RETRY_WITHIN: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// For the question whether it answers at all.
const REACHED_WITHIN: Duration = Duration::from_secs(2);

/// Bucket and prefix of `s3://BUCKET/PREFIX`.
#[must_use]
pub fn bucket_url(url: &str) -> Option<(&str, &str)> {
    let (bucket, prefix) = url.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    let prefix = prefix.trim_end_matches('/');
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let folders = prefix.is_empty() || prefix.split('/').all(|name| plain(name) && !["", ".", ".."].contains(&name));
    (!bucket.is_empty() && plain(bucket) && folders).then_some((bucket, prefix))
}

/// A way to a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
}

impl Bucket {
    /// Nothing is asked yet.
    pub(crate) fn open(place: &BucketPlace) -> Result<Self, BlobError> {
        let (bucket, prefix) = bucket_url(&place.url).unwrap_or_default();
        let mut builder = match &place.keys {
            Some((key, secret)) => AmazonS3Builder::new().with_access_key_id(key).with_secret_access_key(secret),
            // Keys that expire, roles of machines and of containers are told in many ways; `object_store` knows them.
            None => AmazonS3Builder::from_env(),
        };
        for (key, within) in
            [(ClientConfigKey::ConnectTimeout, CONNECT_WITHIN), (ClientConfigKey::Timeout, ANSWER_WITHIN)]
        {
            builder = builder.with_config(AmazonS3ConfigKey::Client(key), format!("{}s", within.as_secs()));
        }
        if let Some(endpoint) = &place.endpoint {
            builder = builder.with_endpoint(endpoint);
            if endpoint.starts_with("http://") {
                builder = builder.with_allow_http(true);
            }
        }
        if let Some(region) = &place.region {
            builder = builder.with_region(region);
        }
        let retry = RetryConfig {
            backoff: BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
            max_retries: RETRIES,
            retry_timeout: RETRY_WITHIN,
        };
        let store = builder.with_bucket_name(bucket).with_retry(retry).build();
        let store = Arc::new(store.map_err(failed("set up", &place.url))?);
        Ok(Self { store, prefix: prefix.to_owned() })
    }

    /// The same names as below `blobs` in a data folder.
    fn key(&self, blob: &BlobId) -> Key {
        let hex = blob.to_hex();
        Key::from(format!("{}/{}/{hex}", self.prefix, &hex[..2]))
    }

    /// Whether it answers, and lets us read.
    pub(super) async fn is_reachable(&self) -> bool {
        let key = Key::from(format!("{}/reachable", self.prefix));
        match tokio::time::timeout(REACHED_WITHIN, self.store.get_range(&key, 0..1)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => is_missing(&error),
            Err(_) => false,
        }
    }

    /// Size of a blob that is there.
    pub(crate) async fn size(&self, blob: &BlobId) -> Result<u64, BlobError> {
        let key = self.key(blob);
        Ok(self.store.head(&key).await.map_err(failed("look at", &key))?.size)
    }

    /// Sends a file that hashes to its name, and looks whether it is there.
    pub(crate) async fn put(&self, blob: &BlobId, from: &Path, size_bytes: u64) -> Result<(), BlobError> {
        let key = self.key(blob);
        let mut file = File::open(from).await.map_err(fault("open", from))?;
        let mut context = Context::new(&SHA256);
        let first = next_part(&mut file, from, &mut context).await?;
        if first.len() < PART_BYTES {
            same(blob, context)?;
            self.store.put(&key, first.into()).await.map_err(failed("write", &key))?;
        } else {
            let mut upload = self.store.put_multipart(&key).await.map_err(failed("begin", &key))?;
            if let Err(error) = send(&mut *upload, &key, first, &mut file, from, context, blob).await {
                // Parts that nobody finishes cost room in the bucket until its own rules remove them.
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "parts of an upload stay in the bucket");
                }
                return Err(error);
            }
        }
        match self.size(blob).await {
            Ok(size) if size == size_bytes => Ok(()),
            Ok(_) => Err(BlobError::Unconfirmed { blob: *blob }),
            Err(error) if error.is_missing() => Err(BlobError::Unconfirmed { blob: *blob }),
            Err(error) => Err(error),
        }
    }

    /// Takes a blob away; one that is not there is no error. A bucket with versions keeps the older ones until its rules end them.
    pub(super) async fn remove(&self, blob: &BlobId) -> Result<(), BlobError> {
        let key = self.key(blob);
        match self.store.delete(&key).await {
            Err(error) if !is_missing(&error) => Err(failed("remove", &key)(error)),
            _ => Ok(()),
        }
    }

    /// A range in parts, each of which is a request of its own: a short outage in the middle is tried over.
    pub(super) async fn stream(&self, blob: &BlobId, range: Range<u64>) -> Result<Parts, BlobError> {
        let (bucket, blob) = (self.clone(), *blob);
        if range.is_empty() {
            self.size(&blob).await?;
            return Ok(stream::empty().boxed());
        }
        let first = self.part(&blob, &range).await?;
        let from = range.start + first.len() as u64;
        let rest = stream::try_unfold(from..range.end, move |left| {
            let bucket = bucket.clone();
            async move {
                if left.is_empty() {
                    return Ok(None);
                }
                let part = bucket.part(&blob, &left).await?;
                let from = left.start + part.len() as u64;
                Ok(Some((part, from..left.end)))
            }
        });
        Ok(stream::once(async move { Ok(first) }).chain(rest).boxed())
    }

    /// The beginning of a range that is not empty.
    async fn part(&self, blob: &BlobId, left: &Range<u64>) -> Result<Bytes, BlobError> {
        let (key, upto) = (self.key(blob), left.end.min(left.start + READ_BYTES));
        let part = self.store.get_range(&key, left.start..upto).await.map_err(failed("read", &key))?;
        // Whoever asks knows the size from the database.
        if part.len() as u64 == upto - left.start { Ok(part) } else { Err(BlobError::Damaged { blob: *blob }) }
    }

    /// The hash of what is there.
    pub(super) async fn hash(&self, blob: &BlobId) -> Result<BlobId, BlobError> {
        let mut parts = self.stream(blob, 0..self.size(blob).await?).await?;
        let mut context = Context::new(&SHA256);
        while let Some(part) = parts.try_next().await? {
            context.update(&part);
        }
        Ok(finished(context))
    }

    /// Brings a blob into a file: checked, flushed, whole or not at all.
    pub(super) async fn fetch(&self, blob: &BlobId, size_bytes: u64, to: &Path) -> Result<(), BlobError> {
        let (part, folder) = (to.with_extension("part"), to.parent().unwrap_or(to));
        tokio::fs::create_dir_all(folder).await.map_err(fault("create", folder))?;
        let fetched = self.write(blob, size_bytes, &part).await;
        if fetched.is_err() {
            // What is half is worth nothing; the error is the one that counts.
            drop(tokio::fs::remove_file(&part).await);
            return fetched;
        }
        tokio::fs::rename(&part, to).await.map_err(fault("rename", &part))?;
        sync(folder)
    }

    async fn write(&self, blob: &BlobId, size_bytes: u64, part: &Path) -> Result<(), BlobError> {
        let mut parts = self.stream(blob, 0..size_bytes).await?;
        let mut file = File::create(part).await.map_err(fault("create", part))?;
        let mut context = Context::new(&SHA256);
        while let Some(bytes) = parts.try_next().await? {
            context.update(&bytes);
            file.write_all(&bytes).await.map_err(fault("write", part))?;
        }
        same(blob, context)?;
        file.flush().await.map_err(fault("flush", part))?;
        file.sync_all().await.map_err(fault("flush", part))
    }
}

/// Sends a file of several parts, and finishes it only when all of it has the hash.
async fn send(
    upload: &mut dyn MultipartUpload,
    key: &Key,
    first: Bytes,
    file: &mut File,
    path: &Path,
    mut context: Context,
    blob: &BlobId,
) -> Result<(), BlobError> {
    let mut part = first;
    while !part.is_empty() {
        upload.put_part(part.into()).await.map_err(failed("write", key))?;
        part = next_part(file, path, &mut context).await?;
    }
    same(blob, context)?;
    upload.complete().await.map_err(failed("finish", key))?;
    Ok(())
}

/// The next bytes of a file; a whole part, unless it is the last one.
async fn next_part(file: &mut File, path: &Path, context: &mut Context) -> Result<Bytes, BlobError> {
    let mut part = Vec::with_capacity(PART_BYTES);
    file.take(PART_BYTES as u64).read_to_end(&mut part).await.map_err(fault("read", path))?;
    context.update(&part);
    Ok(part.into())
}

fn same(blob: &BlobId, context: Context) -> Result<(), BlobError> {
    if finished(context) == *blob { Ok(()) } else { Err(BlobError::Damaged { blob: *blob }) }
}

fn failed(action: &'static str, key: &impl ToString) -> impl FnOnce(object_store::Error) -> BlobError {
    let key = key.to_string();
    move |source| {
        if !is_missing(&source) {
            crate::metrics::bucket_failed();
        }
        BlobError::Bucket { action, key, source: Box::new(source) }
    }
}

/// Whether there is no such object; a bucket that is missing is a fault of the set-up.
pub(super) fn is_missing(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. }) && !error.to_string().contains("NoSuchBucket")
}

/// What servers of S3 say when they have no room: Amazon never does, others use one of these.
const FULL: [&str; 4] = ["507 Insufficient Storage", "XMinioStorageFull", "QuotaExceeded", "InsufficientStorage"];

/// Whether the bucket has no room.
pub(super) fn is_full(error: &object_store::Error) -> bool {
    let text = error.to_string();
    FULL.iter().any(|word| text.contains(word))
}
