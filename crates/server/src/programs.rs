//! Who asks with an access key: a program, in the name of a person.
//!
//! Owns: finding the key and its person, and noting once a day that the key is used. Refuses: anything but reading; what the
//! person may take out, the policy says at each call. A webhook is told in the name of the same person.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use greenshield_domain::audit::Deed;
use greenshield_domain::ids::{AccessKeyId, LogId};
use greenshield_domain::policy::Action;

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::ledger::asked::CITY_OFFSET_MILLIS;
use crate::store::{KeyStore as _, KeyTx as _, Store as _, StoreTx as _, Stored};
use crate::{access, audit};

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// The person of a good key, as a caller.
#[derive(Debug, Clone)]
pub struct Program(pub Caller);

impl FromRequestParts<Shared> for Program {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = header.and_then(access::secret_in).ok_or(ApiError::KeyNeeded)?;
        let (hash, now) = (access::secret_hash(&secret), app.clock.now_millis());
        // A key that is unknown, past its time or revoked, and one whose person is, answer alike.
        let key = app.store.access_key(hash).await?.filter(|key| access::is_good(&key.told, now));
        let key = key.ok_or(ApiError::KeyNeeded)?;
        app.devices.ask(&LogId(hash))?;
        let owner = app.store.account(key.told.account).await?.filter(|owner| !owner.standing(now).revoked);
        let owner = owner.ok_or(ApiError::KeyNeeded)?;
        let caller = Caller::with_key(app, key.log, &owner);
        caller.may(Action::Export)?;
        if key.told.used_millis.is_none_or(|used| day(used) != day(now)) {
            audit::note_about(app, &caller, Deed::KeyUsed, owner.id).await?;
            let mut tx = app.store.begin().await?;
            tx.use_access_key(key.told.id, now).await?;
            tx.commit().await?;
        }
        Ok(Self(caller))
    }
}

/// The person of a key by its id, as a caller; `None` while the key is not good or its person may take nothing out.
///
/// # Errors
/// A fault of the store.
pub async fn person_of_key(app: &App, id: AccessKeyId) -> Stored<Option<Caller>> {
    let now = app.clock.now_millis();
    let keys = app.store.access_keys().await?;
    let Some(key) = keys.into_iter().find(|key| key.told.id == id && access::is_good(&key.told, now)) else {
        return Ok(None);
    };
    let owner = app.store.account(key.told.account).await?;
    let caller = owner.map(|owner| Caller::with_key(app, key.log, &owner));
    Ok(caller.filter(|caller| caller.may(Action::Export).is_ok()))
}

/// The day on the city's clock.
fn day(millis: i64) -> i64 {
    (millis + CITY_OFFSET_MILLIS).div_euclid(DAY_MILLIS)
}
