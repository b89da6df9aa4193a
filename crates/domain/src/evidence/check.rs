//! The check of an export: everything but the arithmetic of signatures.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::{self, ArchiveError, Found};
use super::manifest::Manifest;
use super::{EvidenceLog, EvidenceOp, blob_name, decode_people, decode_signed, file};
use crate::cbor;
use crate::ids::{AccountId, BlobId, LogId, OpId, sha256};
use crate::incident::links;
use crate::op::{Entry, Genesis, SignedOp};
use crate::signature::{self, PublicKey, Signature, SignatureCheck};
use crate::statement::{BlobReceipt, Certificate, Checkpoint, Receipt, Signed, Statement};
use crate::tree::leaf_hash;
use crate::tree::proof::is_included;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The file is no archive of ours, or not all of it.
    Archive(ArchiveError),
    /// A file that every export has is not there, or not in its place.
    Missing(String),
    /// A file does not read.
    Unreadable(String),
    /// A file is not the one of the manifest.
    Altered(String),
    /// A file that the manifest does not name, or names elsewhere.
    Unlisted(String),
    /// The key of the export is not the one that was asked for.
    OtherServer(PublicKey),
    /// An op does not read, or its body does not match its header.
    Op(usize),
    /// An op is out of order, of another record, or twice here.
    Place(OpId),
    /// No log of the export signs this op, or the log belongs to another account.
    NoLog(OpId),
    /// The op has no receipt that says what the export says.
    NoReceipt(OpId),
    /// The op is not in the tree of the checkpoint.
    NotIncluded(OpId),
    /// A log's first op or certificate is not in order.
    Log(usize),
    /// A linked file is neither here nor said to be missing, or has no receipt.
    NoFile(BlobId),
    /// A file that no op links.
    Stray(BlobId),
    /// A signature is not valid.
    Signature(Signer),
}

impl Finding {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Finding::Archive(_) => "archive",
            Finding::Missing(_) => "missing",
            Finding::Unreadable(_) => "unreadable",
            Finding::Altered(_) => "altered",
            Finding::Unlisted(_) => "unlisted",
            Finding::OtherServer(_) => "other_server",
            Finding::Op(_) => "op",
            Finding::Place(_) => "place",
            Finding::NoLog(_) => "no_log",
            Finding::NoReceipt(_) => "no_receipt",
            Finding::NotIncluded(_) => "not_included",
            Finding::Log(_) => "log",
            Finding::NoFile(_) => "no_file",
            Finding::Stray(_) => "stray",
            Finding::Signature(_) => "signature",
        }
    }
}

/// Who is said to have signed what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The server, a statement.
    Server(&'static str),
    /// A log, one of its ops.
    Log(OpId),
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server(statement) => write!(f, "{statement} of the server"),
            Self::Log(op) => write!(f, "op {op}"),
        }
    }
}

/// A signature that the caller must verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// By this key.
    pub key: PublicKey,
    /// Over these bytes.
    pub message: Vec<u8>,
    /// This.
    pub signature: Signature,
    /// What it is, for the finding when it is not valid.
    pub signer: Signer,
}

/// What an export says about itself; to be believed when nothing was found and every claim verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The signed list.
    pub manifest: Manifest,
    /// The head of the server's log.
    pub checkpoint: Checkpoint,
    /// Number of ops.
    pub ops: usize,
    /// Number of linked files that are here.
    pub files: usize,
    /// Names of those who signed.
    pub signers: Vec<String>,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong, signatures apart.
    pub findings: Vec<Finding>,
    /// Signatures to verify; an invalid one is a [`Finding::Signature`].
    pub claims: Vec<Claim>,
    /// What the export says; `None` when the manifest does not read.
    pub facts: Option<Facts>,
}

impl Checked {
    /// Verifies the signatures with a check at hand; gives all findings.
    #[must_use]
    pub fn verify(self, check: &impl SignatureCheck) -> Vec<Finding> {
        let is_false = |claim: &Claim| !check.verify(&claim.key, &claim.message, &claim.signature);
        let bad = self.claims.iter().filter(|claim| is_false(claim)).map(|claim| Finding::Signature(claim.signer));
        self.findings.into_iter().chain(bad).collect()
    }
}

