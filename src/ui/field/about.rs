//! What the app promises, what it can not do, which version it is, and whose work is in it.

use leptos::prelude::*;

use crate::actions::read_licences::read_licences;
use crate::context::{VERSION, use_app};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page of promises.
#[component]
pub fn AboutPage() -> impl IntoView {
    let app = use_app();
    let promises = [
        "about.promise_1",
        "about.promise_2",
        "about.promise_3",
        "about.promise_4",
        "about.promise_5",
        "about.promise_6",
        "about.promise_7",
        "about.promise_8",
        "about.promise_9",
    ];
    let today = ["about.today_1", "about.today_2", "about.today_3"];
    let for_ever = ["about.limit_1", "about.limit_2", "about.limit_3", "about.limit_4"];
    let build = RwSignal::new(String::new());
    app.run(async move {
        if let Some(found) = crate::actions::check_storage::build().await {
            let _closed = build.try_set(format!(" · {}", tr("about.build", &[("build", &found)])));
        }
    });
    let licences: RwSignal<Option<String>> = RwSignal::new(None);
    let read = move |_| {
        app.run(async move {
            let text = read_licences().await.unwrap_or_else(|message| message.title);
            let _closed = licences.try_set(Some(text));
        });
    };
    view! {
        <Shell title=t("me.about") back="/me">
            <section class="card stack">
                <p class="row"><Icon name="device-mobile"/><span>{t("lamp.explain_saved")}</span></p>
                <p class="row"><Icon name="circle-check"/><span>{t("lamp.explain_delivered")}</span></p>
            </section>
            <section class="card">{rows(&promises)}</section>
            <section class="card stack"><h2>{t("about.today")}</h2>{rows(&today)}</section>
            <section class="card stack"><h2>{t("about.limits")}</h2>{rows(&for_ever)}</section>
            <section class="card stack">
                <p>{tr("app.version", &[("version", VERSION)])}{build}</p>
                <p class="muted">{t("about.license")}</p>
                {move || match licences.get() {
                    Some(text) => view! { <pre class="licences" tabindex="0" aria-label=t("about.licences")>{text}</pre> }.into_any(),
                    None => view! { <button class="btn btn--quiet" on:click=read><Icon name="file-text"/>{t("about.licences")}</button> }.into_any(),
                }}
            </section>
        </Shell>
    }
}

fn rows(keys: &[&'static str]) -> impl IntoView + use<> {
    let rows = keys.iter().map(|key| view! { <li><span>{t(key)}</span></li> }).collect_view();
    view! { <ol class="promises">{rows}</ol> }
}
