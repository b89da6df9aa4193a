//! The desk enters the code of a text message: a record of its own, the twin of the report.

use greenshield_domain::ids::RecordId;
use greenshield_domain::rough::guards;
use greenshield_domain::sms::{KIND, SmsReport, twin};

use super::add_record::add_record;
use super::load_records;
use crate::context::App;
use crate::state::message::Message;
use crate::state::sms::words_of;

/// The record to open: the report when it is here, its text message when that was entered before, else a new one.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn enter_sms(app: App, report: SmsReport) -> Result<RecordId, Message> {
    let message = twin(report.record);
    let known = load_records::rows_of(app, vec![report.record, message]).await;
    if let Some(row) = known.iter().find(|row| row.record == report.record).or(known.first()) {
        return Ok(row.record);
    }
    let city = app.city();
    let (category, urgency) = words_of(&report, &city);
    let entries = report.to_entries(category, urgency, guards(&city, KIND, category));
    add_record(app, Some(message), KIND, entries).await
}

/// The other half of a record: the report of a text message, or the text message of a report, if it is here.
pub async fn other_half(app: App, record: RecordId) -> Option<RecordId> {
    load_records::rows_of(app, vec![twin(record)]).await.pop().map(|row| row.record)
}
