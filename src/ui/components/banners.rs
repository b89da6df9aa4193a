//! What everybody must know now: the database, the copy, the new version, the clock.

use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::apply_update::{apply_update, reload};
use crate::actions::enrol_phone::forget_invite;
use crate::actions::read_news::note_seen;
use crate::actions::switch_person::add_person;
use crate::context::use_app;
use crate::state::words::{t, tr};

/// All banners that are due, the most urgent first.
#[component]
pub fn Banners() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let trouble = move || {
        state.trouble.get().map(|message| {
            view! {
                <Banner tone="banner--alarm" icon="database" title=message.title text=message.advice>
                    <button class="btn btn--s" on:click=|_| reload()>{t("notice.reload")}</button>
                </Banner>
            }
        })
    };
    let copy = move || {
        state.stale_copy.get().then(|| view! {
            <Banner tone="banner--warn" icon="copy" title=t("error.stale_copy") text=t("error.stale_copy_do")><span/></Banner>
        })
    };
    let room = move || {
        // A form with photos says it itself, where the shutter is.
        let text = state.room_words().filter(|_| !state.form_open.get())?;
        Some(view! { <Banner tone="banner--warn" icon="database" title=t("notice.storage_low") text><span/></Banner> })
    };
    let update = move || {
        (state.update_ready.get() && !state.form_open.get() && state.patrol.with(Option::is_none)).then(|| view! {
            <Banner tone="banner--saved" icon="refresh" title=t("update.title") text=t("update.text")>
                <button class="btn btn--s" on:click=move |_| app.run(apply_update(app))>{t("update.button")}</button>
            </Banner>
        })
    };
    let news = move || {
        (state.news.get() && !state.form_open.get()).then(|| {
            view! {
                <Banner tone="banner--saved" icon="bell" title=t("news.banner") text=t("news.hint")>
                    <a class="btn btn--s" href="/me/news">{t("news.see")}</a>
                    <button class="btn btn--s" on:click=move |_| note_seen(app)>{t("action.close")}</button>
                </Banner>
            }
        })
    };
    let skew = Memo::new(move |_| state.sync.with(|sync| sync.clock_skew_minutes()));
    let clock = move || {
        skew.get().map(|minutes| {
            let title = tr("notice.clock", &[("minutes", &minutes.to_string())]);
            view! { <Banner tone="banner--warn" icon="clock" title text=t("notice.clock_text")><span/></Banner> }
        })
    };
    let second_invite = move || {
        let name = state.invite.with(Option::is_some).then(|| state.viewer()).flatten()?.name;
        let title = tr("enrol.already", &[("name", &name)]);
        Some(view! {
            <Banner tone="banner--warn" icon="user-circle" title text=t("enrol.already_text")>
                <button class="btn btn--s" on:click=move |_| app.run(add_person(app))>{t("people.add")}</button>
                <button class="btn btn--s" on:click=move |_| forget_invite(app)>{t("action.close")}</button>
            </Banner>
        })
    };
    view! { {trouble}{second_invite}{copy}{room}{update}{news}{clock} }
}

/// One banner.
#[component]
pub fn Banner(
    /// Its class beside `banner`.
    tone: &'static str,
    /// Its picture.
    icon: &'static str,
    /// What it is.
    #[prop(into)]
    title: String,
    /// What to do.
    #[prop(into)]
    text: String,
    /// A button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("banner {tone}") role="status">
            <Icon name=icon/>
            <div class="banner-text"><b class="banner-title">{title}</b>{text}</div>
            {children()}
        </div>
    }
}
