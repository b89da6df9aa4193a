//! How to put the app on the home screen, where it is not there yet.

use leptos::prelude::*;

use super::install::how;
use crate::actions::change_settings::{is_put_away, put_away};
use crate::actions::check_storage::install_facts;
use crate::actions::install_app::own_guide;
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// The hint; empty when the app was started from the home screen, or the hint was put away.
#[component]
pub fn InstallHint(
    /// Whether the phone belongs to somebody: then there is a page that tells more.
    #[prop(optional)]
    has_page: bool,
) -> impl IntoView {
    let (_, is_installed) = install_facts();
    let is_shown = RwSignal::new(!is_installed && !is_put_away("install"));
    let away = move |_| {
        put_away("install");
        is_shown.set(false);
    };
    move || {
        is_shown.get().then(|| {
            view! {
                <section class="card stack">
                    <h2 class="row"><Icon name="download"/>{t("enrol.install_title")}</h2>
                    <p class="muted">{t("enrol.install_text")}</p>
                    {if has_page {
                        view! { <a class="btn" href="/me/install">{t("install.see")}</a> }.into_any()
                    } else {
                        how(own_guide()).into_any()
                    }}
                    <button class="btn btn--quiet" on:click=away>{t("enrol.install_later")}</button>
                </section>
            }
        })
    }
}
