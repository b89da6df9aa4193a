//! Tasks for whoever looks: a card on the first page, and all of them.

use leptos::prelude::*;

use crate::context::{App, use_app};
use crate::state::task::{TaskLine, in_order, is_open};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::{Shell, Tab};

/// Tasks on the first page.
const MOST_ON_CARD: usize = 3;

/// Lines of the tasks for this person; only open ones, or all.
fn lines(app: App, only_open: bool) -> Memo<Vec<TaskLine>> {
    Memo::new(move |_| {
        let (city, me, now, people) = (app.city(), app.state.me(), app.state.now.get(), app.state.people.get());
        let rows = app.state.duties.with(|rows| in_order(rows, &city, me));
        let shown = rows.iter().filter(|row| !only_open || is_open(row, &city));
        shown.map(|row| TaskLine::of(row, &city, &people, now)).collect()
    })
}

/// One line, a link to the task.
pub fn line(line: TaskLine, with_people: bool) -> impl IntoView {
    let facts = if with_people { format!("{} · {}", line.state, line.people) } else { line.state };
    let has_lamps = line.due.is_some() || line.review.is_some();
    let lamps = line.due.into_iter().chain(line.review);
    view! {
        <li>
            <a class="card-link" href=format!("/records/{}", line.record)>
                <Icon name="flag"/>
                <span class="grow stack">
                    <span><b>{line.title}</b><br/><span class="muted">{facts}</span></span>
                    {has_lamps.then(|| view! { <span class="chips">{lamps.map(|lamp| view! { <LampChip lamp/> }).collect_view()}</span> })}
                </span>
                <Icon name="chevron-right"/>
            </a>
        </li>
    }
}

/// What this person has to do, on the first page; nothing when there is nothing.
#[component]
pub fn TaskCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let open = lines(app, true);
    move || {
        let open = open.get();
        (!open.is_empty()).then(|| {
            let count = open.len();
            let more = (count > MOST_ON_CARD).then(|| tr("task.more", &[("n", &(count - MOST_ON_CARD).to_string())]));
            view! {
                <section class="card">
                    <div class="card-head"><h2>{t("task.mine")}</h2><span class="muted">{count}</span></div>
                    <ul class="card-list">
                        {open.into_iter().take(MOST_ON_CARD).map(|task| line(task, false)).collect_view()}
                        <li><a class="card-link" href="/tasks"><b class="grow">{more.unwrap_or_else(|| t("task.all").to_owned())}</b><Icon name="chevron-right"/></a></li>
                    </ul>
                </section>
            }
        })
    }
}

/// All tasks for this person.
#[component]
pub fn TasksPage() -> impl IntoView {
    let app = use_app();
    let all = lines(app, false);
    view! {
        <Shell title=t("task.mine") back="/" tab=Tab::Today>
            {move || {
                let all = all.get();
                if all.is_empty() {
                    view! {
                        <div class="empty">
                            <Icon name="flag" size="icon--xl"/>
                            <p class="empty-title">{t("task.none")}</p>
                            <p>{t("task.none_text")}</p>
                        </div>
                    }.into_any()
                } else {
                    view! { <section class="card"><ul class="card-list">{all.into_iter().map(|task| line(task, false)).collect_view()}</ul></section> }.into_any()
                }
            }}
        </Shell>
    }
}
