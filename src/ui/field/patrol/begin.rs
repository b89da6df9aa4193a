//! Setting out: how, with whom, back when; and what the phone can promise.

use greenshield_domain::city::preset_for;
use greenshield_domain::ids::RecordId;
use greenshield_domain::track::Mode;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::actions::check_ready::watch_ready;
use crate::actions::import_track::import_picked;
use crate::actions::own_data::answer_tracks;
use crate::actions::start_patrol::start_patrol;
use crate::context::App;
use crate::state::message::Message;
use crate::state::own_data::tracks;
use crate::state::patrol::Plan;
use crate::state::patrol::belongs;
use crate::state::patrol::hints::usual;
use crate::state::patrol::ready::{ReadyFacts, check};
use crate::state::words::{self, t, tr};
use crate::ui::components::consent_card::ConsentCard;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::modes::Modes;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::{Shell, Tab};

/// Hours after which people usually are back.
const BACK_HOURS: [i64; 4] = [2, 4, 8, 12];

/// The page before a patrol.
#[component]
pub fn Begin(
    /// The app.
    app: App,
) -> impl IntoView {
    let mode = RwSignal::new(Mode::Foot);
    let companions = RwSignal::new(String::new());
    let hours = RwSignal::new(None::<i64>);
    let (worn, operation) = (RwSignal::new(None::<Vec<String>>), RwSignal::new(None::<RecordId>));
    let hats = Memo::new(move |_| app.state.duties.with(|rows| belongs::hats(&app.city(), rows, app.state.me())));
    let problem = RwSignal::new(None::<Message>);
    let is_busy = RwSignal::new(false);
    // The first time the answer and the start are one tap; refusing starts as well.
    let start = move |answer: Option<bool>| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let agreed = app.state.consents.with_untracked(|answers| tracks(answers));
        let has_track = answer.or(agreed).unwrap_or(false);
        let plan = Plan {
            has_track,
            mode: mode.get_untracked(),
            companions: companions.get_untracked(),
            planned_return_millis: hours.get_untracked().map(|hours| app.now_millis() + hours * 3_600_000),
            hats: worn.get_untracked(),
            operation: operation.get_untracked(),
        };
        app.run(async move {
            if let Some(is_given) = answer
                && let Err(message) = answer_tracks(app, is_given).await
            {
                is_busy.try_set(false);
                problem.try_set(Some(message));
                return;
            }
            let result = start_patrol(app, plan).await;
            is_busy.try_set(false);
            problem.try_set(result.err());
        });
    };
    let agreed = move || app.state.consents.with(|answers| tracks(answers));
    let busy = move || is_busy.get().then_some("true");
    let preset = {
        let (city, role) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
        preset_for(&city.info.patrol_presets, &role, None)
            .map(|preset| (words::of(&preset.name).to_owned(), usual(preset)))
    };
    view! {
        <Shell title=t("patrol.start_title") back="/" tab=Tab::Today actionbar=move || view! {
            {move || if agreed().is_some() {
                view! {
                    <button class="btn btn--primary" aria-busy=busy on:click=move |_| start(None)>
                        <Icon name="player-play"/>{t("patrol.start")}
                    </button>
                }.into_any()
            } else {
                view! {
                    <button class="btn" aria-busy=busy on:click=move |_| start(Some(false))>{t("consent.start_without")}</button>
                    <button class="btn btn--primary" aria-busy=busy on:click=move |_| start(Some(true))>
                        <Icon name="player-play"/>{t("consent.start_with")}
                    </button>
                }.into_any()
            }}
        }>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {move || match agreed() {
                None => view! { <ConsentCard/> }.into_any(),
                Some(true) => ().into_any(),
                Some(false) => view! {
                    <a class="card card-link" href="/me/data"><Icon name="map-pin-off"/><span class="grow"><b>{t("patrol.no_track")}</b><br/><span class="muted">{t("consent.change")}</span></span><Icon name="chevron-right"/></a>
                }.into_any(),
            }}
            <section class="card">
                <Modes label=t("patrol.how") chosen=mode on_choose=Callback::new(move |choice| mode.set(choice))/>
                <fieldset class="field">
                    <legend class="field-label">{t("patrol.back_by")}</legend>
                    <div class="options">
                        {back(hours, None)}
                        {BACK_HOURS.map(|n| back(hours, Some(n))).collect_view()}
                    </div>
                    <span class="field-hint">{t("patrol.back_hint")}</span>
                </fieldset>
                <label class="field">
                    <span class="field-label">{t("patrol.companions")}</span>
                    <input class="input" maxlength="200" placeholder=t("patrol.companions_hint")
                        on:input=move |event| companions.set(event_target_value(&event))/>
                </label>
                <Hats hats worn/>
                <Operations app operation/>
            </section>
            {preset.map(|(name, usual)| view! {
                <section class="card row">
                    <Icon name="info-circle"/>
                    <p class="grow"><b>{name}</b><br/>{usual}<br/><span class="muted">{t("patrol.usual_hint")}</span></p>
                </section>
            })}
            <Ready app/>
            <Import app mode problem/>
        </Shell>
    }
}

