//! Rescue packages as people see them: what would be carried away, and what this phone carries for others.

use greenshield_client::engine::{MadeBundle, TakenReceipts, UnsentItem};
use greenshield_client::rows::{CourierRow, ListRow};

use super::lamp::{Lamp, Tone};
use super::message::Message;
use super::time::Now;
use super::unsent::size_words;
use super::words::{t, tr};

/// How far a page about packages is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Stage {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// Under way, in percent.
    Busy(u8),
    /// It did not work.
    Failed(Message),
    /// A package is ready.
    Made(MadeBundle),
    /// Receipts were taken.
    Taken(TakenReceipts),
}

impl Stage {
    /// Whether the person has to wait.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// What went wrong.
    #[must_use]
    pub fn problem(&self) -> Option<Message> {
        if let Self::Failed(message) = self { Some(message.clone()) } else { None }
    }

    /// The next one when some of the bytes are done; `None` = it looks the same.
    #[must_use]
    pub fn moved(&self, done_bytes: u64, all_bytes: u64) -> Option<Self> {
        let percent = u8::try_from(done_bytes.saturating_mul(100) / all_bytes.max(1)).unwrap_or(99).min(99);
        let next = Self::Busy(percent);
        (next != *self).then_some(next)
    }
}

/// What waits longer than this should not wait for a signal alone.
const LONG_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What is on this phone only, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Records.
    pub records: usize,
    /// Photo files.
    pub files: usize,
    /// Their bytes.
    pub size_bytes: u64,
}

impl Load {
    /// Counts what waits.
    #[must_use]
    pub fn of(unsent: &[UnsentItem]) -> Self {
        let blobs = || unsent.iter().flat_map(|item| &item.blobs);
        Self { records: unsent.len(), files: blobs().count(), size_bytes: blobs().map(|blob| blob.size_bytes).sum() }
    }
}

/// Whether one of these records waits so long that somebody should carry it.
#[must_use]
pub fn waits_long(rows: &[ListRow], now: Now) -> bool {
    rows.iter().any(|row| now.millis - row.sort_millis > LONG_MILLIS)
}

/// A name that tells files apart and that every system takes: `greenshield-1124-1405.gsb`.
#[must_use]
pub fn file_name(now: Now, ending: &str) -> String {
    let (month, day) = now.month_day(now.millis);
    format!("greenshield-{month:02}{day:02}-{}.{ending}", now.clock(now.millis).replace(':', ""))
}

/// A carried package as a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourierView {
    /// When it was made.
    pub title: String,
    /// What is inside.
    pub facts: String,
    /// How far it is.
    pub lamp: Lamp,
    /// Percent of its bytes that the server has, while it is under way.
    pub percent: Option<u8>,
    /// Why it will not arrive, or why it has to wait.
    pub problem: Option<Message>,
}

