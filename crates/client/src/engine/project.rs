//! From the ops of a record to its list row. Pure.

use std::collections::BTreeMap;

use greenshield_domain::ids::{BlobId, LogId, RecordId};
use greenshield_domain::incident::{BlobLink, Incident, KIND, field};
use greenshield_domain::merge::{self, MergeRule, Merged};
use greenshield_domain::notice::{self, Notice};
use greenshield_domain::order;
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::person::{self, Person};
use greenshield_domain::task::{self, Task};
use greenshield_domain::unit::{self, Unit};
use greenshield_domain::verdict::{KIND_VERDICT, is_decision, judged};

use crate::rows::{BlobRow, ListRow, OpRow, RowPlace};

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
    let (is_task, is_notice) = (kind == task::KIND, kind == notice::KIND);
    let has_title = is_task || is_notice || [person::KIND, unit::KIND].contains(&kind);
    let row = ListRow {
        record,
        kind,
        files_waiting: count(walk.segments().filter(|link| is_waiting(blobs.get(&link.blob))).count()),
        patrol: merged.value(patrol::FOUND_ON).filter(|_| kind == KIND).and_then(|id| id.as_array_of()).map(RecordId),
        // One field number in all three kinds.
        due_millis: walk.planned_return_millis().filter(|_| is_under_way || is_task || is_notice),
        from_millis: told.from_millis().filter(|_| is_notice),
        title: job.text(task::field::TITLE).filter(|_| has_title).map(str::to_owned),
        person: (kind == person::KIND).then(|| Box::new(Person::of(&merged))),
        unit: (kind == unit::KIND).then(|| Box::new(Unit::of(&merged))),
        assignees: if is_task { job.assignees() } else { Vec::new() },
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
        voices_unsent: count(incident.voices().filter(|link| is_waiting(blobs.get(&link.blob))).count()),
        thumb: links.iter().min_by_key(|link| (link.size_bytes, link.blob)).map(|link| link.blob),
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

/// The kind of a record: that of its first op which is no decision.
pub(super) fn kind_of(ops: &[OpRow]) -> u32 {
    ops.iter().find(|row| row.op.header().kind != KIND_VERDICT).map_or(0, |row| row.op.header().kind)
}

/// The photo that a file belongs to, as people count photos.
fn photo_of(link: &BlobLink) -> BlobId {
    link.original.unwrap_or(link.blob)
}

fn is_waiting(row: Option<&BlobRow>) -> bool {
    row.is_some_and(|row| row.mine && row.delivered_millis.is_none())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
