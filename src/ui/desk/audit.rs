//! Who took a record out, who looked at its files, who decided, which phone began: for those who audit.

use leptos::prelude::*;

use crate::actions::read_audit::read_audit;
use crate::context::use_app;
use crate::state::audit::AuditView;
use crate::state::message::Message;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn AuditDeskPage() -> impl IntoView {
    let app = use_app();
    let lines: RwSignal<Vec<AuditView>> = RwSignal::new(Vec::new());
    let (next, problem) = (RwSignal::new(None::<u64>), RwSignal::new(None::<Message>));
    let is_asking = RwSignal::new(false);
    let ask = move |below: Option<u64>| {
        is_asking.set(true);
        app.run(async move {
            let answer = read_audit(app, below).await;
            is_asking.try_set(false);
            match answer {
                Ok(page) => {
                    let (city, now) = (app.city(), app.state.now.get_untracked());
                    let fresh = page.rows.iter().map(|row| AuditView::of(row, &city, now));
                    lines.try_update(|lines| {
                        if below.is_none() {
                            lines.clear();
                        }
                        lines.extend(fresh);
                    });
                    next.try_set(page.next);
                    problem.try_set(None);
                }
                Err(message) => {
                    problem.try_set(Some(message));
                }
            }
        });
    };
    ask(None);
    let rows = move || lines.get().into_iter().map(line).collect_view();
    view! {
        <Shell title=t("audit.title") back="/me"
            end=move || view! { <button class="btn btn--s btn--quiet" on:click=move |_| ask(None)><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> }>
            <p class="muted">{t("audit.hint")}</p>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <ul class="list">{rows}</ul>
            <p class="muted" role="status">{move || is_asking.get().then(|| t("app.loading"))}</p>
            {move || next.get().filter(|_| !is_asking.get()).map(|below| view! {
                <button class="btn btn--quiet btn--wide" on:click=move |_| ask(Some(below))>{t("audit.more")}</button>
            })}
        </Shell>
    }
}

fn line(view: AuditView) -> impl IntoView {
    view! {
        <li class="item">
            <span class="item-body">
                <span class="item-title">{view.title}</span>
                <span class="item-facts">{view.facts}</span>
                {view.record.map(|href| view! { <a class="btn btn--s btn--quiet" href=href><Icon name="list-details" size="icon--s"/>{t("audit.record")}</a> })}
            </span>
        </li>
    }
}