/// Checks the bytes of an export. `server` is the key that it must be of, where the caller knows it.
#[must_use]
pub fn check(bytes: &[u8], server: Option<&PublicKey>) -> Checked {
    let mut findings = Vec::new();
    let files = match archive::read(bytes) {
        Ok(files) => files,
        Err(error) => return Checked { findings: vec![Finding::Archive(error)], claims: Vec::new(), facts: None },
    };
    let manifest = files.last().filter(|last| last.name == file::MANIFEST).and_then(|last| {
        let signed = Signed::from_value(&cbor::decode(&bytes[last.range.clone()]).ok()?)?;
        let manifest: Manifest = signed.read_unchecked().ok()?;
        let checkpoint: Checkpoint = manifest.checkpoint.read_unchecked().ok()?;
        Some((signed, manifest, checkpoint))
    });
    let Some((signed, manifest, checkpoint)) = manifest else {
        return Checked {
            findings: vec![Finding::Missing(file::MANIFEST.to_owned())],
            claims: Vec::new(),
            facts: None,
        };
    };
    if server.is_some_and(|server| *server != manifest.server) {
        findings.push(Finding::OtherServer(manifest.server));
    }
    compare(bytes, &files, &manifest, &mut findings);
    let mut check = Check { bytes, files: &files, manifest: &manifest, findings, claims: Vec::new() };
    check.server_signed::<Manifest>(&signed);
    check.server_signed::<Checkpoint>(&manifest.checkpoint);
    let (ops, linked) = check.ops(&checkpoint);
    let present = check.linked_files(&linked);
    let signers = check.names();
    let Check { findings, claims, .. } = check;
    let facts = Facts { checkpoint, ops, files: present, signers, manifest };
    Checked { findings, claims, facts: Some(facts) }
}

/// The archive against the list: names, order, sizes, hashes; and the files that every export has.
fn compare(bytes: &[u8], files: &[Found], manifest: &Manifest, findings: &mut Vec<Finding>) {
    let listed = &files[..files.len() - 1];
    for (i, found) in listed.iter().enumerate() {
        let content = &bytes[found.range.clone()];
        match manifest.files.get(i).filter(|line| line.name == found.name) {
            None => findings.push(Finding::Unlisted(found.name.clone())),
            Some(line) if line.size_bytes != content.len() as u64 || line.sha256 != sha256(&[content]) => {
                findings.push(Finding::Altered(found.name.clone()));
            }
            Some(_) => {}
        }
    }
    let names: BTreeSet<&str> = listed.iter().map(|found| found.name.as_str()).collect();
    let gone = manifest.files.iter().filter(|line| !names.contains(line.name.as_str()));
    findings.extend(gone.map(|line| Finding::Missing(line.name.clone())));
    let misplaced = file::FIXED.iter().enumerate().filter(|(i, name)| listed.get(*i).is_none_or(|f| f.name != **name));
    findings.extend(misplaced.map(|(_, name)| Finding::Missing((*name).to_owned())));
}

struct Check<'a> {
    bytes: &'a [u8],
    files: &'a [Found],
    manifest: &'a Manifest,
    findings: Vec<Finding>,
    claims: Vec<Claim>,
}

