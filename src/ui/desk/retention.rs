//! How long records are kept: the classes with their grounds, what the nightly job did and will do, and what is due.

use leptos::prelude::*;

use crate::actions::read_retention::read_retention;
use crate::context::use_app;
use crate::state::audit::audits;
use crate::state::message::Message;
use crate::state::retention::{ClassView, RetentionView, may_ask};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn RetentionPage() -> impl IntoView {
    let app = use_app();
    let (city, viewer) = (app.city(), app.state.viewer());
    let is_role = |asked: &dyn Fn(&str) -> bool| viewer.as_ref().is_some_and(|viewer| asked(&viewer.role));
    let may = is_role(&|role| may_ask(&city, role));
    // Who audits came from the own page.
    let back = if is_role(&|role| audits(&city, role)) { "/me" } else { "/desk" };
    let found: RwSignal<Option<Result<RetentionView, Message>>> = RwSignal::new(None);
    let ask = move || {
        found.set(None);
        app.run(async move {
            let answer = read_retention(app).await;
            let now = app.state.now.get_untracked();
            let _closed = found.try_set(Some(answer.map(|report| RetentionView::of(&report, &app.city(), now))));
        });
    };
    if may {
        ask();
    }
    let shown = move || match found.get() {
        None if may => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        None => view! { <p class="muted">{t("retention.not_you")}</p> }.into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(view)) => view! { <Report view/> }.into_any(),
    };
    view! {
        <Shell title=t("retention.title") back=back
            end=move || may.then(|| view! { <button class="btn btn--s btn--quiet" on:click=move |_| ask()><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> })>
            {shown}
        </Shell>
    }
}

/// What the server said.
#[component]
fn Report(
    /// In words.
    view: RetentionView,
) -> impl IntoView {
    let RetentionView { mode, erases, runs, classes } = view;
    let icon = if erases { "trash" } else { "file-text" };
    let is_empty = classes.is_empty();
    let no_run = runs.is_empty().then(|| view! { <p class="muted">{t("retention.no_run")}</p> });
    let runs = runs.into_iter().map(|run| view! { <li class="muted">{run}</li> }).collect_view();
    view! {
        <section class="card stack" aria-label=t("retention.job")>
            <h2>{t("retention.job")}</h2>
            <p>{t("retention.text")}</p>
            <p class="row strong"><Icon name=icon/><span>{mode}</span></p>
            <p class="row"><Icon name="shield-check"/><span>{t("retention.hold")}</span></p>
        </section>
        <section class="card stack" aria-label=t("retention.runs")>
            <h2>{t("retention.runs")}</h2>
            {no_run}
            <ul class="stack">{runs}</ul>
        </section>
        {is_empty.then(|| view! { <p class="muted">{t("retention.none")}</p> })}
        {classes.into_iter().map(|class| view! { <Class class/> }).collect_view()}
    }
}

/// One class.
#[component]
fn Class(
    /// In words.
    class: ClassView,
) -> impl IntoView {
    let title = class.title.clone();
    let has_rows = !class.rows.is_empty();
    let rows = class.rows.into_iter().map(|row| view! {
        <a class="card-link" href=row.href>
            <Icon name="file-text"/><span class="grow"><b>{row.title}</b><br/><span class="muted">{row.facts}</span></span><Icon name="chevron-right"/>
        </a>
    });
    view! {
        <section class="card stack" aria-label=title>
            <div class="card-head"><h2>{class.title}</h2><LampChip lamp=class.lamp/></div>
            <p class="strong">{class.rule}</p>
            <p>{class.counts}</p>
            <details class="fold"><summary>{t("retention.why")}</summary><p>{class.why}</p></details>
            {has_rows.then(|| view! {
                <details class="fold">
                    <summary>{t("retention.rows")}</summary>
                    <div class="card-list">{rows.collect_view()}</div>
                </details>
            })}
            {class.rest.map(|rest| view! { <p class="muted">{rest}</p> })}
        </section>
    }
}
