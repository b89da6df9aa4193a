//! Builders: logs whose clock and random bytes come from a seed, and reports as a phone makes them.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, LogId, OpId, OpRef, RecordId};
use greenshield_domain::incident::{self, BlobLink, Place, PlaceSource, field};
use greenshield_domain::op::{Continues, Draft, Entry, Genesis, SignedOp, VerifiedOp};
use greenshield_domain::signature::PublicKey;

use crate::keys::{P256Check, SeededKey};
use crate::rng::SplitMix;

/// Where the clock of every builder starts: 2026-11-23 09:00:00 UTC.
pub const START_MILLIS: i64 = 1_795_424_400_000;
/// How far the clock moves with each op.
pub const STEP_MILLIS: i64 = 1_000;

/// Makes the ops of one log, one after the other. A clone is a copied profile: it forks the log.
#[derive(Debug, Clone)]
pub struct LogBuilder {
    /// The key that signs.
    pub key: SeededKey,
    /// The checkpoint that the next op quotes.
    pub seen: CheckpointId,
    /// The clock of the next op, ms since 1970.
    pub wall_millis: i64,
    account: AccountId,
    boot: [u8; 8],
    rng: SplitMix,
    head: Option<(u64, OpId)>,
}

impl LogBuilder {
    /// An empty log of an account.
    #[must_use]
    pub fn new(seed: u64, account: AccountId) -> Self {
        let mut rng = SplitMix::new(seed ^ 0x006c_6f67);
        let (boot, seen) = (rng.bytes(), CheckpointId::NONE);
        Self { key: SeededKey::new(seed), seen, wall_millis: START_MILLIS, account, boot, rng, head: None }
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> LogId {
        self.key.log_id()
    }

    /// Its public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// Whose log it is.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The newest op: seq and id.
    #[must_use]
    pub fn head(&self) -> Option<(u64, OpId)> {
        self.head
    }

    /// The id for a new record.
    pub fn record(&mut self) -> RecordId {
        RecordId::v7(self.wall_millis, self.rng.bytes())
    }

    /// Makes seq 0 with the nonce of an enrolment.
    pub fn genesis(&mut self, nonce: [u8; 16]) -> SignedOp {
        self.start(nonce, None)
    }

    /// Makes seq 0 of a log that carries on an older one.
    pub fn genesis_continuing(&mut self, nonce: [u8; 16], old: Continues) -> SignedOp {
        self.start(nonce, Some(old))
    }

    fn start(&mut self, nonce: [u8; 16], continues: Option<Continues>) -> SignedOp {
        let (key, app_version) = (self.public_key(), "0.1.0".to_owned());
        let genesis = Genesis { key, nonce, account: self.account, app_version, continues };
        let draft = genesis.draft((self.wall_millis, self.boot, self.mono_millis()), self.seen, self.rng.bytes());
        self.seal(draft)
    }

    /// The draft of the next op; the log does not move before it is sealed.
    pub fn draft(&mut self, record: RecordId, kind: u32, deps: &[OpRef], entries: Vec<Entry>) -> Draft {
        Draft {
            log: self.log(),
            seq: self.head.map_or(0, |(seq, _)| seq + 1),
            prev: self.head.map(|(_, id)| id),
            wall_millis: self.wall_millis,
            boot: self.boot,
            mono_millis: self.mono_millis(),
            seen: self.seen,
            record,
            kind,
            deps: deps.to_vec(),
            seed: self.rng.bytes(),
            entries,
        }
    }

    /// Makes the next op.
    pub fn op(&mut self, record: RecordId, kind: u32, deps: &[OpRef], entries: Vec<Entry>) -> SignedOp {
        let draft = self.draft(record, kind, deps, entries);
        self.seal(draft)
    }

    /// Signs a draft and moves head and clock.
    pub fn seal(&mut self, draft: Draft) -> SignedOp {
        let seq = draft.seq;
        let unsigned = draft.freeze().expect("a draft of a test keeps the limits");
        self.head = Some((seq, unsigned.id()));
        self.wall_millis += STEP_MILLIS;
        let signature = self.key.sign(&unsigned.message());
        unsigned.seal(signature)
    }

    /// An op of this log as the server sees it after the check of its signature.
    #[must_use]
    pub fn verified(&self, op: &SignedOp) -> VerifiedOp {
        op.clone().verify(&self.public_key(), &P256Check).expect("an op of this log")
    }

    fn mono_millis(&self) -> i64 {
        self.wall_millis - START_MILLIS
    }
}

/// What a person puts into a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Catalogue id.
    pub category: String,
    /// Free words.
    pub note: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// Photos.
    pub photos: Vec<BlobLink>,
}

