//! How to put the app on the home screen: for this phone, and for those of others.

use leptos::prelude::*;

use crate::actions::check_storage::install_facts;
use crate::actions::install_app::{install_app, is_offered, own_guide};
use crate::context::use_app;
use crate::state::install::{ALL, Guide};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn InstallPage() -> impl IntoView {
    let app = use_app();
    let (_, is_installed) = install_facts();
    let own = own_guide();
    let offered = RwSignal::new(is_offered());
    let ask = move |_| {
        offered.set(false);
        app.run(install_app(app));
    };
    let others = ALL.into_iter().filter(move |guide| *guide != own).map(|guide| {
        view! {
            <details class="card">
                <summary class="card-link"><b class="grow">{t(guide.name)}</b><Icon name="chevron-down"/></summary>
                {how(guide)}
            </details>
        }
    });
    view! {
        <Shell title=t("enrol.install_title") back="/me">
            <section class="card stack">
                <h2>{t(own.name)}</h2>
                {if is_installed {
                    view! { <p class="row"><Icon name="circle-check"/><span>{t("me.installed")}</span></p> }.into_any()
                } else {
                    view! { <p class="muted">{t("enrol.install_text")}</p> }.into_any()
                }}
                {move || offered.get().then(|| view! {
                    <button class="btn btn--primary" on:click=ask><Icon name="download"/>{t("install.button")}</button>
                })}
                {how(own)}
            </section>
            <h2>{t("install.others")}</h2>
            {others.collect_view()}
        </Shell>
    }
}

/// A picture of where to tap, and the steps.
pub(super) fn how(guide: Guide) -> impl IntoView {
    let steps = guide.steps.iter().map(|&(icon, words)| {
        view! { <li><span class="row"><Icon name=icon/><span>{t(words)}</span></span></li> }
    });
    view! {
        <div class="how">
            {guide.spot.map(|spot| {
                let (x, y) = spot.place();
                view! {
                    <svg class="how-phone" viewBox="0 0 60 110" width="60" height="110" aria-hidden="true">
                        <rect x="4" y="3" width="52" height="104" rx="8" fill="none" stroke="currentColor" stroke-width="3"/>
                        <path d="M5 23h50M5 87h50" stroke="currentColor"/>
                        <circle class="how-spot" cx=x cy=y r="7" fill="currentColor"/>
                    </svg>
                }
            })}
            <ol class="enrol-how">{steps.collect_view()}</ol>
        </div>
    }
}
