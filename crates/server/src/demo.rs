//! The people of the demo city: invented, one for each role that the first screens need. Who they are is data, `demo.json`.

pub mod city;

use serde::Deserialize;
use thiserror::Error;

use crate::invites::{self, Invitation, InviteError};
use crate::keys::KeyError;
use crate::own_log::OwnOpError;
use crate::store::{Store, StoreError};

const PEOPLE: &str = include_str!("../demo.json");

/// Why there is no demo.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The file of people does not read.
    #[error("demo.json: {0}")]
    People(#[from] serde_json::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The clerk's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An op of the clerk.
    #[error(transparent)]
    Op(#[from] OwnOpError),
    /// The script names what the city package does not have.
    #[error("demo-city.json: the city package has no {0}")]
    Unknown(String),
    /// The script names what it does not have itself.
    #[error("demo-city.json: it has no {0}")]
    Missing(String),
    /// The server did not take what the script says.
    #[error("demo-city.json: {0} of its ops were not taken")]
    Refused(usize),
    /// The track of a patrol.
    #[error("a track of the demo city: {0}")]
    Track(String),
    /// The invites.
    #[error(transparent)]
    Invite(#[from] InviteError),
}

#[derive(Debug, Deserialize)]
struct DemoPerson {
    role: String,
    name: String,
}

/// A fresh invite for each of them. The accounts are made at the first start and stay.
///
/// # Errors
/// [`DemoError`].
pub async fn invitations<S: Store>(store: &S, now: i64, expires_at: i64) -> Result<Vec<Invitation>, DemoError> {
    let people: Vec<DemoPerson> = serde_json::from_str(PEOPLE)?;
    let mut invitations = Vec::new();
    for DemoPerson { role, name } in people {
        let account = match store.account_named(&name, &role).await? {
            Some(account) => account,
            None => invites::new_account(store, &name, &role, now).await?,
        };
        invitations.push(invites::invite(store, account, None, now, expires_at).await?);
    }
    Ok(invitations)
}
