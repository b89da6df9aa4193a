//! The patrol on the first page: start one, or how the one under way stands.

use leptos::prelude::*;

use crate::context::App;
use crate::state::patrol::screen::LiveView;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;

/// The card.
#[component]
pub fn PatrolCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let live = Memo::new(move |_| {
        let now = app.state.now.get();
        app.state.patrol.with(|walk| walk.as_ref().map(|walk| LiveView::of(walk, None, now)))
    });
    move || {
        match live.get() {
        Some(live) => view! {
            <section class="card card--pine">
                <a class="card-link" href="/patrol">
                    <Icon name="route"/>
                    <span class="grow"><b>{t("patrol.under_way")}</b><br/><span class="muted">{live.way}" · "{live.lasting}</span></span>
                    <Icon name="chevron-right"/>
                </a>
                <LampChip lamp=live.lamp/>
            </section>
        }
        .into_any(),
        None => view! {
            <section class="card">
                <a class="card-link" href="/patrol">
                    <Icon name="route"/>
                    <span class="grow"><b>{t("patrol.start")}</b><br/><span class="muted">{t("patrol.start_text")}</span></span>
                    <Icon name="chevron-right"/>
                </a>
            </section>
        }
        .into_any(),
    }
    }
}
