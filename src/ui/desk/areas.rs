//! Areas of responsibility at the desk: those that hold, and new ones from a file.

use greenshield_domain::geo::geojson::Feature;
use greenshield_domain::ids::RecordId;
use greenshield_domain::land::{KIND, NewArea, WITHDRAWN};
use leptos::prelude::*;

use crate::actions::load_areas::{add_area, read_picked, withdraw_area};
use crate::context::{App, use_app};
use crate::state::areas::{fault_words, reason_words};
use crate::state::message::Message;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn AreasDeskPage() -> impl IntoView {
    let app = use_app();
    let read: RwSignal<Vec<Feature>> = RwSignal::new(Vec::new());
    let file_fault = RwSignal::new(None::<&'static str>);
    let picked = move |event| {
        read_picked(app, &event, move |found| {
            let (features, fault) = match found {
                Ok(features) => (features, None),
                Err(fault) => (Vec::new(), Some(reason_words(fault))),
            };
            read.try_set(features);
            file_fault.try_set(fault);
        });
    };
    view! {
        <Shell title=t("areas.title") back="/desk">
            <section class="card stack" aria-label=t("areas.import")>
                <h2>{t("areas.import")}</h2>
                <p class="muted">{t("areas.import_text")}</p>
                <label class="btn btn--quiet file">
                    <Icon name="download"/><span>{t("areas.pick")}</span>
                    <input type="file" accept=".geojson,.json,.kml,application/geo+json" aria-label=t("areas.pick") on:change=picked/>
                </label>
                {move || file_fault.get().map(|words| view! { <p class="field-error" role="alert"><Icon name="alert-triangle"/>{words}</p> })}
                {move || (!read.with(Vec::is_empty)).then(|| view! { <Preview app read/> })}
            </section>
            <a class="card card-link" href="/desk/coverage"><Icon name="route"/><b class="grow">{t("coverage.title")}</b><Icon name="chevron-right"/></a>
            <Known app/>
        </Shell>
    }
}

/// What a file holds, before anything of it is saved.
#[component]
fn Preview(
    /// The app.
    app: App,
    /// What was read.
    read: RwSignal<Vec<Feature>>,
) -> impl IntoView {
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let faults = Memo::new(move |_| read.with(|all| all.iter().filter(|(_, area)| area.is_err()).count()));
    let save = move |_| {
        let areas: Vec<NewArea> =
            read.with_untracked(|all| all.iter().filter_map(|(_, area)| area.clone().ok()).collect());
        is_busy.set(true);
        app.run(async move {
            let mut left = areas.into_iter();
            let mut trouble = None;
            let count = left.len();
            for area in left.by_ref() {
                if let Err(message) = add_area(app, &area).await {
                    // What was saved is not offered again.
                    let rest: Vec<Feature> = std::iter::once(area)
                        .chain(left.by_ref())
                        .enumerate()
                        .map(|(at, area)| (at + 1, Ok(area)))
                        .collect();
                    read.try_set(rest);
                    trouble = Some(message);
                    break;
                }
            }
            if trouble.is_none() {
                read.try_set(Vec::new());
                app.state.say(tr("areas.saved", &[("n", &count.to_string())]));
            }
            problem.try_set(trouble);
            is_busy.try_set(false);
        });
    };
    let lines = move || {
        let line = |(n, area): Feature| {
            match area {
            Ok(area) => {
                let facts = [area.code.clone().map(|code| tr("areas.code", &[("code", &code)])), Some(tr("areas.corners", &[("n", &area.outline.len().to_string())]))];
                let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
                view! { <li class="item"><span class="item-body"><span class="item-title">{area.name}</span><span class="item-facts">{facts}</span></span></li> }.into_any()
            }
            Err(fault) => view! { <li class="item"><span class="field-error"><Icon name="alert-triangle"/>{fault_words(n, fault)}</span></li> }.into_any(),
        }
        };
        read.get().into_iter().map(line).collect_view()
    };
    view! {
        {move || problem.get().map(|message| view! { <Problem message/> })}
        <ul class="list">{lines}</ul>
        {move || match faults.get() {
            0 => view! {
                <button class="btn btn--primary" disabled=move || is_busy.get() on:click=save>
                    <Icon name="check"/>{move || tr("areas.save", &[("n", &read.with(Vec::len).to_string())])}
                </button>
            }.into_any(),
            n => view! { <p class="card card--warn" role="alert"><Icon name="info-circle"/>{tr("areas.not_saved", &[("n", &n.to_string())])}</p> }.into_any(),
        }}
    }
}

/// Those that hold.
#[component]
fn Known(
    /// The app.
    app: App,
) -> impl IntoView {
    let (armed, problem) = (RwSignal::new(None::<RecordId>), RwSignal::new(None::<Message>));
    let withdraw = move |record: RecordId| {
        if armed.get_untracked() != Some(record) {
            armed.set(Some(record));
            return;
        }
        app.run(async move {
            let done = withdraw_area(app, record).await;
            problem.try_set(done.err());
            armed.try_set(None);
        });
    };
    let lines = move || {
        let rows = app.state.duties.with(|rows| {
            let holds = rows.iter().filter(|row| row.kind == KIND && row.state.as_deref() != Some(WITHDRAWN));
            holds.map(|row| (row.record, row.title.clone())).collect::<Vec<_>>()
        });
        let line = |(record, title)| {
            let words =
                move || if armed.get() == Some(record) { t("areas.withdraw_sure") } else { t("areas.withdraw") };
            view! {
                <li class="row">
                    <a class="card-link grow" href=format!("/records/{record}")><Icon name="map-2"/><span class="grow"><b>{title}</b></span><Icon name="chevron-right"/></a>
                    <button class="btn btn--s btn--quiet" on:click=move |_| withdraw(record)>{words}</button>
                </li>
            }
        };
        if rows.is_empty() {
            view! { <p class="muted">{t("areas.none")}</p> }.into_any()
        } else {
            view! { <ul class="card-list">{rows.into_iter().map(line).collect_view()}</ul> }.into_any()
        }
    };
    view! { <section class="card"><h2>{t("areas.known")}</h2>{move || problem.get().map(|message| view! { <Problem message/> })}{lines}</section> }
}
