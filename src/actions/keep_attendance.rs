//! Who comes: signing in, signing in somebody without a phone, asking people.

use greenshield_client::engine::Save;
use greenshield_domain::attendance;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::policy::ASSIGNED;

use super::edit_record::save_change;
use crate::context::App;
use crate::state::message::Message;
use crate::state::words::t;

/// People in one op; an op holds at most 64 entries.
const PEOPLE_OF_AN_OP: usize = 50;

async fn save(app: App, kind: u32, record: RecordId, entries: Vec<Entry>) -> Result<(), Message> {
    save_change(app, record, Save { record: Some(record), kind, entries, draft: None }).await
}

/// Signs in whoever looks.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn sign_in(app: App, kind: u32, record: RecordId, account: AccountId) -> Result<(), Message> {
    save(app, kind, record, vec![attendance::sign_in(account, app.now_millis())]).await?;
    app.state.say(t("attend.saved"));
    Ok(())
}

/// Signs in somebody else, or takes that back.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn sign_for(app: App, kind: u32, record: RecordId, account: AccountId, act: Act) -> Result<(), Message> {
    save(app, kind, record, vec![attendance::sign_for(account, act)]).await
}

/// Asks people to come, or no longer asks them.
///
/// # Errors
/// Words for the page; what was not said by then can be said again.
pub async fn ask_people(app: App, kind: u32, record: RecordId, people: &[AccountId], act: Act) -> Result<(), Message> {
    for some in people.chunks(PEOPLE_OF_AN_OP) {
        let entry = |account: &AccountId| Entry { field: ASSIGNED, act, value: account.to_value() };
        save(app, kind, record, some.iter().map(entry).collect()).await?;
    }
    Ok(())
}
