//! Where a server keeps everything: what the settings say and every opener of stores is told.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a server keeps everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The data directory.
    pub data: PathBuf,
    /// URL of the database; without one it is a file in the data directory.
    pub database: Option<String>,
    /// The bucket of the blobs; without one they are in the data directory.
    pub blobs: Option<BucketPlace>,
}

impl Place {
    /// Whether there is a database, or an address of one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.database.is_some() || self.data.join(crate::store::sqlite::FILE).is_file()
    }
}

impl From<&Path> for Place {
    fn from(data: &Path) -> Self {
        Self { data: data.to_owned(), database: None, blobs: None }
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

/// Which bucket, and how to get in.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketPlace {
    /// `s3://BUCKET/PREFIX`.
    pub url: String,
    /// Address of the server; without it the one of Amazon.
    pub endpoint: Option<String>,
    /// Region; without it that of the `AWS_*` environment, else `us-east-1`.
    pub region: Option<String>,
    /// Key and secret; without them those of the `AWS_*` environment, else the role of the machine.
    pub keys: Option<(String, String)>,
}

impl fmt::Debug for BucketPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret must not get into a log.
        f.debug_struct("BucketPlace").field("url", &self.url).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
