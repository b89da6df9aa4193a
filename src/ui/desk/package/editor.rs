//! Changing a package: what the check says, a part with its values, what it changes, how it will look, and from when on it holds.

use leptos::html;
use leptos::prelude::*;

use super::bench::Bench;
use super::keep::Keep;
use super::lines::Lines;
use super::outcome::{Changes, Faults};
use super::preview::Preview;
use crate::state::package::draft::Editing;
use crate::state::package::{PARTS, part_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The editor.
#[component]
pub fn Editor(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let of = move |number: fn(&Editing) -> u32| {
        bench.editing.with_untracked(|editing| editing.as_ref().map(number).unwrap_or_default()).to_string()
    };
    let title = tr("package.editing", &[("n", &of(Editing::version)), ("after", &of(|editing| editing.after))]);
    let (is_asked, label) = (RwSignal::new(false), title.clone());
    let end = move || {
        if !is_asked.get() {
            return view! { <button class="btn btn--plain" on:click=move |_| is_asked.set(true)>{t("package.discard")}</button> }.into_any();
        }
        view! {
            <div class="stack" role="alert">
                <p class="strong">{t("package.discard_sure")}</p>
                <div class="row row--wrap">
                    <button class="btn btn--danger" on:click=move |_| bench.discard()>{t("package.discard")}</button>
                    <button class="btn btn--plain" on:click=move |_| is_asked.set(false)>{t("action.cancel")}</button>
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card stack" aria-label=label>
            <h2>{title}</h2>
            <p class="muted">{t("package.editing_text")}</p>
            <div class="row row--wrap">
                <button class="btn btn--quiet" on:click=move |_| bench.close()><Icon name="chevron-left"/>{t("package.later")}</button>
                <button class="btn btn--quiet" on:click=move |_| bench.download()><Icon name="download"/>{t("package.download")}</button>
                {end}
            </div>
        </section>
        <Faults bench/>
        <Part bench/>
        <Changes bench/>
        <Preview bench/>
        <Keep bench/>
    }
}

/// One part: chosen, searched, its lines, and its text for those who know it.
#[component]
fn Part(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let choose = move |event| {
        bench.text.set(String::new());
        bench.part.set(event_target_value(&event));
    };
    let search = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if bench.led.get() > 0
            && let Some(input) = search.get_untracked()
        {
            // Without the focus the lines are there all the same.
            let _ = input.focus();
        }
    });
    let options = PARTS.map(|(file, key)| view! { <option value=file>{t(key)}</option> }).collect_view();
    let removed = move || {
        bench.removed.get().map(|(file, place, _)| {
            let words = tr("package.removed", &[("path", &format!("{} · {}", part_words(&file), place.words()))]);
            view! {
                <p class="row" role="status"><span class="grow">{words}</span>
                    <button class="btn btn--s" on:click=move |_| bench.put_back()><Icon name="arrow-back-up" size="icon--s"/>{t("package.put_back")}</button></p>
            }
        })
    };
    view! {
        <section class="card stack" aria-label=t("package.values")>
            <h2>{t("package.values")}</h2>
            <div class="pair">
                <label class="field grow">
                    <span class="field-label">{t("package.part")}</span>
                    <select class="input" aria-label=t("package.part") prop:value=bench.part on:change=choose>{options}</select>
                </label>
                <label class="field grow">
                    <span class="field-label">{t("package.search")}</span>
                    <input class="input" type="search" autocomplete="off" node_ref=search prop:value=bench.text
                        on:input=move |event| bench.text.set(event_target_value(&event))/>
                </label>
            </div>
            {removed}
            <Lines bench/>
            <Raw bench/>
        </section>
    }
}

/// The text of the open part.
#[component]
fn Raw(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    // Written when it is opened: a large part as a text takes a while.
    let text: RwSignal<Option<String>> = RwSignal::new(None);
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    let open = move |_| {
        let part = bench.part.get_untracked();
        let now = bench.editing.with_untracked(|editing| {
            editing.as_ref().and_then(|editing| serde_json::to_string_pretty(editing.now.get(&part)?).ok())
        });
        wrong.set(None);
        text.set(now);
    };
    // Another part, or other lines: the text is old.
    Effect::new(move |_| {
        bench.part.track();
        bench.shape.track();
        text.set(None);
    });
    let take = move |_| match serde_json::from_str(&text.get_untracked().unwrap_or_default()) {
        Ok(part) => bench.write(part),
        Err(error) => wrong.set(Some(tr("package.raw_wrong", &[("said", &error.to_string())]))),
    };
    let form = move || {
        view! {
            <label class="field">
                <span class="field-label">{t("package.raw")}</span>
                <textarea class="input mono" rows="16" spellcheck="false" aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                    prop:value=text.get_untracked().unwrap_or_default()
                    on:input=move |event| { wrong.set(None); text.update(|text| *text = Some(event_target_value(&event))); }></textarea>
            </label>
            {move || wrong.get().map(|words| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{words}</span> })}
            <div class="row row--wrap">
                <button class="btn" on:click=take><Icon name="check"/>{t("package.raw_take")}</button>
                <button class="btn btn--plain" on:click=move |_| text.set(None)>{t("action.cancel")}</button>
            </div>
        }
    };
    let is_open = Memo::new(move |_| text.with(Option::is_some));
    move || {
        if is_open.get() {
            form().into_any()
        } else {
            view! { <div class="row"><button class="btn btn--s btn--quiet" on:click=open><Icon name="file-text" size="icon--s"/>{t("package.raw_open")}</button></div> }
                .into_any()
        }
    }
}
