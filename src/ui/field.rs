//! The pages of the phone: one file each.

pub mod about;
pub mod asked;
pub mod call_first;
pub mod camera;
pub mod carry;
pub mod category_grid;
pub mod edit;
pub mod enrol;
pub mod form_photos;
pub mod form_pin;
pub mod form_place;
pub mod form_voice;
pub mod install;
pub mod install_hint;
pub mod lock;
pub mod me;
pub mod nearby;
pub mod news;
pub mod notices;
pub mod own_data;
pub mod packs;
pub mod patrol;
pub mod people;
pub mod photo_steps;
pub mod questions;
pub mod quiz;
pub mod receipts;
pub mod record;
pub mod records;
pub mod report;
pub mod rescue;
pub mod saved;
pub mod secrecy;
pub mod settings;
pub mod sms;
pub mod sos;
pub mod sos_numbers;
pub mod storage;
pub mod task;
pub mod task_reviews;
pub mod tasks;
pub mod today;
pub mod training;
pub mod unsent;

pub use about::AboutPage;
pub use carry::CarryPage;
pub use edit::EditPage;
pub use enrol::EnrolPage;
pub use install::InstallPage;
pub use lock::LockPage;
pub use me::MePage;
pub use nearby::NearbyPage;
pub use news::NewsPage;
pub use own_data::OwnDataPage;
pub use packs::PacksPage;
pub use patrol::PatrolPage;
pub use people::PeoplePage;
pub use quiz::QuizPage;
pub use receipts::ReceiptsPage;
pub use record::RecordPage;
pub use records::RecordsPage;
pub use report::ReportPage;
pub use rescue::RescuePage;
pub use saved::SavedPage;
pub use sms::SmsPage;
pub use sos::SosPage;
pub use tasks::TasksPage;
pub use today::TodayPage;
pub use training::TrainingPage;
pub use unsent::UnsentPage;

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The record of the address.
fn record_of_address() -> Memo<Option<RecordId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("record").and_then(|hex| RecordId::from_hex(&hex).ok())))
}
