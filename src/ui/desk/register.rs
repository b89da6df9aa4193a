//! Registers: which there are, the list of one, its form, one record, a table from a file, and the figures.
//!
//! Owns: how a kind of the city package looks when nothing but its fields, options and steps is known. Refuses: to know any kind by
//! its name.

pub mod attendance;
pub mod body;
pub mod documents;
mod field;
pub mod figures;
pub mod form;
pub mod import;
pub mod index;
pub mod list;
mod records;
pub mod rota;

use greenshield_domain::city::Kind;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

pub use body::RegisterBody;
pub use figures::FiguresPage;
pub use form::RegisterFormPage;
pub use import::RegisterImportPage;
pub use index::RegistersPage;
pub use list::RegisterListPage;
pub use rota::RegisterRotaPage;

use crate::context::App;

/// The kind of the address.
fn kind_of_address(app: App) -> Memo<Option<Kind>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| app.city().kind_named(&params.get("kind")?).cloned()))
}

/// The role of whoever looks.
fn role(app: App) -> String {
    app.state.viewer().map(|viewer| viewer.role).unwrap_or_default()
}
