//! Ledgers: the records of one kind as rows, with what shows of each after the merge, for those who may take them out.
//!
//! Owns: which records and fields are given, and what a row holds. Refuses: to know any kind: columns, types and labels are
//! those of the city package; and formats, which are the modules below. Invariants: a record is given exactly if the policy
//! lets the caller export it, a field exactly if it lets the caller export that field; what is held or void is never read; a
//! record of which nothing counts is not there.

pub mod asked;
mod cells;
pub mod csv;
pub mod found;
pub mod geopackage;
pub mod gpx;
pub mod json;
pub mod kml;
pub(crate) mod shape;
mod words;
pub mod xlsx;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::city::{City, FieldDef, FieldType, Kind};
use greenshield_domain::erasure;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::merge::{MergeRule, Merged, RecordOp, merge};
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::{self, Action, Facts, Target};
use greenshield_domain::verdict::judged;
use greenshield_domain::wire::{PulledOp, Verdict};
use thiserror::Error;

use self::asked::Asked;
pub use self::cells::Cell;
pub use self::shape::Shape;
pub use self::words::{Lang, Words};
pub use self::xlsx::{MIME as WORKBOOK_MIME, workbook};
use crate::blobs::{BlobError, Blobs};
use crate::scope::Scope;
use crate::store::{Store, StoreError, geopackage::PackageError};

/// Most records of one ledger.
pub const MAX_RECORDS: usize = 50_000;
/// Most bytes of tracks in one ledger; they pass through memory.
pub const MAX_TRACK_BYTES: u64 = 256 * 1024 * 1024;
/// Ledgers that one server makes at one time; who comes then waits for a turn, so that phones are not the ones that wait.
pub const AT_ONE_TIME: usize = 2;
/// Records that are read at once.
const RECORDS_AT_ONCE: usize = 500;

/// Why there is no ledger.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// More records than one ledger takes.
    #[error("more records than one ledger takes")]
    TooMany,
    /// Longer tracks than one ledger takes.
    #[error("more bytes of tracks than one ledger takes")]
    TooLarge,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A track.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The file of a GeoPackage.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A workbook.
    #[error("the workbook can not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A number with at most three decimals.
    Number,
    /// True or false.
    Bool,
    /// A moment.
    Time,
}

/// A column: a field of the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Number of the field.
    pub field: u32,
    /// Its stable word.
    pub name: String,
    /// Its label in the language that was asked for.
    pub label: String,
    /// What its values are.
    pub ty: ColumnType,
}

impl Column {
    fn of(field: &FieldDef, lang: Lang) -> Self {
        let ty = match field.ty {
            _ if field.rule == MergeRule::Set => ColumnType::Text,
            FieldType::Number => ColumnType::Number,
            FieldType::Bool => ColumnType::Bool,
            FieldType::Time => ColumnType::Time,
            _ => ColumnType::Text,
        };
        Self { field: field.id, name: field.name.clone(), label: lang.of(&field.label).to_owned(), ty }
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which.
    pub record: RecordId,
    /// When it was found, began or was made; where no field says that, when it was first written; ms since 1970.
    pub at_millis: i64,
    /// Who wrote it first.
    pub author: String,
    /// A value for each column.
    pub cells: Vec<Cell>,
    /// Where.
    pub shape: Shape,
}

/// The records of a kind, ascending by record.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Stable word of the kind.
    pub kind: String,
    /// Its label.
    pub label: String,
    /// The language of labels.
    pub lang: Lang,
    /// Columns.
    pub columns: Vec<Column>,
    /// Whether a column says when each record was found, began or was made.
    pub has_moment: bool,
    /// Records.
    pub rows: Vec<Row>,
}

impl Ledger {
    /// These rows, with the columns of what was asked for.
    #[must_use]
    pub fn of(asked: &Asked<'_>, rows: Vec<Row>) -> Self {
        let (kind, lang) = (asked.kind, asked.lang);
        let (label, columns) = (lang.of(&kind.label).to_owned(), columns(kind, lang));
        Self { kind: kind.name.clone(), label, lang, columns, has_moment: moment(kind).is_some(), rows }
    }

