//! Making a referral of a report: the referral, and the word of it in the report. The facts stay in the report.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{field, state};
use greenshield_domain::op::Entry;
use greenshield_domain::policy::UNIT;
use greenshield_domain::referral::{KIND, NewReferral, state as referral_state};

use super::add_record::add_record;
use super::edit_record::edit_record;
use crate::context::App;
use crate::state::inbox::LIAISON;
use crate::state::message::Message;

/// Saves it and sends it.
///
/// # Errors
/// Words for the page. When the referral is saved and its word in the report is not, that is told too.
pub async fn make_referral(app: App, new: NewReferral) -> Result<RecordId, Message> {
    let record = add_record(app, None, KIND, new.to_entries(app.now_millis())).await?;
    if let Some(about) = new.about {
        let mut entries = vec![
            Entry::set(field::STATE, Value::text(state::REFERRED)),
            Entry::set(field::REFERRAL_STATE, Value::text(referral_state::PREPARED)),
        ];
        // Who takes over has to see what it is about; only the desk may give that right.
        let is_desk = app.state.viewer().is_some_and(|viewer| viewer.role != LIAISON);
        if is_desk && new.to_unit != app.city().referrals.home {
            entries.push(Entry::set(UNIT, Value::text(&new.to_unit)));
        }
        edit_record(app, about, entries).await?;
    }
    Ok(record)
}
