//! Who asks: requests signed by the key of a log. No tokens, no sessions.
//!
//! Owns: reading and checking the `Authorization` header, and asking the one policy. Refuses: to remember anybody.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::{AccountId, LogId};
use greenshield_domain::policy::{self, Action, Person, Rules, Seat, Standing, Target};
use greenshield_domain::signature::{Signature, SignatureCheck as _, request_message};
use greenshield_domain::wire::WipeState;

use crate::app::{App, Shared};
use crate::error::ApiError;
use crate::keys::NativeCheck;
use crate::scope::Scope;
use crate::store::{AccountRow, AccountState, LogRow, Store as _};

/// How far the time of a signed request may be from the server's.
const MAX_SKEW_MILLIS: u64 = 10 * 60 * 1000;

/// An enrolled log that signed this request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The log.
    pub log: LogId,
    /// Its owner.
    pub account: AccountRow,
    /// How the policy sees it.
    pub standing: Standing,
    /// Whether this phone shall wipe itself.
    pub wipe: Option<WipeState>,
    rules: Arc<Rules>,
    notes: LogId,
}

impl Caller {
    /// What the caller may see of the records.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        Scope { rules: &self.rules, who: &self.standing, notes: self.notes }
    }

    /// Names what the caller may read, for cursors.
    #[must_use]
    pub fn scope_hash(&self) -> [u8; 8] {
        policy::scope_hash(&self.rules, &self.standing)
    }

    /// Asks the policy whether the caller may do this at all. What it may be done with is asked where it is known.
    ///
    /// # Errors
    /// [`ApiError::Revoked`], or [`ApiError::Forbidden`] for those who were not revoked.
    pub fn may(&self, action: Action) -> Result<(), ApiError> {
        if policy::authorize(&self.rules, &self.standing, action, Target::Door) {
            Ok(())
        } else if self.standing.revoked {
            Err(ApiError::Revoked)
        } else {
            Err(ApiError::Forbidden)
        }
    }

    /// Whether the caller answers for a person: sees their phones, may enrol and revoke them.
    #[must_use]
    pub fn answers_for(&self, account: AccountId, role: &str, seat: &Seat) -> bool {
        let person = Person { account: Some(account), role, seat };
        policy::authorize(&self.rules, &self.standing, Action::People, Target::Person(person))
    }

    /// A person whose key a program showed; `log` is the phone that asked for the key.
    #[must_use]
    pub fn with_key(app: &App, log: LogId, owner: &AccountState) -> Self {
        Self {
            log,
            account: owner.row(),
            standing: owner.standing(app.clock.now_millis()),
            wipe: None,
            rules: app.rules(),
            notes: app.audit_key.public().log_id(),
        }
    }

    fn new(row: LogRow, app: &App) -> Self {
        let standing = row.standing(app.clock.now_millis());
        Self {
            log: row.id,
            standing,
            wipe: row.wipe,
            account: row.account,
            rules: app.rules(),
            notes: app.audit_key.public().log_id(),
        }
    }
}

/// The caller, if the request is signed.
///
/// # Errors
/// [`ApiError`] with status 401 for a signature that is there and not good.
pub async fn caller(app: &Shared, parts: &Parts) -> Result<Option<Caller>, ApiError> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let claim = value.to_str().ok().and_then(Claim::read);
    let claim = claim.ok_or_else(|| unauthorized("unauthorized", "the Authorization header does not read"))?;
    let now_millis = app.clock.now_millis();
    if claim.at_millis.abs_diff(now_millis) > MAX_SKEW_MILLIS {
        return Err(ApiError::Clock { now_millis });
    }
    let row = app.store.log(claim.log).await?;
    let row = row.ok_or_else(|| unauthorized("unknown_log", "this log is not enrolled here"))?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let message = request_message(parts.method.as_str(), path, claim.at_millis);
    if !NativeCheck.verify(&row.public_key, &message, &claim.signature) {
        return Err(unauthorized("bad_signature", "the signature does not fit method, path and time"));
    }
    app.devices.ask(&claim.log)?;
    Ok(Some(Caller::new(row, app)))
}

