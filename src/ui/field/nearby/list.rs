//! Records by distance and direction.

use leptos::prelude::*;

use crate::context::App;
use crate::state::areas::{AreaShape, sort};
use crate::state::item::ItemView;
use crate::state::nearby::{MAX_LINES, MyPlace, Placed, nearest, settled, with_way, without_place};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::record_item::RecordItem;

/// So many areas are listed, the one around the phone first.
const MOST_AREAS: usize = 5;

/// The list.
#[component]
pub fn NearbyList(
    /// The app.
    app: App,
    /// Where the phone is.
    me: RwSignal<MyPlace>,
    /// What was found.
    found: RwSignal<Option<Vec<Placed>>>,
    /// Areas of responsibility.
    areas: RwSignal<Vec<AreaShape>>,
) -> impl IntoView {
    let at = Memo::new(move |used: Option<&Option<_>>| settled(used.copied().flatten(), me.get().at()));
    let lines = move || {
        let (mine, now, people) = (app.state.me(), app.state.now.get(), app.state.people.get());
        let city = app.city();
        found.with(|found| {
            let placed = found.as_ref()?;
            let near = nearest(placed, at.get()).into_iter().map(|(row, way)| {
                let item = with_way(ItemView::of(&row, &city, &people, mine, now), way);
                let href = format!("/records/{}", item.record);
                view! { <li><RecordItem app item href/></li> }
            });
            Some(near.collect::<Vec<_>>())
        })
    };
    let list = move || match lines() {
        None => view! { <p class="list-more" role="status">{t("app.loading")}</p> }.into_any(),
        Some(lines) if lines.is_empty() => view! {
            <div class="empty">
                <Icon name="map-pin" size="icon--xl"/>
                <p class="empty-title">{t("nearby.empty")}</p>
                <p>{t("nearby.empty_text")}</p>
            </div>
        }
        .into_any(),
        Some(lines) => view! { <ul class="list nearby">{lines}</ul> }.into_any(),
    };
    let around = move || {
        let here = at.get();
        let mut near = areas.get();
        sort(&mut near, here);
        let lines = near.into_iter().take(MOST_AREAS).map(|area| {
            let (stands, ban) = (area.stands(here), area.ban());
            view! {
                <li>
                    <a class="card-link" href=format!("/records/{}", area.record)>
                        <Icon name="map-2"/><span class="grow"><b>{area.name}</b><br/><span class="muted">{stands}</span>
                            {ban.map(|ban| view! { <span class="chip chip--alarm"><Icon name="alert-triangle"/><span>{ban}</span></span> })}</span><Icon name="chevron-right"/>
                    </a>
                </li>
            }
        });
        let lines = lines.collect_view();
        (!lines.is_empty()).then(
            || view! { <section class="card"><h2>{t("areas.title")}</h2><ul class="card-list">{lines}</ul></section> },
        )
    };
    let left_out = move || {
        found.with(|found| {
            let placed = found.as_ref()?;
            let n = without_place(placed);
            Some(view! {
                {(n > 0).then(|| view! { <p class="muted">{tr("nearby.without", &[("n", &n.to_string())])}</p> })}
                {(placed.len() - n > MAX_LINES)
                    .then(|| view! { <p class="muted">{tr("nearby.limit", &[("n", &MAX_LINES.to_string())])}</p> })}
            })
        })
    };
    view! {
        <div class="nearby-scroll" tabindex="0" role="region" aria-label=t("nearby.as_list")>
            <p class="nearby-me" role="status"><Icon name="current-location"/><span>{move || me.get().words()}</span></p>
            {around}
            {list}
            {left_out}
        </div>
    }
}
