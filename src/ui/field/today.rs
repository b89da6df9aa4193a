//! Today: two truths, what waits, what was answered, and one thing to do.

use greenshield_client::rows::ListRow;
use greenshield_domain::{incident, order};
use leptos::prelude::*;

use super::asked::AskedCard;
use super::install_hint::InstallHint;
use super::notices::{Notices, Seasons};
use super::patrol::card::PatrolCard;
use super::tasks::TaskCard;
use super::training::InvitedCard;
use crate::actions::retry_now::retry_now;
use crate::context::{App, use_app};
use crate::state::item;
use crate::state::lamp::{Lamp, Tone, state_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::{Shell, Tab};

/// Answers shown.
const MOST_ANSWERS: usize = 5;

/// The first page of a ranger.
#[component]
pub fn TodayPage() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let saved = move || {
        let n = state.unsent_count().map_or("…".to_owned(), |n| n.to_string());
        Lamp { tone: Tone::Saved, icon: "device-mobile", words: tr("lamp.saved_count", &[("n", &n)]) }
    };
    let delivered = move || {
        let n = state.sync.with(|sync| sync.delivered).to_string();
        Lamp { tone: Tone::Sent, icon: "circle-check", words: tr("lamp.delivered_count", &[("n", &n)]) }
    };
    let is_empty = move || state.records.with(|list| list.is_loaded && list.rows.is_empty());
    view! {
        <Shell title=t("today.title") tab=Tab::Today end=move || view! {
            <span class="topbar-end" aria-live="polite">
                {move || view! { <LampChip lamp=saved()/> }}
                {move || view! { <LampChip lamp=delivered()/> }}
            </span>
        }>
            {move || state.draft.get().map(|draft| {
                let time = state.now.get().moment(draft.started_millis);
                let text = tr("today.draft_text", &[("time", &time), ("n", &draft.photos.to_string())]);
                view! {
                    <section class="card card--warn">
                        <a class="card-link" href="/report">
                            <Icon name="edit"/>
                            <span class="grow"><b>{t("today.draft")}</b><br/><span class="muted">{text}</span></span>
                            <Icon name="chevron-right"/>
                        </a>
                    </section>
                }
            })}
            <AskedCard app/>
            <TaskCard app/>
            <InvitedCard app/>
            <Notices app/>
            <Seasons app/>
            <PatrolCard app/>
            <Waiting app/>
            <Answers app/>
            {move || is_empty().then(|| view! {
                <div class="empty">
                    <Icon name="camera" size="icon--xl"/>
                    <p class="empty-title">{t("today.empty")}</p>
                    <p>{t("today.empty_text")}</p>
                </div>
            })}
            <InstallHint has_page=true/>
        </Shell>
    }
}

/// What is on this phone only, and whether it can leave.
#[component]
fn Waiting(
    /// The app.
    app: App,
) -> impl IntoView {
    let state = app.state;
    let counts = Memo::new(move |_| {
        state.unsent.with(|unsent| {
            let photos = unsent.iter().flat_map(|item| &item.blobs).count();
            (unsent.len(), photos)
        })
    });
    let problem = move || state.sync.with(|sync| sync.problem.as_ref().map(|problem| problem.title.clone()));
    view! {
        <section class="card" aria-live="polite">
            {move || {
                let (records, photos) = counts.get();
                let lamp = state.sync.with(|sync| sync.lamp());
                if !state.unsent_known.get() {
                    view! { <div class="card-head"><h2>{t("app.loading")}</h2></div> }.into_any()
                } else if records == 0 {
                    view! {
                        <div class="card-head"><h2>{t("today.all_sent")}</h2><LampChip lamp/></div>
                        <p class="muted">{state.sync.with(|sync| sync.last_contact(state.now.get()))}</p>
                    }.into_any()
                } else {
                    let n = records.to_string();
                    view! {
                        <div class="card-head"><h2>{t("today.unsent")}</h2><LampChip lamp/></div>
                        <p>{tr("today.unsent_text", &[("n", &n)])}</p>
                        <div class="figures">
                            <div><div class="big">{records}</div><div class="figure-label">{t("today.records_figure")}</div></div>
                            <div><div class="big">{photos}</div><div class="figure-label">{t("today.files_figure")}</div></div>
                        </div>
                        {move || problem().map(|problem| view! { <p class="muted">{problem}</p> })}
                        <div class="row row--wrap">
                            <a class="btn btn--quiet" href="/me/unsent">{t("me.unsent_list")}</a>
                            <button class="btn btn--quiet" on:click=move |_| app.run(retry_now(app))>
                                <Icon name="refresh"/>{t("action.retry_now")}
                            </button>
                        </div>
                    }.into_any()
                }
            }}
        </section>
    }
}

/// What became of my reports, newest first.
#[component]
fn Answers(
    /// The app.
    app: App,
) -> impl IntoView {
    let state = app.state;
    let answered = Memo::new(move |_| {
        let me = state.me();
        let city = app.city();
        state.records.with(|list| {
            let is_handled = |row: &&ListRow| row.kind == incident::KIND && (row.answered || row.state.is_some());
            let mine = list.rows.iter().filter(|row| row.reporter == me).filter(is_handled);
            let line = |row: &ListRow| {
                let became = state_words(row, &city);
                let became = if row.answered { tr("desk.state_answered", &[("state", &became)]) } else { became };
                (row.record, row.updated_millis, item::title(row, &city), became)
            };
            let mut rows: Vec<_> = mine.map(line).collect();
            order::sort_by_key(&mut rows, |(_, updated, _, _)| std::cmp::Reverse(*updated));
            rows.truncate(MOST_ANSWERS);
            rows
        })
    });
    move || {
        let answered = answered.get();
        (!answered.is_empty()).then(|| {
            let now = state.now.get();
            let count = answered.len();
            let rows = answered.into_iter().map(|(record, updated, title, became)| view! {
                <li>
                    <a class="card-link" href=format!("/records/{record}")>
                        <Icon name="message"/>
                        <span class="grow"><b>{title}</b><br/><span>{became}</span>" "<span class="muted">{now.moment(updated)}</span></span>
                        <Icon name="chevron-right"/>
                    </a>
                </li>
            });
            view! {
                <section class="card">
                    <div class="card-head"><h2>{t("today.answers")}</h2><span class="muted">{count}</span></div>
                    <ul class="card-list">{rows.collect_view()}</ul>
                </section>
            }
        })
    }
}
