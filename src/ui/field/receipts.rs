//! Receipts that somebody brought back: what they name is delivered.

use leptos::prelude::*;

use crate::actions::take_receipts::take_picked;
use crate::context::use_app;
use crate::state::rescue::Stage;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn ReceiptsPage() -> impl IntoView {
    let app = use_app();
    let stage: RwSignal<Stage> = RwSignal::new(Stage::Idle);
    let page = move || match stage.get() {
        Stage::Failed(message) => view! { <Problem message/> }.into_any(),
        Stage::Taken(taken) if !taken.changed.is_empty() => {
            let n = taken.changed.len().to_string();
            let rest = app.state.unsent_count().filter(|rest| *rest > 0);
            view! {
                <div class="saved" role="status">
                    <span class="saved-lamp saved-lamp--sent"><Icon name="circle-check" size="icon--xl"/></span>
                    <h2 class="saved-title saved-title--sent">{t("lamp.delivered")}</h2>
                    <p class="saved-text">{tr("receipts.taken", &[("n", &n)])}</p>
                    {rest.map(|n| view! { <p class="muted">{tr("receipts.rest", &[("n", &n.to_string())])}</p> })}
                    <a class="btn btn--wide btn--quiet" href="/records"><Icon name="list-details"/>{t("records.title")}</a>
                </div>
            }
            .into_any()
        }
        Stage::Taken(_) => words("info-circle", t("receipts.none"), t("receipts.none_text")),
        _ => words("file-text", t("receipts.what"), t("receipts.what_text")),
    };
    view! {
        <Shell title=t("receipts.title") back="/me" actionbar=move || view! {
            <label class="btn btn--primary file">
                <Icon name="file-text"/><span>{t("receipts.pick")}</span>
                <input type="file" aria-label=t("receipts.pick") on:change=move |event| take_picked(app, &event, stage)/>
            </label>
        }>
            {page}
        </Shell>
    }
}

fn words(icon: &'static str, title: &'static str, text: &'static str) -> AnyView {
    view! {
        <div class="empty" role="status">
            <Icon name=icon size="icon--xl"/>
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
    .into_any()
}
