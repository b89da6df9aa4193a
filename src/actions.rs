//! What a person can do: one file and one async function each. An action asks the engine and the platform, and folds the
//! outcome into the state; it decides nothing that a pure function could.

pub mod add_photo;
pub mod answer_record;
pub mod apply_update;
pub mod carry_package;
pub mod change_settings;
pub mod check_storage;
pub mod copy_text;
pub mod discard_report;
pub mod edit_record;
pub mod enrol_phone;
pub mod find_nearby;
pub mod hand_over;
pub mod keep_report;
pub mod load_records;
pub mod make_package;
pub mod open_record;
pub mod retry_now;
pub mod save_report;
pub mod show_photo;
pub mod start_report;
pub mod take_receipts;
pub mod watch_eviction;
