//! How to put the app on the home screen, where it is not there yet.

use leptos::prelude::*;

use crate::actions::change_settings::{is_put_away, put_away};
use crate::actions::check_storage::install_facts;
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// The hint; empty when the app was started from the home screen, or the hint was put away.
#[component]
pub fn InstallHint(
    /// Shown even when it was put away.
    #[prop(optional)]
    is_asked: bool,
) -> impl IntoView {
    let (browser, is_installed) = install_facts();
    let is_shown = RwSignal::new(!is_installed && (is_asked || !is_put_away("install")));
    let steps: Vec<&'static str> = if browser.is_wechat {
        vec![t("enrol.install_wechat")]
    } else if browser.is_ios {
        vec![t("enrol.install_ios_1"), t("enrol.install_ios_2"), t("enrol.install_ios_3")]
    } else {
        vec![t("enrol.install_android_1"), t("enrol.install_android_2")]
    };
    let away = move |_| {
        put_away("install");
        is_shown.set(false);
    };
    move || {
        is_shown.get().then(|| {
            let steps = steps.iter().map(|step| view! { <li><span>{*step}</span></li> }).collect_view();
            view! {
                <section class="card stack">
                    <h2 class="row"><Icon name="download"/>{t("enrol.install_title")}</h2>
                    <p class="muted">{t("enrol.install_text")}</p>
                    <ol class="enrol-how">{steps}</ol>
                    {(!is_asked).then(|| view! {
                        <button class="btn btn--quiet" on:click=away>{t("enrol.install_later")}</button>
                    })}
                </section>
            }
        })
    }
}
