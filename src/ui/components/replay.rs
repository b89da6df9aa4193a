//! Patrols once more: a map that shows a moment, the line of time with its button and its slider, the same in words.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::icon::Icon;
use super::map_view::MapView;
use super::thumb::Thumb;
use crate::actions::replay_patrol::is_calm;
use crate::actions::show_map::{MapControl, MapState};
use crate::context::App;
use crate::state::nearby::MyPlace;
use crate::state::replay::Film;
use crate::state::replay::drawn::WIDE;
use crate::state::replay::player::{CALM_TICK_MILLIS, Player, SPEEDS, TICK_MILLIS};
use crate::state::replay::words::{Line, Told, clock, speed};
use crate::state::words::t;

/// What is shown and what plays. Copied freely; a copy is the same replay.
#[derive(Clone, Copy)]
struct Show {
    app: App,
    film: Signal<Option<Arc<Film>>>,
    player: RwSignal<Player>,
    /// The moment, ms since 1970.
    at: Memo<i64>,
}

impl Show {
    /// Something of the film at the moment; changes only when that does.
    fn shown<T>(self, of: impl Fn(&Film, i64) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Default + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            let at = self.at.get();
            self.film.with(|film| film.as_deref().map(|film| of(film, at)).unwrap_or_default())
        })
    }

    /// To the next thing that happened, or to the one before.
    fn jump(self, is_after: bool) {
        let at = self.at.get_untracked();
        let to = self.film.with_untracked(|film| film.as_ref().and_then(|film| film.beside(at, is_after)));
        if let Some(to) = to {
            self.player.update(|player| player.seek(to));
        }
    }
}

/// The replay.
#[component]
pub fn Replay(
    /// The app.
    app: App,
    /// What is shown; `None` until there is something.
    #[prop(into)]
    film: Signal<Option<Arc<Film>>>,
) -> impl IntoView {
    let player = RwSignal::new(Player::default());
    let show = Show { app, film, player, at: Memo::new(move |_| player.with(|player| player.at_millis)) };
    let span = Memo::new(move |_| film.with(|film| film.as_ref().map(|film| (film.from_millis, film.until_millis))));
    Effect::new(move |_| {
        if let Some((from, until)) = span.get() {
            player.update(|player| player.take(from, until));
        }
    });
    let tick = if is_calm() { CALM_TICK_MILLIS } else { TICK_MILLIS };
    let ticking = set_interval_with_handle(
        move || {
            if player.with_untracked(|player| player.is_playing) {
                player.update(|player| player.tick(tick));
            }
        },
        Duration::from_millis(tick.into()),
    );
    on_cleanup(move || ticking.into_iter().for_each(|ticking| ticking.clear()));
    let heard = Memo::new(move |_| {
        let (at, now) = (show.at.get(), app.state.now.get());
        film.with(|film| film.as_ref().map(|film| film.heard(at, now)).unwrap_or_default())
    });
    view! {
        <div class="replay">
            <Drawn show/>
            <TimeLine show/>
            <Speeds show/>
            <Moment show/>
            <p class="visually-hidden" role="status" aria-live="polite">{heard}</p>
            <Events show/>
        </div>
    }
}

/// The map. What it shows stands below in words, so where there can be no map nothing is missing.
#[component]
fn Drawn(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let control = MapControl::new();
    let is_shown = Memo::new(move |_| control.state.get() == MapState::Shown);
    let corners = Memo::new(move |_| show.film.with(|film| film.as_ref().and_then(|film| film.corners())));
    Effect::new(move |_| {
        if let Some(corners) = corners.get().filter(|_| is_shown.get()) {
            control.show_all(corners);
        }
    });
    // Each layer is drawn anew only when something was added to it.
    let ways = show.shown(|film, at| (film.from_millis, film.measured(at)));
    Effect::new(move |_| {
        // A memo that nobody reads hears of nothing.
        let _measured = ways.get();
        if is_shown.get() {
            let at = show.at.get_untracked();
            show.film.with(|film| film.iter().for_each(|film| control.put_ways(&film.ways(at))));
        }
    });
    let walkers = show.shown(Film::walkers);
    Effect::new(move |_| {
        if is_shown.get() {
            walkers.with(|walkers| control.put_walkers(walkers));
        }
    });
    let marks = show.shown(Film::marks);
    Effect::new(move |_| {
        if is_shown.get() {
            marks.with(|marks| control.put_points(marks));
        }
    });
    let me = RwSignal::new(MyPlace::Unavailable);
    let has_failed = Memo::new(move |_| control.state.get() == MapState::Failed);
    move || {
        if has_failed.get() {
            view! { <p class="card card--warn row"><Icon name="info-circle"/>{t("map.failed")}</p> }.into_any()
        } else {
            view! { <section class="replay-map" aria-label=t("map.label")><MapView app=show.app control me at=None/></section> }
                .into_any()
        }
    }
}

