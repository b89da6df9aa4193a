//! Carrying for others: take a package file along, see how far each is, hand the receipts back.

use greenshield_client::rows::CourierRow;
use leptos::prelude::*;

use crate::actions::carry_package::{carry_picked, hand_back, put_away, refresh_couriers};
use crate::actions::hand_over::Way;
use crate::actions::retry_now::retry_now;
use crate::context::{App, use_app};
use crate::state::rescue::{CourierView, Stage};
use crate::state::words::{t, tr};
use crate::ui::components::hand_over::HandOver;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::relay::Relay;
use crate::ui::components::shell::Shell;

/// The page. While this phone carries something, that is what it shows; what carrying is stands there before.
#[component]
pub fn CarryPage() -> impl IntoView {
    let app = use_app();
    let stage: RwSignal<Stage> = RwSignal::new(Stage::Idle);
    app.run(refresh_couriers(app));
    let bar = move || {
        let stage_now = stage.get();
        let busy = stage_now.is_busy();
        let words = match stage_now {
            Stage::Busy(percent) => tr("carry.taking", &[("percent", &percent.to_string())]),
            _ => t("carry.pick").to_owned(),
        };
        // The loud button is the one for the receipts, as long as there are some to hand back.
        let is_free = app.state.couriers.with(|rows| rows.iter().all(|row| row.delivered_millis.is_none()));
        let class = if is_free { "btn btn--primary file" } else { "btn file" };
        view! {
            <label class=class aria-busy=busy.to_string()>
                <Icon name="inbox"/><span>{words}</span>
                <input type="file" aria-label=t("carry.pick") disabled=busy on:change=move |event| carry_picked(app, &event, stage)/>
            </label>
        }
    };
    let page = move || {
        let rows = app.state.couriers.get();
        let intro = rows.is_empty().then(|| {
            view! {
                <Relay here=1/>
                <p class="lead">{t("carry.what")}</p>
                <p>{t("carry.sealed")}</p>
            }
        });
        let items = rows.into_iter().map(|row| view! { <li>{item(app, row, stage)}</li> }).collect_view();
        view! {
            {stage.get().problem().map(|message| view! { <Problem message/> })}
            {intro}
            <ul class="list" aria-live="polite">{items}</ul>
        }
    };
    view! {
        <Shell title=t("carry.title") back="/me" actionbar=move || view! { {bar} }>{page}</Shell>
    }
}

/// One package.
fn item(app: App, row: CourierRow, stage: RwSignal<Stage>) -> AnyView {
    let is_connected = app.state.sync.with(|sync| sync.is_connected());
    let view = CourierView::of(&row, is_connected, app.state.now.get());
    let is_delivered = row.delivered_millis.is_some();
    let is_waiting = row.is_waiting();
    let away = {
        let row = row.clone();
        move |_| app.run(put_away(app, row.clone()))
    };
    let give = Callback::new(move |way: Way| {
        let row = row.clone();
        app.run(async move {
            if let Err(message) = hand_back(app, row, way).await {
                stage.try_set(Stage::Failed(message));
            }
        });
    });
    view! {
        <section class="card">
            <h2 class="row"><Icon name="inbox"/>{view.title}</h2>
            <p class="muted">{view.facts}</p>
            <p><LampChip lamp=view.lamp/></p>
            {view.percent.map(|percent| view! {
                <progress class="bar" max="100" value=percent.to_string() aria-label=t("carry.title")></progress>
            })}
            {view.problem.map(|problem| view! { <p><b>{problem.title}</b>" "{problem.advice}</p> })}
            {is_delivered.then(|| view! {
                <p>{t("carry.give_back")}</p>
                <div class="stack"><HandOver give share=t("carry.share") save=t("carry.save")/></div>
            })}
            {is_waiting.then(|| view! {
                <button class="btn btn--quiet" on:click=move |_| app.run(retry_now(app))><Icon name="refresh"/>{t("action.retry_now")}</button>
            })}
            <details class="fold">
                <summary>{t("carry.away")}</summary>
                <p>{if is_delivered { t("carry.away_delivered") } else { t("carry.away_text") }}</p>
                <button class="btn btn--quiet" on:click=away><Icon name="trash"/>{t("carry.away_yes")}</button>
            </details>
        </section>
    }
    .into_any()
}
