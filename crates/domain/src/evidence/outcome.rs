//! The outcome of a check as programs read it: `greenshield verify` prints it, the page of the verifier shows it.
//!
//! Owns: which server was asked for, and the names of the facts. Refuses: the words of a person's language; a page has them by
//! the code of a finding. Invariant: `verified` is true exactly when there are no findings.

use serde::Serialize;

use super::{Facts, Finding, check};
use crate::ids::{RecordId, from_hex, sha256, to_hex};
use crate::signature::{PublicKey, SignatureCheck};

/// The server that an export must be of, as people pass it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownServer {
    /// Its whole key.
    Key(PublicKey),
    /// The SHA-256 of its key.
    Fingerprint([u8; 32]),
}

impl KnownServer {
    /// Reads 130 hex digits of a key or 64 of a fingerprint. Capitals, and blanks, colons or hyphens between groups, are how
    /// people write them down.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |c: &char| !c.is_whitespace() && *c != ':' && *c != '-';
        let bytes = from_hex(&text.chars().filter(is_digit).collect::<String>())?;
        let key = <[u8; 65]>::try_from(bytes.as_slice()).ok().filter(|key| key[0] == 4);
        let key = key.map(|key| Self::Key(PublicKey(key)));
        key.or_else(|| bytes.try_into().ok().map(Self::Fingerprint))
    }

    /// Whether this key is the one of that server.
    #[must_use]
    pub fn is(&self, key: &PublicKey) -> bool {
        match self {
            Self::Key(known) => known == key,
            Self::Fingerprint(known) => *known == fingerprint(key),
        }
    }
}

/// What people compare of a server's key.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> [u8; 32] {
    sha256(&[&key.0])
}

/// Everything that a check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether nothing was found.
    pub verified: bool,
    /// Whether the caller knew the server; otherwise only the key in the file itself counted.
    pub server_key_was_given: bool,
    /// What is not as it must be.
    pub findings: Vec<Told>,
    /// What the file says; proved only when nothing was found. `None` when its list does not read.
    pub export: Option<Said>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// A stable word for programs.
    pub code: &'static str,
    /// In English, for operators.
    pub what: String,
    /// What it is about: a name, an id, the number of an op.
    pub about: String,
}

/// What an export says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its records, as hex.
    pub records: Vec<String>,
    /// Number of ops.
    pub ops: usize,
    /// Number of linked files that are here.
    pub files: usize,
    /// Number of linked files that the server did not hold yet.
    pub files_missing: usize,
    /// Names of those who signed.
    pub signers: Vec<String>,
    /// When it was made, ms since 1970, server clock.
    pub created_millis: i64,
    /// When the head of the server's log was signed, ms since 1970, server clock.
    pub checkpoint_millis: i64,
    /// Number of ops in the server's log then.
    pub log_size: u64,
    /// The key that signed, as hex.
    pub server_key: String,
    /// Its SHA-256, as hex.
    pub server_fingerprint: String,
}

impl Outcome {
    /// Checks the bytes of a file, signatures included.
    #[must_use]
    pub fn of(bytes: &[u8], server: Option<&KnownServer>, signatures: &impl SignatureCheck) -> Self {
        let mut checked = check(bytes, None);
        let facts = checked.facts.clone();
        if let (Some(server), Some(facts)) = (server, &facts)
            && !server.is(&facts.manifest.server)
        {
            checked.findings.insert(0, Finding::OtherServer(facts.manifest.server));
        }
        let findings: Vec<Told> = checked.verify(signatures).iter().map(Told::of).collect();
        Self {
            verified: findings.is_empty(),
            server_key_was_given: server.is_some(),
            findings,
            export: facts.as_ref().map(Said::of),
        }
    }
}

impl Told {
    fn of(finding: &Finding) -> Self {
        let (about, what) = match finding {
            Finding::Archive(error) => (error.to_string(), error.to_string()),
            Finding::Missing(name) => (name.clone(), format!("{name} is not in its place")),
            Finding::Unreadable(name) => (name.clone(), format!("{name} does not read")),
            Finding::Altered(name) => (name.clone(), format!("{name} is not the file of the signed list")),
            Finding::Unlisted(name) => (name.clone(), format!("{name} is not in the signed list")),
            Finding::OtherServer(key) => {
                let print = to_hex(&fingerprint(key));
                (print.clone(), format!("made by another server, fingerprint {print}"))
            }
            Finding::Op(index) => (index.to_string(), format!("op {index} does not read")),
            Finding::Place(op) => (op.to_hex(), format!("op {op} is out of order or of another record")),
            Finding::NoLog(op) => (op.to_hex(), format!("op {op} was not signed by a phone of this export")),
            Finding::NoReceipt(op) => (op.to_hex(), format!("op {op} has no receipt that says the same")),
            Finding::NotIncluded(op) => (op.to_hex(), format!("op {op} is not in the log of the server")),
            Finding::Log(index) => (index.to_string(), format!("certificate {index} does not fit its key")),
            Finding::NoFile(blob) => (blob.to_hex(), format!("file {blob} is neither here nor said to be missing")),
            Finding::Stray(blob) => (blob.to_hex(), format!("file {blob} belongs to no op")),
            Finding::Signature(signer) => (signer.to_string(), format!("a signature is not valid: {signer}")),
        };
        Self { code: finding.code(), what, about }
    }
}

impl Said {
    fn of(facts: &Facts) -> Self {
        Self {
            records: facts.manifest.records.iter().map(RecordId::to_hex).collect(),
            ops: facts.ops,
            files: facts.files,
            files_missing: facts.manifest.missing.len(),
            signers: facts.signers.clone(),
            created_millis: facts.manifest.created_millis,
            checkpoint_millis: facts.checkpoint.time_millis,
            log_size: facts.checkpoint.size,
            server_key: to_hex(&facts.manifest.server.0),
            server_fingerprint: to_hex(&fingerprint(&facts.manifest.server)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_key_or_its_fingerprint_however_people_write_them() {
        let mut point = [7; 65];
        point[0] = 4;
        let key = PublicKey(point);
        let (whole, print) = (to_hex(&key.0), to_hex(&fingerprint(&key)));
        assert_eq!(KnownServer::parse(&whole), Some(KnownServer::Key(key)));
        assert!(KnownServer::parse(&print).unwrap().is(&key));
        let pairs: Vec<&str> = print.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        for text in [pairs.join(":").to_uppercase(), format!(" {}\n", pairs.join(" ")), pairs.join("-")] {
            assert!(KnownServer::parse(&text).unwrap().is(&key), "{text}");
        }
        let other = PublicKey([4; 65]);
        assert!(!KnownServer::Key(key).is(&other) && !KnownServer::parse(&print).unwrap().is(&other));
    }

    #[test]
    fn what_is_no_key_and_no_fingerprint_is_not_taken_for_one() {
        for text in ["", "04", "指纹", &"0".repeat(63), &"g".repeat(64), &"05".repeat(65), &"0".repeat(66)] {
            assert_eq!(KnownServer::parse(text), None, "{text}");
        }
    }
}
