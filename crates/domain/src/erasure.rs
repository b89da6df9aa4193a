//! Erasure: which leaves of which ops are gone for good, who asked for it and by what right; and the legal hold that forbids
//! it. Each is an op of the server's own log on the same record, so nobody erases unseen.
//!
//! Owns: what such ops say, what of an op may be erased, and how the ops of a record look after all of them. Refuses: to say
//! who may ask (that is `policy`), and words of anybody but the server. Invariants: header, id, signature and root of an op stay,
//! so everything that was proven of it still is; what is erased is the union of all erasures, so neither their order nor the
//! time at which each of them arrives can matter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cbor::Value;
use crate::ids::{AccountId, BlobId, OpId};
use crate::incident::{self, BlobLink, field};
use crate::op::{Act, Entry, Leaves, MAX_LEAVES, SignedOp};
use crate::patrol;
use crate::person;
use crate::policy;
use crate::sms;
use crate::statement::{read_uint, uint};
use crate::verdict::{FIRST_CITY_KIND, FIRST_PROTOCOL_FIELD, KIND_ERASURE, KIND_HOLD, SERVER_ACCOUNT};

/// Longest note or reason, in bytes.
pub const MAX_NOTE_BYTES: usize = 2_000;

const TARGETS: u32 = FIRST_PROTOCOL_FIELD + 30;
const BY: u32 = FIRST_PROTOCOL_FIELD + 31;
const BASIS: u32 = FIRST_PROTOCOL_FIELD + 32;
const NOTE: u32 = FIRST_PROTOCOL_FIELD + 33;
const FIELDS: u32 = FIRST_PROTOCOL_FIELD + 34;
const FILES: u32 = FIRST_PROTOCOL_FIELD + 35;
const HELD: u32 = FIRST_PROTOCOL_FIELD + 40;
const HELD_BY: u32 = FIRST_PROTOCOL_FIELD + 41;
const HELD_REASON: u32 = FIRST_PROTOCOL_FIELD + 42;
/// Bytes of targets and files in one op; the note and what frames them need the rest.
const MOST_TARGET_BYTES: usize = 12_000;
const FILE_BYTES: usize = 34;

fn target_bytes(leaves: Leaves) -> usize {
    40 + 2 * leaves.count()
}

/// By what right something is erased. The numbers are never used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Whoever it is about withdrew the consent.
    Withdrawn,
    /// What it was collected for is done, or can not be done.
    Purpose,
    /// It was kept as long as it may be.
    Retention,
    /// An authority ordered it.
    Order,
    /// It is about somebody else than it was taken for.
    WrongPerson,
}

impl Basis {
    /// All of them.
    pub const ALL: [Basis; 5] = [Basis::Withdrawn, Basis::Purpose, Basis::Retention, Basis::Order, Basis::WrongPerson];

    /// Its number in an op.
    #[must_use]
    pub fn code(self) -> u64 {
        match self {
            Basis::Withdrawn => 1,
            Basis::Purpose => 2,
            Basis::Retention => 3,
            Basis::Order => 4,
            Basis::WrongPerson => 5,
        }
    }

    /// Its word in JSON and in the keys of texts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Basis::Withdrawn => "withdrawn",
            Basis::Purpose => "purpose",
            Basis::Retention => "retention",
            Basis::Order => "order",
            Basis::WrongPerson => "wrong_person",
        }
    }

    /// The one of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.word() == word)
    }
}

/// What is erased of which ops of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The leaves that are gone, by op.
    pub targets: BTreeMap<OpId, Leaves>,
    /// The files that only they linked. A file may come before its op, and an op that comes cut no longer says what it linked.
    pub files: BTreeSet<BlobId>,
    /// The fields that they said, so that people see where something was.
    pub fields: BTreeSet<u32>,
    /// Who asked; [`SERVER_ACCOUNT`] for whoever runs the server.
    pub by: AccountId,
    /// By what right; `None` for one of a later version.
    pub basis: Option<Basis>,
    /// A note for people: it stays for good, so it must not repeat what is erased.
    pub note: String,
}

