//! Who is nearest to a hotspot: call, or send by a task.

use greenshield_client::engine::RecordView;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::Incident;
use leptos::prelude::*;

use super::coverage::propose;
use crate::actions::find_walks::find_walks;
use crate::actions::load_areas::load_areas;
use crate::context::App;
use crate::state::item;
use crate::state::nearest::{HOTSPOT, Known, Line, nearest, task};
use crate::state::register::keeps;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The list, where a record is a hotspot with a place and whoever looks may give tasks about it; else nothing.
#[component]
pub fn Nearest(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
) -> impl IntoView {
    // Drawn once for a place; the list renews itself.
    let burning = Memo::new(move |_| {
        let (city, role) = (app.city(), app.state.viewer()?.role);
        view.with(|view| {
            let view = view.as_ref()?;
            let is_kept = city.kind(view.row.kind).is_some_and(|kind| kind.name == HOTSPOT && keeps(kind, &role));
            let place = Incident(&view.merged).place().filter(|_| is_kept)?;
            Some((view.row.record, item::title(&view.row, &city), Position::of(&place)))
        })
    });
    move || burning.get().map(|(record, title, at)| view! { <List app record title at/> })
}

/// Who is near.
#[component]
fn List(
    /// The app.
    app: App,
    /// The hotspot.
    record: RecordId,
    /// Its title.
    title: String,
    /// Where it is.
    at: Position,
) -> impl IntoView {
    let (areas, walks) = (RwSignal::new(Vec::new()), RwSignal::new(None));
    Effect::new(move |_| {
        app.state.duties.track();
        app.state.changed.track();
        app.run(async move {
            let found = load_areas(app).await;
            let _closed = areas.try_set(found);
            let found = find_walks(app).await;
            let _closed = walks.try_set(Some(found));
        });
    });
    let lines = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        let (city, people, now) = (app.city(), app.state.people.get(), app.state.now.get());
        let (areas, walks) = (areas.get(), walks.get()?);
        let who = (viewer.account, viewer.role.as_str());
        app.state.duties.with(|rows| {
            let known = Known { city: &city, rows, people: &people, areas: &areas, walks: &walks };
            Some(nearest(&known, at, who, now))
        })
    });
    let begin = propose();
    let title = StoredValue::new(title);
    let line = move |line: Line| {
        let Line { icon, title: name, facts, record: href, phone, account, .. } = line;
        let call = phone.map(|number| {
            let label = tr("nearest.call_name", &[("name", &name)]);
            view! { <a class="btn" href=format!("tel:{number}") aria-label=label><Icon name="phone"/>{number.clone()}</a> }
        });
        let send = move |_| {
            let now = app.state.now.get_untracked();
            begin(title.with_value(|title| task(&app.city(), (record, title), at, account, now)));
        };
        let label = tr("nearest.send_name", &[("name", &name)]);
        view! {
            <li>
                <Icon name=icon/>
                <span class="grow"><a href=format!("/records/{href}")><b>{name}</b></a><br/><span class="muted">{facts}</span></span>
                {call}
                <button class="btn" aria-label=label on:click=send><Icon name="send"/>{t("nearest.send")}</button>
            </li>
        }
    };
    let list = move || match lines.get() {
        None => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        Some(lines) if lines.is_empty() => view! { <p class="muted">{t("nearest.none")}</p> }.into_any(),
        Some(lines) => {
            view! { <ul class="card-list nearest">{lines.into_iter().map(line).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="card stack" aria-label=t("nearest.title")>
            <h2>{t("nearest.title")}</h2>
            <p class="muted">{t("nearest.text")}</p>
            {list}
        </section>
    }
}
