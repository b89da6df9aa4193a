//! What the check says of the package as it is now, and what that changes.

use leptos::prelude::*;

use super::bench::{Bench, Checked};
use crate::state::package::draft::Editing;
use crate::state::package::{DifferenceView, FaultView, change_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// Differences that are drawn; all of them count.
const MOST: usize = 200;

/// What is wrong, each fault a way to its line.
#[component]
pub fn Faults(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let list = move |faults: Vec<FaultView>| {
        let rows = faults.into_iter().map(|fault| {
            let FaultView { file, place, path, words, said } = fault;
            let show = move |_| bench.show(&file, &path);
            view! {
                <li>
                    <button class="card-link" data-fault="" on:click=show>
                        <Icon name="alert-triangle"/>
                        <span class="grow"><b>{words}</b><br/><span class="mono">{place}</span><br/><span class="muted" lang="en">{said}</span></span>
                        <Icon name="chevron-right"/>
                    </button>
                </li>
            }
        });
        view! { <ul class="card-list">{rows.collect_view()}</ul> }
    };
    let shown = move || {
        match bench.checked.get() {
        Checked::Runs => view! { <p class="row"><Icon name="refresh"/><span>{t("package.checking")}</span></p> }.into_any(),
        Checked::Failed(message) => view! {
            <Problem message/>
            <button class="btn btn--quiet" on:click=move |_| bench.check_again()><Icon name="refresh"/>{t("package.check_again")}</button>
        }
        .into_any(),
        Checked::Done(reply) => {
            let breaks: Vec<String> = reply.changes.iter().filter(|change| change.breaks).map(change_words).collect();
            if reply.is_good() {
                return view! { <p class="row strong"><Icon name="circle-check"/><span>{t("package.good")}</span></p> }.into_any();
            }
            let faults: Vec<FaultView> = reply.faults.iter().map(FaultView::of).collect();
            let n = (faults.len() + breaks.len()).to_string();
            let has_breaks = !breaks.is_empty();
            let breaks = breaks.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
            view! {
                <p class="row strong"><Icon name="alert-triangle"/><span>{tr("package.faults", &[("n", &n)])}</span></p>
                {list(faults)}
                {has_breaks.then(|| view! { <p>{t("package.breaks")}</p> <ul class="stack">{breaks}</ul> })}
            }
            .into_any()
        }
    }
    };
    view! {
        <section class="card stack" aria-label=t("package.check") aria-live="polite">
            <h2>{t("package.check")}</h2>
            {shown}
        </section>
    }
}

/// What it changes: numbers and words first, then every value.
#[component]
pub fn Changes(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let changes = Memo::new(move |_| {
        let changes = bench.editing.with(|editing| editing.as_ref().map(Editing::changes).unwrap_or_default());
        changes.iter().map(DifferenceView::of).collect::<Vec<_>>()
    });
    let words = move || match bench.checked.get() {
        Checked::Done(reply) => {
            let harmless = reply.changes.iter().filter(|change| !change.breaks).map(change_words);
            let rows = harmless.map(|words| view! { <li>{words}</li> }).collect_view();
            view! { <ul class="stack">{rows}</ul> }.into_any()
        }
        Checked::Runs | Checked::Failed(_) => ().into_any(),
    };
    let rows = move || {
        let rows = changes.get().into_iter().take(MOST).map(|change| {
            let DifferenceView { about, place, before, after } = change;
            let before = before.map(|before| view! { <del>{before}</del> });
            let after = after.map(|after| view! { <ins>{after}</ins> });
            view! {
                <li class="item"><span class="item-body">
                    <span class="item-title">{about}</span>
                    <span class="item-facts mono">{place}</span>
                    <span>{before}" "{after}</span>
                </span></li>
            }
        });
        rows.collect_view()
    };
    let count = move || tr("package.changes", &[("n", &changes.with(Vec::len).to_string())]);
    view! {
        <section class="card stack" aria-label=t("package.difference")>
            <h2>{t("package.difference")}</h2>
            <p role="status">{count}</p>
            {words}
            <ul class="list">{rows}</ul>
        </section>
    }
}