    /// How many records have no place.
    #[must_use]
    pub fn nowhere(&self) -> usize {
        self.rows.iter().filter(|row| row.shape == Shape::Nowhere).count()
    }

    /// The words of a ledger in its language.
    #[must_use]
    pub fn words(&self) -> Words {
        Words::load(self.lang)
    }

    /// How many records there are, and how many have no place, as a sentence.
    #[must_use]
    pub fn counted(&self) -> String {
        let all = self.words().of("counted").replace("{all}", &self.rows.len().to_string());
        all.replace("{nowhere}", &self.nowhere().to_string())
    }
}

/// Whom and what ledgers are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a, S> {
    /// The database.
    pub store: &'a S,
    /// The tracks.
    pub blobs: &'a Blobs,
    /// Kinds and labels.
    pub city: &'a City,
    /// Who asks.
    pub scope: Scope<'a>,
    /// Most records of one ledger.
    pub most: usize,
}

/// The day of a moment on the city's clock: `2026-11-23`.
#[must_use]
pub fn day(millis: i64) -> String {
    cells::local(millis).chars().take(10).collect()
}

/// All columns of a kind.
#[must_use]
pub fn columns(kind: &Kind, lang: Lang) -> Vec<Column> {
    kind.fields.iter().map(|field| Column::of(field, lang)).collect()
}

impl<S: Store> Sources<'_, S> {
    /// The records of a kind that the caller may take out and that fit what was asked.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn ledger(&self, asked: &Asked<'_>) -> Result<Ledger, LedgerError> {
        let records = self.records(asked.kind).await?;
        if records.len() > self.most && asked.takes_all() {
            return Err(LedgerError::TooMany);
        }
        let (mut rows, mut track_bytes) = (Vec::new(), 0);
        for some in records.chunks(RECORDS_AT_ONCE) {
            rows.extend(self.rows(asked, some, &mut track_bytes).await?);
            if rows.len() > self.most {
                return Err(LedgerError::TooMany);
            }
        }
        Ok(Ledger::of(asked, rows))
    }

    /// One record, as it is in the ledger of its kind; `None` for whatever is not there or not for the caller.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn row(&self, asked: &Asked<'_>, record: RecordId) -> Result<Option<Row>, LedgerError> {
        let facts = self.scope.record(self.store, record, Action::Export).await?;
        let Some(facts) = facts.filter(|facts| facts.kind == asked.kind.id) else { return Ok(None) };
        Ok(self.rows(asked, &[(record, facts)], &mut 0).await?.pop())
    }

    /// Which records of a kind the caller may take out, ascending.
    async fn records(&self, kind: &Kind) -> Result<Vec<(RecordId, Facts)>, StoreError> {
        const FACTS_AT_ONCE: usize = 5_000;
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let found = self.store.facts_after(after, FACTS_AT_ONCE).await?;
            let is_last = found.len() < FACTS_AT_ONCE;
            after = found.last().map(|(record, _)| *record);
            let is_given = |facts: &Facts| facts.kind == kind.id && self.scope.allows(Action::Export, facts);
            records.extend(found.into_iter().filter(|(_, facts)| is_given(facts)));
            if is_last {
                return Ok(records);
            }
        }
    }

    async fn rows(
        &self,
        asked: &Asked<'_>,
        records: &[(RecordId, Facts)],
        track_bytes: &mut u64,
    ) -> Result<Vec<Row>, LedgerError> {
        let ids: Vec<RecordId> = records.iter().map(|(record, _)| *record).collect();
        let mut ops = ops_of(self.store, &ids).await?;
        let mut found = Vec::new();
        for (record, facts) in records {
            let of_record = ops.remove(record).unwrap_or_default();
            let shown = Shown::of(asked.kind, facts, &of_record, |field| {
                policy::authorize(self.scope.rules, self.scope.who, Action::Export, Target::Field(facts, field))
            });
            found.extend(shown.filter(|shown| asked.has_moment(shown.at_millis)).map(|shown| (*record, shown)));
        }
        let named: BTreeSet<AccountId> = found.iter().flat_map(|(_, shown)| shown.named()).collect();
        let people = self.store.people(&named.into_iter().collect::<Vec<_>>()).await?;
        let labels = cells::Labels::new(self.city, asked.kind, asked.lang, &people);
        let mut rows = Vec::new();
        for (record, shown) in found {
            let mut shape = shape::place(asked.kind, &shown.merged);
            if shape == Shape::Nowhere && asked.needs_tracks() {
                shape = shape::track(self.store, self.blobs, asked.kind, (record, &shown.merged), track_bytes).await?;
            }
            if asked.bbox.is_none_or(|bbox| shape.meets(&bbox)) {
                let author = labels.person(shown.author);
                rows.push(Row {
                    record,
                    at_millis: shown.at_millis,
                    author,
                    cells: labels.cells(&shown.merged, &shown.gone),
                    shape,
                });
            }
        }
        Ok(rows)
    }
}

