//! `greenshield verify FILE`: the check of an evidence export, without database, server or network.
//!
//! Owns: opening the file and the flag. Refuses: the check and its outcome, which are `domain::evidence` and the same in the
//! page of the verifier.

use std::path::Path;

use greenshield_domain::evidence::{KnownServer, Outcome};
use thiserror::Error;

use crate::keys::NativeCheck;

/// Why nothing could be checked.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The file does not open.
    #[error("{path} does not open: {source}")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The key is none.
    #[error(
        "--server-key must be the public key of the server (130 hex digits beginning with 04) or its fingerprint (64)"
    )]
    Key,
}

/// Checks a file. Without a server only the file's own key counts, and the outcome says so.
///
/// # Errors
/// [`VerifyError`]; a file that fails the check is an [`Outcome`], not an error.
pub fn verify(path: &Path, server: Option<&str>) -> Result<Outcome, VerifyError> {
    let file = |source| VerifyError::File { path: path.display().to_string(), source };
    let server = server.map(|text| KnownServer::parse(text).ok_or(VerifyError::Key)).transpose()?;
    Ok(Outcome::of(&std::fs::read(path).map_err(file)?, server.as_ref(), &NativeCheck))
}
