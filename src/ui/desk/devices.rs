//! How the phones are: who was not heard, what waits where, which one is full. For those who answer for them.

use greenshield_domain::ids::LogId;
use greenshield_domain::wire::DevicesResponse;
use leptos::prelude::*;

use crate::actions::end_device::end_device;
use crate::actions::list_devices::list_devices;
use crate::context::{App, VERSION, use_app};
use crate::state::devices::{DeviceView, views};
use crate::state::message::Message;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn DevicesPage() -> impl IntoView {
    let app = use_app();
    let found: RwSignal<Option<Result<DevicesResponse, Message>>> = RwSignal::new(None);
    let ask = move || {
        app.run(async move {
            let answer = list_devices(app).await;
            let _closed = found.try_set(Some(answer));
        });
    };
    ask();
    let shown = move || match found.get() {
        None => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(reply)) => {
            let mine = app.state.identity.with_untracked(|row| row.as_ref().map(|row| row.log));
            let views = views(&reply.devices, &app.city(), VERSION, reply.time_millis);
            list(app, &views, mine, Callback::new(move |()| ask())).into_any()
        }
    };
    view! {
        <Shell title=t("devices.title") back="/desk"
            end=move || view! { <button class="btn btn--s btn--quiet" on:click=move |_| ask()><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> }>
            {shown}
        </Shell>
    }
}

fn list(app: App, views: &[DeviceView], mine: Option<LogId>, on_done: Callback<()>) -> impl IntoView {
    let (all, needy) = (views.len(), views.iter().filter(|view| view.needs_somebody()).count());
    let words = tr("devices.count", &[("n", &all.to_string()), ("needy", &needy.to_string())]);
    let rows = views.iter().map(|device| {
        let lamps = device.lamps.iter().map(|lamp| view! { <LampChip lamp=lamp.clone()/> }).collect_view();
        let class = if device.needs_somebody() { "item item--new" } else { "item" };
        view! {
            <li class=class>
                <span class="item-body">
                    <span class="item-title">{device.title.clone()}</span>
                    <span class="item-facts">{device.facts.clone()}</span>
                    <span class="chips">{lamps}</span>
                    {(mine != Some(device.log) && (device.is_active || device.may_wipe)).then(|| view! { <EndDevice app device=device.clone() on_done/> })}
                </span>
            </li>
        }
    });
    view! {
        <p role="status">{words}</p>
        <ul class="list">{rows.collect_view()}</ul>
    }
}

/// What is done with a phone that is lost or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Closed,
    Asked,
    /// Whether it shall wipe itself, too.
    Confirm(bool),
}

/// Revokes a phone, or has it wipe itself; with a reason, and a second look.
#[component]
fn EndDevice(
    /// The app.
    app: App,
    /// The phone.
    device: DeviceView,
    /// It is done.
    on_done: Callback<()>,
) -> impl IntoView {
    let step = RwSignal::new(Step::Closed);
    let reason = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Message>);
    let (log, is_active, may_wipe) = (device.log, device.is_active, device.may_wipe);
    let done = move |wipe| {
        let why = reason.with_untracked(|text| text.trim().to_owned());
        app.run(async move {
            match end_device(app, log, wipe, &why).await {
                Ok(()) => {
                    app.state.say(t(if wipe { "devices.wipe_noted" } else { "devices.revoke_done" }));
                    on_done.run(());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    let is_silent = move || reason.with(|text| text.trim().is_empty());
    let name = StoredValue::new(device.name);
    let form = move || {
        match step.get() {
        Step::Closed => view! {
            <button class="btn btn--s btn--quiet" on:click=move |_| step.set(Step::Asked)><Icon name="lock" size="icon--s"/>{t("devices.end")}</button>
        }
        .into_any(),
        Step::Asked => view! {
            <div class="stack">
                <label class="field">
                    <span class="field-label">{t("devices.why")}</span>
                    <input class="input" maxlength="120" autocomplete="off" prop:value=reason on:input=move |event| reason.set(event_target_value(&event))/>
                </label>
                <div class="row row--wrap">
                    {is_active.then(|| view! { <button class="btn btn--quiet" disabled=is_silent on:click=move |_| step.set(Step::Confirm(false))><Icon name="lock"/>{t("devices.revoke")}</button> })}
                    {may_wipe.then(|| view! { <button class="btn btn--quiet" disabled=is_silent on:click=move |_| step.set(Step::Confirm(true))><Icon name="trash"/>{t("devices.wipe")}</button> })}
                    <button class="btn btn--plain" on:click=move |_| step.set(Step::Closed)>{t("action.cancel")}</button>
                </div>
            </div>
        }
        .into_any(),
        Step::Confirm(wipe) => {
            let words = if wipe { "devices.wipe_sure" } else { "devices.revoke_sure" };
            let words = name.with_value(|name| tr(words, &[("name", name)]));
            view! {
                <div class="stack" role="alert">
                    <p class="strong">{words}</p>
                    <div class="row row--wrap">
                        <button class="btn btn--danger" on:click=move |_| done(wipe)>{t("devices.sure")}</button>
                        <button class="btn btn--plain" on:click=move |_| step.set(Step::Closed)>{t("action.cancel")}</button>
                    </div>
                </div>
            }
            .into_any()
        }
    }
    };
    view! {
        <div>{form}{move || problem.get().map(|message| view! { <Problem message/> })}</div>
    }
}