/// Looks again at a caller who waited: rights may have changed meanwhile.
///
/// # Errors
/// [`ApiError::Revoked`] or [`ApiError::Forbidden`], or a fault of the store.
pub async fn again(app: &Shared, caller: &Caller, action: Action) -> Result<Caller, ApiError> {
    let row = app.store.log(caller.log).await?.ok_or(ApiError::Revoked)?;
    let caller = Caller::new(row, app);
    caller.may(action)?;
    Ok(caller)
}

/// The caller of a request that has to be signed.
///
/// # Errors
/// As [`caller`], and [`ApiError`] with status 401 without a signature.
pub async fn caller_of(app: &Shared, parts: &Parts) -> Result<Caller, ApiError> {
    let caller = caller(app, parts).await?;
    caller.ok_or_else(|| unauthorized("unauthorized", "this call needs a signed request"))
}

/// A person for whom the caller answers.
///
/// # Errors
/// [`ApiError::NotFound`] when there is none, and for everybody else's people alike.
pub async fn person(app: &Shared, caller: &Caller, account: AccountId) -> Result<AccountState, ApiError> {
    let found = app.store.account(account).await?;
    let office = |state: &AccountState| caller.answers_for(state.id, &state.now.office.role, &state.now.office.seat);
    found.filter(office).ok_or(ApiError::NotFound)
}

/// A phone of a person for whom the caller answers, or another one of the caller's own.
///
/// # Errors
/// As [`person`].
pub async fn phone(app: &Shared, caller: &Caller, log: &str) -> Result<LogRow, ApiError> {
    let log = LogId::from_hex(log).map_err(|_| ApiError::NotFound)?;
    let found = app.store.log(log).await?;
    let is_theirs = |row: &LogRow| {
        let is_own = row.account.id == caller.account.id && row.id != caller.log;
        is_own || caller.answers_for(row.account.id, &row.account.role, &row.seat)
    };
    found.filter(is_theirs).ok_or(ApiError::NotFound)
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        caller_of(app, parts).await
    }
}

fn unauthorized(code: &'static str, message: &'static str) -> ApiError {
    ApiError::Unauthorized { code, message }
}

/// What the header says.
struct Claim {
    log: LogId,
    at_millis: i64,
    signature: Signature,
}

impl Claim {
    /// Reads `Greenshield log="<hex>", at="<ms>", sig="<base64url>"`, parameters in any order.
    fn read(header: &str) -> Option<Self> {
        let (scheme, parameters) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("greenshield") {
            return None;
        }
        let get = |name: &str| {
            parameters.split(',').find_map(|parameter| {
                let (key, value) = parameter.trim().split_once('=')?;
                (key == name).then(|| value.trim_matches('"'))
            })
        };
        Some(Self {
            log: LogId::from_hex(get("log")?).ok()?,
            at_millis: get("at")?.parse().ok()?,
            signature: Signature(URL_SAFE_NO_PAD.decode(get("sig")?).ok()?.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_reads_in_any_order_and_nothing_else_reads() {
        let (log, sig) = ("ab".repeat(32), URL_SAFE_NO_PAD.encode([7; 64]));
        let claim = Claim::read(&format!(r#"Greenshield sig="{sig}", at="-5",log="{log}""#)).unwrap();
        assert_eq!((claim.log, claim.at_millis, claim.signature.0), (LogId([0xab; 32]), -5, [7; 64]));
        for bad in [
            String::new(),
            "Greenshield".to_owned(),
            format!(r#"Bearer log="{log}", at="1", sig="{sig}""#),
            format!(r#"Greenshield log="{log}", at="1""#),
            format!(r#"Greenshield log="{log}", at="now", sig="{sig}""#),
            format!(r#"Greenshield log="{log}", at="1", sig="{sig}AA""#),
        ] {
            assert!(Claim::read(&bad).is_none(), "{bad}");
        }
    }
}
