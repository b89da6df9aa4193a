//! The welcome: who the invitation is for, one button; without one, where to get it.

use greenshield_domain::wire::BeginResponse;
use leptos::prelude::*;

use super::install_hint::InstallHint;
use crate::actions::enrol_phone::{enrol_phone, forget_invite, look_at_invite};
use crate::actions::know_people::others;
use crate::actions::switch_person::open_other;
use crate::actions::wipe_phone::was_wiped;
use crate::context::use_app;
use crate::state::FormerOwner;
use crate::state::invite::code_of_text;
use crate::state::message::Message;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page of a phone that is nobody's yet.
#[component]
pub fn EnrolPage() -> impl IntoView {
    let app = use_app();
    let invite = app.state.invite;
    view! {
        <Shell title=t("enrol.title") is_full=true>
            <div class="enrol">
                <p class="enrol-mark"><img src="/icons/icon-192.png" alt="" width="48" height="48"/>{t("app.name")}</p>
                {move || app.state.evicted.get().map(|owner| view! { <Evicted owner/> })}
                {was_wiped().then(|| view! { <section class="card" role="status"><b>{t("wipe.done")}</b><p>{t("wipe.done_text")}</p></section> })}
                {move || match invite.get() {
                    Some(code) => view! { <Invited code/> }.into_any(),
                    None => view! { <Uninvited/> }.into_any(),
                }}
                <Others/>
            </div>
        </Shell>
    }
}

/// The way back for the people who use this phone already.
#[component]
fn Others() -> impl IntoView {
    let known = others().into_iter().filter(|mark| !mark.name.is_empty());
    let known = known.map(|mark| {
        let words = tr("people.switch", &[("name", &mark.name)]);
        view! { <button class="btn btn--quiet btn--wide" on:click=move |_| open_other(&mark.database)><Icon name="user"/>{words}</button> }
    });
    view! { {known.collect_view()} }
}

/// The browser cleared this phone: what is left, what is not, what to do.
#[component]
fn Evicted(
    /// Whose phone it was.
    owner: FormerOwner,
) -> impl IntoView {
    let gone = (owner.unsent > 0).then(|| tr("evicted.unsent", &[("n", &owner.unsent.to_string())]));
    view! {
        <section class="card" role="alert">
            <h2>{t("evicted.title")}</h2>
            <p>{tr("evicted.owner", &[("name", &owner.name)])}</p>
            <p>{t("evicted.sent")}</p>
            {gone.map(|words| view! { <p class="strong">{words}</p> })}
            <p>{t("evicted.do")}</p>
        </section>
    }
}

/// Somebody opened an invitation.
#[component]
fn Invited(
    /// Its code.
    code: String,
) -> impl IntoView {
    let app = use_app();
    let asked: RwSignal<Option<Result<BeginResponse, Message>>> = RwSignal::new(None);
    let is_busy = RwSignal::new(false);
    let look = {
        let code = code.clone();
        move || {
            let code = code.clone();
            asked.set(None);
            app.run(async move {
                let reply = look_at_invite(app, &code).await;
                let _ = asked.try_set(Some(reply));
            });
        }
    };
    look();
    let begin = Callback::new(move |()| {
        let code = code.clone();
        is_busy.set(true);
        app.run(async move {
            if let Err(message) = enrol_phone(app, &code).await {
                let _ = asked.try_set(Some(Err(message)));
            }
            let _ = is_busy.try_set(false);
        });
    });
    let look = Callback::new(move |()| look());
    move || match asked.get() {
        None => view! { <h1 class="enrol-title" role="status">{t("enrol.checking")}</h1> }.into_any(),
        Some(Ok(reply)) => view! { <Welcome reply is_busy on_begin=begin/> }.into_any(),
        Some(Err(message)) => view! {
            <h1 class="enrol-title">{t("enrol.title")}</h1>
            <Problem message/>
            <button class="btn btn--primary btn--wide" on:click=move |_| look.run(())>{t("action.retry")}</button>
            <button class="btn btn--quiet btn--wide" on:click=move |_| forget_invite(app)>{t("enrol.code")}</button>
        }
        .into_any(),
    }
}

/// Who it is for, and one button.
#[component]
fn Welcome(
    /// What the server says.
    reply: BeginResponse,
    /// Whether it is under way.
    is_busy: RwSignal<bool>,
    /// Begins.
    on_begin: Callback<()>,
) -> impl IntoView {
    let app = use_app();
    let city = app.city();
    let role = city.info.roles.iter().find(|role| role.id == reply.role);
    let role = role.map_or(reply.role.clone(), |role| words::of(&role.name).to_owned());
    let place = if city.info.id == reply.city { words::of(&city.info.name).to_owned() } else { reply.city };
    let name = reply.name.clone();
    let refuse = move |_| app.state.say(tr("enrol.not_me", &[("name", &name)]));
    view! {
        <h1 class="enrol-title">{t("enrol.you_are")}</h1>
        <div class="card enrol-who">
            <span class="thumb"><Icon name="user-circle"/></span>
            <div>
                <div class="enrol-name">{reply.name}</div>
                <div class="muted">{tr("enrol.who", &[("role", &role), ("city", &place)])}</div>
            </div>
        </div>
        <ul class="enrol-points">
            <li><Icon name="device-mobile"/><span>{t("enrol.point_saved")}</span></li>
            <li><Icon name="cloud-upload"/><span>{t("enrol.point_sends")}</span></li>
            <li><Icon name="key"/><span>{t("enrol.point_key")}</span></li>
        </ul>
        <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") disabled=is_busy on:click=move |_| on_begin.run(())>
            {move || if is_busy.get() { t("enrol.making") } else { t("enrol.yes") }}
        </button>
        <button class="btn btn--plain btn--wide" on:click=refuse>{t("enrol.no")}</button>
    }
}

/// Nobody was invited: how to get an invitation, and a place to paste one.
#[component]
fn Uninvited() -> impl IntoView {
    let app = use_app();
    let text = RwSignal::new(String::new());
    let code = Memo::new(move |_| code_of_text(&text.get()));
    let take = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        app.state.invite.set(code.get_untracked());
    };
    view! {
        <h1 class="enrol-title">{t("enrol.none")}</h1>
        <p class="enrol-lead">{t("enrol.none_text")}</p>
        <form class="stack" on:submit=take>
            <label class="field">
                <span class="field-label">{t("enrol.code")}</span>
                <input class="input" autocomplete="off" autocapitalize="off" spellcheck="false"
                    prop:value=text on:input=move |event| text.set(event_target_value(&event))/>
                <span class="field-hint">{t("enrol.code_hint")}</span>
            </label>
            <button class="btn btn--primary btn--wide" type="submit" disabled=move || code.with(Option::is_none)>
                {t("enrol.code_use")}
            </button>
        </form>
        <InstallHint/>
    }
}
