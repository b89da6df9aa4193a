//! Access keys: secrets of programs that can not sign.
//!
//! Owns: how a secret looks, and whether a key is good. Refuses: to keep a secret, and to hold rights: a key may do what its
//! person may at the time of each call, and only read.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenshield_domain::ids::sha256;
use greenshield_domain::wire::AccessKeyRow;

use crate::entropy::{EntropyError, random};

/// What every secret begins with, so that people and tools that look for lost secrets know one.
const MARK: &str = "gsk_";
/// 256 random bits.
const SECRET_BYTES: usize = 32;

/// A new secret.
///
/// # Errors
/// [`EntropyError`].
pub fn secret() -> Result<String, EntropyError> {
    Ok(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?)))
}

/// What is stored of a secret.
#[must_use]
pub fn secret_hash(secret: &str) -> [u8; 32] {
    sha256(&[b"gs/access-key/1\0", secret.as_bytes()])
}

/// The secret in an `Authorization` header: the password of `Basic`, whoever the user is, or the token of `Bearer`.
#[must_use]
pub fn secret_in(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    let rest = rest.trim();
    let secret = if scheme.eq_ignore_ascii_case("bearer") {
        rest.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        pair.split_once(':')?.1.to_owned()
    } else {
        return None;
    };
    secret.starts_with(MARK).then_some(secret)
}

/// Whether a key is good at a moment, as far as it alone tells.
#[must_use]
pub fn is_good(key: &AccessKeyRow, now_millis: i64) -> bool {
    key.revoked_millis.is_none() && now_millis < key.expires_millis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_both_schemes_and_nothing_else_is_one() {
        let secret = secret().unwrap();
        assert_eq!(secret.len(), MARK.len() + 43);
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        assert_eq!(secret_in(&basic(&format!("qgis:{secret}"))).as_ref(), Some(&secret));
        assert_eq!(secret_in(&basic(&format!(":{secret}"))).as_ref(), Some(&secret));
        assert_eq!(secret_in(&format!("bearer  {secret}")).as_ref(), Some(&secret));
        for bad in [String::new(), "Bearer".to_owned(), basic(&secret), basic("a:b"), "Basic %%".to_owned(), secret] {
            assert_eq!(secret_in(&bad), None, "{bad}");
        }
    }
}
