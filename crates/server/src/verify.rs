//! `greenshield verify FILE`: the check of an evidence export, without database, server or network.
//!
//! Owns: the words of the outcome, as JSON facts. Refuses: the check itself, which is `domain::evidence`.

use std::path::Path;

use greenshield_domain::evidence::{Finding, check};
use greenshield_domain::ids::{from_hex, sha256, to_hex};
use greenshield_domain::signature::PublicKey;
use serde_json::{Value, json};
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
    #[error("--server-key must be the public key of the server: 130 hex digits beginning with 04")]
    Key,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether nothing was found.
    pub is_good: bool,
    /// All of it, for stdout.
    pub facts: Value,
}

/// Checks a file. Without a key only the file's own key counts, and the outcome says so.
///
/// # Errors
/// [`VerifyError`]; a file that fails the check is an [`Outcome`], not an error.
pub fn verify(path: &Path, server_key: Option<&str>) -> Result<Outcome, VerifyError> {
    let file = |source| VerifyError::File { path: path.display().to_string(), source };
    let key = server_key.map(read_key).transpose()?;
    let checked = check(&std::fs::read(path).map_err(file)?, key.as_ref());
    let facts = checked.facts.clone();
    let findings = checked.verify(&NativeCheck);
    let is_good = findings.is_empty();
    let export = facts.map(|facts| {
        json!({
            "records": facts.manifest.records,
            "ops": facts.ops,
            "files": facts.files,
            "files_missing": facts.manifest.missing.len(),
            "signers": facts.signers,
            "created_millis": facts.manifest.created_millis,
            "log_size": facts.checkpoint.size,
            "server_key": to_hex(&facts.manifest.server.0),
            "server_fingerprint": to_hex(&sha256(&[&facts.manifest.server.0])),
        })
    });
    let found: Vec<Value> =
        findings.iter().map(|finding| json!({ "code": finding.code(), "what": told(finding) })).collect();
    let facts = json!({
        "verified": is_good,
        "server_key_was_given": key.is_some(),
        "findings": found,
        "export": export,
    });
    Ok(Outcome { is_good, facts })
}

fn read_key(text: &str) -> Result<PublicKey, VerifyError> {
    let bytes = from_hex(text).and_then(|bytes| <[u8; 65]>::try_from(bytes).ok()).filter(|bytes| bytes[0] == 4);
    bytes.map(PublicKey).ok_or(VerifyError::Key)
}

fn told(finding: &Finding) -> String {
    match finding {
        Finding::Archive(error) => error.to_string(),
        Finding::Missing(name) => format!("{name} is not in its place"),
        Finding::Unreadable(name) => format!("{name} does not read"),
        Finding::Altered(name) => format!("{name} is not the file of the signed list"),
        Finding::Unlisted(name) => format!("{name} is not in the signed list"),
        Finding::OtherServer(key) => format!("made by another server, fingerprint {}", to_hex(&sha256(&[&key.0]))),
        Finding::Op(index) => format!("op {index} does not read"),
        Finding::Place(op) => format!("op {op} is out of order or of another record"),
        Finding::NoLog(op) => format!("op {op} was not signed by a phone of this export"),
        Finding::NoReceipt(op) => format!("op {op} has no receipt that says the same"),
        Finding::NotIncluded(op) => format!("op {op} is not in the log of the server"),
        Finding::Log(index) => format!("certificate {index} does not fit its key"),
        Finding::NoFile(blob) => format!("file {blob} is neither here nor said to be missing"),
        Finding::Stray(blob) => format!("file {blob} belongs to no op"),
        Finding::Signature(signer) => format!("a signature is not valid: {signer:?}"),
    }
}
