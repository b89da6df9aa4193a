//! What is on this phone only, item by item, with the reason and how far it is.

use leptos::prelude::*;

use crate::actions::load_records::rows_of;
use crate::actions::retry_now::retry_now;
use crate::context::{App, use_app};
use crate::state::item::{self, ItemView};
use crate::state::lamp::{Lamp, Tone};
use crate::state::rescue::waits_long;
use crate::state::unsent::{UnsentView, advice};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::Shell;
use crate::ui::components::thumb::Thumb;
use greenshield_client::engine::UnsentItem;
use greenshield_client::rows::ListRow;

/// The page of what waits.
#[component]
pub fn UnsentPage() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let rows: RwSignal<Vec<ListRow>> = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let records = state.unsent.with(|unsent| unsent.iter().map(|item| item.record).collect());
        app.run(async move {
            let found = rows_of(app, records).await;
            let _ = rows.try_set(found);
        });
    });
    let items = move || {
        let rows = rows.get();
        let line = |item: UnsentItem| {
            let row = rows.iter().find(|row| row.record == item.record)?.clone();
            Some(view! { <li><Line app item row/></li> })
        };
        state.unsent.get().into_iter().filter_map(line).collect_view()
    };
    let waits_long =
        move || !state.sync.with(|sync| sync.is_connected()) && rows.with(|rows| waits_long(rows, state.now.get()));
    let is_empty = move || state.unsent_count() == Some(0);
    view! {
        <Shell title=t("me.unsent_list") back="/me" actionbar=move || view! {
            <button class="btn btn--primary" on:click=move |_| app.run(retry_now(app))><Icon name="refresh"/>{t("action.retry_now")}</button>
        }>
            <div class="row row--wrap" aria-live="polite">
                {move || view! { <LampChip lamp=state.sync.with(|sync| sync.lamp())/> }}
                <span class="muted">{move || state.sync.with(|sync| sync.last_contact(state.now.get()))}</span>
            </div>
            {move || waits_long().then(|| view! {
                <a class="card card--warn card-link" href="/me/rescue">
                    <Icon name="inbox"/><span class="grow"><b>{t("rescue.hint")}</b><br/>{t("rescue.hint_text")}</span><Icon name="chevron-right"/>
                </a>
            })}
            <ul class="list" aria-live="polite">{items}</ul>
            {move || state.unsent_count().is_none().then(|| view! { <p class="list-more" role="status">{t("app.loading")}</p> })}
            {move || is_empty().then(|| view! {
                <div class="empty"><Icon name="circle-check" size="icon--xl"/><p class="empty-title">{t("me.unsent_none")}</p></div>
            })}
        </Shell>
    }
}

/// One record that waits.
#[component]
fn Line(
    /// The app.
    app: App,
    /// What waits.
    item: UnsentItem,
    /// Its row.
    row: ListRow,
) -> impl IntoView {
    let state = app.state;
    let view = UnsentView::of(&item, state.sync.with_untracked(|sync| sync.is_connected()));
    let advice = advice(&item);
    let shown = state
        .people
        .with_untracked(|people| ItemView::of(&row, &app.city(), people, state.me(), state.now.get_untracked()));
    let tone = if view.is_problem { Tone::Alarm } else { Tone::Warn };
    let lamp = Lamp { tone, icon: "cloud-upload", words: view.reason };
    let title = item::title(&row, &app.city());
    let label = title.clone();
    view! {
        <a class="item" href=format!("/records/{}", item.record)>
            <Thumb app record=shown.record blob=shown.thumb icon=shown.icon is_urgent=shown.is_urgent/>
            <span class="item-body">
                <span class="item-title">{title}</span>
                <span class="item-facts">{shown.facts}" · "{view.facts}</span>
                {view.percent.map(|percent| view! { <progress class="bar" max="100" value=percent.to_string() aria-label=label></progress> })}
                <LampChip lamp/>
                {advice.map(|advice| view! { <span class="item-facts">{advice}</span> })}
            </span>
        </a>
    }
}
