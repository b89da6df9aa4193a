//! The signature of a webhook, as the Standard Webhooks specification has it: HMAC-SHA256 over id, time and body.
//!
//! Owns: how a secret is written, and the header. Refuses: to show a secret. While a secret is exchanged there are two, and each signs.

use std::fmt;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What every secret begins with.
const MARK: &str = "whsec_";
/// Fewest and most bytes of a secret.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// The new one, and the old one until the receiver knows the new one.
const MOST: usize = 2;

/// One secret or two.
#[derive(Clone)]
pub struct Secrets(Vec<Key>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // They must not get into a log.
        f.debug_tuple("Secrets").field(&self.0.len()).finish()
    }
}

impl Secrets {
    /// Reads `whsec_BASE64`, or two of them with a blank or a line between them.
    ///
    /// # Errors
    /// What secrets must be, as the end of a sentence.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "`whsec_` and the base64 of 24 to 64 bytes; two of them while one is exchanged for the other";
        let keys: Option<Vec<Key>> = text.split_whitespace().map(key).collect();
        let keys = keys.filter(|keys| (1..=MOST).contains(&keys.len()));
        keys.map(Self).ok_or(EXPECTED)
    }

    /// The header `webhook-signature`: `v1,BASE64` for each secret.
    #[must_use]
    pub fn sign(&self, id: &str, at_seconds: i64, body: &[u8]) -> String {
        let head = format!("{id}.{at_seconds}.");
        let one = |key: &Key| {
            let mut context = hmac::Context::with_key(key);
            context.update(head.as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

fn key(text: &str) -> Option<Key> {
    let bytes = STANDARD.decode(text.strip_prefix(MARK)?).ok()?;
    BYTES.contains(&bytes.len()).then(|| Key::new(HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_the_one_that_libraries_of_the_standard_expect() {
        let sign = |text: &str| {
            let secrets = Secrets::read(text).unwrap();
            secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#)
        };
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(SECRET), expected);
        let new = format!("whsec_{}", STANDARD.encode([7; 32]));
        let both = sign(&format!("{new}\n{SECRET}\n"));
        assert_eq!(both, format!("{} {expected}", sign(&new)));
    }

    #[test]
    fn what_is_too_short_too_long_too_many_or_not_base64_is_no_secret() {
        let of = |n: usize| format!("whsec_{}", STANDARD.encode(vec![1; n]));
        assert!(Secrets::read(&of(24)).is_ok() && Secrets::read(&of(64)).is_ok());
        let many = [SECRET; 3].join(" ");
        for bad in ["", " ", "whsec_", "hush", &of(23), &of(65), &many, "whsec_!!!!", &SECRET[6..]] {
            assert!(Secrets::read(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Secrets::read(SECRET).unwrap()), "Secrets(1)");
    }
}
