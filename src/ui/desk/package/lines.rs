//! The values of the open part: a card for every item of a list, a line for every value in it.

use leptos::prelude::*;

use super::bench::Bench;
use crate::state::package::leaves::{Group, Leaf, Place, Sort, find, groups};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// Cards that are drawn at first, and more with every tap.
const CARDS: usize = 20;

/// The cards.
#[component]
pub fn Lines(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let most = RwSignal::new(CARDS);
    Effect::new(move |_| {
        bench.part.track();
        bench.text.track();
        most.set(CARDS);
    });
    let found = Memo::new(move |_| {
        bench.shape.track();
        let (part, text) = (bench.part.get(), bench.text.get());
        // Not by what is typed in a line, which would take the line away from under the fingers.
        let all = bench
            .editing
            .with_untracked(|editing| editing.as_ref().and_then(|editing| editing.now.get(&part)).map(groups));
        find(all.unwrap_or_default(), &text)
    });
    let cards = move || {
        let cards = found.get().into_iter().take(most.get());
        cards.map(|group| view! { <Card bench group/> }).collect_view()
    };
    let count = move || {
        let n = found.with(|found| found.iter().map(|group| group.leaves.len()).sum::<usize>());
        tr("package.found", &[("n", &n.to_string())])
    };
    let has_more = move || found.with(Vec::len) > most.get();
    view! {
        <p class="muted" role="status">{count}</p>
        <div class="stack">{cards}</div>
        {move || has_more().then(|| view! {
            <button class="btn btn--quiet" on:click=move |_| most.update(|most| *most += CARDS)>{t("package.more")}</button>
        })}
    }
}

/// An item, or what is in no list.
#[component]
fn Card(
    /// What the page shares.
    bench: Bench,
    /// Its values.
    group: Group,
) -> impl IntoView {
    let Group { place, about, leaves } = group;
    let (path, at) = (place.words(), place.words());
    let about = if about.is_empty() { t("package.top").to_owned() } else { about };
    let label = format!("{about} {path}");
    let lines = leaves.into_iter().map(|leaf| view! { <Line bench leaf/> }).collect_view();
    view! {
        <section class="card stack" aria-label=label data-path=at>
            <div class="card-head">
                <h3 class="grow">{about}" "<span class="mono muted">{path}</span></h3>
                {place.is_item().then(|| view! { <ItemButtons bench place=place.clone()/> })}
            </div>
            {lines}
        </section>
    }
}

/// Copying an item, taking it out.
#[component]
fn ItemButtons(
    /// What the page shares.
    bench: Bench,
    /// Where it is.
    place: Place,
) -> impl IntoView {
    let label = |key: &'static str| format!("{} {}", t(key), place.words());
    let (copy, remove) = (label("package.copy"), label("package.remove"));
    let (to_copy, to_remove) = (place.clone(), place);
    view! {
        <span class="row">
            <button class="btn btn--s btn--quiet" aria-label=copy on:click=move |_| bench.copy(&to_copy)><Icon name="copy" size="icon--s"/>{t("package.copy")}</button>
            <button class="btn btn--s btn--quiet" aria-label=remove on:click=move |_| bench.remove(&to_remove)><Icon name="trash" size="icon--s"/>{t("package.remove")}</button>
        </span>
    }
}

/// A value.
#[component]
fn Line(
    /// What the page shares.
    bench: Bench,
    /// It.
    leaf: Leaf,
) -> impl IntoView {
    let Leaf { place, words, value, sort } = leaf;
    let is_wrong = RwSignal::new(false);
    let at = place.clone();
    let take = move |typed: String| is_wrong.set(!bench.set(&at, &typed));
    let full = place.words();
    let wrong = move || is_wrong.get().then_some("true");
    let input = match sort {
        Sort::Empty => view! { <span class="muted">{t("package.empty")}</span> }.into_any(),
        Sort::Flag => {
            let (yes, no) = (value == "true", value != "true");
            view! {
                <select class="input" data-leaf=full on:change=move |event| take(event_target_value(&event))>
                    <option value="true" selected=yes>{t("package.yes")}</option>
                    <option value="false" selected=no>{t("package.no")}</option>
                </select>
            }
            .into_any()
        }
        Sort::Long => view! {
            <textarea class="input" rows="3" data-leaf=full prop:value=value on:change=move |event| take(event_target_value(&event))></textarea>
        }
        .into_any(),
        Sort::Text | Sort::Number | Sort::Day => {
            let (kind, mode) = match sort {
                Sort::Day => ("date", None),
                Sort::Number => ("text", Some("decimal")),
                _ => ("text", None),
            };
            view! {
                <input class="input" type=kind inputmode=mode autocomplete="off" data-leaf=full prop:value=value aria-invalid=wrong
                    on:change=move |event| take(event_target_value(&event))/>
            }
            .into_any()
        }
    };
    let buttons = place.is_item().then(|| view! { <ItemButtons bench place=place.clone()/> });
    view! {
        <div class="row row--wrap">
            <label class="field grow"><span class="field-label mono">{words}</span>{input}</label>
            {buttons}
        </div>
        {move || is_wrong.get().then(|| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("package.not_its_sort")}</span> })}
    }
}
