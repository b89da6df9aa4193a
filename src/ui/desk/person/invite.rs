//! One more phone of a person: a one-time link, as a picture for its camera and as words to send.

use greenshield_domain::ids::AccountId;
use greenshield_domain::wire::INVITE_HOURS;
use leptos::prelude::*;

use crate::actions::copy_text::copy_text;
use crate::actions::invite_person::invite_person;
use crate::context::App;
use crate::state::invite::Invitation;
use crate::state::message::Message;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::qr::Qr;

/// The card.
#[component]
pub fn InviteCard(
    /// The app.
    app: App,
    /// Who.
    account: AccountId,
) -> impl IntoView {
    let made: RwSignal<Option<Result<Invitation, Message>>> = RwSignal::new(None);
    let is_busy = RwSignal::new(false);
    let invite = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            let answer = invite_person(app, account, INVITE_HOURS).await;
            let _closed = made.try_set(Some(answer));
            is_busy.try_set(false);
        });
    };
    let shown = move || match made.get() {
        None => ().into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(invitation)) => view! { <Made app invitation/> }.into_any(),
    };
    view! {
        <section class="card stack" aria-label=t("invite.title")>
            <h2>{t("invite.title")}</h2>
            <p class="muted">{t("invite.text")}</p>
            <div aria-live="polite">{shown}</div>
            <button class="btn" aria-busy=move || is_busy.get().then_some("true") on:click=invite><Icon name="key"/>{t("invite.make")}</button>
        </section>
    }
}

/// What was made.
#[component]
fn Made(
    /// The app.
    app: App,
    /// The link.
    invitation: Invitation,
) -> impl IntoView {
    let until = app.state.now.get_untracked().date_time(invitation.expires_millis);
    let link = invitation.link.clone();
    let copy = move |_| {
        let link = link.clone();
        app.run(async move {
            if let Err(message) = copy_text(app, link, t("invite.copied")).await {
                app.state.say(message.title);
            }
        });
    };
    view! {
        <div class="stack">
            {invitation.qr.map(|qr| view! { <Qr qr label=tr("invite.qr", &[("name", &invitation.name)])/> })}
            <p class="mono invite-link">{invitation.link}</p>
            <p>{tr("invite.until", &[("time", &until)])}</p>
            <button class="btn btn--quiet" on:click=copy><Icon name="copy"/>{t("invite.copy")}</button>
        </div>
    }
}
