//! The list of one register: states to choose from, words to find, a table where there is room, cards on a phone.

use greenshield_domain::city::Kind;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{kind_of_address, role};
use crate::actions::take_ledger::take_ledger;
use crate::context::{App, use_app};
use crate::state::interfaces::Taking;
use crate::state::message::Message;
use crate::state::register::figures::{Period, behind};
use crate::state::register::never::never_came;
use crate::state::register::{Filter, Line, columns, keeps, lines, states};
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Lines that are drawn at first, and more of them at a time.
const PAGE_LINES: usize = 100;
/// People who are named as missing; all of them are counted.
const MOST_MISSING: usize = 400;
/// The format in which a register is taken out here; the others are on a page of their own.
const TABLE: &str = "xlsx";

/// The page.
#[component]
pub fn RegisterListPage() -> impl IntoView {
    let app = use_app();
    let kind = kind_of_address(app);
    let title = Signal::derive(move || kind.with(|kind| kind.as_ref().map_or("", |k| words::of(&k.label)).to_owned()));
    let is_keeper = move || kind.with(|kind| kind.as_ref().is_some_and(|kind| keeps(kind, &role(app))));
    let has_rota =
        move || kind.with(|kind| kind.as_ref().and_then(|kind| kind.register.as_ref()?.rota.as_ref()).is_some());
    let bar = move || {
        let name = kind.with(|kind| kind.as_ref().map(|kind| kind.name.clone()))?;
        is_keeper().then(|| {
            view! {
                <a class="btn btn--primary" href=format!("/registers/{name}/new")><Icon name="plus"/>{t("register.add")}</a>
                <a class="btn btn--quiet" href=format!("/registers/{name}/import")><Icon name="upload"/>{t("register.import")}</a>
                {has_rota().then(|| view! { <a class="btn btn--quiet" href=format!("/registers/{name}/rota")><Icon name="calendar"/>{t("rota.title")}</a> })}
            }
        })
    };
    view! {
        <Shell title=title back="/registers" actionbar=bar>
            {move || match kind.get() {
                Some(kind) => view! { <List app kind/> }.into_any(),
                None => view! { <p>{t("error.not_found_do")}</p> }.into_any(),
            }}
        </Shell>
    }
}

/// The lines of a register.
#[component]
fn List(
    /// The app.
    app: App,
    /// The register.
    kind: Kind,
) -> impl IntoView {
    let kind = StoredValue::new(kind);
    let filter = RwSignal::new(Filter::default());
    let most = RwSignal::new(PAGE_LINES);
    let query = use_query_map();
    // A figure names the records behind it.
    let figure = Memo::new(move |_| {
        let id = query.with(|query| query.get("figure"))?;
        app.city().registers.figures.iter().find(|figure| figure.id == id).cloned()
    });
    let period = Memo::new(move |_| Period::of_word(&query.with(|query| query.get("period").unwrap_or_default())));
    let all = Memo::new(move |_| {
        let (city, now) = (app.city(), app.state.now.get());
        app.state.duties.with(|rows| {
            let mut lines = kind.with_value(|kind| lines(&city, kind, rows, &filter.get(), now));
            if let Some(figure) = figure.get() {
                let counted: Vec<_> = behind(&city, &figure, rows, (now, period.get())).map(|row| row.record).collect();
                lines.retain(|line| counted.contains(&line.record));
            }
            lines
        })
    });
    let parts =
        Memo::new(move |_| app.state.duties.with(|rows| kind.with_value(|kind| states(&app.city(), kind, rows))));
    let state_option = move |id: Option<String>, words: String| {
        let own = id.clone();
        let pressed = move || filter.with(|filter| filter.state == own).to_string();
        let choose = move |_| filter.update(|filter| filter.state.clone_from(&id));
        view! { <button class="option" aria-pressed=pressed on:click=choose>{words}</button> }
    };
    let options = move || {
        let parts = parts.get();
        let all: usize = parts.iter().map(|(.., n)| n).sum();
        (!parts.is_empty() && figure.with(Option::is_none)).then(|| {
            let first = state_option(None, tr("register.all", &[("n", &all.to_string())]));
            let rest = parts.into_iter().map(|(id, state, n)| {
                state_option(Some(id), tr("register.state_n", &[("state", &state), ("n", &n.to_string())]))
            });
            view! { <div class="options" role="group" aria-label=t("register.column_state")>{first}{rest.collect_view()}</div> }
        })
    };
    let counted = move || {
        let figure = figure.get()?;
        let words = format!("{} · {}", words::of(&figure.label), all.with(Vec::len));
        let plain = kind.with_value(|kind| format!("/registers/{}", kind.name));
        Some(view! {
            <div class="chips"><span class="chip"><Icon name="filter"/><span>{words}</span></span>
                <a class="chip" href=plain><Icon name="x"/><span>{t("register.search_all")}</span></a></div>
        })
    };
    let table = move || {
        let lines = all.get();
        let left = lines.len().saturating_sub(most.get());
        let shown: Vec<Line> = lines.into_iter().take(most.get()).collect();
        if shown.is_empty() {
            let is_all = filter.with(|filter| *filter == Filter::default());
            let words = if is_all {
                kind.with_value(|kind| tr("register.empty", &[("kind", words::of(&kind.label))]))
            } else {
                t("register.empty_found").to_owned()
            };
            return view! { <div class="empty"><Icon name="list-details" size="icon--xl"/><p class="empty-title">{words}</p></div> }.into_any();
        }
        let labels: Vec<String> =
            kind.with_value(|kind| columns(kind).into_iter().map(|def| words::of(&def.label).to_owned()).collect());
        let more = (left > 0).then(|| {
            let n = left.min(PAGE_LINES).to_string();
            view! { <button class="btn btn--wide" on:click=move |_| most.update(|most| *most += PAGE_LINES)>{tr("register.more", &[("n", &n)])}</button> }
        });
        let is_wide = app.state.is_wide.get();
        let body = if is_wide { wide(shown, &labels) } else { narrow(shown, &labels) };
        view! { {body}{more} }.into_any()
    };
    let is_keeper = kind.with_value(|kind| keeps(kind, &role(app)));
    let (problem, is_taking) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let take = move |_| {
        if is_taking.get_untracked() {
            return;
        }
        is_taking.set(true);
        let kind = kind.with_value(|kind| kind.name.clone());
        app.run(async move {
            let asked = Taking { kind, format: TABLE.to_owned(), ..Taking::default() };
            problem.try_set(take_ledger(app, &asked).await.err());
            is_taking.try_set(false);
        });
    };
    view! {
        <div class="register-list">
        {options}
        {counted}
        <label class="search-box">
            <Icon name="search"/><span class="visually-hidden">{t("register.search")}</span>
            <input class="search-input" type="search" placeholder=t("register.search") autocomplete="off"
                on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))/>
        </label>
        <div class="row row--wrap">
            <p class="muted grow" role="status">{move || tr("register.count", &[("n", &all.with(Vec::len).to_string())])}</p>
            {is_keeper.then(|| view! {
                <button class="btn btn--s btn--quiet" aria-busy=move || is_taking.get().then_some("true") on:click=take><Icon name="download" size="icon--s"/>{t("register.take")}</button>
            })}
        </div>
        {move || problem.get().map(|message| view! { <Problem message/> })}
        {table}
        {is_keeper.then(|| view! { <Never app kind/> })}
        </div>
    }
}

