//! What people will get: the pictures of all categories with the questions of one, and registers, steps and rights one by one.

use leptos::prelude::*;

use super::bench::Bench;
use crate::state::categories::{self, CategoryCell, CategoryGroup};
use crate::state::package::city_of;
use crate::state::package::draft::Editing;
use crate::state::package::preview::{Line, Sheet, Side, category, sheets};
use crate::state::words::t;
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;

/// The preview, opened by a tap: it reads the whole package.
#[component]
pub fn Preview(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let (is_open, side) = (RwSignal::new(false), RwSignal::new(Side::Categories));
    let chosen: RwSignal<Option<String>> = RwSignal::new(None);
    // By its place, so that it stays open while its name is changed.
    let unfolded: RwSignal<Option<usize>> = RwSignal::new(None);
    let city = Memo::new(move |_| {
        let text = is_open.get().then(|| bench.editing.with(|editing| editing.as_ref().map(Editing::text))).flatten();
        text.as_deref().and_then(city_of)
    });
    let choice = move |this: Side| {
        let choose = move |_| {
            side.set(this);
            unfolded.set(None);
        };
        view! { <button class="option" aria-pressed=move || (side.get() == this).to_string() on:click=choose>{this.words()}</button> }
    };
    let cell = move |cell: CategoryCell| {
        let class = if cell.is_urgent { "category category--hot" } else { "category" };
        let (id, own) = (cell.id.clone(), cell.id);
        let is_chosen = move || chosen.with(|chosen| chosen.as_ref() == Some(&own)).to_string();
        view! {
            <button class=class aria-pressed=is_chosen on:click=move |_| chosen.set(Some(id.clone()))>
                <Icon name=cell.icon/><span>{cell.name}</span>
            </button>
        }
    };
    let group = move |group: CategoryGroup| {
        let ids: Vec<String> = group.cells.iter().map(|cell| cell.id.clone()).collect();
        // Behind the group of the picture, so that it is near to who tapped it.
        let asked = move || {
            let id = chosen.get().filter(|id| ids.contains(id))?;
            let sheet = city.with_untracked(|city| category(city.as_ref()?, &id))?;
            let title = sheet.title.clone();
            Some(view! {
                <section class="card stack" aria-label=t("package.questions")>
                    <h3>{title}</h3><p class="muted">{t("package.questions")}</p>{body(sheet)}
                </section>
            })
        };
        let cells = group.cells.into_iter().map(cell).collect_view();
        view! {
            <div class="stack" aria-live="polite">
                <h3 class="section-title">{group.name}</h3><div class="category-grid">{cells}</div>{asked}
            </div>
        }
    };
    let fold = move |(at, sheet): (usize, Sheet)| {
        let is_unfolded = move || unfolded.get() == Some(at);
        let title = sheet.title.clone();
        view! {
            <li>
                <button class="card-link" aria-expanded=move || is_unfolded().to_string()
                    on:click=move |_| unfolded.update(|now| *now = (*now != Some(at)).then_some(at))>
                    <b class="grow">{title}</b><Icon name="chevron-down"/>
                </button>
                {move || is_unfolded().then(|| view! { <div class="stack preview-sheet">{body(sheet.clone())}</div> })}
            </li>
        }
    };
    let shown = move || {
        let side = side.get();
        let found = city.with(|city| {
            let city = city.as_ref()?;
            let groups = if side == Side::Categories { categories::groups(city) } else { Vec::new() };
            Some((groups, sheets(city, side)))
        });
        let Some((groups, sheets)) = found else {
            return view! { <p class="muted">{t("package.preview_none")}</p> }.into_any();
        };
        if side == Side::Categories {
            return groups.into_iter().map(group).collect_view().into_any();
        }
        view! { <ul class="card-list">{sheets.into_iter().enumerate().map(fold).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-label=t("package.preview")>
            <h2>{t("package.preview")}</h2>
            <div class="row"><button class="btn btn--quiet" aria-expanded=move || is_open.get().to_string() on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                <Icon name="eye"/>{move || t(if is_open.get() { "package.preview_close" } else { "package.preview_open" })}
            </button></div>
            {move || is_open.get().then(|| view! {
                <div class="options" role="group" aria-label=t("package.preview_what")>{Side::ALL.map(choice).collect_view()}</div>
                {shown}
            })}
        </section>
    }
}

/// What is said of a whole, and its parts.
fn body(sheet: Sheet) -> AnyView {
    let facts = (!sheet.facts.is_empty()).then(|| view! { <Facts facts=sheet.facts/> });
    let line = |line: Line| {
        let notes = line.notes.into_iter().map(|note| view! { <span class="muted">{note}</span> }).collect_view();
        let options = (!line.options.is_empty()).then(|| {
            let chips = line.options.into_iter().map(|option| view! { <span class="chip">{option}</span> });
            view! { <span class="chips">{chips.collect_view()}</span> }
        });
        view! { <li class="stack stack--s"><b>{line.title}</b>{notes}{options}</li> }
    };
    view! { {facts} <ul class="stack">{sheet.lines.into_iter().map(line).collect_view()}</ul> }.into_any()
}
