//! Random bytes from the system; the one place of this crate that asks for them.

use thiserror::Error;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the system gave no random bytes")]
pub struct EntropyError;

/// N random bytes, fit for secrets.
///
/// # Errors
/// [`EntropyError`].
pub fn random<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| EntropyError)?;
    Ok(bytes)
}
