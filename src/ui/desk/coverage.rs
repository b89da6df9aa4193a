//! Coverage at the desk: which parts of the areas nobody visited, as a map and as a list that says the same, and the way to
//! send somebody there.

use greenshield_client::rows::KeptCoverage;
use greenshield_domain::task::NewTask;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::actions::load_areas::load_areas;
use crate::actions::read_coverage::{last_coverage, read_coverage};
use crate::actions::show_map::{MapControl, MapState};
use crate::context::{App, use_app};
use crate::state::coverage::{AreaLine, CoverageView, Period, Share, chosen};
use crate::state::message::Message;
use crate::state::nearby::MyPlace;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::map_view::MapView;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// What the page shows. Copied freely; a copy is the same page.
#[derive(Clone, Copy)]
struct Page {
    app: App,
    period: RwSignal<Period>,
    element: RwSignal<Option<String>>,
    kept: RwSignal<Option<KeptCoverage>>,
    problem: RwSignal<Option<Message>>,
    is_busy: RwSignal<bool>,
}

impl Page {
    /// Asks the server about the chosen time; of two answers the one to the last question counts.
    fn ask(self) {
        let app = self.app;
        let period = self.period.get_untracked();
        let days = period.days(&app.city(), app.state.now.get_untracked());
        self.is_busy.set(true);
        self.problem.set(None);
        app.run(async move {
            let answer = read_coverage(app, days).await;
            if self.period.try_get_untracked() != Some(period) {
                return;
            }
            match answer {
                Ok(kept) => drop(self.kept.try_set(Some(kept))),
                Err(message) => drop(self.problem.try_set(Some(message))),
            }
            self.is_busy.try_set(false);
        });
    }
}

/// The page.
#[component]
pub fn CoveragePage() -> impl IntoView {
    let app = use_app();
    let page = Page {
        app,
        period: RwSignal::new(Period::Days(30)),
        element: RwSignal::new(None),
        kept: RwSignal::new(None),
        problem: RwSignal::new(None),
        is_busy: RwSignal::new(true),
    };
    app.run(async move {
        let last = last_coverage(app).await;
        // Whatever came meanwhile is newer.
        let _closed = page.kept.try_update(|kept| {
            if kept.is_none() {
                *kept = last;
            }
        });
    });
    page.ask();
    let view = Memo::new(move |_| {
        let (city, people, now) = (app.city(), app.state.people.get(), app.state.now.get());
        let element = page.element.get();
        page.kept.with(|kept| Some(CoverageView::of(kept.as_ref()?, &city, &people, element.as_deref(), now)))
    });
    let status = move || {
        let busy = page.is_busy.get().then(|| view! { <p class="muted">{t("coverage.counting")}</p> });
        let told = view.with(|view| view.as_ref().map(|view| (view.age.clone(), view.lacks.clone())));
        let told = told.map(|(age, lacks)| {
            let lacks = lacks
                .into_iter()
                .map(|words| view! { <p class="row"><Icon name="info-circle"/><span>{words}</span></p> });
            view! { <p class="muted">{age}</p>{lacks.collect_view()} }
        });
        view! { {busy}{told} }
    };
    view! {
        <Shell title=t("coverage.title") back="/desk"
            end=move || view! { <button class="btn btn--s btn--quiet" on:click=move |_| page.ask()><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> }>
            <Choices page view/>
            <div role="status">{status}</div>
            {move || page.problem.get().map(|message| view! { <Problem message/> })}
            <Drawn page/>
            <Lines view/>
        </Shell>
    }
}

/// In which time, and of which element.
#[component]
fn Choices(
    /// The page.
    page: Page,
    /// What is known.
    view: Memo<Option<CoverageView>>,
) -> impl IntoView {
    let app = page.app;
    let period = move |this: Period| {
        let words = this.words(&app.city(), app.state.now.get_untracked())?;
        let choose = move |_| {
            page.period.set(this);
            page.ask();
        };
        Some(
            view! { <button class="option" aria-pressed=move || (page.period.get() == this).to_string() on:click=choose>{words}</button> },
        )
    };
    let elements = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.elements.clone())));
    let element = move |word: Option<String>, words: String| {
        let own = word.clone();
        let pressed = move || page.element.with(|chosen| *chosen == own).to_string();
        view! { <button class="option" aria-pressed=pressed on:click=move |_| page.element.set(word.clone())>{words}</button> }
    };
    let all = move || {
        let elements = elements.get().unwrap_or_default();
        let some = elements.into_iter().map(|(word, name, n)| element(Some(word), format!("{name} {n}")));
        view! { {element(None, t("coverage.all").to_owned())}{some.collect_view()} }
    };
    view! {
        <div class="options" role="group" aria-label=t("coverage.period")>{Period::ALL.map(period).collect_view()}</div>
        <div class="options" role="group" aria-label=t("coverage.element")>{all}</div>
    }
}

