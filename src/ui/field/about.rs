//! What the app promises, and what it can not do.

use leptos::prelude::*;

use crate::context::VERSION;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page of promises.
#[component]
pub fn AboutPage() -> impl IntoView {
    let promises = [
        t("about.promise_1"),
        t("about.promise_2"),
        t("about.promise_3"),
        t("about.promise_4"),
        t("about.promise_5"),
        t("about.promise_6"),
        t("about.promise_7"),
        t("about.promise_8"),
        t("about.promise_9"),
        t("about.promise_10"),
        t("about.promise_11"),
    ];
    let limits = [t("about.limit_1"), t("about.limit_2"), t("about.limit_3"), t("about.limit_4")];
    let rows =
        |texts: Vec<&'static str>| texts.into_iter().map(|text| view! { <li><span>{text}</span></li> }).collect_view();
    view! {
        <Shell title=t("me.about") back="/me">
            <section class="card stack">
                <p class="row"><Icon name="device-mobile"/><span>{t("lamp.explain_saved")}</span></p>
                <p class="row"><Icon name="circle-check"/><span>{t("lamp.explain_delivered")}</span></p>
            </section>
            <section class="card"><ol class="promises">{rows(promises.to_vec())}</ol></section>
            <section class="card stack"><h2>{t("about.limits")}</h2><ol class="promises">{rows(limits.to_vec())}</ol></section>
            <p class="muted">{t("about.license")}" · "{tr("app.version", &[("version", VERSION)])}</p>
        </Shell>
    }
}
