//! What is near: the map, and the same as a list, which needs no map and reads well aloud.

pub mod list;
pub mod sheet;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::actions::choose_view::{nearby_view, set_nearby_view};
use crate::actions::find_nearby::{Search, find_nearby, watch_me};
use crate::actions::load_areas::load_areas;
use crate::context::use_app;
use crate::state::nearby::{MyPlace, NearbyView};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::{Shell, Tab};
use list::NearbyList;
use sheet::NearbyMap;

/// The page.
#[component]
pub fn NearbyPage() -> impl IntoView {
    let app = use_app();
    let me = RwSignal::new(MyPlace::Searching);
    let search = Search::new();
    let areas = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        app.state.duties.track();
        app.run(async move {
            let found = load_areas(app).await;
            let _closed = areas.try_set(found);
        });
    });
    let found = search.found;
    let watch = StoredValue::new_local(watch_me(me));
    on_cleanup(move || watch.dispose());
    Effect::new(move |_| {
        app.state.changed.track();
        app.run(find_nearby(app, search));
    });
    // A link to a place or a patrol wants the map, whatever was chosen.
    let is_linked = use_query_map().with_untracked(|query| query.get("at").is_some() || query.get("patrol").is_some());
    let view = RwSignal::new(if is_linked { NearbyView::Map } else { nearby_view() });
    let choose = move |next: NearbyView| {
        set_nearby_view(next);
        view.set(next);
    };
    let segment = move |of: NearbyView, icon: &'static str, words: &'static str| {
        let pressed = move || if view.get() == of { "true" } else { "false" };
        view! {
            <button class="segment" aria-pressed=pressed on:click=move |_| choose(of)><Icon name=icon size="icon--s"/>{words}</button>
        }
    };
    view! {
        <Shell title=t("nearby.title") tab=Tab::Nearby is_bare=true>
            <main class="nearby-page" id="main" tabindex="-1">
                <div class="segments nearby-views" role="group" aria-label=t("nearby.view")>
                    {segment(NearbyView::Map, "map-2", t("nearby.as_map"))}
                    {segment(NearbyView::List, "list-details", t("nearby.as_list"))}
                </div>
                {move || match view.get() {
                    NearbyView::Map => view! { <NearbyMap app me found areas/> }.into_any(),
                    NearbyView::List => view! { <NearbyList app me found areas/> }.into_any(),
                }}
            </main>
        </Shell>
    }
}