/// The map. The list says the same, so where there can be no map nothing is missing.
#[component]
fn Drawn(
    /// The page.
    page: Page,
) -> impl IntoView {
    let app = page.app;
    let control = MapControl::new();
    let shapes = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        app.state.duties.track();
        app.run(async move {
            let found = load_areas(app).await;
            let _closed = shapes.try_set(found);
        });
    });
    Effect::new(move |_| {
        if control.state.get() == MapState::Shown {
            let element = page.element.get();
            shapes.with(|shapes| {
                page.kept.with(|kept| {
                    let rows = kept.as_ref().map(|kept| chosen(&kept.report, element.as_deref())).unwrap_or_default();
                    control.put_coverage(shapes, &rows);
                });
            });
        }
    });
    let me = RwSignal::new(MyPlace::Unavailable);
    let has_failed = Memo::new(move |_| control.state.get() == MapState::Failed);
    let has_areas =
        Memo::new(move |_| page.kept.with(|kept| kept.as_ref().is_some_and(|kept| !kept.report.areas.is_empty())));
    move || match (has_areas.get(), has_failed.get()) {
        (false, _) => ().into_any(),
        (true, true) => {
            view! { <p class="card card--warn row"><Icon name="info-circle"/>{t("map.failed")}</p> }.into_any()
        }
        (true, false) => view! {
            <section class="coverage-map" aria-label=t("map.label")><MapView app control me at=None/></section>
            <p class="coverage-key"><span class="coverage-gap" aria-hidden="true"></span>{t("coverage.key")}</p>
        }
        .into_any(),
    }
}

/// The areas, the most overdue first.
#[component]
fn Lines(
    /// What is known.
    view: Memo<Option<CoverageView>>,
) -> impl IntoView {
    let lines = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.areas.clone())));
    move || {
        let lines = lines.get()?;
        if lines.is_empty() {
            return Some(
                view! {
                    <div class="empty">
                        <Icon name="map-2" size="icon--xl"/>
                        <p class="empty-title">{t("coverage.none")}</p>
                        <a class="btn" href="/desk/areas"><Icon name="map-2"/>{t("areas.title")}</a>
                    </div>
                }
                .into_any(),
            );
        }
        Some(view! { <ul class="coverage-list">{lines.into_iter().map(|line| view! { <Line line/> }).collect_view()}</ul> }.into_any())
    }
}

/// One area.
#[component]
fn Line(
    /// In words.
    line: AreaLine,
) -> impl IntoView {
    let AreaLine { record, name, facts, lamp, shares, last, go, fly } = line;
    let share = |Share { label, n, of }: Share| {
        let words = tr("coverage.share", &[("n", &n.to_string()), ("of", &of.to_string())]);
        view! {
            <li class="coverage-share">
                <span>{label}</span>
                <meter min="0" max=of value=n aria-label=label>{words.clone()}</meter>
                <b>{words}</b>
            </li>
        }
    };
    let begin = propose();
    let button = move |task: Option<NewTask>, icon: &'static str, words: &'static str, name: &str| {
        let label = tr("coverage.button", &[("what", words), ("area", name)]);
        task.map(|task| view! {
            <button class="btn" aria-label=label on:click=move |_| begin(task.clone())><Icon name=icon/>{words}</button>
        })
    };
    view! {
        <li class="card stack">
            <div class="card-head"><h2><a href=format!("/records/{record}")>{name.clone()}</a></h2><LampChip lamp/></div>
            <p class="muted">{facts}</p>
            <ul class="coverage-shares">{shares.into_iter().map(share).collect_view()}</ul>
            <p class="muted">{last}</p>
            <div class="row row--wrap">
                {button(go, "walk", t("coverage.go"), &name)}
                {button(fly, "drone", t("coverage.fly"), &name)}
            </div>
        </li>
    }
}

/// Opens the form of a new task with what is proposed.
pub fn propose() -> impl Fn(NewTask) + Copy + 'static {
    let app = use_app();
    let navigate = StoredValue::new_local(use_navigate());
    move |task| {
        app.state.proposed.set(Some(task));
        navigate.with_value(|go| go("/desk/tasks/new", Default::default()));
    }
}
