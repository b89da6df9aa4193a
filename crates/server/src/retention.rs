//! Retention: once a day the server looks which records were kept long enough, keeps what it saw, and erases where whoever runs
//! it switched that on.
//!
//! Owns: when a run is due, what it looks at, its small steps. Refuses: to decide what is due (`domain::retention`) and to erase
//! by a way of its own: each record goes as if a person had erased it, noted for auditors. Invariants: nothing goes that the run
//! of an earlier day did not tell as due already, so that a clock that jumped ahead takes nothing on its first day; a run that was
//! cut is taken up again; of several processes over one database one does it.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::audit::{Deed, Note};
use greenshield_domain::city::{City, RetentionAct};
use greenshield_domain::erasure::Basis;
use greenshield_domain::ids::{Epoch, RecordId};
use greenshield_domain::op::SignedOp;
use greenshield_domain::retention::{self, Outcome, RecordFacts, named_in};
use greenshield_domain::verdict::{FIRST_CITY_KIND, SERVER_ACCOUNT};
use greenshield_domain::wire::{MAX_RETENTION_RUNS, PulledOp, RetentionCount, RetentionRun};

use crate::app::App;
use crate::error::ApiError;
use crate::sequencer::{Erase, SequencerError};
use crate::store::{ErasingTx as _, RetentionTx as _, RunRow, Store, StoreError, StoreTx as _, Stored};
use crate::{erasing, own_log};

const MINUTE_MILLIS: i64 = 60_000;
const DAY_MILLIS: i64 = 24 * 60 * MINUTE_MILLIS;
/// A day of the job begins at two in the night, when few wait.
const FROM_MILLIS: i64 = 2 * 60 * MINUTE_MILLIS;
/// After so long without a step a run counts as cut, and somebody else goes on with it.
const CUT_AFTER_MILLIS: i64 = 10 * MINUTE_MILLIS;
/// Records that are looked at together.
const LOOK_AT_ONCE: usize = 200;
/// Records that are erased until it is looked again what was said since.
const ERASE_AT_ONCE: usize = 10;
const OPS_AT_ONCE: usize = 1_000;
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// A record that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its class.
    pub class: u32,
    /// Its kind.
    pub kind: u32,
    /// Its last op, ms since 1970.
    pub last_millis: i64,
    /// Whether it was due at the run before, too.
    pub was_told: bool,
    /// The position of its newest op.
    upto: u64,
    fields: BTreeSet<u32>,
    links: BTreeSet<RecordId>,
}

/// What a look over all records found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// By class, in the order of the classes.
    pub counts: Vec<RetentionCount>,
    /// What is due.
    pub due: BTreeMap<RecordId, Due>,
    /// The position up to which it saw everything.
    upto: u64,
}

/// Looks at all records, as they stand at a moment. `told` is the moment of the run before.
///
/// # Errors
/// A fault of the store.
pub async fn look<S: Store>(store: &S, city: &City, now_millis: i64, told: Option<i64>) -> Stored<Look> {
    let upto = store.newest_pos().await?;
    let mut looking = Looking::new(city, now_millis, told, pending(store).await?);
    let mut after = None;
    loop {
        let found = store.facts_after(after, LOOK_AT_ONCE).await?;
        let is_last = found.len() < LOOK_AT_ONCE;
        after = found.last().map(|(record, _)| *record);
        let of_city: BTreeMap<RecordId, u32> = found
            .into_iter()
            .filter(|(_, facts)| facts.kind >= FIRST_CITY_KIND)
            .map(|(record, facts)| (record, facts.kind))
            .collect();
        let ids: Vec<RecordId> = of_city.keys().copied().collect();
        let mut ops: BTreeMap<RecordId, Vec<(SignedOp, PulledOp)>> = BTreeMap::new();
        for pulled in store.ops_of_records(&ids, 1..=i64::MAX.unsigned_abs(), usize::MAX, usize::MAX).await? {
            let op = read(&pulled.op, "op")?;
            ops.entry(op.header().record).or_default().push((op, pulled));
        }
        for (record, kind) in of_city {
            looking.take(record, kind, &ops.remove(&record).unwrap_or_default());
        }
        tokio::task::yield_now().await;
        if is_last {
            return Ok(looking.end(upto));
        }
    }
}

/// A look while it goes over the records.
struct Looking<'a> {
    city: &'a City,
    now_millis: i64,
    told: Option<i64>,
    pending: BTreeMap<RecordId, Vec<SignedOp>>,
    counts: BTreeMap<u32, RetentionCount>,
    due: BTreeMap<RecordId, Due>,
    /// What the records name that are not due.
    kept: BTreeSet<RecordId>,
}

