//! A map with its few buttons. What is drawn on it the page says by its [`MapControl`].

use greenshield_domain::geo::Position;
use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::show_map::{MapControl, MapState, show_map};
use crate::context::App;
use crate::state::nearby::MyPlace;
use crate::state::words::t;

/// The map; it is fetched when this is shown.
#[component]
pub fn MapView(
    /// The app.
    app: App,
    /// The map.
    control: MapControl,
    /// Where the phone is.
    me: RwSignal<MyPlace>,
    /// Where it begins.
    at: Option<Position>,
) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    Effect::new(move |begun: Option<bool>| {
        let Some(element) = element.get().filter(|_| begun != Some(true)) else { return begun == Some(true) };
        app.run(async move { show_map(app, control, element, at).await });
        true
    });
    let theme = Memo::new(move |_| app.state.settings.with(|settings| settings.theme));
    Effect::new(move |before: Option<_>| {
        let now = theme.get();
        if before.is_some_and(|before| before != now) {
            control.restyle();
        }
        now
    });
    on_cleanup(move || control.close());
    let to_me = move |_| match me.get_untracked().at() {
        Some(at) => control.go_to(at),
        None => app.state.say(t("map.no_me")),
    };
    let button = |icon: &'static str, label: &'static str| view! { <Icon name=icon/><span class="visually-hidden">{label}</span> };
    view! {
        <div class="map-frame">
            <div class="map" node_ref=element></div>
            {move || (control.state.get() == MapState::Coming).then(|| view! { <p class="map-coming" role="status">{t("map.coming")}</p> })}
            <div class="map-tools">
                {move || (me.get() != MyPlace::Unavailable).then(|| view! {
                    <button class="btn btn--icon" on:click=to_me>{button("current-location", t("map.to_me"))}</button>
                })}
                <button class="btn btn--icon" on:click=move |_| control.zoom_by(1)>{button("plus", t("map.nearer"))}</button>
                <button class="btn btn--icon" on:click=move |_| control.zoom_by(-1)>{button("minus", t("map.further"))}</button>
                <a class="btn btn--icon" href="/map/packs">{button("download", t("packs.title"))}</a>
            </div>
            <details class="map-sources">
                <summary>{t("map.sources")}</summary>
                <p>{move || control.sources.get().join(" · ")}</p>
                <p>{t("map.borders")}</p>
            </details>
        </div>
    }
}
