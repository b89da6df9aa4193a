//! Patrols that should be back by now: above everything else, since somebody may lie hurt.

use leptos::prelude::*;

use super::signals::Desk;
use crate::state::item::person_name;
use crate::state::patrol::screen::overdue;
use crate::state::time::span;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// Who is late, the longest first; nothing when nobody is.
#[component]
pub fn Late(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let late = Memo::new(move |_| {
        let (now, offset) = (state.now.get(), state.sync.with(|sync| sync.offset_millis));
        state.records.with(|list| overdue(&list.rows, &desk.app.city(), now.millis + offset))
    });
    move || {
        let late = late.get();
        (!late.is_empty()).then(|| {
            let now = state.now.get();
            let people = state.people.get();
            let rows = late.into_iter().filter_map(|row| {
                let due = row.due_millis?;
                let who = row.reporter.map(|account| person_name(&people, account)).unwrap_or_default();
                let words = tr("patrol.late_text", &[("time", &now.moment(due)), ("span", &span(now.millis - due))]);
                Some(view! {
                    <li><a class="card-link" href=format!("/records/{}", row.record)>
                        <Icon name="alert-triangle"/><span class="grow"><b>{who}</b><br/>{words}</span><Icon name="chevron-right"/>
                    </a></li>
                })
            });
            view! {
                <section class="card card--alarm" role="alert">
                    <h2>{t("patrol.late_title")}</h2>
                    <ul class="card-list">{rows.collect_view()}</ul>
                </section>
            }
        })
    }
}
