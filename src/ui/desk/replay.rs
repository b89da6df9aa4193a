//! All patrols of one day once more, together.

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::whole_list::read_all;
use crate::actions::replay_patrol::{Several, replay_patrols};
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::replay::{MOST_WALKS, walks_of};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::replay::Replay;
use crate::ui::components::shell::Shell;

/// What the page shows. Copied freely; a copy is the same page.
#[derive(Clone, Copy)]
struct Page {
    app: App,
    /// The day, as a date field holds it.
    day: Memo<String>,
    /// What was read; `None` until the first time.
    several: RwSignal<Option<Several>>,
    problem: RwSignal<Option<Message>>,
    is_busy: RwSignal<bool>,
    /// Grows with every reading: only the last one counts.
    turn: StoredValue<u64>,
}

impl Page {
    /// Reads the patrols of the day; `does_fetch` = with what is not on this device.
    fn read(self, does_fetch: bool) {
        let (app, ends) = (self.app, self.app.state.now.get_untracked().ends_of(&self.day.get_untracked()));
        let records = ends.map(|ends| app.state.records.with_untracked(|list| walks_of(&list.rows, ends)));
        let records = records.unwrap_or_default();
        let mine = self.turn.get_value() + 1;
        self.turn.set_value(mine);
        self.is_busy.set(true);
        app.run(async move {
            let is_wanted = move || self.turn.try_get_value() == Some(mine);
            let (several, problem) = replay_patrols(app, &records, does_fetch, is_wanted).await;
            if is_wanted() {
                self.several.set(Some(several));
                self.problem.set(problem);
                self.is_busy.set(false);
            }
        });
    }
}

/// The page.
#[component]
pub fn ReplayPage() -> impl IntoView {
    let app = use_app();
    read_all(app);
    let query = use_query_map();
    let day = Memo::new(move |_| {
        let now = app.state.now.get();
        let asked = query.with(|query| query.get("day")).filter(|day| now.ends_of(day).is_some());
        asked.unwrap_or_else(|| now.iso_day(now.millis))
    });
    let page = Page {
        app,
        day,
        several: RwSignal::new(None),
        problem: RwSignal::new(None),
        is_busy: RwSignal::new(true),
        turn: StoredValue::new(0),
    };
    let records = Memo::new(move |_| {
        let ends = app.state.now.get().ends_of(&day.get());
        ends.map(|ends| app.state.records.with(|list| walks_of(&list.rows, ends))).unwrap_or_default()
    });
    Effect::new(move |read: Option<(String, Vec<RecordId>, u64)>| {
        let (day, records, changed) = (day.get(), records.get(), app.state.changed.get());
        let is_touched = |serial: u64| serial != changed.serial && records.iter().any(|one| changed.touches(*one));
        let is_same = |(of, before, serial): &(String, Vec<RecordId>, u64)| {
            *of == day && *before == records && !is_touched(*serial)
        };
        if !read.as_ref().is_some_and(is_same) {
            if read.is_some_and(|(of, ..)| of != day) {
                page.several.set(None);
            }
            page.read(false);
        }
        (day, records, changed.serial)
    });
    let navigate = StoredValue::new_local(use_navigate());
    let choose = move |event| {
        let address = format!("/desk/replay?day={}", event_target_value(&event));
        navigate.with_value(|go| go(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    };
    view! {
        <Shell title=t("replay.title") back="/desk">
            <label class="field replay-day">
                <span class="field-label">{t("replay.day")}</span>
                <input class="input" type="date" prop:value=move || day.get() on:change=choose/>
            </label>
            <Status page/>
            <Shown page/>
        </Shell>
    }
}

/// How many patrols there are, and what of them is elsewhere.
#[component]
fn Status(
    /// The page.
    page: Page,
) -> impl IntoView {
    let facts = Memo::new(move |_| page.several.with(|several| several.as_ref().map(|all| (all.read, all.missing))));
    let words = move || match facts.get() {
        None => t("app.loading").to_owned(),
        Some((0, _)) => t("replay.none").to_owned(),
        Some((MOST_WALKS, _)) => tr("replay.most", &[("n", &MOST_WALKS.to_string())]),
        Some((n, _)) => tr("replay.count", &[("n", &n.to_string())]),
    };
    let missing = move || {
        let n = facts.get()?.1;
        (n > 0).then(|| view! {
            <section class="card card--warn">
                <p>{tr("patrol.missing", &[("n", &n.to_string())])}</p>
                <button class="btn" aria-busy=move || page.is_busy.get().to_string() on:click=move |_| page.read(true)>
                    <Icon name="download"/>{t("patrol.missing_do")}
                </button>
            </section>
        })
    };
    view! {
        <p role="status">{words}</p>
        {move || page.problem.get().map(|message| view! { <Problem message/> })}
        {missing}
    }
}

/// The replay; another day is another one.
#[component]
fn Shown(
    /// The page.
    page: Page,
) -> impl IntoView {
    let film = Memo::new(move |_| page.several.with(|several| several.as_ref().and_then(|all| all.film.clone())));
    let has_film = Memo::new(move |_| film.with(Option::is_some));
    move || has_film.get().then(|| view! { <section class="card replay-wide"><Replay app=page.app film/></section> })
}
