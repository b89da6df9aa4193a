//! The archive of an export: bytes that read are exactly those that writing the same files gives; the check never panics.

#![no_main]

use greenshield_domain::cbor;
use greenshield_domain::evidence::{KnownServer, Outcome, archive};
use greenshield_testkit::keys::P256Check;
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8]) {
    let Ok(files) = archive::read(bytes) else { return };
    let again = archive::pack(files.iter().map(|file| (file.name.as_str(), &bytes[file.range.clone()])));
    assert_eq!(again.as_deref(), Ok(bytes));
}

/// The same with right checksums, which chance would hardly find: `[[name, content]]` as CBOR.
fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let value = cbor::decode(bytes).ok()?;
    let files = value.as_array()?.iter().map(|file| {
        let [name, content] = file.as_array()? else { return None };
        Some((name.as_text()?, content.as_bytes()?))
    });
    archive::pack(files.collect::<Option<Vec<_>>>()?).ok()
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let packed = packed(bytes);
    if let Some(packed) = &packed {
        assert!(archive::read(packed).is_ok(), "what was written reads");
        read(packed);
    }
    for bytes in [Some(bytes), packed.as_deref()].into_iter().flatten() {
        let outcome = Outcome::of(bytes, Some(&KnownServer::Fingerprint([0; 32])), &P256Check);
        assert!(!outcome.verified, "nobody has this fingerprint");
    }
});
