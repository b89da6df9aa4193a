//! What an operator does to the data of a server, whether it runs or not: each function is one transaction.
//!
//! Owns: the checks of the command line's words. Refuses: to print; `main` does that.

use std::sync::Arc;

use greenshield_domain::city::City;
use greenshield_domain::ids::{AccountId, Epoch, IdError, LogId, OpId};
use greenshield_domain::policy::Seat;
use greenshield_domain::verdict::{MAX_REASON_BYTES, Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::Verdict;
use thiserror::Error;

use crate::clock::Clock;
use crate::entropy::{EntropyError, random};
use crate::holding::Holding;
use crate::invites::{self, Invitation, InviteError};
use crate::keys::{KeyError, ServerKey};
use crate::live::Live;
use crate::own_log;
use crate::package::Package;
use crate::sequencer::{self, SequencerError, Work};
use crate::store::{Store, StoreError, StoreTx as _};

const HOUR_MILLIS: i64 = 3_600_000;

/// Why it was not done.
#[derive(Debug, Error)]
pub enum AdminError {
    /// The city package has no such role.
    #[error("there is no role {role:?}; this city has {}", known.join(", "))]
    UnknownRole {
        /// What was asked for.
        role: String,
        /// Roles of the city.
        known: Vec<String>,
    },
    /// The city package has no such department.
    #[error("there is no unit {unit:?}; this city has {}", known.join(", "))]
    UnknownUnit {
        /// What was asked for.
        unit: String,
        /// Departments of the city.
        known: Vec<String>,
    },
    /// Text that is no id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// There is no such log or account.
    #[error("there is no such log or account here")]
    NotFound,
    /// No reason, or one that is too long.
    #[error("a decision has a reason of 1 to {MAX_REASON_BYTES} bytes")]
    Reason,
    /// It was not decided.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The invite.
    #[error(transparent)]
    Invite(#[from] InviteError),
}

/// Makes an account and invites it.
///
/// # Errors
/// [`AdminError`].
pub async fn invite<S: Store>(
    store: &S,
    role: &str,
    name: Option<String>,
    unit: Option<String>,
    hours: u32,
    now: i64,
    city: &City,
) -> Result<Invitation, AdminError> {
    let units = &city.catalog.departments;
    if let Some(unit) = unit.as_ref().filter(|unit| units.iter().all(|known| known.id != **unit)) {
        let known = units.iter().map(|known| known.id.clone()).collect();
        return Err(AdminError::UnknownUnit { unit: unit.clone(), known });
    }
    let roles = &city.info.roles;
    let Some(found) = roles.iter().find(|known| known.id == role) else {
        let known = roles.iter().map(|role| role.id.clone()).collect();
        return Err(AdminError::UnknownRole { role: role.to_owned(), known });
    };
    let name = name.unwrap_or_else(|| found.name.zh.clone());
    let account = invites::new_account(store, &name, role, now).await?;
    if unit.is_some() {
        let mut tx = store.begin().await?;
        tx.set_seat(account.id, role, &Seat { areas: Vec::new(), unit }).await?;
        tx.commit().await?;
    }
    Ok(invites::invite(store, account, None, now, now + i64::from(hours) * HOUR_MILLIS).await?)
}

/// Revokes a phone, named by its log.
///
/// # Errors
/// [`AdminError`].
pub async fn revoke_log<S: Store>(store: &S, log: &str, now: i64) -> Result<(), AdminError> {
    let log = LogId::from_hex(log)?;
    let mut tx = store.begin().await?;
    let found = tx.revoke_log(log, now).await?;
    tx.commit().await?;
    if found { Ok(()) } else { Err(AdminError::NotFound) }
}

/// Revokes a person with all phones.
///
/// # Errors
/// [`AdminError`].
pub async fn revoke_account<S: Store>(store: &S, account: &str, now: i64) -> Result<(), AdminError> {
    let account = AccountId::from_hex(account)?;
    let mut tx = store.begin().await?;
    let found = tx.revoke_account(account, now).await?;
    tx.commit().await?;
    if found { Ok(()) } else { Err(AdminError::NotFound) }
}

/// Decides about an op, for whoever runs the server; gives the op of the decision, `None` when that verdict counts already.
///
/// # Errors
/// [`AdminError`].
pub async fn judge<S: Store>(
    store: S,
    op: &str,
    verdict: Verdict,
    reason: &str,
    clock: Arc<dyn Clock>,
    package: Package,
) -> Result<Option<OpId>, AdminError> {
    let (target, reason) = (OpId::from_hex(op)?, reason.trim().to_owned());
    if reason.is_empty() || reason.len() > MAX_REASON_BYTES {
        return Err(AdminError::Reason);
    }
    let row = store.server().await?.ok_or(AdminError::NotFound)?;
    let key = Arc::new(ServerKey::from_pkcs8(&row.key_pkcs8)?);
    let audit_key = Arc::new(ServerKey::of_audit(&row.key_pkcs8)?);
    own_log::ensure_both::<_, AdminError>(&store, [&key, &audit_key], clock.now_millis()).await?;
    let live = Arc::new(Live::new(store.newest_pos().await?));
    let holding = Arc::new(Holding::of(package));
    let work = Work { store, key, audit_key, clock, live, epoch: row.epoch, holding, scrub: Arc::default() };
    let ruling = Ruling { target, verdict, by: SERVER_ACCOUNT, reason };
    Ok(sequencer::judge_alone(&work, ruling).await?)
}

/// Gives the database a new incarnation; the next start signs a checkpoint for it.
///
/// # Errors
/// [`AdminError`].
pub async fn new_epoch<S: Store>(store: &S) -> Result<Epoch, AdminError> {
    let epoch = Epoch(random()?);
    let mut tx = store.begin().await?;
    tx.set_epoch(epoch).await?;
    tx.commit().await?;
    Ok(epoch)
}
