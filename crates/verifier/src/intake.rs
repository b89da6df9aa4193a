//! A file on its way into the check.
//!
//! Invariants: memory for the whole file is there before its first byte, so that a file that is too large is refused at
//! once; a file that grew or shrank while it was read is never checked as if it were whole.

use greenshield_domain::evidence::{KnownServer, Outcome};
use greenshield_domain::ids::to_hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::signatures::P256Check;

/// Longest file: what one piece of memory holds in a browser.
pub const MAX_FILE_BYTES: u64 = (1 << 31) - 1;

/// Why a file can not be checked here. It says nothing about the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IntakeError {
    /// More than this device can hold.
    #[error("{size_bytes} bytes are more than this page can hold")]
    TooLarge {
        /// Its size.
        size_bytes: u64,
    },
    /// Other bytes came than were announced.
    #[error("{expected} bytes were announced and {came} came")]
    Size {
        /// Announced.
        expected: usize,
        /// Read.
        came: usize,
    },
    /// What should name the server is neither a key nor a fingerprint.
    #[error("this is neither a key (130 hex digits) nor a fingerprint (64 hex digits)")]
    Server,
}

impl IntakeError {
    /// A stable word, by which the page finds its own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Size { .. } => "size",
            Self::Server => "server",
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct Intake {
    bytes: Vec<u8>,
    expected: usize,
    came: usize,
    hash: Sha256,
}

impl Intake {
    /// Room for a file.
    ///
    /// # Errors
    /// [`IntakeError::TooLarge`].
    pub fn new(size_bytes: u64) -> Result<Self, IntakeError> {
        let too_large = IntakeError::TooLarge { size_bytes };
        let fits = usize::try_from(size_bytes).ok().filter(|_| size_bytes <= MAX_FILE_BYTES);
        let expected = fits.ok_or(too_large)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(expected).map_err(|_| too_large)?;
        Ok(Self { bytes, expected, came: 0, hash: Sha256::new() })
    }

    /// Takes the next piece. What does not fit is counted and not kept.
    pub fn push(&mut self, piece: &[u8]) {
        self.came = self.came.saturating_add(piece.len());
        if self.came <= self.expected {
            self.hash.update(piece);
            self.bytes.extend_from_slice(piece);
        }
    }

    /// The outcome as JSON, with the hash of the whole file. `server` may be empty: then nobody's key is compared.
    ///
    /// # Errors
    /// [`IntakeError::Size`] or [`IntakeError::Server`].
    pub fn check(&self, server: &str) -> Result<Value, IntakeError> {
        if self.came != self.expected {
            return Err(IntakeError::Size { expected: self.expected, came: self.came });
        }
        let server = Some(server).filter(|text| !text.trim().is_empty());
        let server = server.map(|text| KnownServer::parse(text).ok_or(IntakeError::Server)).transpose()?;
        let outcome = Outcome::of(&self.bytes, server.as_ref(), &P256Check);
        let sha256 = to_hex(&self.hash.clone().finalize());
        Ok(json!({ "outcome": outcome, "sha256": sha256 }))
    }
}