/// The field that says when a record of a kind was found, began or was made.
fn moment(kind: &Kind) -> Option<&FieldDef> {
    kind.fields.iter().find(|field| field.ty == FieldType::Time && field.rule == MergeRule::Once)
}

/// All ops of some records, in the order of the server.
pub(crate) async fn ops_of<S: Store>(
    store: &S,
    records: &[RecordId],
) -> Result<BTreeMap<RecordId, Vec<(SignedOp, PulledOp)>>, StoreError> {
    let all = 1..=i64::MAX.unsigned_abs();
    let mut ops: BTreeMap<RecordId, Vec<(SignedOp, PulledOp)>> = BTreeMap::new();
    for pulled in store.ops_of_records(records, all, usize::MAX, usize::MAX).await? {
        let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
        let op = SignedOp::decode(&pulled.op).map_err(corrupt)?;
        ops.entry(op.header().record).or_default().push((op, pulled));
    }
    Ok(ops)
}

/// What shows of a record.
pub(crate) struct Shown {
    pub(crate) merged: Merged,
    gone: BTreeSet<u32>,
    author: AccountId,
    at_millis: i64,
}

impl Shown {
    /// `None` when nothing of it counts.
    pub(crate) fn of(
        kind: &Kind,
        facts: &Facts,
        ops: &[(SignedOp, PulledOp)],
        may: impl Fn(u32) -> bool,
    ) -> Option<Self> {
        let merging = |(op, pulled): &(SignedOp, PulledOp)| {
            RecordOp::new(op, pulled.account, pulled.eff_millis, pulled.verdict.clone())
        };
        let mut counted = judged(ops.iter().map(|pair| (&pair.0, merging(pair))));
        counted.retain(|op| op.verdict == Verdict::Ok);
        let first = counted.iter().min_by_key(|op| (op.eff_millis, op.id))?;
        let (first_millis, author) = (first.eff_millis, first.account);
        let author = if policy::is_person(facts.kind) { facts.owner } else { author };
        let rule = |field| kind.field(field).map_or(MergeRule::Lww, |field| field.rule);
        let mut merged = merge(&counted, rule);
        merged.fields.retain(|field, _| kind.field(*field).is_some() && may(*field));
        let gone = erasure::gone_of(ops.iter().map(|(op, pulled)| (op, pulled.account, pulled.eff_millis)));
        let gone = gone.into_keys().filter(|field| may(*field)).collect();
        let said = moment(kind).and_then(|field| merged.value(field.id)).and_then(|value| value.as_int());
        Some(Self { merged, gone, author, at_millis: said.unwrap_or(first_millis) })
    }

    /// The people whose names its row may need.
    fn named(&self) -> BTreeSet<AccountId> {
        let mut named = BTreeSet::from([self.author]);
        for candidate in self.merged.fields.values().flat_map(|state| &state.shown) {
            cells::accounts_in(&candidate.value, &mut named);
        }
        named
    }
}
