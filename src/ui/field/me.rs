//! Me: who this phone is, what waits, room, settings, and what the app promises.

use leptos::prelude::*;

use super::secrecy::SecrecyCard;
use super::settings::SettingsCard;
use super::storage::StorageCard;
use crate::actions::retry_now::retry_now;
use crate::context::{VERSION, use_app};
use crate::state::audit::audits;
use crate::state::package::may_bring;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::{Shell, Tab};

/// The page 我的.
#[component]
pub fn MePage() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let who = move || {
        let city = app.city();
        let viewer = state.viewer()?;
        let role = city.info.roles.iter().find(|role| role.id == viewer.role);
        let role = role.map_or(viewer.role.clone(), |role| words::of(&role.name).to_owned());
        let text = tr("me.identity_text", &[("role", &role), ("city", words::of(&city.info.name))]);
        Some((viewer.name, text))
    };
    let device =
        move || state.identity.with(|row| row.as_ref().map(|row| tr("me.device", &[("id", &row.log.to_hex()[..8])])));
    let next_try = move || {
        let millis = state.sync.with(|sync| sync.next_try_millis)?;
        let seconds = (millis - state.now.get().millis).max(1_000) / 1_000;
        Some(tr("sync.retry_in", &[("seconds", &seconds.to_string())]))
    };
    let saved = move || state.unsent_count().map_or("…".to_owned(), |n| n.to_string());
    let delivered = move || state.sync.with(|sync| sync.delivered);
    view! {
        <Shell title=t("me.title") tab=Tab::Me>
            {move || who().map(|(name, text)| view! {
                <section class="card identity" aria-label=t("me.identity")>
                    <span class="thumb"><Icon name="user-circle"/></span>
                    <div class="grow">
                        <div class="identity-name">{name}</div>
                        <div class="muted">{text}</div>
                        <div class="muted">{device} " · " {t("me.device_key")}</div>
                    </div>
                </section>
            })}
            <div class="truths" aria-live="polite">
                <a class="truth truth--saved" href="/me/unsent">
                    <Icon name="device-mobile"/><span class="truth-number">{saved}</span><span class="truth-word">{t("me.unsent")}</span>
                </a>
                <a class="truth truth--sent" href="/records">
                    <Icon name="circle-check"/><span class="truth-number">{delivered}</span><span class="truth-word">{t("me.delivered")}</span>
                </a>
            </div>
            <section class="card">
                <div class="card-head"><h2>{t("me.connection")}</h2>{move || view! { <LampChip lamp=state.sync.with(|sync| sync.lamp())/> }}</div>
                <p class="muted">{move || state.sync.with(|sync| sync.last_contact(state.now.get()))}</p>
                {move || state.sync.with(|sync| sync.problem.clone()).map(|problem| view! { <p>{problem.title}" "<span class="muted">{problem.advice}</span></p> })}
                {move || next_try().map(|text| view! { <p class="muted">{text}</p> })}
                <button class="btn btn--quiet" on:click=move |_| app.run(retry_now(app))><Icon name="refresh"/>{t("action.retry_now")}</button>
            </section>
            <section class="card stack" aria-label=t("me.by_hand")>
                <h2>{t("me.by_hand")}</h2>
                <div class="card-list">
                    {way("/me/rescue", "inbox", t("rescue.title"), t("me.rescue_hint"))}
                    {way("/me/carry", "truck", t("carry.title"), t("me.carry_hint"))}
                    {way("/me/receipts", "file-text", t("receipts.title"), t("me.receipts_hint"))}
                </div>
            </section>
            {move || state.viewer().is_some_and(|viewer| audits(&app.city(), &viewer.role)).then(|| view! {
                <section class="card">
                    <div class="card-list">
                        {way("/desk/audit", "file-text", t("audit.title"), t("audit.hint"))}
                        {way("/desk/retention", "clock", t("retention.title"), t("retention.text"))}
                    </div>
                </section>
            })}
            {move || state.viewer().is_some_and(|viewer| may_bring(&app.city(), &viewer.role)).then(|| view! {
                <section class="card">{way("/desk/city", "settings", t("package.title"), t("package.hint"))}</section>
            })}
            <StorageCard app/>
            <SecrecyCard app/>
            <section class="card">{way("/training", "id-badge-2", t("quiz.title"), t("quiz.hint"))}</section>
            <section class="card">{way("/registers", "list-details", t("register.way"), t("register.way_hint"))}</section>
            <section class="card">{way("/me/data", "file-text", t("own.title"), t("own.hint"))}</section>
            <SettingsCard app/>
            <section class="card">
                <div class="card-list">
                    {way("/me/install", "download", t("enrol.install_title"), t("install.hint"))}
                    {way("/me/news", "bell", t("news.title"), t("news.hint"))}
                    {way("/me/about", "shield-check", t("me.about"), t("about.hint"))}
                </div>
            </section>
            <p class="muted center">{tr("app.version", &[("version", VERSION)])}</p>
        </Shell>
    }
}

/// A row that leads to a page.
fn way(href: &'static str, icon: &'static str, title: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <a class="card-link" href=href>
            <Icon name=icon/><span class="grow"><b>{title}</b><br/><span class="muted">{hint}</span></span><Icon name="chevron-right"/>
        </a>
    }
}