impl Default for Report {
    /// A dumped-garbage report at a place in the Heihe wetland, without photos.
    fn default() -> Self {
        let place = Place {
            lat_e7: 389_712_340,
            lon_e7: 1_004_503_210,
            accuracy_cm: 800,
            fixed_millis: START_MILLIS - 2_000,
            source: PlaceSource::Device,
        };
        Self {
            category: "garbage-dumping".to_owned(),
            note: Some("河边新倒的建筑垃圾".to_owned()),
            place: Some(place),
            photos: Vec::new(),
        }
    }
}

impl Report {
    /// The entries of the first op of an incident found at a moment.
    #[must_use]
    pub fn entries(&self, found_at_millis: i64) -> Vec<Entry> {
        let mut entries = vec![
            Entry::set(field::FOUND_AT, Value::Int(found_at_millis)),
            Entry::set(field::CATEGORY, Value::text(&self.category)),
        ];
        entries.extend(self.place.map(|place| Entry::set(field::PLACE, place.to_value())));
        entries.extend(self.note.as_ref().map(|note| Entry::set(field::NOTE, Value::text(note))));
        entries.extend(self.photos.iter().map(|photo| photo.to_entry(field::PHOTOS)));
        entries
    }
}

/// Reports a new incident.
pub fn incident(log: &mut LogBuilder, report: &Report) -> (RecordId, SignedOp) {
    let record = log.record();
    let entries = report.entries(log.wall_millis);
    (record, log.op(record, incident::KIND, &[], entries))
}

/// A link to a photo with the given bytes.
#[must_use]
pub fn photo(bytes: &[u8]) -> BlobLink {
    BlobLink {
        blob: BlobId::of(bytes),
        size_bytes: bytes.len() as u64,
        mime: "image/jpeg".to_owned(),
        name: None,
        original: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId([7; 16]);

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_they_verify() {
        let make = || {
            let mut log = LogBuilder::new(1, ACCOUNT);
            let report = Report { photos: vec![photo(b"jpeg")], ..Report::default() };
            [log.genesis([1; 16]), incident(&mut log, &report).1]
        };
        let ops = make();
        assert_eq!(ops, make());
        let log = LogBuilder::new(1, ACCOUNT);
        for (seq, op) in ops.iter().enumerate() {
            assert_eq!(log.verified(op).header().seq, seq as u64);
            assert_eq!(SignedOp::decode(op.bytes()), Ok(op.clone()));
        }
        assert_eq!(Genesis::read(&ops[0]).unwrap().account, ACCOUNT);
        assert_eq!(ops[1].header().prev, Some(ops[0].id()));
    }

    #[test]
    fn a_copied_profile_forks_its_log() {
        let mut log = LogBuilder::new(1, ACCOUNT);
        log.genesis([1; 16]);
        let mut copy = log.clone();
        copy.wall_millis += 1;
        let (a, b) = (incident(&mut log, &Report::default()).1, incident(&mut copy, &Report::default()).1);
        assert_eq!((a.header().seq, a.header().prev), (b.header().seq, b.header().prev));
        assert_ne!(a.id(), b.id());
    }
}
