//! Several people on one phone: who it is now, who else, and how a new one comes.

use greenshield_client::engine::SealedOutbox;
use leptos::prelude::*;

use crate::actions::know_people::others;
use crate::actions::switch_person::{add_person, outbox_of, switch_to};
use crate::context::{App, use_app};
use crate::state::vaults::Mark;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let app = use_app();
    let me = move || app.state.viewer().map(|viewer| viewer.name);
    let rest = others();
    view! {
        <Shell title=t("vaults.title") back="/me">
            <p class="lead">{t("people.what")}</p>
            <section class="card stack" aria-label=t("people.now")>
                <h2>{t("people.now")}</h2>
                <p class="row"><Icon name="user-circle"/><b>{me}</b></p>
            </section>
            {(!rest.is_empty()).then(|| view! {
                <section class="card stack" aria-label=t("people.others")>
                    <h2>{t("people.others")}</h2>
                    {rest.into_iter().map(|mark| view! { <Other app mark/> }).collect_view()}
                </section>
            })}
            <button class="btn btn--quiet btn--wide" on:click=move |_| app.run(add_person(app))><Icon name="user-plus"/>{t("people.add")}</button>
            <p class="muted center">{t("people.safe")}</p>
        </Shell>
    }
}

/// Somebody else, and whether their work still has to go out.
#[component]
fn Other(
    /// The app.
    app: App,
    /// Who.
    mark: Mark,
) -> impl IntoView {
    let outbox = RwSignal::new(SealedOutbox::default());
    let name = if mark.name.is_empty() { t("people.nobody").to_owned() } else { mark.name.clone() };
    let asked = mark.clone();
    app.run(async move {
        let found = outbox_of(&asked).await;
        // The person may have left the page.
        let _ = outbox.try_set(found);
    });
    let waits = move || {
        let waiting = outbox.get().waiting;
        (waiting > 0).then(|| view! { <p class="muted">{t("people.waits")}</p> })
    };
    let words = tr("people.switch", &[("name", &name)]);
    view! {
        <div>
            <button class="btn btn--wide" on:click=move |_| app.run(switch_to(app, mark.database.clone()))><Icon name="user"/>{words}</button>
            {waits}
        </div>
    }
}
