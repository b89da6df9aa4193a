//! What is it? Pictures of all categories, those used last first, found by name or by what people say.

use leptos::prelude::*;

use crate::actions::change_settings::recent_categories;
use crate::actions::keep_report::keep_now;
use crate::context::App;
use crate::state::categories::{self, CategoryCell};
use crate::state::form::ReportForm;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The choice; folds to the chosen picture.
#[component]
pub fn CategoryGrid(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let chosen = Memo::new(move |_| form.draft.with(|draft| draft.category.clone()));
    // A person who wants another picture opens the grid again.
    let is_open = RwSignal::new(chosen.with_untracked(Option::is_none));
    let choose = Callback::new(move |id: String| {
        form.draft.update(|draft| draft.choose(&id));
        is_open.set(false);
        keep_now(app, form);
    });
    let cell = move || {
        let city = app.city();
        chosen.get().and_then(|id| city.catalog.category(&id).map(|category| categories::cell(&city, category)))
    };
    move || match cell().filter(|_| !is_open.get()) {
        Some(cell) => view! {
            <div class="row">
                <div class="grow"><Cell cell is_chosen=true on_choose=Callback::new(move |_| is_open.set(true))/></div>
                <button class="btn btn--quiet" on:click=move |_| is_open.set(true)>{t("report.other_category")}</button>
            </div>
        }
        .into_any(),
        None => view! { <OpenGrid app chosen on_choose=choose/> }.into_any(),
    }
}

/// Search, recents, all groups.
#[component]
fn OpenGrid(
    /// The app.
    app: App,
    /// What is chosen.
    chosen: Memo<Option<String>>,
    /// Called with the id of a picture.
    on_choose: Callback<String>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let grid = move |cells: Vec<CategoryCell>| {
        let cells = cells.into_iter().map(|cell| {
            let is_chosen = chosen.with_untracked(|chosen| chosen.as_ref() == Some(&cell.id));
            view! { <Cell cell is_chosen on_choose/> }
        });
        view! { <div class="category-grid">{cells.collect_view()}</div> }
    };
    let all = move || {
        let city = app.city();
        let recents = categories::recents(&city, &recent_categories());
        let recents = (!recents.is_empty())
            .then(|| view! { <h2 class="section-title">{t("report.recent")}</h2> {grid(recents)} });
        let groups = categories::groups(&city).into_iter().map(|group| {
            view! { <h2 class="section-title">{group.name}</h2> {grid(group.cells)} }
        });
        view! { {recents} {groups.collect_view()} }
    };
    let found = move || {
        let text = text.get();
        let cells = categories::search(&app.city(), &text);
        if cells.is_empty() {
            view! { <p class="muted" role="status">{tr("report.search_none", &[("text", text.trim())])}</p> }.into_any()
        } else {
            grid(cells).into_any()
        }
    };
    view! {
        <div class="search">
            <label class="search-box">
                <Icon name="search"/>
                <span class="visually-hidden">{t("report.search_label")}</span>
                <input class="search-input" type="search" placeholder=tr("report.search", &[("name", categories::example(&app.city()))]) enterkeyhint="search" autocomplete="off"
                    prop:value=text on:input=move |event| text.set(event_target_value(&event))/>
                {move || (!text.with(String::is_empty)).then(|| view! {
                    <button class="search-clear" aria-label=t("action.clear") on:click=move |_| text.set(String::new())><Icon name="x"/></button>
                })}
            </label>
        </div>
        {move || if text.with(|text| text.trim().is_empty()) { all().into_any() } else { found().into_any() }}
    }
}

/// One picture.
#[component]
fn Cell(
    /// The picture.
    cell: CategoryCell,
    /// Whether it is the chosen one.
    is_chosen: bool,
    /// Called with its id.
    on_choose: Callback<String>,
) -> impl IntoView {
    let class = if cell.is_urgent { "category category--hot" } else { "category" };
    let id = cell.id;
    view! {
        <button class=class aria-pressed=is_chosen.to_string() on:click=move |_| on_choose.run(id.clone())>
            <Icon name=cell.icon/><span>{cell.name}</span>
        </button>
    }
}