impl Check<'_> {
    fn content(&self, name: &str) -> &[u8] {
        let found = self.files.iter().find(|found| found.name == name);
        found.map_or(&[][..], |found| &self.bytes[found.range.clone()])
    }

    /// Reads a file; one that does not read is a finding and counts as empty.
    fn list<T>(&mut self, name: &str, read: impl Fn(&[u8]) -> Option<Vec<T>>) -> Vec<T> {
        let list = read(self.content(name));
        if list.is_none() {
            self.findings.push(Finding::Unreadable(name.to_owned()));
        }
        list.unwrap_or_default()
    }

    fn server_signed<S: Statement>(&mut self, signed: &Signed) {
        let (key, message) = (self.manifest.server, S::message(&signed.payload));
        self.claims.push(Claim { key, message, signature: signed.signature, signer: Signer::Server(S::NAME) });
    }

    fn log_signed(&mut self, key: PublicKey, op: &SignedOp) {
        let (message, signature, id) = (signature::op_message(&op.id()), *op.signature(), op.id());
        if !signature.is_low_s() {
            self.findings.push(Finding::Signature(Signer::Log(id)));
        }
        self.claims.push(Claim { key, message, signature, signer: Signer::Log(id) });
    }

    /// The logs by id: key and owner.
    fn logs(&mut self) -> BTreeMap<LogId, (PublicKey, AccountId)> {
        let mut logs = BTreeMap::new();
        for (i, log) in self.list(file::LOGS, EvidenceLog::decode_all).into_iter().enumerate() {
            let genesis = SignedOp::decode(&log.genesis).ok();
            let said = genesis.as_ref().and_then(|op| Genesis::read(op).ok());
            let certificate: Option<Certificate> = log.certificate.read_unchecked().ok();
            let (Some(genesis), Some(said), Some(certificate)) = (genesis, said, certificate) else {
                self.findings.push(Finding::Log(i));
                continue;
            };
            let id = said.key.log_id();
            let fits = genesis.header().log == id && certificate.log == id && certificate.account == said.account;
            if !fits || logs.insert(id, (said.key, said.account)).is_some() {
                self.findings.push(Finding::Log(i));
            }
            self.log_signed(said.key, &genesis);
            self.server_signed::<Certificate>(&log.certificate);
        }
        logs
    }

    /// Checks all ops; how many there are and which files they link.
    fn ops(&mut self, checkpoint: &Checkpoint) -> (usize, BTreeSet<BlobId>) {
        let logs = self.logs();
        let receipts = self.list(file::RECEIPTS, decode_signed);
        let ops = self.list(file::OPS, EvidenceOp::decode_all);
        let (mut linked, mut last_pos) = (BTreeSet::new(), 0);
        if receipts.len() != ops.len() {
            self.findings.push(Finding::Unreadable(file::RECEIPTS.to_owned()));
        }
        for (i, EvidenceOp { pulled, path }) in ops.iter().enumerate() {
            let Ok(op) = SignedOp::decode(&pulled.op) else {
                self.findings.push(Finding::Op(i));
                continue;
            };
            let id = op.id();
            if pulled.pos <= last_pos || !self.manifest.records.contains(&op.header().record) {
                self.findings.push(Finding::Place(id));
            }
            last_pos = pulled.pos;
            match logs.get(&op.header().log).filter(|(_, account)| *account == pulled.account) {
                Some((key, _)) => self.log_signed(*key, &op),
                None => self.findings.push(Finding::NoLog(id)),
            }
            let place = pulled.pos.wrapping_sub(1);
            if !is_included(&leaf_hash(&id.0), place, checkpoint.size, path, &checkpoint.root) {
                self.findings.push(Finding::NotIncluded(id));
            }
            let receipt: Option<Receipt> = receipts.get(i).and_then(|signed| signed.read_unchecked().ok());
            let says_so = |receipt: &Receipt| {
                let seq = op.header().seq;
                (receipt.log, receipt.from, receipt.upto, receipt.head) == (op.header().log, seq, seq, id)
                    && receipt.received_millis == pulled.received_millis
                    && pulled.eff_millis <= pulled.received_millis
            };
            match receipts.get(i).filter(|_| receipt.as_ref().is_some_and(says_so)) {
                Some(signed) => self.server_signed::<Receipt>(signed),
                None => self.findings.push(Finding::NoReceipt(id)),
            }
            let entries: Vec<Entry> = op.body().entries().cloned().collect();
            linked.extend(links(&entries).map(|link| link.blob));
        }
        (ops.len(), linked)
    }

    /// Checks the linked files; how many are here.
    fn linked_files(&mut self, linked: &BTreeSet<BlobId>) -> usize {
        let mut receipted = BTreeMap::new();
        for signed in self.list(file::BLOBS, decode_signed) {
            if let Ok(receipt) = signed.read_unchecked::<BlobReceipt>() {
                receipted.insert(receipt.blob, receipt.size_bytes);
            }
            self.server_signed::<BlobReceipt>(&signed);
        }
        let mut present = BTreeSet::new();
        for found in &self.files[..self.files.len() - 1] {
            let Some(name) = found.name.strip_prefix(file::FILES) else { continue };
            match BlobId::from_hex(name).ok().filter(|id| linked.contains(id)) {
                Some(id) if BlobId::of(&self.bytes[found.range.clone()]) == id => _ = present.insert(id),
                Some(_) => self.findings.push(Finding::Altered(found.name.clone())),
                None => self.findings.push(Finding::Stray(BlobId::from_hex(name).unwrap_or(BlobId([0; 32])))),
            }
        }
        for blob in linked {
            let is_here = present.contains(blob) && receipted.contains_key(blob);
            if is_here == self.manifest.missing.contains(blob) {
                self.findings.push(Finding::NoFile(*blob));
            }
        }
        let fixed = file::FIXED.len();
        let unknown = self.manifest.files.iter().skip(fixed);
        let unknown = unknown.filter(|line| !linked.iter().any(|blob| blob_name(blob) == line.name));
        self.findings.extend(unknown.map(|line| Finding::Unlisted(line.name.clone())));
        present.len()
    }

    fn names(&mut self) -> Vec<String> {
        self.list(file::PEOPLE, decode_people).into_iter().map(|person| person.name).collect()
    }
}
