//! Whether what lies on this phone can be read without its key, and the way to the PIN.

use leptos::prelude::*;

use crate::actions::check_storage::is_sealed;
use crate::actions::lock_phone::lock;
use crate::context::App;
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// The card of secrecy.
#[component]
pub fn SecrecyCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let sealed = is_sealed(app);
    let (icon, words) = if sealed { ("shield-check", t("me.sealed")) } else { ("alert-triangle", t("me.unsealed")) };
    let now = move || {
        app.state.has_pin.get().then(|| view! {
            <button class="btn btn--quiet" on:click=move |_| app.run(lock(app))><Icon name="eye-off"/>{t("lock.now")}</button>
        })
    };
    let hint = move || if app.state.has_pin.get() { t("lock.on") } else { t("lock.off") };
    view! {
        <section class="card stack" aria-label=t("me.secrecy")>
            <h2>{t("me.secrecy")}</h2>
            <p class="row"><Icon name=icon/><span>{words}</span></p>
            {sealed.then(|| view! {
                <a class="card-link" href="/me/lock">
                    <Icon name="lock"/><span class="grow"><b>{t("lock.page")}</b><br/><span class="muted">{hint}</span></span><Icon name="chevron-right"/>
                </a>
            })}
            <a class="card-link" href="/me/people">
                <Icon name="users"/><span class="grow"><b>{t("people.title")}</b><br/><span class="muted">{t("people.hint")}</span></span><Icon name="chevron-right"/>
            </a>
            {now}
        </section>
    }
}