/// Who is missing: people of the roster who never came to any of them.
#[component]
fn Never(
    /// The app.
    app: App,
    /// The register.
    kind: StoredValue<Kind>,
) -> impl IntoView {
    let missing = Memo::new(move |_| {
        let (city, now) = (app.city(), app.state.now.get());
        app.state.duties.with(|rows| kind.with_value(|kind| never_came(&city, kind, rows, now)))
    });
    move || {
        let missing = missing.get();
        let n = missing.len();
        let person =
            |(record, name): (RecordId, String)| view! { <li><a href=format!("/desk/people/{record}")>{name}</a></li> };
        (n > 0).then(|| {
            let shown = missing.into_iter().take(MOST_MISSING).map(person).collect_view();
            view! {
                <details class="fold card">
                    <summary>{t("register.never")}<span class="muted">{n}</span></summary>
                    {(n > MOST_MISSING).then(|| view! { <p class="muted">{tr("register.never_more", &[("n", &MOST_MISSING.to_string())])}</p> })}
                    <ul class="plain columns">{shown}</ul>
                </details>
            }
        })
    }
}

/// A table: where there is room.
fn wide(lines: Vec<Line>, labels: &[String]) -> AnyView {
    let has_states = lines.iter().any(|line| line.state.is_some());
    let heads = labels.iter().map(|label| view! { <th scope="col">{label.clone()}</th> }).collect_view();
    let row = move |line: Line| {
        view! {
            <tr>
                <th scope="row"><a href=format!("/records/{}", line.record)>{line.title}</a></th>
                {line.cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}
                {has_states.then(|| view! { <td>{chip(line.state, line.is_open)}</td> })}
            </tr>
        }
    };
    view! {
        <div class="register-scroll" tabindex="0" role="region" aria-label=t("register.title")>
            <table class="register-table">
                <thead><tr><th scope="col">{t("register.column_title")}</th>{heads}{has_states.then(|| view! { <th scope="col">{t("register.column_state")}</th> })}</tr></thead>
                <tbody>{lines.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Cards: on a phone.
fn narrow(lines: Vec<Line>, labels: &[String]) -> AnyView {
    let labels = labels.to_vec();
    let item = move |line: Line| {
        let facts = labels.iter().zip(&line.cells).filter(|(_, cell)| !cell.is_empty());
        let facts = facts.map(|(label, cell)| format!("{label} {cell}")).collect::<Vec<_>>().join(" · ");
        view! {
            <li><a class="card-link" href=format!("/records/{}", line.record)>
                <span class="grow"><b>{line.title}</b><span class="register-fact">{facts}</span></span>
                {chip(line.state, line.is_open)}
            </a></li>
        }
    };
    view! { <section class="card"><ul class="card-list">{lines.into_iter().map(item).collect_view()}</ul></section> }
        .into_any()
}

fn chip(state: Option<String>, is_open: bool) -> Option<impl IntoView> {
    let class = if is_open { "chip chip--warn" } else { "chip" };
    let icon = if is_open { "clock" } else { "check" };
    state.map(|state| view! { <span class=class><Icon name=icon/><span>{state}</span></span> })
}