/// The line of time: what is known on it, the slider, the button.
#[component]
fn TimeLine(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let player = show.player;
    let slider = Memo::new(move |_| player.with(Player::slider));
    let is_playing = Memo::new(move |_| player.with(|player| player.is_playing));
    let said = Memo::new(move |_| {
        let (at, now) = (show.at.get(), show.app.state.now.get());
        show.film.with(|film| film.as_ref().map(|film| film.said(at, now)).unwrap_or_default())
    });
    let slide = move |event| {
        if let Ok(seconds) = event_target_value(&event).parse::<f64>() {
            player.update(|player| player.slide(seconds as i64));
        }
    };
    let turn = move || match is_playing.get() {
        true => view! { <Icon name="player-pause"/>{t("replay.pause")} },
        false => view! { <Icon name="player-play"/>{t("replay.play")} },
    };
    let time = move || clock(show.at.get(), show.app.state.now.get());
    view! {
        <div class="replay-time">
            <p class="replay-clock">{time}</p>
            <Band show/>
            <input class="replay-slider" type="range" min="0" aria-label=t("replay.time") aria-valuetext=move || said.get()
                step=move || slider.get().step.to_string() max=move || slider.get().most.to_string()
                prop:value=move || slider.get().value.to_string() on:input=slide/>
            <div class="row row--wrap">
                <button class="btn btn--primary replay-turn" on:click=move |_| player.update(Player::turn)>{turn}</button>
                <button class="btn btn--icon" aria-label=t("replay.event_before") on:click=move |_| show.jump(false)><Icon name="chevron-left"/></button>
                <button class="btn btn--icon" aria-label=t("replay.event_after") on:click=move |_| show.jump(true)><Icon name="chevron-right"/></button>
            </div>
        </div>
    }
}

/// What lies where on the line of time: hatched where nothing was recorded, a stroke where something happened.
#[component]
fn Band(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let drawn = Memo::new(move |_| {
        show.film.with(|film| film.as_ref().map(|film| (film.gaps(), film.moments())).unwrap_or_default())
    });
    let inside = move || {
        let (gaps, moments) = drawn.get();
        let gaps = gaps.into_iter().map(|gap| {
            view! { <rect class="replay-gap" x=gap.at.to_string() y="0" width=gap.wide.to_string() height="16"/> }
        });
        let moments = moments.into_iter().map(|moment| {
            view! { <rect class="replay-event" x=(moment.at - 2).to_string() y="0" width="4" height="16"/> }
        });
        view! { {gaps.collect_view()}{moments.collect_view()} }
    };
    view! {
        <svg class="replay-band" viewBox=format!("0 0 {WIDE} 16") preserveAspectRatio="none" aria-hidden="true">
            <rect class="replay-known" x="0" y="0" width=WIDE.to_string() height="16"/>
            {inside}
        </svg>
    }
}

/// How fast it plays.
#[component]
fn Speeds(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let player = show.player;
    let choices = SPEEDS.map(|times| {
        let pressed = move || player.with(|player| player.speed == times).to_string();
        let choose = move |_| player.update(|player| player.speed = times);
        view! { <button class="option" aria-pressed=pressed on:click=choose>{speed(times)}</button> }
    });
    view! { <div class="options" role="group" aria-label=t("replay.speed")>{choices.collect_view()}</div> }
}

/// Where everybody is at the moment, in words.
#[component]
fn Moment(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let told = show.shown(Film::told);
    let line = |Told { name, icon, words, is_gap, .. }: Told| {
        let icon = if is_gap { "map-pin-off" } else { icon };
        let class = if is_gap { "replay-told replay-told--gap" } else { "replay-told" };
        let name = (!name.is_empty()).then(|| view! { <b>{name}</b> });
        view! { <li class=class><Icon name=icon/><span>{name}" "{words}</span></li> }
    };
    view! {
        <ul class="plain replay-all">{move || told.get().into_iter().map(line).collect_view()}</ul>
        <p class="muted">{t("replay.honest")}</p>
    }
}

/// What happened on the way; each leads to its time.
#[component]
fn Events(
    /// The replay.
    show: Show,
) -> impl IntoView {
    let now = Memo::new(move |_| show.app.state.now.get());
    let lines = Memo::new(move |_| {
        let now = now.get();
        show.film.with(|film| film.as_ref().map(|film| film.lines(now)).unwrap_or_default())
    });
    let happened = show.shown(Film::happened);
    let drawn = move || {
        let line = |(index, line): (usize, Line)| {
            let seek = move |_| show.player.update(|player| player.seek(line.at_millis));
            let is_past = move || (index < happened.get()).to_string();
            let is_last = move || (index + 1 == happened.get()).then_some("step");
            let class = if line.is_gap { "replay-line replay-line--gap" } else { "replay-line" };
            let picture = match line.found.clone() {
                Some(found) => view! {
                    <Thumb app=show.app record=found.record blob=found.thumb icon=found.icon is_urgent=found.is_urgent may_fetch=true/>
                }
                .into_any(),
                None => view! { <Icon name=line.icon/> }.into_any(),
            };
            let open = line.found.map(|found| view! {
                <a class="btn btn--s btn--quiet" href=format!("/records/{}", found.record) aria-label=format!("{} {}", t("replay.open_found"), found.title)>{t("replay.open_found")}</a>
            });
            view! {
                <li class="replay-row" data-past=is_past>
                    <button class=class aria-current=is_last on:click=seek>
                        <span class="replay-at">{line.clock}</span>{picture}<span class="grow">{line.words}</span>
                    </button>
                    {open}
                </li>
            }
        };
        lines.get().into_iter().enumerate().map(line).collect_view()
    };
    view! {
        <h2>{t("replay.events")}</h2>
        <ol class="plain replay-events">{drawn}</ol>
    }
}
