//! The files of an export over which the server signed: whatever they hold, the check tells or lets pass, and never panics.

#![no_main]

use std::sync::OnceLock;

use greenshield_domain::evidence::{check, file};
use greenshield_testkit::evidence::{Export, export};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 5] = [file::OPS, file::LOGS, file::RECEIPTS, file::BLOBS, file::PEOPLE];

// The first byte says which file the rest replaces.
fuzz_target!(|bytes: &[u8]| {
    static HONEST: OnceLock<Export> = OnceLock::new();
    let honest = HONEST.get_or_init(|| export(1));
    let Some((which, content)) = bytes.split_first() else { return };
    let name = FILES[usize::from(*which) % FILES.len()];
    let checked = check(&honest.with_file(name, content.to_vec()).bytes(), Some(&honest.server));
    assert!(checked.facts.is_some(), "the list is the server's");
    if content == honest.file(name) {
        assert_eq!(checked.findings, []);
    }
});
