//! Every error in words: what happened, what to do; that the data is safe is said beside it.

use greenshield_client::engine::{BundleFailure, EngineError};
use greenshield_client::ports::{KeyError, StoreError, TransportError};

use super::words::{t, tr};

/// The code of a phone without room.
const FULL: &str = "store_full";

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// Stable word, for those who are asked for help.
    pub code: String,
}

impl Message {
    fn new(code: &str, title: &str, advice: &str) -> Self {
        Self { title: title.to_owned(), advice: advice.to_owned(), code: code.to_owned() }
    }

    /// Of an error of the engine.
    #[must_use]
    pub fn of(error: &EngineError) -> Self {
        match error {
            EngineError::Store(error) => Self::of_store(error),
            EngineError::Key(error) => Self::of_key(error),
            EngineError::Transport(TransportError::Offline) => Self::of_code("network"),
            EngineError::Transport(TransportError::Timeout) => Self::of_code("timeout"),
            EngineError::Refused(refusal) => Self::of_refusal(refusal.status, &refusal.body.code),
            EngineError::ForeignReply(_) => Self::of_code("foreign_reply"),
            EngineError::ForeignServer => Self::of_code("foreign_server"),
            EngineError::Op(_) => Self::of_code("over_limit"),
            EngineError::ReadBack | EngineError::Busy => {
                Self::new("not_saved", t("error.not_saved"), t("error.not_saved_do"))
            }
            EngineError::AlreadyEnrolled { name } => {
                Self::new("already", &tr("enrol.already", &[("name", name)]), t("enrol.already_text"))
            }
            EngineError::NotEnrolled => Self::new("not_enrolled", t("enrol.none"), t("enrol.none_text")),
        }
    }

