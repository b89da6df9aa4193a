//! Names of the rows of [`Table::Meta`](crate::ports::Table::Meta).

/// [`super::IdentityRow`].
pub const IDENTITY: &[u8] = b"identity";
/// An enrolment under way: [`super::EnrollingRow`].
pub const ENROLLING: &[u8] = b"enrolling";
/// [`super::HeadRow`].
pub const HEAD: &[u8] = b"head";
/// Pull cursor, text.
pub const CURSOR: &[u8] = b"cursor";
/// Place in the snapshot that a fresh phone begins with, text; gone once there is a cursor.
pub const SNAPSHOT: &[u8] = b"snapshot";
/// Newest checkpoint, CBOR `[payload, signature]`.
pub const CHECKPOINT: &[u8] = b"checkpoint";
/// A change of the log under way: [`super::RotatingRow`].
pub const ROTATING: &[u8] = b"rotating";
/// The last change of the log: [`super::RotatedRow`].
pub const ROTATED: &[u8] = b"rotated";
/// The incarnation of the server that this phone was last compared with, 8 bytes.
pub const EPOCH: &[u8] = b"epoch";
/// The server's sealing key, CBOR `[payload, signature]`, verified before it was put here.
pub const SEALING_KEY: &[u8] = b"sealing_key";
/// There while the records here have to be compared with the scope, once a restored server was refilled.
pub const SCOPE_DUE: &[u8] = b"scope_due";
/// There while the server takes this phone for revoked, once what it may not read was wiped.
pub const REVOKED: &[u8] = b"revoked";
/// [`super::WipeRow`], while this phone shall wipe itself.
pub const WIPE: &[u8] = b"wipe";
/// The number of the key for the next enrolment, once this install was somebody's before.
pub const NEXT_KEY: &[u8] = b"next_key";
/// [`super::ContactRow`].
pub const CONTACT: &[u8] = b"contact";
/// [`super::KeptCoverage`].
pub const COVERAGE: &[u8] = b"coverage";
/// How far the rows from before the seal have been sealed; owned by [`crate::sealed_store`].
pub const SWEEP: &[u8] = b"sweep";
/// [`super::CarrierRow`].
pub const CARRIER: &[u8] = b"carrier";
/// Rows that are never sealed: they are needed while the phone is locked, and say nothing of a person or a record.
pub const PLAIN: [&[u8]; 2] = [SWEEP, CARRIER];
