//! A paper of a referral as a page of A4, to look at and to print.

use greenshield_domain::city::PaperPlace;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::page::read;
use crate::actions::print_page::print_page;
use crate::context::use_app;
use crate::state::referral::paper::{PaperPart, PaperView};
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn PaperPage() -> impl IntoView {
    let app = use_app();
    let found = read(app);
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("paper").unwrap_or_default()));
    let record = params.with_untracked(|params| params.get("record").unwrap_or_default());
    let city = app.city();
    let title = Signal::derive(move || {
        let id = id.get();
        let city = app.city();
        city.papers.paper(&id).map_or_else(|| t("referral.paper").to_owned(), |paper| words::of(&paper.name).to_owned())
    });
    let paper = Memo::new(move |_| {
        let (people, now) = (app.state.people.get(), app.state.now.get());
        found.with(|found| {
            let (view, paper) = (found.view.as_ref()?, city.papers.paper(&id.get())?);
            Some(PaperView::of(paper, view, found.incident.as_ref(), &city, &people, now))
        })
    });
    view! {
        <Shell title back=format!("/desk/referrals/{record}") actionbar=move || view! {
            <button class="btn btn--primary" on:click=move |_| print_page()><Icon name="file-text"/>{t("referral.print")}</button>
        }>
            {move || found.with(|found| found.problem.clone()).map(|message| view! { <Problem message/> })}
            {move || paper.get().map(sheet)}
        </Shell>
    }
}

/// The sheet. Papers are in the language of the offices that read them.
fn sheet(paper: PaperView) -> impl IntoView {
    let parts = paper.parts.into_iter().map(|part| match part {
        PaperPart::Line(text, place) => {
            let class = match place {
                PaperPlace::Body => "paper-line",
                PaperPlace::Middle => "paper-line paper-line--middle",
                PaperPlace::End => "paper-line paper-line--end",
                PaperPlace::Start => "paper-line paper-line--start",
            };
            view! { <p class=class>{text}</p> }.into_any()
        }
        PaperPart::Facts(rows) => {
            let rows =
                rows.into_iter().map(|(label, text)| view! { <tr><th scope="row">{label}</th><td>{text}</td></tr> });
            view! { <table class="paper-table">{rows.collect_view()}</table> }.into_any()
        }
        PaperPart::Items(heads, rows) => {
            let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> });
            let row =
                |cells: [String; 5]| view! { <tr>{cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> };
            view! {
                <table class="paper-table paper-table--items">
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            }
            .into_any()
        }
        PaperPart::Signs(lines) => {
            let lines = lines.into_iter().map(|line| view! { <span>{line}</span> });
            view! { <p class="paper-signs">{lines.collect_view()}</p> }.into_any()
        }
        PaperPart::Cut(text) => view! { <h3 class="paper-cut">{text}</h3> }.into_any(),
    });
    let name = paper.heading.clone();
    view! {
        <article class="paper" lang="zh-CN" tabindex="0" aria-label=name>
            <p class="paper-draft">{paper.draft}</p>
            <h2 class="paper-heading">{paper.heading}</h2>
            {parts.collect_view()}
            <p class="paper-foot">{paper.foot}</p>
        </article>
    }
}
