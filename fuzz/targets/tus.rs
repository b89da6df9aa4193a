//! The headers of an upload: a value that is there is found whatever stands around it, and nothing else is.

#![no_main]

use greenshield_domain::wire::{upload_checksum, upload_metadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let sha256 = upload_metadata(text, "sha256");
    for name in ["sha256", "mime", ""] {
        if let Some(value) = upload_metadata(text, name) {
            assert!(value.len() <= text.len() && text.contains(name));
        }
    }
    // What is put behind does not change what stood before.
    if sha256.is_some() {
        assert_eq!(upload_metadata(&format!("{text},sha256 YQ=="), "sha256"), sha256);
    }
    if let Some((name, digest)) = upload_checksum(text) {
        assert!(text.starts_with(name) && digest.len() < text.len());
    }
});
