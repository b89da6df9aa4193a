//! Invites: a random code in a link, good once, good for a while.
//!
//! Owns: the form of codes and links. Invariant: the code itself is never stored or logged; it travels in the fragment of
//! the link, which browsers do not send.

use greenshield_domain::ids::{AccountId, sha256};
use thiserror::Error;

use crate::entropy::{EntropyError, random};
use crate::store::{AccountRow, InviteRow, Store, StoreError, StoreTx as _};

/// Letters that no one mistakes for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 100 random bits.
const LENGTH: usize = 20;

/// Why there is no invite.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// A code with whom it invites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The code.
    pub code: String,
    /// Whom.
    pub account: AccountRow,
}

impl Invitation {
    /// The link that a person opens.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        format!("{}/#/enrol/{}", base.trim_end_matches('/'), self.code)
    }
}

/// A new account.
///
/// # Errors
/// [`InviteError`].
pub async fn new_account<S: Store>(store: &S, name: &str, role: &str, now: i64) -> Result<AccountRow, InviteError> {
    let account = AccountRow { id: AccountId(random()?), name: name.to_owned(), role: role.to_owned() };
    let mut tx = store.begin().await?;
    tx.put_account(&account, now).await?;
    tx.commit().await?;
    Ok(account)
}

/// Invites an account that exists; `by` is `None` for whoever runs the server.
///
/// # Errors
/// [`InviteError`].
pub async fn invite<S: Store>(
    store: &S,
    account: AccountRow,
    by: Option<AccountId>,
    now: i64,
    expires_at: i64,
) -> Result<Invitation, InviteError> {
    let code: String = random::<LENGTH>()?.map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).iter().collect();
    let row = InviteRow {
        code_hash: code_hash(&code),
        account: account.clone(),
        nonce: random()?,
        expires_at,
        used_by: None,
        invited_by: by,
    };
    let mut tx = store.begin().await?;
    tx.put_invite(&row, now).await?;
    tx.commit().await?;
    Ok(Invitation { code, account })
}

/// What is stored of a code. Case, blanks and hyphens do not matter; O reads as 0, I and L as 1.
#[must_use]
pub fn code_hash(code: &str) -> [u8; 32] {
    let read = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(read).take(64).collect();
    sha256(&[b"gs/invite/1\0", code.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_however_it_was_copied() {
        assert_eq!(code_hash("0A1B-CD"), code_hash(" oaLb cd\n"));
        assert_ne!(code_hash("0A1BCD"), code_hash("0A1BCE"));
    }
}
