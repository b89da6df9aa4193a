//! What is new, the newest version first.

use leptos::prelude::*;

use crate::actions::read_news::note_seen;
use crate::context::use_app;
use crate::state::news::ENTRIES;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn NewsPage() -> impl IntoView {
    note_seen(use_app());
    let versions = ENTRIES.iter().map(|(version, keys)| {
        let rows = keys.iter().map(|key| view! { <li class="row"><Icon name="check"/><span>{t(key)}</span></li> });
        view! {
            <section class="card">
                <h2>{tr("app.version", &[("version", version)])}</h2>
                <ul class="stack">{rows.collect_view()}</ul>
            </section>
        }
    });
    view! { <Shell title=t("news.title") back="/me">{versions.collect_view()}</Shell> }
}
