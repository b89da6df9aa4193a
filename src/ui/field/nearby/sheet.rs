//! The map of what is near: records, the way of a patrol under way, the phone itself.

use greenshield_domain::geo::Position;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::list::NearbyList;
use crate::actions::find_nearby::track_of;
use crate::actions::show_map::{Gesture, MapControl, MapState};
use crate::context::App;
use crate::state::areas::AreaShape;
use crate::state::item::ItemView;
use crate::state::nearby::{MyPlace, Placed, way_between};
use crate::state::place::{Pin, read_position, short_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::map_view::MapView;
use crate::ui::components::record_item::RecordItem;

/// So many records under one finger are listed.
const MOST_TAPPED: usize = 4;

/// The map with what stands on it; the list where there can be no map.
#[component]
pub fn NearbyMap(
    /// The app.
    app: App,
    /// Where the phone is.
    me: RwSignal<MyPlace>,
    /// What was found.
    found: RwSignal<Option<Vec<Placed>>>,
    /// Areas of responsibility.
    areas: RwSignal<Vec<AreaShape>>,
) -> impl IntoView {
    let control = MapControl::new();
    let query = use_query_map();
    let at = query.with_untracked(|query| query.get("at").and_then(|text| read_position(&text)));
    let patrol = query.with_untracked(|query| query.get("patrol"));
    let shown = Memo::new(move |_| control.state.get() == MapState::Shown);
    let is_shown = move || shown.get();
    Effect::new(move |_| {
        if is_shown() {
            found.with(|found| control.put_records(app, found.as_deref().unwrap_or_default()));
        }
    });
    Effect::new(move |_| {
        if is_shown() {
            areas.with(|areas| control.put_areas(areas));
        }
    });
    Effect::new(move |_| {
        if is_shown() {
            control.put_me(me.get());
        }
    });
    // Without a place of its own the map goes to the phone once it is known where that is.
    Effect::new(move |was_there: Option<bool>| {
        let found = is_shown().then(|| me.get().at()).flatten();
        if let Some(found) = found.filter(|_| was_there != Some(true) && at.is_none()) {
            control.go_to(found);
        }
        was_there == Some(true) || found.is_some()
    });
    Effect::new(move |_| {
        if !is_shown() {
            return;
        }
        match patrol.clone() {
            Some(record) => app.run(async move {
                let line = track_of(app, &record).await;
                control.put_track(&line, true);
            }),
            None => app.state.patrol.with(|walk| {
                if let Some(walk) = walk {
                    control.put_track(&walk.facts(app.now_millis()).line, false);
                }
            }),
        }
    });
    let seen = move || control.seen.get().map(|n| tr("map.seen", &[("n", &n.to_string())]));
    // Only this change draws anew: the map itself must stay where it is.
    let has_failed = Memo::new(move |_| control.state.get() == MapState::Failed);
    move || {
        if has_failed.get() {
            view! {
                <p class="card card--warn nearby-note"><Icon name="info-circle"/>{t("map.failed")}</p>
                <NearbyList app me found areas/>
            }
            .into_any()
        } else {
            view! {
                <MapView app control me at/>
                <p class="visually-hidden" role="status">{seen}</p>
                <Tapped app control me found/>
            }
            .into_any()
        }
    }
}

/// What was tapped: records, or a place after a long press.
#[component]
fn Tapped(
    /// The app.
    app: App,
    /// The map.
    control: MapControl,
    /// Where the phone is.
    me: RwSignal<MyPlace>,
    /// What was found.
    found: RwSignal<Option<Vec<Placed>>>,
) -> impl IntoView {
    let close = move |_| control.gesture.set(None);
    let items = move |ids: &[String]| {
        let (mine, now, people, city) = (app.state.me(), app.state.now.get(), app.state.people.get(), app.city());
        found.with(|found| {
            let rows = found.iter().flatten().map(|placed| &placed.row);
            let tapped = rows.filter(|row| ids.contains(&row.record.to_hex())).take(MOST_TAPPED);
            tapped.map(|row| ItemView::of(row, &city, &people, mine, now)).collect::<Vec<_>>()
        })
    };
    move || {
        let inside = match control.gesture.get()? {
            Gesture::Nothing => return None,
            Gesture::Records(ids) => {
                let items = items(&ids).into_iter().map(|item| {
                    let href = format!("/records/{}", item.record);
                    view! { <li><RecordItem app item href/></li> }
                });
                view! { <ul class="list">{items.collect_view()}</ul> }.into_any()
            }
            Gesture::Held(at) => view! { <Held app control me at/> }.into_any(),
        };
        Some(view! {
            <section class="map-card" aria-live="polite">
                {inside}
                <button class="btn btn--plain btn--icon map-close" aria-label=t("action.close") on:click=close><Icon name="x"/></button>
            </section>
        })
    }
}

/// A place that was pressed long: where it is, and a report about it.
#[component]
fn Held(
    /// The app.
    app: App,
    /// The map.
    control: MapControl,
    /// Where the phone is.
    me: RwSignal<MyPlace>,
    /// The place.
    at: Position,
) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let report = move |_| {
        app.state.pin.set(control.centre().map(|(_, accuracy_cm)| Pin { at, accuracy_cm }));
        navigate.with_value(|go| go("/report", NavigateOptions::default()));
    };
    view! {
        <p class="map-place"><Icon name="map-pin"/><span><b>{short_words(at)}</b><br/>
            <span class="muted">{move || way_between(me.get().at(), at)}</span></span></p>
        <button class="btn btn--primary" on:click=report><Icon name="plus"/>{t("map.report_here")}</button>
    }
}
