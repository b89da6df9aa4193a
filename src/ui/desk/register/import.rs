//! Bringing in a table: choose a file, see what is wrong or what it would make, and then save it.

use greenshield_domain::city::Kind;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::kind_of_address;
use crate::actions::keep_register::{Found, read_picked, save_all};
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::register::form::asked;
use crate::state::register::places::{place_field, takes_tracks};
use crate::state::register::table::Plan;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Rows that are drawn; all of them are saved.
const MOST_ROWS: usize = 300;

/// The page.
#[component]
pub fn RegisterImportPage() -> impl IntoView {
    let app = use_app();
    let kind = kind_of_address(app);
    let back = kind.with_untracked(|kind| format!("/registers/{}", kind.as_ref().map_or("", |kind| &kind.name)));
    view! {
        <Shell title=t("register.import") back=back>
            {move || kind.get().map(|kind| view! { <Import app kind/> })}
        </Shell>
    }
}

/// The file and what is in it.
#[component]
fn Import(
    /// The app.
    app: App,
    /// The register.
    kind: Kind,
) -> impl IntoView {
    let found: RwSignal<Option<Result<Found, Message>>> = RwSignal::new(None);
    let fields: Vec<&str> = asked(&kind, true).map(|def| words::of(&def.label)).collect();
    let text = tr("register.import_text", &[("fields", &fields.join(t("list.comma")))]);
    let (has_place, has_tracks) = (place_field(&kind).is_some(), takes_tracks(&kind));
    let id = kind.id;
    let name = kind.name.clone();
    let picked = move |event| {
        read_picked(app, kind.clone(), &event, move |answer| drop(found.try_set(Some(answer))));
    };
    let shown = move || match found.get() {
        None => ().into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(Found::Wrong(faults))) => {
            let count = tr("register.import_wrong", &[("n", &faults.len().to_string())]);
            let faults = faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view();
            view! { <section class="card card--alarm stack" role="alert"><b>{count}</b><ul class="stack">{faults}</ul></section> }
                .into_any()
        }
        Some(Ok(Found::Plan(plan))) => view! { <Preview app id name=name.clone() plan/> }.into_any(),
    };
    view! {
        <section class="card stack" aria-label=t("register.import")>
            <h2>{words::of(&app.city().kind(id).map(|kind| kind.label.clone()).unwrap_or_else(|| app.city().info.name.clone())).to_owned()}</h2>
            <p>{text}</p>
            {has_place.then(|| view! { <p class="muted">{t("register.import_marks")}</p> })}
            {has_tracks.then(|| view! { <p class="muted">{t("register.import_tracks")}</p> })}
            <label class="field">
                <span class="field-label">{t("register.import_pick")}</span>
                <input class="input" type="file" multiple=has_tracks
                    accept=".csv,.txt,.xlsx,.geojson,.json,.kml,.gpx,.jpg,.jpeg,text/csv" on:change=picked/>
            </label>
        </section>
        <div aria-live="polite">{shown}</div>
    }
}

/// What the file would make, and the one button.
#[component]
pub(super) fn Preview(
    /// The app.
    app: App,
    /// The kind.
    id: u32,
    /// Its word.
    name: String,
    /// What was found.
    plan: Plan,
) -> impl IntoView {
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let n = plan.records.len().to_string();
    let ignored = (!plan.ignored.is_empty()).then(|| {
        let fields = plan.ignored.join(t("list.comma"));
        view! { <p class="card card--warn"><Icon name="info-circle"/>{tr("register.import_ignored", &[("fields", &fields)])}</p> }
    });
    let there = (plan.there > 0).then(|| {
        let n = plan.there.to_string();
        view! { <p class="card card--warn"><Icon name="info-circle"/>{tr("rota.there", &[("n", &n)])}</p> }
    });
    let lines = plan.records.iter().take(MOST_ROWS).cloned().map(|record| {
        view! { <li class="item"><span class="item-body"><span class="item-title">{record.title}</span><span class="item-facts">{record.facts}</span></span></li> }
    });
    let lines = lines.collect_view();
    let navigate = StoredValue::new_local(use_navigate());
    let save = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let (records, name) = (plan.records.clone(), name.clone());
        app.run(async move {
            match save_all(app, id, records).await {
                Ok(n) => {
                    app.state.say(tr("register.import_saved", &[("n", &n.to_string())]));
                    if let Some(go) = navigate.try_with_value(Clone::clone) {
                        go(&format!("/registers/{name}"), Default::default());
                    }
                }
                Err(message) => drop((is_busy.try_set(false), problem.try_set(Some(message)))),
            }
        });
    };
    view! {
        {ignored}
        {there}
        {move || problem.get().map(|message| view! { <Problem message/> })}
        <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=save>
            <Icon name="check"/>{tr("register.import_save", &[("n", &n)])}
        </button>
        <ul class="list">{lines}</ul>
    }
}