    /// Of an error of the database.
    #[must_use]
    pub fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::QuotaExceeded => Self::new(FULL, t("error.store_full_save"), t("error.store_full_save_do")),
            StoreError::Lost => Self::new("store_lost", t("error.store_lost"), t("error.store_lost_do")),
            StoreError::SchemaTooNew { .. } => {
                Self::new("store_newer", t("error.store_newer"), t("error.store_newer_do"))
            }
            StoreError::Unavailable { .. } => {
                Self::new("store_blocked", t("error.store_blocked"), t("error.store_blocked_do"))
            }
            StoreError::KeyLost { .. } => Self::new("store_key", t("error.store_key"), t("error.store_key_do")),
            StoreError::Expectation { .. } => Self::new("not_saved", t("error.not_saved"), t("error.not_saved_do")),
            StoreError::Corrupt { table } => {
                Self::new(&format!("store_{table}"), t("error.unknown"), t("error.unknown_do"))
            }
            StoreError::Backend { name, .. } => Self::new(name, t("error.unknown"), t("error.unknown_do")),
        }
    }

    fn of_key(error: &KeyError) -> Self {
        let code = match error {
            KeyError::Missing => "key_missing",
            KeyError::Backend(_) => "key",
        };
        Self::new(code, t("enrol.error_key"), t("enrol.error_key_do"))
    }

    fn of_refusal(status: u16, code: &str) -> Self {
        match (status, code) {
            (429, _) => Self::of_code("rate_limited"),
            (507, _) => Self::of_code("server_full"),
            (503, _) => Self::of_code("server_busy"),
            (500.., _) => Self::of_code("server_error"),
            (403, "http") => Self::of_code("forbidden"),
            _ => Self::of_code(code),
        }
    }

    /// Of a stable code: of a reply, or of the reason why something is still in the outbox.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        let (title, advice) = match code {
            "network" | "offline" => ("error.network", "error.network_do"),
            "desk_part" => ("error.desk_part", "error.desk_part_do"),
            "timeout" => ("sync.server_silent", "sync.no_signal_text"),
            "map_full" => ("packs.full", "packs.full_do"),
            "map_unknown" => ("packs.unknown", "packs.unknown_do"),
            "clock" => ("error.clock", "error.clock_do"),
            "unknown_code" | "bad_code" => ("enrol.error_wrong", "enrol.error_wrong_do"),
            "expired_code" => ("enrol.error_expired", "enrol.error_expired_do"),
            "used_code" => ("enrol.error_used", "enrol.error_used_do"),
            "malformed" | "bad_request" | "not_canonical" => ("error.malformed", "error.malformed_do"),
            "bad_signature" | "foreign_server" => ("error.bad_signature", "error.bad_signature_do"),
            "unknown_log" | "unauthorized" => ("error.unknown_log", "error.unknown_log_do"),
            "over_limit" | "too_large" => ("error.over_limit", "error.over_limit_do"),
            "gap" => ("error.gap", "error.gap_do"),
            "fork" => ("error.fork", "error.fork_do"),
            "stale_copy" => ("error.stale_copy", "error.stale_copy_do"),
            "held" => ("error.held", "error.held_do"),
            "revoked" => ("error.revoked", "error.revoked_do"),
            "forbidden" => ("error.forbidden", "error.forbidden_do"),
            "filters" => ("error.filters", "error.filters_do"),
            "not_proved" => ("error.not_proved", "error.not_proved_do"),
            "not_found" => ("error.not_found", "error.not_found_do"),
            "server_full" => ("error.server_full", "error.server_full_do"),
            "server_busy" | "foreign_reply" => ("error.server_busy", "error.server_busy_do"),
            "server_error" | "http" => ("error.server_error", "error.server_error_do"),
            "rate_limited" | "too_many" => ("error.too_many", "error.too_many_do"),
            "epoch" | "server_restored" => ("error.epoch", "error.epoch_do"),
            "scope" => ("error.scope", "error.scope_do"),
            "bundle_damaged" => ("error.bundle_damaged", "error.bundle_damaged_do"),
            "bundle_foreign" => ("error.bundle_foreign", "error.bundle_foreign_do"),
            "bundle_version" => ("error.bundle_version", "error.bundle_version_do"),
            "bundle_large" => ("error.bundle_large", "error.bundle_large_do"),
            "bundle_room" => ("error.bundle_room", "error.bundle_room_do"),
            "bundle_no_key" => ("error.bundle_no_key", "error.bundle_no_key_do"),
            "bundle_read" => ("error.bundle_read", "error.bundle_read_do"),
            "bundle_is_receipts" => ("error.bundle_is_receipts", "error.bundle_is_receipts_do"),
            "receipts_damaged" => ("error.receipts_damaged", "error.receipts_damaged_do"),
            "receipts_foreign" => ("error.receipts_foreign", "error.receipts_foreign_do"),
            "receipts_is_bundle" => ("error.receipts_is_bundle", "error.receipts_is_bundle_do"),
            "patrol_unread" => ("patrol.unread", "patrol.unread_do"),
            "gpx" => ("patrol.gpx_bad", "patrol.gpx_bad_do"),
            "roster_large" => ("roster.large", "roster.unread_do"),
            "roster_unread" | "bad_roster" => ("roster.unread", "roster.unread_do"),
            "document_size" => ("register.document_size", "register.document_size_do"),
            "document_read" => ("register.document_read", "register.document_read_do"),
            "gpx_no_time" => ("patrol.gpx_no_time", "patrol.gpx_bad_do"),
            "task_closed" => ("task.closed", "task.closed_do"),
            "copy" => ("share.copy_failed", "share.copy_failed_do"),
            "voice_busy" => ("error.voice_busy", "error.voice_busy_do"),
            "not_shared" => ("error.not_shared", "error.not_shared_do"),
            "too_many_records" => ("interfaces.too_many", "interfaces.too_many_do"),
            "on_hold" => ("hold.refused", "hold.refused_do"),
            "city_faults" => ("package.refused", "package.refused_do"),
            "city_moved" => ("package.moved", "package.moved_do"),
            "city_past" => ("package.past", "package.past_do"),
            "bad_day" => ("package.bad_day", "package.bad_day_do"),
            "city_file" => ("package.bad_file", "package.bad_file_do"),
            "city_draft" => ("package.bad_draft", "package.bad_draft_do"),
            "blob_mismatch" | "checksum" => ("error.blob_mismatch", "error.blob_mismatch_do"),
            _ => ("error.unknown", "error.unknown_do"),
        };
        Self::new(code, t(title), t(advice))
    }

    /// Of a failed enrolment; no signal has words of its own there, because enrolling needs it.
    #[must_use]
    pub fn of_enrolment(error: &EngineError) -> Self {
        match error {
            EngineError::Transport(_) => Self::new("network", t("enrol.error_offline"), t("enrol.error_offline_do")),
            EngineError::Refused(refusal) if refusal.status == 429 => {
                let minutes = refusal.retry_after_seconds.unwrap_or(60).div_ceil(60).to_string();
                let advice = tr("enrol.error_many_do", &[("minutes", &minutes)]);
                Self::new("rate_limited", t("enrol.error_many"), &advice)
            }
            EngineError::Refused(refusal) if refusal.status >= 500 => {
                Self::new("server_error", t("enrol.error_server"), t("enrol.error_server_do"))
            }
            EngineError::ForeignReply(_) => {
                Self::new("foreign_reply", t("enrol.error_server"), t("enrol.error_server_do"))
            }
            other => Self::of(other),
        }
    }

    /// Of a file that is not taken, by the platform's word for it.
    #[must_use]
    pub fn of_photo(code: &str) -> Self {
        let (title, advice) = match code {
            "too_large" => ("error.photo_large", "error.photo_large_do"),
            "memory" => ("error.photo_memory", "error.photo_memory_do"),
            "not_a_photo" => ("error.photo_decode", "error.photo_decode_do"),
            _ => ("error.photo_read", "error.photo_read_do"),
        };
        Self::new(code, t(title), t(advice))
    }

    /// Of a microphone that does not record, by the browser's name for the reason.
    #[must_use]
    pub fn of_microphone(name: &str) -> Self {
        let (title, advice) = match name {
            "NotAllowedError" | "SecurityError" => ("error.voice_denied", "error.voice_denied_do"),
            "NotFoundError" | "NotReadableError" => ("error.voice_missing", "error.voice_missing_do"),
            "NotSupportedError" => ("error.voice_unsupported", "error.voice_unsupported_do"),
            _ => ("error.voice_stopped", "error.voice_stopped_do"),
        };
        Self::new(name, t(title), t(advice))
    }

    /// Of a camera that does not open inside the app, by the browser's name of the error: the phone's own is there all the same.
    #[must_use]
    pub fn of_camera(name: &str) -> Self {
        let title =
            if matches!(name, "NotAllowedError" | "SecurityError") { "error.camera_denied" } else { "error.camera" };
        Self::new(name, t(title), t("error.camera_do"))
    }

    /// Of a photo that was read and could not be stored: its words can still be.
    #[must_use]
    pub fn of_stored_photo(error: &EngineError) -> Self {
        match error {
            EngineError::Store(StoreError::QuotaExceeded) => {
                Self::new(FULL, t("error.store_full"), t("error.store_full_do"))
            }
            other => Self::of(other),
        }
    }

    /// Of a package that was not made, taken or sent.
    #[must_use]
    pub fn of_bundle(failure: &BundleFailure) -> Self {
        match (failure, failure.reason().as_str()) {
            (_, code) if code.starts_with("bundle_") => Self::of_code(code),
            (BundleFailure::Engine(error), _) => Self::of(error),
            (_, code) => Self::of_code(code),
        }
    }

    /// Of a receipts file that was not taken.
    #[must_use]
    pub fn of_receipts(failure: &BundleFailure) -> Self {
        match failure.reason().as_str() {
            "bundle_damaged" | "foreign_reply" => Self::of_code("receipts_damaged"),
            "foreign_server" => Self::of_code("receipts_foreign"),
            _ => Self::of_bundle(failure),
        }
    }

    /// The browser cleared the database away while the app was open.
    #[must_use]
    pub fn evicted() -> Self {
        Self::new("store_evicted", t("error.store_evicted"), t("error.store_evicted_do"))
    }

    /// Whether it is over as soon as something could be stored again.
    #[must_use]
    pub fn is_lack_of_room(&self) -> bool {
        self.code == FULL
    }

    /// Whether nothing can be stored until somebody does something about it.
    #[must_use]
    pub fn is_store_trouble(&self) -> bool {
        self.code.starts_with("store_")
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::bundle::BundleError;

    use super::*;

    #[test]
    fn every_store_error_has_words_of_its_own_kind() {
        let full = Message::of(&EngineError::Store(StoreError::QuotaExceeded));
        assert!(full.is_store_trouble() && !full.advice.is_empty());
        assert!(!Message::of(&EngineError::Transport(TransportError::Offline)).is_store_trouble());
    }

    #[test]
    fn a_full_phone_never_says_that_words_can_be_saved_when_it_was_words_that_were_not() {
        let full = EngineError::Store(StoreError::QuotaExceeded);
        assert_ne!(Message::of(&full).advice, Message::of_stored_photo(&full).advice);
        assert!(Message::of(&full).is_lack_of_room() && Message::of_stored_photo(&full).is_lack_of_room());
        assert!(Message::evicted().is_store_trouble() && !Message::evicted().is_lack_of_room());
    }

    #[test]
    fn a_package_and_a_receipts_file_that_are_not_taken_have_words_of_their_own() {
        let damaged = BundleFailure::Bundle(BundleError::Shape("cut"));
        assert_ne!(Message::of_bundle(&damaged).title, Message::of_receipts(&damaged).title);
        let full = BundleFailure::Engine(EngineError::Store(StoreError::QuotaExceeded));
        assert_eq!(Message::of_bundle(&full).code, "bundle_room");
        let stranger = BundleFailure::Engine(EngineError::ForeignServer);
        assert_eq!(Message::of_receipts(&stranger).code, "receipts_foreign");
        let newer = BundleFailure::Bundle(BundleError::Version { found: 2 });
        assert_eq!(Message::of_receipts(&newer).code, "bundle_version");
    }

    #[test]
    fn no_signal_at_enrolment_says_that_it_needs_one() {
        let error = EngineError::Transport(TransportError::Offline);
        assert_ne!(Message::of_enrolment(&error).title, Message::of(&error).title);
    }

    #[test]
    fn an_unknown_code_keeps_its_name_for_the_desk() {
        assert_eq!(Message::of_code("brand_new").code, "brand_new");
    }
}
