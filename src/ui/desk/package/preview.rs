//! How the report form will look: the pictures of all categories, and the questions of the one that was chosen.

use leptos::prelude::*;

use super::bench::Bench;
use crate::state::categories::{self, CategoryCell};
use crate::state::package::draft::Editing;
use crate::state::package::{city_of, questions};
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// The preview, opened by a tap: it reads the whole package.
#[component]
pub fn Preview(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let chosen: RwSignal<Option<String>> = RwSignal::new(None);
    let city = Memo::new(move |_| {
        let text = is_open.get().then(|| bench.editing.with(|editing| editing.as_ref().map(Editing::text))).flatten();
        text.as_deref().and_then(city_of)
    });
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
    let grid = move || match city.get() {
        None => view! { <p class="muted">{t("package.preview_none")}</p> }.into_any(),
        Some(city) => {
            let groups = categories::groups(&city).into_iter().map(|group| {
                let cells = group.cells.into_iter().map(cell).collect_view();
                view! { <h3 class="section-title">{group.name}</h3> <div class="category-grid">{cells}</div> }
            });
            groups.collect_view().into_any()
        }
    };
    let form = move || {
        let asked = chosen.get().and_then(|id| city.with(|city| city.as_ref().map(|city| questions(city, &id))))?;
        let rows = asked.into_iter().map(|question| {
            let options =
                question.options.into_iter().map(|option| view! { <span class="chip">{option}</span> }).collect_view();
            view! { <li class="stack"><b>{question.label}</b><span class="chips">{options}</span></li> }
        });
        Some(
            view! { <section class="card stack" aria-label=t("package.questions")><h3>{t("package.questions")}</h3><ul class="stack">{rows.collect_view()}</ul></section> },
        )
    };
    view! {
        <section class="card stack" aria-label=t("package.preview")>
            <h2>{t("package.preview")}</h2>
            <div class="row"><button class="btn btn--quiet" aria-expanded=move || is_open.get().to_string() on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                <Icon name="eye"/>{move || t(if is_open.get() { "package.preview_close" } else { "package.preview_open" })}
            </button></div>
            {move || is_open.get().then(|| view! { <div aria-live="polite">{form}</div> {grid} })}
        </section>
    }
}
