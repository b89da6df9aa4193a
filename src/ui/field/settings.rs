//! Language, size of type, colours.

use leptos::prelude::*;

use crate::actions::change_settings::{change_language, change_settings};
use crate::actions::use_camera::choose_camera;
use crate::context::App;
use crate::state::settings::{Lang, Theme};
use crate::state::words::t;

/// The settings card.
#[component]
pub fn SettingsCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let settings = app.state.settings;
    let is_large = move || {
        let role = app.state.viewer().map(|viewer| viewer.role);
        settings.get().is_large(role.as_deref())
    };
    let lang = move |lang: Lang, words: &'static str| {
        segment("lang", words, Signal::derive(move || settings.get().lang == lang), move || {
            change_language(app, lang);
        })
    };
    let theme = move |theme: Theme, words: &'static str| {
        segment("theme", words, Signal::derive(move || settings.get().theme == theme), move || {
            change_settings(app, |s| s.theme = theme);
        })
    };
    view! {
        <section class="card settings" aria-label=t("me.settings")>
            <div class="setting">
                <span class="setting-label">{t("me.language")}</span>
                <div class="segments" role="radiogroup" aria-label=t("me.language")>
                    {lang(Lang::Chinese, t("me.language_zh"))}
                    {lang(Lang::English, t("me.language_en"))}
                </div>
            </div>
            <label class="switch-row">
                <span class="grow"><b>{t("me.large_type")}</b></span>
                <input class="switch" type="checkbox" role="switch" prop:checked=is_large
                    on:change=move |event| { let large = event_target_checked(&event); change_settings(app, |s| s.large = Some(large)); }/>
            </label>
            <label class="switch-row">
                <span class="grow"><b>{t("me.camera_inside")}</b><br/><span class="muted">{t("me.camera_inside_hint")}</span></span>
                <input class="switch" type="checkbox" role="switch" prop:checked=move || settings.get().camera_inside
                    on:change=move |event| choose_camera(app, event_target_checked(&event))/>
            </label>
            <div class="setting">
                <span class="setting-label">{t("me.theme")}</span>
                <div class="segments segments--4" role="radiogroup" aria-label=t("me.theme")>
                    {theme(Theme::Auto, t("me.theme_auto"))}
                    {theme(Theme::Light, t("me.theme_light"))}
                    {theme(Theme::Dark, t("me.theme_dark"))}
                    {theme(Theme::Outdoor, t("me.theme_outdoor"))}
                </div>
                <span class="muted">{t("me.theme_outdoor_hint")}</span>
            </div>
        </section>
    }
}

/// One of several that exclude each other.
fn segment(
    name: &'static str,
    words: &'static str,
    is_chosen: Signal<bool>,
    choose: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <label>
            <input class="visually-hidden" type="radio" name=name prop:checked=is_chosen on:change=move |_| choose()/>
            <span class="segment">{words}</span>
        </label>
    }
}
