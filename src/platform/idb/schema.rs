//! The stores of the database, as a list of steps.
//!
//! Invariants: a step that was published is never changed; the version is the number of steps; steps only add. No step
//! touches the rows of the outbox.

use web_sys::IdbDatabase;

use crate::platform::Exception;

/// The store of the key pair. Not a table: its value is no bytes.
pub(in crate::platform) const KEYS: &str = "keys";
/// The store of the wrapped data key. Not a table either.
pub(in crate::platform) const VAULT: &str = "vault";

/// Names of the stores that each step creates.
pub const STEPS: &[&[&str]] = &[
    &[
        "meta",
        "ops",
        "outbox",
        "records",
        "record_list",
        "blob_bytes",
        "blobs",
        "receipts",
        "drafts",
        "people",
        "own_ops",
        "uploads",
        KEYS,
    ],
    &["couriers", "courier_bytes"],
    // From here on rows are sealed: an app that does not know this store must not open the database.
    &[VAULT],
];

/// The version that this code writes and reads.
pub const VERSION: u32 = STEPS.len() as u32;

/// Takes the steps from a version on. Called inside the version change transaction.
pub(super) fn upgrade(database: &IdbDatabase, from: u32) -> Result<(), Exception> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for name in STEPS.iter().skip(done).copied().flatten() {
        database.create_object_store(name)?;
    }
    Ok(())
}