impl CourierView {
    /// The view of a row.
    #[must_use]
    pub fn of(row: &CourierRow, is_connected: bool, now: Now) -> Self {
        let lamp = |tone, icon, words: String| Lamp { tone, icon, words };
        let percent = u8::try_from(row.offset_bytes * 100 / row.size_bytes.max(1)).unwrap_or(100);
        let is_moving = row.is_waiting() && is_connected && row.reason.is_empty();
        let lamp = match row.delivered_millis {
            Some(millis) => lamp(Tone::Sent, "circle-check", tr("carry.delivered", &[("time", &now.moment(millis))])),
            None if row.refused => lamp(Tone::Alarm, "circle-x", t("carry.refused").to_owned()),
            None if is_moving => {
                lamp(Tone::Warn, "cloud-upload", tr("lamp.sending_percent", &[("percent", &percent.to_string())]))
            }
            None => lamp(Tone::Warn, "cloud-off", t("carry.waiting").to_owned()),
        };
        let is_told = !matches!(row.reason.as_str(), "" | "network" | "timeout");
        let facts =
            [("n", row.ops.to_string()), ("files", row.blobs.to_string()), ("size", size_words(row.size_bytes))];
        Self {
            title: tr("carry.item", &[("time", &now.moment(row.made_millis))]),
            facts: tr("carry.facts", &facts.each_ref().map(|(name, value)| (*name, value.as_str()))),
            lamp,
            percent: (row.is_waiting() && row.offset_bytes > 0).then_some(percent),
            problem: (is_told && row.delivered_millis.is_none()).then(|| Message::of_code(&row.reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use greenshield_client::engine::{UnsentBlob, UnsentOp};
    use greenshield_domain::ids::{BlobId, RecordId};

    use super::super::item::tests::row as list_row;
    use super::*;

    fn row() -> CourierRow {
        CourierRow {
            hash: None,
            own_ops: Vec::new(),
            own_blobs: Vec::new(),
            bundle: BlobId([1; 32]),
            size_bytes: 2 * 1024 * 1024,
            ops: 3,
            blobs: 4,
            made_millis: 0,
            taken_millis: 0,
            whole: true,
            delivered_millis: None,
            receipts_bytes: 0,
            refused: false,
            upload_path: None,
            offset_bytes: 0,
            tries: 0,
            next_attempt_millis: 0,
            reason: String::new(),
        }
    }

    const NOW: Now = Now { millis: 3_600_000, zone_minutes: 480 };

    #[test]
    fn records_and_files_are_counted_and_records_without_files_too() {
        let blob = UnsentBlob { blob: BlobId([1; 32]), size_bytes: 7, offset_bytes: 0, reason: String::new() };
        let op = UnsentOp { seq: 1, tries: 0, reason: String::new() };
        let words = UnsentItem { record: RecordId([1; 16]), ops: vec![op], blobs: Vec::new() };
        let photos = UnsentItem { record: RecordId([2; 16]), ops: Vec::new(), blobs: vec![blob.clone(), blob] };
        assert_eq!(Load::of(&[words, photos]), Load { records: 2, files: 2, size_bytes: 14 });
    }

    #[test]
    fn a_package_says_delivered_only_when_it_is() {
        let words = |row: &CourierRow, is_connected| CourierView::of(row, is_connected, NOW).lamp.words;
        assert_eq!(words(&row(), false), "等信号");
        let moving = CourierRow { offset_bytes: 1024 * 1024, ..row() };
        assert_eq!(words(&moving, true), "正在传 50%");
        assert_eq!(CourierView::of(&moving, false, NOW).percent, Some(50));
        let done = CourierRow { delivered_millis: Some(0), ..moving };
        assert_eq!((words(&done, true), CourierView::of(&done, true, NOW).percent), ("已送到 08:00".to_owned(), None));
    }

    #[test]
    fn a_refused_package_says_why_and_a_waiting_one_only_when_somebody_must_act() {
        let refused = CourierRow { refused: true, reason: "bundle_damaged".to_owned(), ..row() };
        let view = CourierView::of(&refused, true, NOW);
        assert_eq!((view.lamp.tone, view.problem.unwrap().code.as_str()), (Tone::Alarm, "bundle_damaged"));
        let reason = |reason: &str| CourierView::of(&CourierRow { reason: reason.to_owned(), ..row() }, true, NOW);
        assert_eq!(reason("network").problem, None);
        assert_eq!(reason("revoked").problem, Some(Message::of_code("revoked")));
    }

    #[test]
    fn only_what_waits_for_more_than_a_day_waits_long() {
        let mut old = list_row(1);
        old.sort_millis = NOW.millis - LONG_MILLIS;
        assert!(!waits_long(&[old.clone()], NOW));
        old.sort_millis -= 1;
        assert!(waits_long(&[old], NOW) && !waits_long(&[], NOW));
    }

    #[test]
    fn progress_moves_by_whole_percents_and_is_never_done_by_itself() {
        assert_eq!(Stage::Idle.moved(10, 1_000), Some(Stage::Busy(1)));
        assert_eq!(Stage::Busy(1).moved(19, 1_000), None);
        assert_eq!(Stage::Busy(98).moved(2_000, 1_000), Some(Stage::Busy(99)));
    }

    #[test]
    fn file_names_carry_the_local_day_and_minute() {
        assert_eq!(file_name(NOW, "gsb"), "greenshield-0101-0900.gsb");
    }
}