impl Erasure {
    /// The entries of its op.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let index = |index| Value::Int(i64::try_from(index).unwrap_or(i64::MAX));
        let target = |(op, leaves): (&OpId, &Leaves)| {
            Value::Array(vec![op.to_value(), Value::Array(leaves.indexes().map(index).collect())])
        };
        let mut entries = vec![
            Entry::set(TARGETS, Value::Array(self.targets.iter().map(target).collect())),
            Entry::set(BY, self.by.to_value()),
            Entry::set(BASIS, uint(self.basis.map_or(0, Basis::code))),
            Entry::set(NOTE, Value::text(&self.note)),
            Entry::set(FIELDS, Value::Array(self.fields.iter().map(|field| Value::Int(i64::from(*field))).collect())),
        ];
        if !self.files.is_empty() {
            entries.push(Entry::set(FILES, Value::Array(self.files.iter().map(|file| file.to_value()).collect())));
        }
        entries
    }

    /// As many erasures as it takes for each to fit its op.
    #[must_use]
    pub fn parts(self) -> Vec<Self> {
        let Self { mut targets, mut files, fields, by, basis, note } = self;
        let mut parts = Vec::new();
        while !(targets.is_empty() && files.is_empty()) {
            let (mut part_targets, mut part_files, mut size) = (BTreeMap::new(), BTreeSet::new(), 0);
            while let Some((_, leaves)) = targets.first_key_value()
                && size + target_bytes(*leaves) <= MOST_TARGET_BYTES
            {
                size += target_bytes(*leaves);
                part_targets.extend(targets.pop_first());
            }
            while !files.is_empty() && size + FILE_BYTES <= MOST_TARGET_BYTES {
                size += FILE_BYTES;
                part_files.extend(files.pop_first());
            }
            let (fields, note) = (fields.clone(), note.clone());
            parts.push(Self { targets: part_targets, files: part_files, fields, by, basis, note });
        }
        parts
    }

    /// Reads the op of an erasure of the server; `None` for every other op. `account` is whose log the op is in.
    #[must_use]
    pub fn of(op: &SignedOp, account: AccountId) -> Option<Self> {
        if op.header().kind != KIND_ERASURE || account != SERVER_ACCOUNT {
            return None;
        }
        let get = |field| op.body().entries().find(|entry| entry.field == field).map(|entry| &entry.value);
        let mut targets: BTreeMap<OpId, Leaves> = BTreeMap::new();
        for target in get(TARGETS)?.as_array()? {
            let [op, leaves] = target.as_array()? else { return None };
            let index = |value: &Value| usize::try_from(value.as_int()?).ok().filter(|index| *index < MAX_LEAVES);
            let leaves: Leaves =
                leaves.as_array()?.iter().map(index).collect::<Option<Vec<_>>>()?.into_iter().collect();
            let known = targets.entry(OpId(op.as_array_of()?)).or_default();
            *known = *known | leaves;
        }
        let code = read_uint(get(BASIS)?)?;
        let files = get(FILES).map_or(Some([].as_slice()), Value::as_array)?;
        let field = |value: &Value| value.as_int().and_then(|field| u32::try_from(field).ok());
        Some(Self {
            targets,
            files: files.iter().map(|file| file.as_array_of().map(BlobId)).collect::<Option<_>>()?,
            fields: get(FIELDS)?.as_array()?.iter().filter_map(field).collect(),
            by: AccountId(get(BY)?.as_array_of()?),
            basis: Basis::ALL.into_iter().find(|basis| basis.code() == code),
            note: get(NOTE)?.as_text()?.to_owned(),
        })
    }
}

/// That nothing of a record may be erased from here on, or that it may again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Whether it begins or ends.
    pub is_held: bool,
    /// Who said so.
    pub by: AccountId,
    /// Why, for people.
    pub reason: String,
}

impl Hold {
    /// The entries of its op.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        vec![
            Entry::set(HELD, uint(u64::from(self.is_held))),
            Entry::set(HELD_BY, self.by.to_value()),
            Entry::set(HELD_REASON, Value::text(&self.reason)),
        ]
    }

    /// Reads the op of a hold of the server; `None` for every other op. `account` is whose log the op is in.
    #[must_use]
    pub fn of(op: &SignedOp, account: AccountId) -> Option<Self> {
        if op.header().kind != KIND_HOLD || account != SERVER_ACCOUNT {
            return None;
        }
        let get = |field| op.body().entries().find(|entry| entry.field == field).map(|entry| &entry.value);
        Some(Self {
            is_held: read_uint(get(HELD)?)? == 1,
            by: AccountId(get(HELD_BY)?.as_array_of()?),
            reason: get(HELD_REASON)?.as_text()?.to_owned(),
        })
    }
}

/// The last word about the hold of a record: the one with the greatest (eff, seq, id), by the ops of the record with whose log
/// each is in and its effective time.
#[must_use]
pub fn hold_of<'a>(ops: impl IntoIterator<Item = (&'a SignedOp, AccountId, i64)>) -> Option<Hold> {
    let said = ops.into_iter().filter_map(|(op, account, eff_millis)| {
        Hold::of(op, account).map(|hold| ((eff_millis, op.header().seq, op.id()), hold))
    });
    let mut newest: Option<((i64, u64, OpId), Hold)> = None;
    for said in said {
        if newest.as_ref().is_none_or(|newest| newest.0 < said.0) {
            newest = Some(said);
        }
    }
    newest.map(|(_, hold)| hold)
}

/// Everything that the ops of a record say is erased, by op.
#[must_use]
pub fn erased<'a>(ops: impl IntoIterator<Item = (&'a SignedOp, AccountId)>) -> BTreeMap<OpId, Leaves> {
    let mut erased: BTreeMap<OpId, Leaves> = BTreeMap::new();
    for erasure in ops.into_iter().filter_map(|(op, account)| Erasure::of(op, account)) {
        for (op, leaves) in erasure.targets {
            let known = erased.entry(op).or_default();
            *known = *known | leaves;
        }
    }
    erased
}

