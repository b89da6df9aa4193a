//! One more phone of a person: a one-time link.

use greenshield_domain::ids::AccountId;

use super::prove_again::prove_again;
use crate::context::App;
use crate::platform::page;
use crate::state::invite::Invitation;
use crate::state::message::Message;

/// Makes the link.
///
/// # Errors
/// Words for the page.
pub async fn invite_person(app: App, account: AccountId, hours: u32) -> Result<Invitation, Message> {
    prove_again(app).await?;
    let made = app.engine().invite(account, hours).await.map_err(|error| Message::of(&error))?;
    Ok(Invitation::of(made, &page::origin()))
}
