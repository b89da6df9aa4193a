//! The engine over the memory store, without any server: saving, drafts, retries, refusals.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod carrying;
mod coverage;
mod device;
mod fresh;
mod health;
mod saving;
mod sending;
