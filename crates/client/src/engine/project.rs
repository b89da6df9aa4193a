//! From the ops of a record to its list row. Pure.

use std::collections::BTreeMap;

use greenshield_domain::ids::{BlobId, LogId, RecordId};
use greenshield_domain::incident::{BlobLink, Incident, KIND, field};
use greenshield_domain::land;
use greenshield_domain::merge::{self, Candidate, MergeRule, Merged};
use greenshield_domain::notice::{self, Notice};
use greenshield_domain::order;
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::person::{self, Person};
use greenshield_domain::policy::UNIT;
use greenshield_domain::referral::{self, Referral, Step};
use greenshield_domain::register;
use greenshield_domain::task::{self, Task};
use greenshield_domain::unit::{self, Unit};
use greenshield_domain::verdict::{FIRST_CITY_KIND, is_decision, judged};
use greenshield_domain::wire::Verdict;

use crate::rows::{BlobRow, ListRow, OpRow, ReferralRow, RowPlace};

/// A merged record and the row that shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The merge.
    pub merged: Merged,
    /// The list row.
    pub row: ListRow,
}

/// Most characters of the note in a list row.
const NOTE_CHARS: usize = 80;

/// Projects the ops of one record. `own` are the logs of this install, `blobs` what is known of the record's files; `None`
/// for no ops.
#[must_use]
pub fn project(
    record: RecordId,
    ops: &[OpRow],
    own: &[LogId],
    blobs: &BTreeMap<BlobId, BlobRow>,
    rule: impl Fn(u32) -> MergeRule,
) -> Option<Projection> {
    // Decisions about ops count in the merge and are nothing that people wrote.
    let written: Vec<&OpRow> = ops.iter().filter(|row| !is_decision(&row.op, row.account)).collect();
    let first = written.iter().min_by_key(|row| (row.eff_millis, row.op.id()))?;
    let record_ops = judged(ops.iter().map(|row| (&row.op, row.to_record_op())));
    let merged = merge::merge(&record_ops, rule);
    let incident = Incident(&merged);
    let text = |f| incident.text(f).map(str::to_owned);
    let links: Vec<BlobLink> = incident.photos().map(|(link, _)| link).collect();
    let mine = || written.iter().filter(|row| own.contains(&row.op.header().log));
    let photos = order::set_of(links.iter().map(photo_of));
    let waiting = order::set_of(links.iter().filter(|link| is_waiting(blobs.get(&link.blob))).map(photo_of));
    let kind = first.op.header().kind;
    let walk = Patrol(&merged);
    let is_under_way = kind == patrol::KIND && incident.text(field::STATE) != Some(patrol::ENDED);
    let (job, told) = (Task(&merged), Notice(&merged));
    let (is_task, is_notice, is_report) = (kind == task::KIND, kind == notice::KIND, kind == KIND);
    let is_area = kind == land::KIND;
    let paper = Referral(&merged);
    let referral = (kind == referral::KIND).then(|| referral_row(&paper, &written));
    let is_listed = register::is_register(kind);
    let has_title = is_task || is_notice || is_area || is_listed || [person::KIND, unit::KIND].contains(&kind);
    let row = ListRow {
        record,
        kind,
        files_waiting: count(
            walk.segments()
                .chain(register::documents(&merged).filter(|_| is_listed))
                .filter(|link| is_waiting(blobs.get(&link.blob)))
                .count(),
        ),
        patrol: merged.value(patrol::FOUND_ON).filter(|_| kind == KIND).and_then(|id| id.as_array_of()).map(RecordId),
        // One field number in all these kinds.
        due_millis: walk
            .planned_return_millis()
            .filter(|_| is_under_way || is_task || is_notice || is_report || is_listed || referral.is_some()),
        review_millis: job.next_review_millis().filter(|_| is_task),
        from_millis: told.from_millis().filter(|_| is_notice),
        title: job.text(task::field::TITLE).filter(|_| has_title || referral.is_some()).map(str::to_owned),
        person: (kind == person::KIND).then(|| Box::new(Person::of(&merged))),
        unit_facts: (kind == unit::KIND).then(|| Box::new(Unit::of(&merged))),
        assignees: if is_task { job.assignees() } else { incident.assigned() },
        about: if is_report {
            incident.duplicate_of()
        } else if kind == patrol::KIND {
            walk.operation()
        } else {
            job.about().filter(|_| is_task || is_listed || referral.is_some())
        },
        unit: text(UNIT).filter(|unit| !unit.is_empty()),
        state_millis: merged.candidate(field::STATE).map(|state| said_millis(state, &written)),
        referral,
        audience: if is_notice { told.audience() } else { Vec::new() },
        sort_millis: incident.found_at_millis().unwrap_or(first.eff_millis),
        category: text(field::CATEGORY),
        state: text(field::STATE),
        urgency: text(field::URGENCY),
        place_name: text(field::PLACE_NAME),
        place: incident
            .place()
            .map_or(RowPlace::Nowhere, |place| RowPlace::At { lat_e7: place.lat_e7, lon_e7: place.lon_e7 }),
        note: incident.text(field::NOTE).map(|note| note.chars().take(NOTE_CHARS).collect()),
        answered: incident.text(field::ANSWER).is_some(),
        reporter: incident.reported_by().map(|by| by.account).or(Some(first.account)),
        photos: count(photos.len()),
        photos_delivered: count(photos.len() - waiting.len()),
        values: register::line_values(kind, &merged),
        voices_unsent: count(incident.voices().filter(|link| is_waiting(blobs.get(&link.blob))).count()),
        // A photo as it came is not for everybody who may see its copies.
        thumb: links
            .iter()
            .min_by_key(|link| (link.original.is_none(), link.size_bytes, link.blob))
            .map(|link| link.blob),
        // Only what waits here is without the time of its arrival, whichever of our logs it is of.
        ops_unsent: count(written.iter().filter(|row| row.received_millis.is_none()).count()),
        conflicts: count(
            merged.fields.values().filter(|f| f.rule != MergeRule::Once && !f.conflicts.is_empty()).count(),
        ),
        held: count(merged.held),
        delivered_millis: mine().filter_map(|row| row.received_millis).max(),
        arrived_millis: written.iter().filter_map(|row| row.received_millis).min(),
        updated_millis: ops.iter().map(|row| row.eff_millis).max().unwrap_or_default(),
    };
    Some(Projection { merged, row })
}

