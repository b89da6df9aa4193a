//! A step of a referral. The report is told how far it is, which is all that its reporter sees.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;

use super::edit_record::edit_record;
use super::load_records::rows_of;
use crate::context::App;
use crate::state::message::Message;
use crate::state::referral::StepOption;

/// Saves the step.
///
/// # Errors
/// Words for the page. When the step is saved and its word in the report is not, that is told too.
pub async fn take_referral_step(
    app: App,
    record: RecordId,
    about: Option<RecordId>,
    step: &StepOption,
    entries: Vec<Entry>,
) -> Result<(), Message> {
    edit_record(app, record, entries).await?;
    let Some(about) = about else { return Ok(()) };
    // Whoever does not have the report has no right to say something in it.
    if rows_of(app, vec![about]).await.is_empty() {
        return Ok(());
    }
    edit_record(app, about, vec![Entry::set(field::REFERRAL_STATE, Value::text(&step.to))]).await
}
