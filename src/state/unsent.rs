//! What is on this phone only, item by item, and why.

use greenshield_client::engine::UnsentItem;
use greenshield_domain::ids::RecordId;

use super::message::Message;
use super::words::{t, tr};

/// A record that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentView {
    /// The record.
    pub record: RecordId,
    /// What waits: words, photos, bytes.
    pub facts: String,
    /// Why it waits.
    pub reason: String,
    /// Percent of the bytes that are there, when files wait.
    pub percent: Option<u8>,
    /// Whether somebody must look at it.
    pub is_problem: bool,
}

impl UnsentView {
    /// The view of an item. `is_connected` tells waiting for a signal from being sent.
    #[must_use]
    pub fn of(item: &UnsentItem, is_connected: bool) -> Self {
        let total: u64 = item.blobs.iter().map(|blob| blob.size_bytes).sum();
        let done: u64 = item.blobs.iter().map(|blob| blob.offset_bytes).sum();
        let reason = item.ops.iter().map(|op| &op.reason).chain(item.blobs.iter().map(|blob| &blob.reason));
        let reason = reason.into_iter().find(|reason| !reason.is_empty());
        let mut facts = Vec::new();
        if !item.ops.is_empty() {
            facts.push(t("lamp.text").to_owned());
        }
        if !item.blobs.is_empty() {
            facts.push(tr("lamp.files", &[("n", &item.blobs.len().to_string()), ("size", &size_words(total))]));
        }
        Self {
            record: item.record,
            facts: facts.join(" · "),
            reason: reason_words(reason.map(String::as_str), is_connected).to_owned(),
            percent: (total > 0).then(|| u8::try_from(done * 100 / total).unwrap_or(100)),
            is_problem: reason.is_some_and(|reason| is_problem(reason)),
        }
    }
}

fn is_problem(reason: &str) -> bool {
    !matches!(reason, "gap" | "no_receipt" | "server_restored" | "network" | "timeout" | "offline" | "server_busy")
}

/// Why something is still here.
#[must_use]
pub fn reason_words(reason: Option<&str>, is_connected: bool) -> &'static str {
    t(match reason {
        None if is_connected => "me.reason_sending",
        None | Some("network" | "offline") => "me.reason_waiting",
        Some("gap") => "me.reason_gap",
        Some("over_limit" | "too_large") => "me.reason_limit",
        Some("unknown_log") => "me.reason_unknown_log",
        Some("server_full") => "me.reason_full",
        Some("server_restored") => "me.reason_sending",
        Some("no_receipt" | "timeout" | "server_busy" | "server_error" | "http") => "me.reason_server",
        Some(_) => "me.reason_rejected",
    })
}

/// The advice for a reason that needs somebody.
#[must_use]
pub fn advice(item: &UnsentItem) -> Option<String> {
    let mut reasons = item.ops.iter().map(|op| &op.reason).chain(item.blobs.iter().map(|blob| &blob.reason));
    let reason = reasons.find(|reason| !reason.is_empty() && is_problem(reason))?;
    Some(Message::of_code(reason).advice)
}

/// A size as people read it.
#[must_use]
pub fn size_words(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    match bytes {
        ..MB => tr("size.kb", &[("n", &bytes.div_ceil(1024).to_string())]),
        MB..0x4000_0000 => tr("size.mb", &[("n", &one_decimal(bytes, MB))]),
        _ => tr("size.gb", &[("n", &one_decimal(bytes, 1024 * MB))]),
    }
}

fn one_decimal(bytes: u64, unit: u64) -> String {
    let tenths = bytes * 10 / unit;
    if tenths.is_multiple_of(10) || tenths >= 1_000 {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use greenshield_client::engine::{UnsentBlob, UnsentOp};
    use greenshield_domain::ids::BlobId;

    use super::*;

    #[test]
    fn an_item_says_what_waits_and_how_far_it_is() {
        let blob = |offset_bytes| UnsentBlob {
            blob: BlobId([1; 32]),
            size_bytes: 1_000_000,
            offset_bytes,
            reason: String::new(),
        };
        let op = UnsentOp { seq: 1, tries: 0, reason: String::new() };
        let item = UnsentItem { record: RecordId([1; 16]), ops: vec![op], blobs: vec![blob(500_000), blob(0)] };
        let view = UnsentView::of(&item, false);
        assert_eq!((view.percent, view.is_problem), (Some(25), false));
        assert_eq!(view.reason, "等信号，会自动传");
    }

    #[test]
    fn sizes_have_one_decimal_at_most() {
        assert_eq!(size_words(10), "1 KB");
        assert_eq!(size_words(1_887_437), "1.8 MB");
        assert_eq!(size_words(2 * 1024 * 1024), "2 MB");
        assert_eq!(size_words(1_288_490_189), "1.2 GB");
    }

    #[test]
    fn a_rejected_item_is_a_problem_and_a_gap_is_none() {
        assert!(is_problem("bad_signature") && !is_problem("gap"));
    }
}
