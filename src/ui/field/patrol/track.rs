//! A patrol that is over, or of somebody else, as the body of its record page.

use greenshield_client::engine::RecordView;
use leptos::prelude::*;

use crate::actions::copy_text::copy_text;
use crate::actions::replay_patrol::film_of;
use crate::actions::share_text::{can_share, share_text};
use crate::actions::show_track::{TrackFiles, fetch_track, findings, give_gpx, track_here};
use crate::context::App;
use crate::state::erasing::gone_facts;
use crate::state::item::ItemView;
use crate::state::message::Message;
use crate::state::patrol::belongs;
use crate::state::patrol::screen::PatrolScreen;
use crate::state::words::{t, tr};
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::record_item::RecordItem;
use crate::ui::components::replay::Replay;
use crate::ui::components::track_drawing::TrackDrawing;

/// The patrol of a record.
#[component]
pub fn PatrolBody(
    /// The app.
    app: App,
    /// The record as it was read.
    #[prop(into)]
    view: Signal<Option<RecordView>>,
) -> impl IntoView {
    let track = RwSignal::new(None::<TrackFiles>);
    let problem = RwSignal::new(None::<Message>);
    let read = move || {
        let Some(record) = view.get_untracked() else { return };
        app.run(async move {
            let found = track_here(app, &record).await;
            track.try_set(Some(found));
        });
    };
    Effect::new(move |_| {
        view.track();
        read();
    });
    let fetch = move |_| {
        let Some(record) = view.get_untracked() else { return };
        app.run(async move {
            problem.try_set(fetch_track(app, &record).await.err());
            read();
        });
    };
    let screen = Memo::new(move |_| {
        let found = track.get()?;
        let (people, now) = (app.state.people.get(), app.state.now.get());
        view.with(|view| {
            let view = view.as_ref()?;
            let reports = findings(app, view.row.record);
            let mut screen = PatrolScreen::of(view, found.segments, found.missing, &reports, &people, now);
            screen.facts.extend(app.state.duties.with(|rows| belongs::facts(view, &app.city(), rows, now)));
            screen.facts.extend(gone_facts(view, &app.city(), now));
            Some(screen)
        })
    });
    let segments = move || track.with_untracked(|track| track.clone().unwrap_or_default().segments);
    let copy = move |text: String| {
        app.run(async move { drop(problem.try_set(copy_text(app, text, t("patrol.copied")).await.err())) });
    };
    let share = move |text: String| app.run(async move { drop(problem.try_set(share_text(text).await.err())) });
    let save = move |name: String| {
        let segments = segments();
        app.run(async move { drop(problem.try_set(give_gpx(app, name, segments).await.err())) });
    };
    let head = move || {
        screen.get().map(|screen| {
            view! {
                {move || problem.get().map(|message| view! { <Problem message/> })}
                <h2 class="detail-title row"><Icon name=screen.icon/>{screen.title.clone()}</h2>
                <Way screen=screen.clone()/>
                {(screen.missing > 0).then(|| view! {
                    <section class="card card--warn">
                        <p>{tr("patrol.missing", &[("n", &screen.missing.to_string())])}</p>
                        <button class="btn" on:click=fetch><Icon name="download"/>{t("patrol.missing_do")}</button>
                    </section>
                })}
            }
        })
    };
    let rest = move || {
        screen.get().map(|screen| {
            let (message, name, has_way) = (screen.message.clone(), screen.title.clone(), screen.way.is_some());
            let told = message.clone();
            let share = can_share().then(|| view! {
                <button class="btn" on:click=move |_| share(told.clone())><Icon name="share"/>{t("share.send")}</button>
            });
            let reports = view.with(|view| view.as_ref().map(|view| findings(app, view.row.record))).unwrap_or_default();
            view! {
                <Reports app reports/>
                {(!screen.check_ins.is_empty()).then(|| view! {
                    <section class="card"><h2>{t("patrol.check_ins")}</h2><Facts facts=screen.check_ins.clone()/></section>
                })}
                {(!screen.gaps.is_empty()).then(|| view! {
                    <details class="fold card">
                        <summary>{t("patrol.gaps")}<span class="muted">{screen.gaps.len()}</span></summary>
                        <p class="muted">{t("patrol.gaps_text")}</p>
                        <ul class="plain">{screen.gaps.iter().map(|gap| view! { <li>{gap.clone()}</li> }).collect_view()}</ul>
                    </details>
                })}
                {(!screen.phone.is_empty()).then(|| view! {
                    <details class="fold card">
                        <summary>{t("patrol.phone")}</summary>
                        <p class="muted">{t("patrol.phone_text")}</p>
                        <ul class="plain">{screen.phone.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view()}</ul>
                    </details>
                })}
                <section class="card"><Facts facts=screen.facts/></section>
                <a class="btn" href=format!("/map?patrol={}", screen.record)><Icon name="map-2"/>{t("map.show")}</a>
                <div class="row row--wrap">
                    {share}
                    <button class="btn" on:click=move |_| copy(message.clone())><Icon name="copy"/>{t("patrol.share_out")}</button>
                    {has_way.then(|| view! {
                        <button class="btn" on:click=move |_| save(name.clone())><Icon name="download"/>{t("patrol.gpx_save")}</button>
                    })}
                </div>
            }
        })
    };
    // It stays while the rest is drawn anew.
    view! { {head}<Again app view track/>{rest} }
}