impl<'a> Looking<'a> {
    fn new(city: &'a City, now: i64, told: Option<i64>, pending: BTreeMap<RecordId, Vec<SignedOp>>) -> Self {
        let classes = city.retention.classes.iter();
        let counts = classes.map(|class| (class.id, RetentionCount { class: class.id, ..RetentionCount::default() }));
        // What waits may be the first op of its record.
        let kept = pending.values().flatten().flat_map(named_in).collect();
        Self { city, now_millis: now, told, pending, counts: counts.collect(), due: BTreeMap::new(), kept }
    }

    fn take(&mut self, record: RecordId, kind: u32, ops: &[(SignedOp, PulledOp)]) {
        let placed: Vec<_> = ops.iter().map(|(op, pulled)| (op, pulled)).collect();
        let pending: Vec<&SignedOp> = self.pending.get(&record).into_iter().flatten().collect();
        let Some(facts) = RecordFacts::of(self.city, kind, record, &placed, &pending) else { return };
        let judged = retention::judge(self.city, &facts, self.now_millis);
        if let Some((class, outcome)) = judged {
            let count = self.counts.entry(class.id).or_default();
            count.looked += 1;
            match outcome {
                Outcome::Runs => {}
                Outcome::Held => count.held += 1,
                Outcome::Waits => count.waiting += 1,
                Outcome::Bound => count.linked += 1,
                Outcome::Due => {
                    let was_told = self.told.is_some_and(|at| retention::due(self.city, &facts, at).is_some());
                    let upto = ops.iter().map(|(_, pulled)| pulled.pos).max().unwrap_or_default();
                    let RecordFacts { last_millis, erasable: fields, links, .. } = facts;
                    self.due.insert(record, Due { class: class.id, kind, last_millis, was_told, upto, fields, links });
                    return;
                }
            }
        }
        self.kept.extend(facts.links);
    }

    fn end(mut self, upto: u64) -> Look {
        let links = self.due.iter().map(|(record, due)| (*record, due.links.clone())).collect();
        for record in retention::linked(&links, &self.kept) {
            if let Some(due) = self.due.remove(&record) {
                self.counts.entry(due.class).or_default().linked += 1;
            }
        }
        for due in self.due.values() {
            let count = self.counts.entry(due.class).or_default();
            count.due += 1;
            count.oldest_millis =
                Some(count.oldest_millis.map_or(due.last_millis, |oldest| oldest.min(due.last_millis)));
        }
        let of_class = |id: u32| self.counts.get(&id).copied();
        let counts = self.city.retention.classes.iter().filter_map(|class| of_class(class.id)).collect();
        Look { counts, due: self.due, upto }
    }
}

/// The moment of the last whole run of an earlier day, ms since 1970; none before the first of an incarnation of the database:
/// what a restore lost, such as a legal hold, phones may still bring.
///
/// # Errors
/// A fault of the store.
pub async fn told_millis<S: Store>(store: &S, city: &City, epoch: Epoch, now_millis: i64) -> Stored<Option<i64>> {
    let today = day_of(city, now_millis);
    let mut runs = store.retention_runs(MAX_RETENTION_RUNS).await?.into_iter();
    let earlier = runs.find(|row| row.day != today && row.epoch == epoch && row.run.finished_millis.is_some());
    Ok(earlier.map(|row| row.run.started_millis))
}

/// Does the run of this day, unless it is done or somebody is at it; gives what it kept.
///
/// # Errors
/// [`ApiError`]; the run is gone on with later.
pub async fn run_if_due(app: &App) -> Result<Option<RetentionRun>, ApiError> {
    let city = app.city();
    if city.retention.classes.is_empty() {
        return Ok(None);
    }
    let erases = app.erases_due.is_on();
    let Some(mut row) = claim(app, erases).await? else { return Ok(None) };
    let told = told_millis(&app.store, &city, app.epoch, app.clock.now_millis()).await?;
    let look = look(&app.store, &city, row.run.started_millis.min(app.clock.now_millis()), told).await?;
    // One that was cut found more, and erased a part of it.
    if row.run.counts.is_empty() {
        row.run.counts.clone_from(&look.counts);
    }
    row.run.erases = erases;
    keep(app, &mut row).await?;
    if erases {
        erase(app, look, &mut row).await?;
    }
    row.run.finished_millis = Some(app.clock.now_millis());
    keep(app, &mut row).await?;
    erasing::clean_if_due(app).await;
    let [due, erased] = [|count: &RetentionCount| count.due, |count: &RetentionCount| count.erased]
        .map(|of| row.run.counts.iter().map(of).sum::<u64>());
    tracing::info!(due, erased, erases, "the retention job is done for today");
    Ok(Some(row.run))
}

