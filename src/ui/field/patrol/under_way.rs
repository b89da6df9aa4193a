//! On the way: what is recorded, what can be done with one tap.

use greenshield_domain::city::preset_for;
use greenshield_domain::track::Mode;
use leptos::prelude::*;

use super::finish::Finish;
use super::pocket::Pocket;
use crate::actions::change_settings::change_settings;
use crate::actions::end_patrol::{change_mode, check_in, pause_or_go_on};
use crate::actions::signal_patrol::wake_speaker;
use crate::context::App;
use crate::state::message::Message;
use crate::state::patrol::hints::Hint;
use crate::state::patrol::pulse::EVERY_MINUTES;
use crate::state::patrol::screen::LiveView;
use crate::state::words::{t, tr};
use crate::ui::components::hold_button::HoldButton;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::modes::Modes;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::{Shell, Tab};

/// The page of the patrol under way.
#[component]
pub fn UnderWay(
    /// The app.
    app: App,
) -> impl IntoView {
    let live = Memo::new(move |_| {
        let now = app.state.now.get();
        let (city, role) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
        app.state.patrol.with(|walk| {
            let walk = walk.as_ref()?;
            let place = walk.newest.map(|fix| (fix.lat_e7, fix.lon_e7));
            Some(LiveView::of(walk, preset_for(&city.info.patrol_presets, &role, place), now))
        })
    });
    let problem = RwSignal::new(None::<Message>);
    let is_pocket = RwSignal::new(false);
    let is_ending = RwSignal::new(false);
    let told = move |result: Result<(), Message>| drop(problem.try_set(result.err()));
    let check = move |is_well| app.run(async move { told(check_in(app, is_well).await) });
    let is_paused = Memo::new(move |_| live.with(|live| live.as_ref().is_some_and(|live| live.is_paused)));
    let has_track = Memo::new(move |_| live.with(|live| live.as_ref().is_none_or(|live| live.has_track)));
    let rest = move || {
        let (icon, words) =
            if is_paused.get() { ("player-play", t("patrol.go_on")) } else { ("player-pause", t("patrol.pause")) };
        view! { <Icon name=icon/>{words} }
    };
    view! {
        <Shell title=t("patrol.under_way") back="/" tab=Tab::Today actionbar=move || view! {
            <HoldButton label=t("patrol.end") hint=t("patrol.end_hint") icon="player-stop" class="btn" on_held=Callback::new(move |()| is_ending.set(true))/>
        }>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {move || live.get().map(|live| view! { <Live live/> })}
            {move || is_ending.get().then(|| view! { <Finish app is_ending problem/> })}
            <div class="patrol-do">
                <button class="btn" on:click=move |_| check(true)><Icon name="check"/>{t("patrol.check_in_well")}</button>
                <button class="btn" on:click=move |_| check(false)><Icon name="map-pin"/>{t("patrol.check_in")}</button>
                <a class="btn" href="/report"><Icon name="camera"/>{t("patrol.report")}</a>
                <button class="btn" on:click=move |_| app.run(pause_or_go_on(app))>{rest}</button>
                {move || has_track.get().then(|| view! {
                    <button class="btn btn--primary patrol-wide" on:click=move |_| { wake_speaker(app); is_pocket.set(true); }><Icon name="device-mobile"/>{t("patrol.pocket")}</button>
                })}
            </div>
            <p class="muted">{move || if has_track.get() { t("patrol.keep_open") } else { t("patrol.no_track_text") }}</p>
            {move || {
                let hints = live.with(|live| live.as_ref().map(|live| live.hints.clone())).unwrap_or_default();
                (!hints.is_empty()).then(|| view! {
                    <section class="card stack">
                        <span class="muted">{t("patrol.usual_text")}</span>
                        <div class="chips">{hints.into_iter().map(hint).collect_view()}</div>
                    </section>
                })
            }}
            <details class="fold card">
                <summary>{t("patrol.legs")}</summary>
                <Modes label=t("patrol.how") chosen=Signal::derive(move || live.with(|live| live.as_ref().map_or(Mode::Foot, |live| live.mode)))
                    on_choose=Callback::new(move |mode| app.run(async move { told(change_mode(app, mode).await) }))/>
            </details>
            <PulseChoice app/>
            {move || is_pocket.get().then(|| view! { <Pocket live is_pocket/> })}
        </Shell>
    }
}

/// How often the phone lets itself be felt in a pocket.
#[component]
fn PulseChoice(
    /// The app.
    app: App,
) -> impl IntoView {
    let option = move |minutes: u8| {
        let words = match minutes {
            0 => t("patrol.pulse_off").to_owned(),
            n => tr("patrol.minutes", &[("m", &n.to_string())]),
        };
        let is_chosen = move || (app.state.settings.get().pulse_minutes() == minutes).to_string();
        let choose = move |_| {
            wake_speaker(app);
            change_settings(app, |settings| settings.pulse = Some(minutes));
        };
        view! { <button class="option" type="button" aria-pressed=is_chosen on:click=choose>{words}</button> }
    };
    view! {
        <details class="fold card">
            <summary>{t("patrol.pulse")}</summary>
            <fieldset class="field">
                <legend class="field-label">{t("patrol.pulse_every")}</legend>
                <div class="options">{EVERY_MINUTES.map(option).collect_view()}</div>
                <span class="field-hint">{t("patrol.pulse_hint")}</span>
            </fieldset>
        </details>
    }
}

/// The figures.
#[component]
fn Live(
    /// What they are.
    live: LiveView,
) -> impl IntoView {
    let denied = live.lamp.words == t("patrol.denied");
    let back = live.back.map(|(time, is_over)| {
        let words = tr("patrol.back_at", &[("time", &time)]);
        let class = if is_over { "chip chip--alarm" } else { "chip" };
        let icon = if is_over { "alert-triangle" } else { "clock" };
        view! {
            <span class=class><Icon name=icon/><span>{words}</span></span>
            {is_over.then(|| view! { <b>{t("patrol.overdue")}</b> })}
        }
    });
    view! {
        <section class="card">
            <div class="chips" aria-live="polite"><LampChip lamp=live.lamp/>{back}</div>
            {denied.then(|| view! { <p>{t("patrol.denied_do")}</p> })}
            <div class="figures">
                {live.has_track.then(|| view! { <div><div class="big">{live.way}</div><div class="figure-label">{t("patrol.way")}</div></div> })}
                <div><div class="big">{live.lasting}</div><div class="figure-label">{t("patrol.time")}</div></div>
                {live.has_track.then(|| view! { <div><div class="big">{live.percent}"%"</div><div class="figure-label">{t("patrol.share")}</div></div> })}
            </div>
        </section>
    }
}

/// One of the usual numbers.
fn hint(hint: Hint) -> impl IntoView {
    let icon = if hint.is_reached { "check" } else { hint.icon };
    view! { <span class="chip"><Icon name=icon/><span>{hint.words}</span></span> }
}
