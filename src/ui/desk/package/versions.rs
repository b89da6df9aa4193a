//! The versions: what holds, what is to come, what was; each as a file, one to come can be withdrawn.

use leptos::prelude::*;

use super::bench::Bench;
use crate::actions::bring_city::{read_version, withdraw_version};
use crate::actions::draft_city::{read_picked, save_file};
use crate::state::package::VersionView;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;

/// The list, and the ways to a new version.
#[component]
pub fn Versions(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let app = bench.app;
    let picked = move |event| {
        read_picked(app, &event, move |file| match file {
            Ok(package) => bench.begin(Some(package)),
            Err(message) => drop(bench.problem.try_set(Some(message))),
        });
    };
    let draft = move || {
        bench.draft.with(Option::is_some).then(|| view! {
            <section class="card card--warn stack" aria-label=t("package.draft")>
                <h2>{t("package.draft")}</h2>
                <p>{t("package.draft_text")}</p>
                <div class="row row--wrap">
                    <button class="btn btn--primary" on:click=move |_| bench.resume()><Icon name="edit"/>{t("package.resume")}</button>
                    <button class="btn btn--plain" on:click=move |_| bench.discard()>{t("package.discard")}</button>
                </div>
            </section>
        })
    };
    let rows = move || {
        let now = app.state.now.get_untracked();
        bench.list.get().map(|list| {
            let views = list.versions.iter().map(|row| VersionView::of(row, list.zone_minutes, now));
            views.map(|version| view! { <Version bench version/> }).collect_view()
        })
    };
    let is_loading = move || bench.list.with(Option::is_none) && bench.problem.with(Option::is_none);
    view! {
        <section class="card stack" aria-label=t("package.new")>
            <h2>{t("package.new")}</h2>
            <p>{t("package.text")}</p>
            <div class="row row--wrap">
                <button class="btn btn--primary" aria-busy=move || bench.is_busy.get().then_some("true") on:click=move |_| bench.begin(None)>
                    <Icon name="edit"/>{t("package.begin")}
                </button>
            </div>
            <label class="field">
                <span class="field-label">{t("package.file")}</span>
                <input class="input" type="file" accept=".json,application/json" on:change=picked/>
                <span class="field-hint">{t("package.file_hint")}</span>
            </label>
        </section>
        {draft}
        <section class="stack" aria-label=t("package.versions")>
            <h2>{t("package.versions")}</h2>
            {move || is_loading().then(|| view! { <p class="muted" role="status">{t("app.loading")}</p> })}
            <ul class="list">{rows}</ul>
        </section>
    }
}

/// A version.
#[component]
fn Version(
    /// What the page shares.
    bench: Bench,
    /// In words.
    version: VersionView,
) -> impl IntoView {
    let (app, number) = (bench.app, version.version);
    let is_asked = RwSignal::new(false);
    let download = move |_| {
        bench.do_once(async move {
            let package = read_version(app, number).await?;
            save_file(app, &package, number).await
        });
    };
    let withdraw = move |_| {
        bench.do_once(async move {
            let list = withdraw_version(app, number).await?;
            let _left = bench.list.try_set(Some(list));
            app.state.say(tr("package.withdrew", &[("n", &number.to_string())]));
            Ok(())
        });
    };
    let end = move || {
        if !is_asked.get() {
            return view! {
                <button class="btn btn--s btn--quiet" on:click=move |_| is_asked.set(true)><Icon name="arrow-back-up" size="icon--s"/>{t("package.withdraw")}</button>
            }
            .into_any();
        }
        view! {
            <div class="stack" role="alert">
                <p class="strong">{tr("package.withdraw_sure", &[("n", &number.to_string())])}</p>
                <div class="row row--wrap">
                    <button class="btn btn--danger" on:click=withdraw>{t("package.withdraw")}</button>
                    <button class="btn btn--plain" on:click=move |_| is_asked.set(false)>{t("action.cancel")}</button>
                </div>
            </div>
        }
        .into_any()
    };
    let has_note = !version.note.is_empty();
    view! {
        <li class="item" data-version=number.to_string()>
            <span class="item-body">
                <span class="item-title">{version.title}</span>
                {has_note.then(|| view! { <span>{version.note}</span> })}
                <span class="item-facts">{version.facts}</span>
                <span class="chips"><LampChip lamp=version.lamp/></span>
                <span class="row row--wrap">
                    <button class="btn btn--s btn--quiet" on:click=download><Icon name="download" size="icon--s"/>{t("package.download")}</button>
                    {version.is_coming.then_some(end)}
                </span>
            </span>
        </li>
    }
}
