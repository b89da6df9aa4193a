//! Referrals at the desk: all of them with their clocks and the count of the year; one is in `referral/page`, its papers in
//! `referral/paper`, a new one in `referral/new`.

pub mod new;
pub mod page;
pub mod paper;

use greenshield_domain::calendar::civil;
use greenshield_domain::city::YearDay;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::whole_list::read_all;
use crate::context::{App, use_app};
use crate::state::referral::{Part, ReferralLine, Share, first_moment, in_order, percent_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::Shell;
pub use new::NewReferralPage;
pub use page::ReferralPage;
pub use paper::PaperPage;

/// The clock of the server, ms since 1970.
fn server_millis(app: App) -> i64 {
    app.state.now.get().millis + app.state.sync.with(|sync| sync.offset_millis)
}

/// The page.
#[component]
pub fn ReferralsPage() -> impl IntoView {
    let app = use_app();
    read_all(app);
    let part = RwSignal::new(Part::default());
    let rows = Memo::new(move |_| {
        let now_millis = server_millis(app);
        app.state.records.with(|list| in_order(&list.rows, &app.city(), now_millis))
    });
    // A figure leads to the records behind it: those that were taken on since a day.
    let query = use_query_map();
    let taken_since = Memo::new(move |_| {
        let (date, now) = (query.with(|query| query.get("taken_since")), app.state.now.get_untracked());
        date.and_then(|date| now.ends_of(&date).map(|(first, _)| (first, date)))
    });
    let option = move |this: Part| {
        let words = move || {
            let n =
                rows.with(|rows| rows.iter().filter(|row| this.takes(row, &app.city(), server_millis(app))).count());
            let key = match this {
                Part::Open => "task.count_open",
                Part::Overdue => "task.count_overdue",
                Part::Closed => "task.count_closed",
            };
            tr(key, &[("n", &n.to_string())])
        };
        view! { <button class="option" aria-pressed=move || (part.get() == this).to_string() on:click=move |_| part.set(this)>{words}</button> }
    };
    let lines = move || {
        let (now, now_millis, city) = (app.state.now.get(), server_millis(app), app.city());
        let shown: Vec<ReferralLine> = rows.with(|rows| {
            let is_shown = |row: &&_| match taken_since.get() {
                Some((since, _)) => is_taken_since(row, since),
                None => part.get().takes(row, &city, now_millis),
            };
            let shown = rows.iter().filter(is_shown);
            shown.filter_map(|row| ReferralLine::of(row, &city, now_millis, now)).collect()
        });
        if shown.is_empty() {
            view! {
                <div class="empty">
                    <Icon name="gavel" size="icon--xl"/>
                    <p class="empty-title">{t("referral.none")}</p>
                    <p>{t("referral.none_text")}</p>
                </div>
            }
            .into_any()
        } else {
            view! { <section class="card"><ul class="card-list">{shown.into_iter().map(line).collect_view()}</ul></section> }.into_any()
        }
    };
    let parts = move || match taken_since.get() {
        Some((_, date)) => view! {
            <div class="row row--wrap">
                <h2 class="grow">{tr("referral.taken_since", &[("date", &date)])}</h2>
                <a class="btn btn--s btn--quiet" href="/desk/referrals">{t("referral.show_all")}</a>
            </div>
        }
        .into_any(),
        None => view! {
            <div class="options" role="group" aria-label=t("desk.parts")>{Part::ALL.map(option).collect_view()}</div>
        }
        .into_any(),
    };
    view! {
        <Shell title=t("referral.title") back="/desk" actionbar=move || view! {
            <a class="btn btn--primary" href="/desk/referrals/new"><Icon name="plus"/>{t("referral.new")}</a>
        }>
            <YearShare app/>
            {parts}
            {lines}
        </Shell>
    }
}

fn is_taken_since(row: &greenshield_client::rows::ListRow, since_millis: i64) -> bool {
    row.referral.as_ref().and_then(|told| told.accepted_millis).is_some_and(|at| at >= since_millis)
}

/// One line, a link to the referral.
fn line(line: ReferralLine) -> impl IntoView {
    let lamps = [Some(line.state), line.due, line.unsent].into_iter().flatten();
    view! {
        <li>
            <a class="card-link" href=format!("/desk/referrals/{}", line.record)>
                <Icon name="gavel"/>
                <span class="grow stack">
                    <span><b>{line.title}</b><br/><span class="muted">{line.facts}</span></span>
                    <span class="chips">{lamps.map(|lamp| view! { <LampChip lamp/> }).collect_view()}</span>
                </span>
                <Icon name="chevron-right"/>
            </a>
        </li>
    }
}

/// What was taken on since a day, of what was taken on this year: both numbers, never the share alone.
#[component]
fn YearShare(
    /// The app.
    app: App,
) -> impl IntoView {
    let city = app.city();
    let year = Memo::new(move |_| civil(app.state.now.get().day_of(app.state.now.get().millis)).0);
    let day = city.referrals.count_since;
    let since = RwSignal::new(date_of(year.get_untracked(), day));
    let share = Memo::new(move |_| {
        let (year, now_millis) = (year.get(), server_millis(app));
        let january = YearDay { month: 1, day: 1 };
        let first = first_moment(&app.city(), year, january);
        let from = app.state.now.get_untracked().ends_of(&since.get()).map_or(first, |(from, _)| from);
        app.state.records.with(|list| Share::of(&list.rows, first, from, now_millis))
    });
    let first_day = move || date_of(year.get(), YearDay { month: 1, day: 1 });
    let figures = move || {
        share.with(|share| {
            let (n, of) = (share.since.len(), share.year.len());
            let percent = share.permille().map(percent_words);
            view! {
                <p class="referral-share">
                    <a class="big" href=format!("/desk/referrals?taken_since={}", since.get())
                        aria-label=tr("referral.share_n", &[("n", &n.to_string())])>{n}</a>
                    " / "
                    <a class="big" href=format!("/desk/referrals?taken_since={}", first_day())
                        aria-label=tr("referral.share_of", &[("n", &of.to_string())])>{of}</a>
                    {percent.map(|percent| view! { <span class="muted">" "{tr("referral.share_percent", &[("percent", &percent)])}</span> })}
                </p>
                <progress class="bar" max=of.max(1) value=n aria-label=t("referral.share")></progress>
            }
        })
    };
    view! {
        <section class="card">
            <div class="card-head"><h2>{t("referral.share")}</h2>
                <label class="row"><span class="muted">{t("referral.share_since")}</span>
                    <input class="input input--s" type="date" prop:value=move || since.get()
                        on:change=move |event| since.set(event_target_value(&event))/>
                </label>
            </div>
            {figures}
            <p class="muted">{t("referral.share_text")}</p>
        </section>
    }
}

fn date_of(year: i64, day: YearDay) -> String {
    format!("{year:04}-{}", String::from(day))
}