/// The kind of a record: that of its first op which people wrote about it.
pub(super) fn kind_of(ops: &[OpRow]) -> u32 {
    ops.iter().find(|row| row.op.header().kind >= FIRST_CITY_KIND).map_or(0, |row| row.op.header().kind)
}

/// The photo that a file belongs to, as people count photos.
fn photo_of(link: &BlobLink) -> BlobId {
    link.original.unwrap_or(link.blob)
}

fn is_waiting(row: Option<&BlobRow>) -> bool {
    row.is_some_and(|row| row.mine && row.delivered_millis.is_none())
}

/// When the server received what was said; before, when it was said.
fn said_millis(said: &Candidate, written: &[&OpRow]) -> i64 {
    let op = written.iter().find(|row| row.op.id() == said.op);
    op.and_then(|row| row.received_millis).unwrap_or(said.eff_millis)
}

fn referral_row(paper: &Referral<'_>, written: &[&OpRow]) -> ReferralRow {
    let text = |field| paper.text(field).unwrap_or_default().to_owned();
    let steps = order_of_steps(written);
    let first = |state: &str| steps.iter().find(|step| step.state == state).map(|step| step.at_millis);
    ReferralRow {
        flow: text(referral::field::FLOW),
        from_unit: text(referral::field::FROM_UNIT),
        to_unit: text(referral::field::TO_UNIT),
        number: Some(text(referral::field::NUMBER)).filter(|number| !number.is_empty()),
        since_millis: paper.since_millis().unwrap_or_default(),
        sent_millis: first(referral::state::SENT),
        accepted_millis: first(referral::state::ACCEPTED),
    }
}

/// The steps of a referral, those that count, oldest first.
fn order_of_steps(written: &[&OpRow]) -> Vec<Step> {
    let counted = written.iter().filter(|row| row.verdict == Verdict::Ok);
    let mut steps: Vec<Step> = counted.filter_map(|row| Step::of(row.op.body().entries(), row.eff_millis)).collect();
    order::sort_by_key(&mut steps, |step| step.at_millis);
    steps
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
