//! The headers of an upload by tus 1.0 that hold more than a number, as text.
//!
//! Refuses: HTTP itself, and what the values mean to a server.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// One value of `Upload-Metadata: <name> <base64>,<name> <base64>`; the first of its name counts.
#[must_use]
pub fn upload_metadata(header: &str, name: &str) -> Option<String> {
    header.split(',').find_map(|pair| {
        let (key, value) = pair.trim().split_once(' ')?;
        let value = (key == name).then(|| STANDARD.decode(value).or_else(|_| STANDARD_NO_PAD.decode(value)))?;
        String::from_utf8(value.ok()?).ok()
    })
}

/// Name of the algorithm and digest in `Upload-Checksum: <name> <base64>`.
#[must_use]
pub fn upload_checksum(header: &str) -> Option<(&str, Vec<u8>)> {
    let (name, digest) = header.split_once(' ').filter(|(name, _)| !name.is_empty())?;
    Some((name, STANDARD.decode(digest).ok().filter(|digest| !digest.is_empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_with_and_without_padding_and_nothing_else_reads() {
        let header = "sha256 YWI=, mime aW1hZ2UvanBlZw==,name YQ,name Yg";
        let read = |name| upload_metadata(header, name);
        assert_eq!([read("sha256"), read("mime"), read("name")], ["ab", "image/jpeg", "a"].map(|t| Some(t.to_owned())));
        for (header, name) in [("", "a"), ("a", "a"), ("a !", "a"), ("a /w==", "a"), ("ab YQ", "a")] {
            assert_eq!(upload_metadata(header, name), None, "{header}");
        }
    }

    #[test]
    fn a_checksum_has_a_name_and_a_digest() {
        let digest = STANDARD.encode([7; 32]);
        assert_eq!(upload_checksum(&format!("sha256 {digest}")), Some(("sha256", vec![7; 32])));
        for bad in ["sha256", "sha256 ", "sha256 !", " AAAA", ""] {
            assert_eq!(upload_checksum(bad), None, "{bad}");
        }
    }
}