/// One answer to when somebody is back.
fn back(hours: RwSignal<Option<i64>>, this: Option<i64>) -> impl IntoView {
    let words = match this {
        None => t("patrol.back_none").to_owned(),
        Some(n) => tr("patrol.back_in", &[("n", &n.to_string())]),
    };
    view! {
        <button class="option" type="button" aria-pressed=move || (hours.get() == this).to_string() on:click=move |_| hours.set(this)>{words}</button>
    }
}

/// As what somebody walks who serves in more than one field: all of it, unless something is taken away.
#[component]
fn Hats(
    /// Ids and words.
    hats: Memo<Vec<(String, String)>>,
    /// What was chosen; `None` = nothing was taken away.
    worn: RwSignal<Option<Vec<String>>>,
) -> impl IntoView {
    let option = move |(id, words): (String, String)| {
        let own = id.clone();
        let is_worn = move || worn.with(|worn| worn.as_ref().is_none_or(|worn| worn.contains(&own)));
        let toggle = move |_| {
            let all = || hats.with_untracked(|hats| hats.iter().map(|(id, _)| id.clone()).collect());
            let mut chosen: Vec<String> = worn.get_untracked().unwrap_or_else(all);
            match chosen.iter().position(|known| *known == id) {
                Some(at) => drop(chosen.remove(at)),
                None => chosen.push(id.clone()),
            }
            worn.set(Some(chosen));
        };
        view! { <button class="option" type="button" aria-pressed=move || is_worn().to_string() on:click=toggle>{words}</button> }
    };
    move || {
        let hats = hats.get();
        (hats.len() > 1).then(|| {
            view! {
                <fieldset class="field">
                    <legend class="field-label">{t("patrol.hats")}</legend>
                    <div class="options">{hats.into_iter().map(option).collect_view()}</div>
                    <span class="field-hint">{t("patrol.hats_hint")}</span>
                </fieldset>
            }
        })
    }
}

/// The joint operation that the walk is a part of, where there is one these days.
#[component]
fn Operations(
    /// The app.
    app: App,
    /// Which one.
    operation: RwSignal<Option<RecordId>>,
) -> impl IntoView {
    let known = Memo::new(move |_| {
        let now = app.state.now.get();
        app.state.duties.with(|rows| belongs::operations(&app.city(), rows, now))
    });
    let option = move |(this, words): (Option<RecordId>, String)| {
        view! {
            <button class="option" type="button" aria-pressed=move || (operation.get() == this).to_string() on:click=move |_| operation.set(this)>{words}</button>
        }
    };
    move || {
        let known = known.get();
        (!known.is_empty()).then(|| {
            let none = std::iter::once((None, t("patrol.operation_none").to_owned()));
            let all = none.chain(known.into_iter().map(|(record, title)| (Some(record), title)));
            view! {
                <fieldset class="field">
                    <legend class="field-label">{t("patrol.operation")}</legend>
                    <div class="options">{all.map(option).collect_view()}</div>
                </fieldset>
            }
        })
    }
}

/// What the phone can promise.
#[component]
fn Ready(
    /// The app.
    app: App,
) -> impl IntoView {
    let facts = RwSignal::new(ReadyFacts::default());
    let _watch = StoredValue::new_local(watch_ready(app, facts));
    let items = Memo::new(move |_| check(&facts.get()));
    let rows = move || {
        items.get().into_iter().map(|item| view! {
            <li class="ready"><LampChip lamp=item.lamp/>{item.advice.map(|advice| view! { <span class="muted">{advice}</span> })}</li>
        }).collect_view()
    };
    let is_good = move || items.with(|items| items.iter().all(|item| item.advice.is_none()));
    view! {
        <section class="card">
            <h2>{t("ready.title")}</h2>
            {move || is_good().then(|| view! { <p>{t("ready.all_good")}</p> })}
            <ul class="readies" aria-live="polite">{rows}</ul>
        </section>
    }
}

/// A track of another device.
#[component]
fn Import(
    /// The app.
    app: App,
    /// How the person moved.
    mode: RwSignal<Mode>,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let navigate = use_navigate();
    let picked = move |event| {
        let navigate = navigate.clone();
        import_picked(app, &event, mode.get_untracked(), move |outcome| match outcome {
            Ok(record) => navigate(&format!("/records/{record}"), leptos_router::NavigateOptions::default()),
            Err(message) => drop(problem.try_set(Some(message))),
        });
    };
    view! {
        <section class="card">
            <p class="muted">{t("patrol.gpx_import_text")}</p>
            <label class="btn btn--quiet file">
                <Icon name="download"/><span>{t("patrol.gpx_import")}</span>
                <input type="file" accept=".gpx,application/gpx+xml" aria-label=t("patrol.gpx_import") on:change=picked/>
            </label>
        </section>
    }
}
