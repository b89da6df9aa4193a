//! The engine over the memory store, without any server: saving, drafts, retries, refusals.

mod device;
mod saving;
mod sending;
