//! What a person can do: one file and one async function each. An action asks the engine and the platform, and folds the
//! outcome into the state; it decides nothing that a pure function could.

pub mod add_photo;
pub mod answer_record;
pub mod apply_update;
pub mod call_help;
pub mod carry_package;
pub mod change_settings;
pub mod check_ready;
pub mod check_storage;
pub mod copy_text;
pub mod discard_report;
pub mod edit_record;
pub mod end_patrol;
pub mod enrol_phone;
pub mod enter_sms;
pub mod hand_over;
pub mod import_track;
pub mod keep_report;
pub mod load_records;
pub mod look_near;
pub mod make_package;
pub mod open_record;
pub mod record_track;
pub mod record_voice;
pub mod retry_now;
pub mod save_report;
pub mod share_text;
pub mod show_photo;
pub mod show_track;
pub mod stamp_photo;
pub mod start_patrol;
pub mod start_report;
pub mod stay_awake;
pub mod take_out;
pub mod take_receipts;
pub mod watch_eviction;
