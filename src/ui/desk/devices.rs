//! How the phones are: who was not heard, what waits where, which one is full. For those who answer for them.

use greenshield_domain::wire::DevicesResponse;
use leptos::prelude::*;

use crate::actions::list_devices::list_devices;
use crate::context::{VERSION, use_app};
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
        Some(Ok(reply)) => list(&views(&reply.devices, &app.city(), VERSION, reply.time_millis)).into_any(),
    };
    view! {
        <Shell title=t("devices.title") back="/desk"
            end=move || view! { <button class="btn btn--s btn--quiet" on:click=move |_| ask()><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> }>
            {shown}
        </Shell>
    }
}

fn list(views: &[DeviceView]) -> impl IntoView {
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
                </span>
            </li>
        }
    });
    view! {
        <p role="status">{words}</p>
        <ul class="list">{rows.collect_view()}</ul>
    }
}