/// When a field was erased, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Ms since 1970, server clock.
    pub at_millis: i64,
    /// Who asked.
    pub by: AccountId,
    /// By what right; `None` for one of a later version.
    pub basis: Option<Basis>,
}

/// The fields of which something is erased, with the last time, by the ops of the record with whose log each is in and its
/// effective time.
#[must_use]
pub fn gone_of<'a>(ops: impl IntoIterator<Item = (&'a SignedOp, AccountId, i64)>) -> BTreeMap<u32, Gone> {
    let mut gone: BTreeMap<u32, (OpId, Gone)> = BTreeMap::new();
    for (op, account, at_millis) in ops {
        let Some(erasure) = Erasure::of(op, account) else { continue };
        let this = (op.id(), Gone { at_millis, by: erasure.by, basis: erasure.basis });
        for field in erasure.fields {
            let last = gone.entry(field).or_insert(this);
            if (last.1.at_millis, last.0) < (at_millis, op.id()) {
                *last = this;
            }
        }
    }
    gone.into_iter().map(|(field, (_, gone))| (field, gone)).collect()
}

/// Whether a field of a record of this kind may be erased. What the protocol says, states, and what somebody's rights follow
/// from stay: without them a record would say something else than it did.
#[must_use]
pub fn is_erasable(kind: u32, field: u32) -> bool {
    let is_personal_of_person =
        [person::field::NAME, person::field::PHONE, field::NOTE].contains(&field) || !policy::is_person(kind);
    kind >= FIRST_CITY_KIND
        && field < FIRST_PROTOCOL_FIELD
        && is_personal_of_person
        && ![field::STATE, field::REFERRAL_STATE].contains(&field)
}

/// These fields with those that tell the same more exactly or roughly, and go along.
#[must_use]
pub fn with_shadows(kind: u32, fields: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut all = fields.clone();
    let mut goes_along = |with: u32, field: u32| {
        if all.contains(&with) {
            all.insert(field);
        }
    };
    match kind {
        incident::KIND | sms::KIND => {
            goes_along(field::PLACE, field::EXACT_PLACE);
            if kind == incident::KIND {
                goes_along(field::EXACT_PLACE, field::EXACT_CAPTURE);
                goes_along(field::CAPTURE, field::EXACT_CAPTURE);
            }
        }
        patrol::KIND => goes_along(patrol::field::TRACK, patrol::field::CELLS),
        _ => {}
    }
    all
}

/// The leaves of an op that say one of these fields and are still readable.
#[must_use]
pub fn leaves_of(op: &SignedOp, fields: &BTreeSet<u32>) -> Leaves {
    let said = op.body().open_leaves().filter(|(_, entry)| fields.contains(&entry.field));
    said.map(|(index, _)| index).collect()
}

/// The leaves of an op that link one of these files or a copy of one, and are still readable.
#[must_use]
pub fn leaves_linking(op: &SignedOp, files: &BTreeSet<BlobId>) -> Leaves {
    let kind = op.header().kind;
    let is_meant =
        |link: BlobLink| files.contains(&link.blob) || link.original.is_some_and(|file| files.contains(&file));
    let links = |entry: &Entry| {
        let is_link = entry.act == Act::Link && is_erasable(kind, entry.field);
        is_link && BlobLink::from_value(&entry.value).is_some_and(is_meant)
    };
    op.body().open_leaves().filter(|(_, entry)| links(entry)).map(|(index, _)| index).collect()
}

/// The files that the readable entries of an op link: each photo and, where it is named, its original.
#[must_use]
pub fn linked(op: &SignedOp) -> BTreeSet<BlobId> {
    let mut linked = BTreeSet::new();
    for entry in op.body().entries().filter(|entry| entry.act == Act::Link) {
        if let Some(link) = BlobLink::from_value(&entry.value) {
            linked.insert(link.blob);
            linked.extend(link.original);
        }
    }
    linked
}

/// The files of which these ops lose every link when what is erased of them goes.
#[must_use]
pub fn orphans<'a>(ops: impl IntoIterator<Item = &'a SignedOp>, gone: &BTreeMap<OpId, Leaves>) -> BTreeSet<BlobId> {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for op in ops {
        before.extend(linked(op));
        after.extend(linked(&op.hide(gone.get(&op.id()).copied().unwrap_or_default())));
    }
    before.difference(&after).copied().collect()
}

/// The name of an account whose name was erased: the same on every phone and server, and nobody's.
#[must_use]
pub fn nameless(account: AccountId) -> String {
    let hex = account.to_string();
    format!("#{}", hex.get(..8).unwrap_or(&hex))
}

/// Whether an erasure takes the name of a person from their record.
#[must_use]
pub fn takes_name(op: &SignedOp, leaves: Leaves) -> bool {
    let names = op.body().open_leaves().filter(|(_, entry)| entry.field == person::field::NAME);
    policy::is_person(op.header().kind) && names.map(|(index, _)| index).any(|index| leaves.has(index))
}