/// The patrol once more, as it went; its map is fetched when somebody wants to see it.
#[component]
fn Again(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
    /// Its track files.
    track: RwSignal<Option<TrackFiles>>,
) -> impl IntoView {
    let film = Memo::new(move |_| track.with(|track| view.with(|view| film_of(app, view.as_ref()?, track.as_ref()?))));
    let has_film = Memo::new(move |_| film.with(Option::is_some));
    let is_open = RwSignal::new(false);
    let turn = move |_| is_open.update(|is_open| *is_open = !*is_open);
    let day = move || {
        let from = film.with(|film| film.as_ref().map(|film| film.from_millis))?;
        let day = app.state.now.get().iso_day(from);
        app.state.is_desk().then(|| view! {
            <a class="btn btn--quiet" href=format!("/desk/replay?day={day}")><Icon name="calendar"/>{t("replay.whole_day")}</a>
        })
    };
    move || {
        has_film.get().then(|| {
            view! {
                <section class="card stack" aria-label=t("replay.open")>
                    <div class="row row--wrap">
                        <button class="btn" aria-expanded=move || is_open.get().to_string() on:click=turn>
                            <Icon name="player-play"/>{t("replay.open")}
                        </button>
                        {day}
                    </div>
                    {move || is_open.get().then(|| view! { <Replay app film/> })}
                </section>
            }
        })
    }
}

/// Figures and drawing.
#[component]
fn Way(
    /// What to show.
    screen: PatrolScreen,
) -> impl IntoView {
    let cells = screen.drawing.squares.len();
    let is_drawn = !screen.drawing.strokes.is_empty() || cells > 0;
    let label = match &screen.way {
        Some(way) => tr("patrol.track_alt", &[("way", way)]),
        None => tr("patrol.cells_alt", &[("n", &cells.to_string())]),
    };
    let has_way = screen.way.is_some();
    let way = screen.way.map(|way| {
        view! {
            <div><div class="big">{way}</div><div class="figure-label">{t("patrol.way")}</div></div>
        }
    });
    let recorded = screen.percent.map(|n| {
        view! {
            <div><div class="big">{n}"%"</div><div class="figure-label">{t("patrol.share")}</div></div>
        }
    });
    view! {
        <section class="card">
            <div class="figures">
                {way}
                <div><div class="big">{screen.lasting}</div><div class="figure-label">{t("patrol.time")}</div></div>
                {recorded}
            </div>
            {if is_drawn {
                view! { <TrackDrawing drawing=screen.drawing label/> }.into_any()
            } else {
                let key = if has_way { "patrol.track_none" } else { "patrol.cells_text" };
                view! { <p class="muted">{t(key)}</p> }.into_any()
            }}
        </section>
    }
}

/// What was reported on the way.
#[component]
fn Reports(
    /// The app.
    app: App,
    /// The reports.
    reports: Vec<greenshield_client::rows::ListRow>,
) -> impl IntoView {
    (!reports.is_empty()).then(|| {
        let (me, now) = (app.state.me(), app.state.now.get());
        let items = app.state.people.with(|people| {
            let items = reports.iter().map(|row| ItemView::of(row, &app.city(), people, me, now));
            items.collect::<Vec<_>>()
        });
        let items = items.into_iter().map(|item| {
            let href = format!("/records/{}", item.record);
            view! { <li><RecordItem app item href/></li> }
        });
        view! { <h2>{t("patrol.findings")}</h2><ul class="list">{items.collect_view()}</ul> }
    })
}
