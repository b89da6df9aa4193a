//! The rescue package: what waits becomes one file that somebody carries to where there is a signal.

use greenshield_client::engine::MadeBundle;
use leptos::prelude::*;

use crate::actions::hand_over::{Way, hand_over};
use crate::actions::make_package::{Package, make_package};
use crate::context::use_app;
use crate::state::rescue::{Load, Stage};
use crate::state::unsent::size_words;
use crate::state::words::{t, tr};
use crate::ui::components::hand_over::HandOver;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::relay::Relay;
use crate::ui::components::shell::Shell;

/// The page: what it is, how much waits, one button; then what is inside and how to hand it over.
#[component]
pub fn RescuePage() -> impl IntoView {
    let app = use_app();
    let stage: RwSignal<Stage> = RwSignal::new(Stage::Idle);
    let package: StoredValue<Option<Package>, LocalStorage> = StoredValue::new_local(None);
    let is_empty = move || app.state.unsent_count() == Some(0);
    let make = move |_| {
        stage.set(Stage::Busy(0));
        app.run(async move {
            let made = make_package(app, stage).await;
            let _gone = package.try_set_value(made);
        });
    };
    let give = Callback::new(move |way: Way| {
        let file = package.with_value(|package| package.as_ref().map(Package::file));
        app.run(async move {
            if let Some(file) = file
                && let Err(message) = hand_over(app, file, way).await
            {
                app.state.say(message.advice);
            }
        });
    });
    let button = move || match stage.get() {
        Stage::Made(_) => view! { <HandOver give share=t("rescue.share") save=t("rescue.save")/> }.into_any(),
        _ if is_empty() => ().into_any(),
        stage => {
            let words = match &stage {
                Stage::Busy(percent) => tr("rescue.making", &[("percent", &percent.to_string())]),
                _ => t("rescue.make").to_owned(),
            };
            let busy = stage.is_busy();
            view! {
                <button class="btn btn--primary" disabled=busy aria-busy=busy.to_string() on:click=make><Icon name="inbox"/>{words}</button>
            }
            .into_any()
        }
    };
    let page = move || match stage.get() {
        Stage::Made(made) => made_view(made).into_any(),
        _ if is_empty() => view! {
            <div class="empty" role="status">
                <Icon name="circle-check" size="icon--xl"/>
                <p class="empty-title">{t("rescue.nothing")}</p>
                <p>{t("rescue.nothing_text")}</p>
            </div>
        }
        .into_any(),
        stage => {
            let is_known = app.state.unsent_known.get();
            let load = is_known.then(|| app.state.unsent.with(|unsent| Load::of(unsent)));
            waiting_view(load, &stage).into_any()
        }
    };
    view! {
        <Shell title=t("rescue.title") back="/me" actionbar=move || view! { {button} }>{page}</Shell>
    }
}

/// What it is, and how much would go; `None` = not counted yet.
fn waiting_view(load: Option<Load>, stage: &Stage) -> impl IntoView {
    let figure = |number: Option<usize>, words: &'static str| {
        let number = number.map_or("…".to_owned(), |number| number.to_string());
        view! { <div><div class="big">{number}</div><div class="figure-label">{words}</div></div> }
    };
    let size = load.filter(|load| load.size_bytes > 0).map(|load| size_words(load.size_bytes));
    view! {
        {stage.problem().map(|message| view! { <Problem message/> })}
        <Relay here=0/>
        <p class="lead">{t("rescue.what")}</p>
        <p>{t("rescue.sealed")}</p>
        <section class="card">
            <h2>{t("rescue.waiting")}</h2>
            <div class="figures">
                {figure(load.map(|load| load.records), t("today.records_figure"))}
                {figure(load.map(|load| load.files), t("today.files_figure"))}
            </div>
            <p class="muted">{size}</p>
        </section>
    }
}

/// What is inside, that it all stays here, and what happens next.
fn made_view(made: MadeBundle) -> impl IntoView {
    let inside = [
        ("records", made.records.to_string()),
        ("files", made.blobs.to_string()),
        ("size", size_words(made.size_bytes)),
    ];
    let inside = tr("rescue.inside", &inside.each_ref().map(|(name, value)| (*name, value.as_str())));
    let left_out = (made.left_out > 0).then(|| tr("rescue.left_out", &[("n", &made.left_out.to_string())]));
    let steps = [t("rescue.step_give"), t("rescue.step_carry"), t("rescue.step_back")];
    view! {
        <div class="saved" role="status">
            <span class="saved-lamp"><Icon name="inbox" size="icon--xl"/></span>
            <h2 class="saved-title">{t("rescue.made")}</h2>
            <p class="saved-text">{inside}</p>
        </div>
        {left_out.map(|text| view! { <p class="card card--warn">{text}</p> })}
        <p class="card card--saved row"><Icon name="device-mobile"/><span>{t("rescue.stays")}</span></p>
        <section class="card"><ol class="enrol-how">{steps.map(|step| view! { <li><span>{step}</span></li> }).collect_view()}</ol></section>
    }
}
