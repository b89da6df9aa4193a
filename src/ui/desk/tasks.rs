//! All tasks at the desk: what is open, what is over its deadline, what is done; and the way to give a new one.

use leptos::prelude::*;

use crate::context::use_app;
use crate::state::task::{TaskLine, in_order, is_open, is_overdue};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;
use crate::ui::field::tasks::line;

/// Which tasks are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Open,
    Overdue,
    Closed,
}

/// The page.
#[component]
pub fn TasksDeskPage() -> impl IntoView {
    let app = use_app();
    let part = RwSignal::new(Part::Open);
    let rows = Memo::new(move |_| app.state.duties.with(|rows| in_order(rows, &app.city(), None)));
    let server_millis = move || app.state.now.get().millis + app.state.sync.with(|sync| sync.offset_millis);
    let takes = move |row: &_, part| match part {
        Part::Open => is_open(row, &app.city()),
        Part::Overdue => is_open(row, &app.city()) && is_overdue(row, server_millis()),
        Part::Closed => !is_open(row, &app.city()),
    };
    let option = move |this: Part, key: &'static str| {
        let words = move || {
            let n = rows.with(|rows| rows.iter().filter(|row| takes(row, this)).count());
            tr(key, &[("n", &n.to_string())])
        };
        view! { <button class="option" aria-pressed=move || (part.get() == this).to_string() on:click=move |_| part.set(this)>{words}</button> }
    };
    let list = move || {
        let (now, people) = (app.state.now.get(), app.state.people.get());
        let shown: Vec<TaskLine> = rows.with(|rows| {
            let shown = rows.iter().filter(|row| takes(row, part.get()));
            shown.map(|row| TaskLine::of(row, &app.city(), &people, now)).collect()
        });
        if shown.is_empty() {
            view! { <div class="empty"><Icon name="flag" size="icon--xl"/><p class="empty-title">{t("task.desk_none")}</p></div> }.into_any()
        } else {
            view! { <section class="card"><ul class="card-list">{shown.into_iter().map(|task| line(task, true)).collect_view()}</ul></section> }.into_any()
        }
    };
    view! {
        <Shell title=t("task.desk_title") back="/desk" actionbar=move || view! {
            <a class="btn btn--primary" href="/desk/tasks/new"><Icon name="plus"/>{t("task.new")}</a>
        }>
            <div class="options" role="group" aria-label=t("desk.parts")>
                {option(Part::Open, "task.count_open")}
                {option(Part::Overdue, "task.count_overdue")}
                {option(Part::Closed, "task.count_closed")}
            </div>
            {list}
        </Shell>
    }
}