/// Takes the run of this day, if it is there to take.
async fn claim(app: &App, erases: bool) -> Stored<Option<RunRow>> {
    let now_millis = app.clock.now_millis();
    let day = day_of(&app.city(), now_millis);
    let mut tx = app.store.begin().await?;
    let row = match tx.retention_run(day).await? {
        Some(row) if row.epoch == app.epoch => {
            // A clock that was set back must not make it wait for ever.
            let is_fresh = (now_millis - row.touched_millis).abs() < CUT_AFTER_MILLIS;
            if row.run.finished_millis.is_some() || is_fresh {
                return Ok(None);
            }
            RunRow { touched_millis: now_millis, ..row }
        }
        _ => {
            let run = RetentionRun { started_millis: now_millis, erases, ..RetentionRun::default() };
            RunRow { day, touched_millis: now_millis, epoch: app.epoch, run }
        }
    };
    tx.put_retention_run(&row).await?;
    tx.commit().await?;
    Ok(Some(row))
}

async fn keep(app: &App, row: &mut RunRow) -> Stored<()> {
    row.touched_millis = app.clock.now_millis();
    let mut tx = app.store.begin().await?;
    tx.put_retention_run(row).await?;
    tx.commit().await
}

/// Erases what the run before told already, in small steps.
async fn erase(app: &App, look: Look, row: &mut RunRow) -> Result<(), ApiError> {
    let city = app.city();
    let acts = |class: u32| city.retention.class(class).is_some_and(|class| class.act == RetentionAct::Erase);
    let going: Vec<(RecordId, Due)> = look.due.into_iter().filter(|(_, due)| due.was_told && acts(due.class)).collect();
    let (mut upto, mut named) = (look.upto, BTreeSet::new());
    for some in going.chunks(ERASE_AT_ONCE) {
        upto = said_since(app, upto, &mut named).await?;
        for (record, due) in some.iter().filter(|(record, _)| !named.contains(record)) {
            let Some(count) = row.run.counts.iter_mut().find(|count| count.class == due.class) else { continue };
            match erase_one(app, &city, *record, due).await {
                Ok(values) => count.erased += u64::from(values > 0),
                Err(SequencerError::OnHold) => count.held += 1,
                // Somebody needs it: its time begins anew.
                Err(SequencerError::Changed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        keep(app, row).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn erase_one(app: &App, city: &City, record: RecordId, due: &Due) -> Result<usize, SequencerError> {
    let log = own_log::id(&app.audit_key);
    let note =
        Note { deed: Some(Deed::Erasure), by: SERVER_ACCOUNT, log, record: Some(record), about: None, kind: None };
    app.sequencer.note(note).await?;
    let class = city.retention.class(due.class);
    let note = class.map(|class| format!("#{} {} / {}", class.id, class.label.zh, class.label.en)).unwrap_or_default();
    let (fields, basis) = (due.fields.clone(), Basis::Retention);
    let asked = Erase { record, fields, files: BTreeSet::new(), by: SERVER_ACCOUNT, basis, note };
    Ok(app.sequencer.erase_untouched(asked, due.upto).await?.values)
}

/// Adds what was named by what people said behind a position; gives the position up to which that is.
async fn said_since(app: &App, mut upto: u64, named: &mut BTreeSet<RecordId>) -> Stored<u64> {
    loop {
        let found = app.store.ops_after(upto, OPS_AT_ONCE, BYTES_AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok(upto) };
        upto = last.pos;
        for pulled in &found {
            named.extend(named_in(&read(&pulled.op, "op")?));
        }
    }
}

/// Ops that wait for those before them, by record.
async fn pending<S: Store>(store: &S) -> Stored<BTreeMap<RecordId, Vec<SignedOp>>> {
    let mut tx = store.begin().await?;
    let rows = tx.all_waiting().await?;
    drop(tx);
    let mut pending: BTreeMap<RecordId, Vec<SignedOp>> = BTreeMap::new();
    for row in rows {
        let op = read(&row.bytes, "pen")?;
        pending.entry(op.header().record).or_default().push(op);
    }
    Ok(pending)
}

fn read(bytes: &[u8], table: &'static str) -> Stored<SignedOp> {
    SignedOp::decode(bytes).map_err(|_| StoreError::Corrupt { table, column: "bytes" })
}

/// The day of a moment as the job counts, on the city's clock.
fn day_of(city: &City, millis: i64) -> i64 {
    let zone_millis = i64::from(city.holidays.zone_minutes) * MINUTE_MILLIS;
    (millis + zone_millis - FROM_MILLIS).div_euclid(DAY_MILLIS)
}
