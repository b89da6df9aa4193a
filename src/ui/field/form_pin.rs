//! Pointing at the place of a report: on the map under a cross, or as numbers that somebody read out.

use leptos::html;
use leptos::prelude::*;

use crate::actions::find_nearby::watch_me;
use crate::actions::show_map::{MapControl, MapState};
use crate::actions::start_report::pin_report;
use crate::context::{App, use_app};
use crate::state::form::ReportForm;
use crate::state::nearby::MyPlace;
use crate::state::place::{Pin, read_position};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::map_view::MapView;

/// Numbers that somebody read out are as exact as their digits let one hope, in cm.
const READ_OUT_CM: i64 = 10_000;

/// Opens the map; takes the pin away again.
#[component]
pub fn PinButton(
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let app = use_app();
    let is_open = RwSignal::new(false);
    let is_pinned = Memo::new(move |_| form.draft.with(|draft| draft.place.is_some_and(|place| place.is_pinned)));
    view! {
        <div class="row row--wrap">
            <button class="btn btn--quiet" on:click=move |_| is_open.set(true)><Icon name="map-2"/>{t("pin.open")}</button>
            {move || is_pinned.get().then(|| view! {
                <button class="btn btn--quiet" on:click=move |_| pin_report(app, form, None)>
                    <Icon name="current-location"/>{t("pin.undo")}
                </button>
            })}
        </div>
        {move || is_open.get().then(|| view! { <Picker app form is_open/> })}
    }
}

/// The map under a cross.
#[component]
fn Picker(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// Whether it is shown.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let control = MapControl::new();
    let me = RwSignal::new(MyPlace::Searching);
    let watch = StoredValue::new_local(watch_me(me));
    on_cleanup(move || watch.dispose());
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        // Modal: the form behind can neither be tapped nor read aloud meanwhile. A browser without that shows it on top.
        dialog.get().map(|dialog| dialog.show_modal());
    });
    let at = form
        .draft
        .with_untracked(|draft| draft.place)
        .map(|place| greenshield_domain::geo::Position { lat_e7: place.lat_e7, lon_e7: place.lon_e7 });
    Effect::new(move |_| {
        if control.state.get() == MapState::Shown {
            control.put_me(me.get());
        }
    });
    let take = move |pin: Option<Pin>| {
        if pin.is_some() {
            pin_report(app, form, pin);
            is_open.set(false);
        }
    };
    let typed = RwSignal::new(String::new());
    let read = Memo::new(move |_| typed.with(|text| read_position(text)));
    // Only this change draws anew: the map itself must stay where it is.
    let has_map = Memo::new(move |_| control.state.get() != MapState::Failed);
    view! {
        <dialog class="pin" node_ref=dialog aria-label=t("pin.title") on:close=move |_| is_open.set(false)>
            <header class="topbar">
                <h2 class="topbar-title">{t("pin.title")}</h2>
                <button class="btn btn--plain btn--icon" aria-label=t("action.close") on:click=move |_| is_open.set(false)><Icon name="x"/></button>
            </header>
            {move || if has_map.get() {
                view! {
                    <div class="pin-map">
                        <MapView app control me at/>
                        <span class="pin-cross" aria-hidden="true"></span>
                    </div>
                    <p class="pin-hint">{t("pin.hint")}</p>
                }.into_any()
            } else {
                view! { <p class="card card--warn">{t("map.failed")}</p> }.into_any()
            }}
            <details class="fold pin-typed">
                <summary>{t("pin.type")}</summary>
                <label class="field">
                    <span class="field-label">{t("pin.type_label")}</span>
                    <input class="input" inputmode="text" placeholder="38.925600, 100.449800" on:input=move |event| typed.set(event_target_value(&event))/>
                </label>
                <button class="btn" aria-disabled=move || read.get().is_none().then_some("true")
                    on:click=move |_| take(read.get_untracked().map(|at| Pin { at, accuracy_cm: READ_OUT_CM }))>
                    <Icon name="check"/>{t("pin.type_take")}
                </button>
            </details>
            <div class="actionbar">
                <button class="btn btn--primary" aria-disabled=move || (control.state.get() != MapState::Shown).then_some("true")
                    on:click=move |_| take(control.centre().map(|(at, accuracy_cm)| Pin { at, accuracy_cm }))>
                    <Icon name="map-pin"/>{t("pin.take")}
                </button>
            </div>
        </dialog>
    }
}
