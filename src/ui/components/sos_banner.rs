//! A call for help on every page: the own one for who made it, those of others for the desk.

use leptos::prelude::*;

use super::icon::Icon;
use crate::context::use_app;
use crate::state::inbox::calls;
use crate::state::item::person_name;
use crate::state::lamp::state_words;
use crate::state::sos::CallView;
use crate::state::words::{t, tr};

/// Calls shown one by one; the rest is counted.
const MOST_CALLS: usize = 3;

/// All calls that somebody must know of.
#[component]
pub fn SosBanners(
    /// On the page of the own call there is no banner for it.
    is_sos: bool,
) -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let own = Memo::new(move |_| {
        let view = state.sos.with(|row| row.as_ref().map(|row| CallView::of(row, state.now.get())));
        view.filter(|view| view.is_running && !is_sos).map(|view| view.title)
    });
    let others = Memo::new(move |_| {
        if !state.is_of_desk() {
            return (Vec::new(), 0);
        }
        let (people, now, city) = (state.people.get(), state.now.get(), app.city());
        state.records.with(|list| {
            let calls = calls(&list.rows, state.me());
            let shown = calls.iter().take(MOST_CALLS).map(|row| {
                let name = row.reporter.map(|account| person_name(&people, account)).unwrap_or_default();
                let values = [("name", name.as_str()), ("time", &now.moment(row.sort_millis))];
                (row.record, tr("sos.desk", &values), state_words(row, &city))
            });
            (shown.collect::<Vec<_>>(), calls.len().saturating_sub(MOST_CALLS))
        })
    });
    let line = |href: String, title: String, text: String| {
        view! {
            <div class="banner banner--sos" role="alert">
                <Icon name="alert-octagon" size="icon--l"/>
                <div class="banner-text"><b class="banner-title">{title}</b>{text}</div>
                <a class="btn" href=href>{t("sos.look")}</a>
            </div>
        }
    };
    view! {
        {move || own.get().map(|title| line("/sos".to_owned(), title, t("sos.own_runs").to_owned()))}
        {move || {
            let (calls, more) = others.get();
            let rest = (more > 0).then(|| view! { <p class="banner banner--sos">{tr("sos.more", &[("n", &more.to_string())])}</p> });
            let calls = calls.into_iter().map(|(record, title, text)| line(format!("/desk?record={record}"), title, text));
            view! { {calls.collect_view()}{rest} }
        }}
    }
}
