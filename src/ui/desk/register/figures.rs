//! The figures of the city: each with what it is a share of, since when, and the way to the records behind it.

use leptos::prelude::*;

use crate::actions::copy_text::copy_text;
use crate::actions::count_walks::count_walks;
use crate::actions::print_page::print_page;
use crate::actions::take_figures::{Sheet, take_figures};
use crate::context::use_app;
use crate::state::message::Message;
use crate::state::patrol::belongs::Walks;
use crate::state::register::figures::{FigureView, Period, figures, in_words, of_walks, walks_since};
use crate::state::register::report::{MONTHS, Month, in_rows, months_in_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn FiguresPage() -> impl IntoView {
    let app = use_app();
    let period = RwSignal::new(Period::default());
    let option = move |own: Period| {
        let pressed = move || (period.get() == own).to_string();
        view! { <button class="option" aria-pressed=pressed on:click=move |_| period.set(own)>{own.label()}</button> }
    };
    let (walks, problem) = (RwSignal::new(None::<Walks>), RwSignal::new(None::<Message>));
    Effect::new(move |_| {
        let asked = period.get();
        let since = walks_since((app.state.now.get_untracked(), asked));
        walks.set(None);
        app.run(async move {
            let counted = count_walks(app, since).await;
            // Of two counts the one of the period that is shown counts.
            if period.try_get_untracked() != Some(asked) {
                return;
            }
            match counted {
                Ok(counted) => drop(walks.try_set(Some(counted))),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    });
    let all = Memo::new(move |_| {
        let asked = (app.state.now.get(), period.get());
        let walks = walks.with(|walks| walks.as_ref().map(|walks| of_walks(walks, asked)));
        app.state.duties.with(|rows| figures(&app.city(), rows, asked)).into_iter().chain(walks).collect::<Vec<_>>()
    });
    let copy = move |_| {
        let text = in_words(&app.city(), &all.get_untracked(), (app.state.now.get_untracked(), period.get_untracked()));
        app.run(async move {
            if let Err(message) = copy_text(app, text, t("figures.copied")).await {
                app.state.say(message.title);
            }
        });
    };
    let take = move |sheet: Sheet| {
        let asked = (app.state.now.get_untracked(), period.get_untracked());
        let table = in_rows(&app.city(), &all.get_untracked(), asked);
        problem.set(None);
        app.run(async move { drop(problem.try_set(take_figures(app, &table, sheet).await.err())) });
    };
    let card = |figure: FigureView| {
        let of = figure.of.map(|(all, share)| tr("figures.of", &[("all", &all.to_string()), ("share", &share)]));
        let part = |(words, n, percent): (String, usize, usize)| {
            view! {
                <li class="figure-part"><span>{words}</span>
                    <meter min="0" max="100" value=percent.to_string() aria-hidden="true"></meter><b>{n}</b>
                </li>
            }
        };
        let parts = figure.parts.into_iter().map(part).collect_view();
        view! {
            <section class="card figure">
                <h2>{figure.label}</h2>
                <p class="figure-n">{figure.n}</p>
                <p class="muted">{figure.period}{of.map(|of| format!(" · {of}"))}</p>
                <ul class="figure-parts">{parts}</ul>
                {(!figure.months.is_empty()).then(|| view! { <Chart months=figure.months/> })}
                <a class="btn btn--s btn--quiet" href=figure.href>{tr("figures.behind", &[("n", &figure.n.to_string())])}<Icon name="chevron-right"/></a>
            </section>
        }
    };
    // Until all records were looked through, each figure would be too small, and would be printed like that.
    let is_counting = move || !app.state.duties_known.get();
    view! {
        <Shell title=t("figures.title") back="/registers" actionbar=move || view! {
            <button class="btn btn--primary" disabled=is_counting on:click=copy><Icon name="copy"/>{t("figures.copy")}</button>
            <button class="btn btn--quiet" disabled=is_counting on:click=move |_| take(Sheet::Xlsx)><Icon name="download"/>{t("figures.workbook")}</button>
            <button class="btn btn--quiet" disabled=is_counting on:click=|_| print_page()><Icon name="file-text"/>{t("figures.print")}</button>
        }>
            <div class="options" role="group" aria-label=t("figures.period")>{Period::ALL.map(option).collect_view()}</div>
            <div class="row row--wrap">
                <p class="muted grow">{t("figures.text")}</p>
                <button class="btn btn--s btn--quiet" disabled=is_counting on:click=move |_| take(Sheet::Csv)><Icon name="download" size="icon--s"/>{t("figures.file")}</button>
            </div>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {move || if is_counting() {
                view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any()
            } else {
                view! { <div class="figures">{move || all.get().into_iter().map(card).collect_view()}</div> }.into_any()
            }}
        </Shell>
    }
}

/// Wide and high of a month in the chart, and of the words below and above its bar; the picture grows with its card.
const MONTH: usize = 26;
const HIGH: usize = 48;
const WORDS: usize = 14;

/// A bar for each month, with its number.
#[component]
fn Chart(
    /// The months, the oldest first.
    months: Vec<Month>,
) -> impl IntoView {
    let label = months_in_words(&months);
    let bar = |(at, month): (usize, Month)| {
        let (high, middle) = (HIGH * month.percent / 100, at * MONTH + MONTH / 2);
        let top = WORDS + HIGH - high;
        view! {
            <rect x=at * MONTH + 3 y=top width=MONTH - 6 height=high/>
            {(month.n > 0).then(|| view! { <text x=middle y=top - 3>{month.n}</text> })}
            <text x=middle y=WORDS + HIGH + WORDS - 3 class="chart-month">{month.number}</text>
        }
    };
    let bars = months.into_iter().enumerate().map(bar).collect_view();
    view! {
        <svg class="chart" viewBox=format!("0 0 {} {}", MONTHS * MONTH, 2 * WORDS + HIGH) role="img" aria-label=label>
            <line x1="0" x2=MONTHS * MONTH y1=WORDS + HIGH y2=WORDS + HIGH/>
            {bars}
        </svg>
    }
}
