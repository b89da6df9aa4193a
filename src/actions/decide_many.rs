//! The desk takes one step with many reports: one after the other, each as if it were alone.

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::answer_record::answer_record;
use crate::context::App;
use crate::state::inbox::decide::{Chosen, StepOption};
use crate::state::inbox::many::{Outcome, entries_of};
use crate::state::words::{t, tr};

/// Takes the step with each of them. Each row is looked at anew before its turn, since others work with the same reports. `goes_on`
/// hears how many had their turn, and ends it by `false`; those behind stay as they were, as they do when nothing can be stored any more.
pub async fn decide_many(
    app: App,
    records: Vec<RecordId>,
    (step, typed, chosen): (StepOption, String, Chosen),
    goes_on: impl Fn(usize) -> bool,
) -> Outcome {
    let (city, mut outcome) = (app.city(), Outcome::new(&step));
    let role = app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
    let row_of = |record| app.state.records.with_untracked(|list| list.row(record).cloned());
    let mut ended: Option<String> = None;
    for (turn, record) in records.into_iter().enumerate() {
        if ended.is_none() && !goes_on(turn) {
            ended = Some(t("many.stopped").to_owned());
        }
        let row = row_of(record);
        if let Some(why) = &ended {
            outcome.leave(record, row.as_ref(), &city, why.clone());
            continue;
        }
        let entries = match entries_of(row.as_ref(), (&step, &typed, &chosen), &city, &role) {
            Ok(Some(entries)) => entries,
            Ok(None) => continue,
            Err(why) => {
                outcome.leave(record, row.as_ref(), &city, why);
                continue;
            }
        };
        match answer_record(app, record, entries).await {
            Ok(()) => outcome.done += 1,
            Err(message) => {
                let is_saved = row_of(record).is_some_and(|row| row.state.as_deref() == Some(step.to.as_str()));
                let why = if is_saved { tr("many.half", &[("why", &message.title)]) } else { message.title.clone() };
                outcome.leave(record, row.as_ref(), &city, why);
                ended = message.is_store_trouble().then_some(message.title);
            }
        }
    }
    outcome
}
