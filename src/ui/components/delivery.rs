//! What has arrived: the words, and each file by its hash.

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::icon::Icon;
use super::lamp_chip::LampChip;
use super::thumb::Thumb;
use crate::context::App;
use crate::state::record::DeliveryView;

/// The delivery of a record.
#[component]
pub fn Delivery(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// Its parts.
    items: Vec<DeliveryView>,
) -> impl IntoView {
    let rows = items.into_iter().map(|item| {
        let label = item.label.clone();
        let bar = item.percent.map(
            |percent| view! { <progress class="bar" max="100" value=percent.to_string() aria-label=label></progress> },
        );
        let picture = match item.blob {
            Some(blob) => view! { <Thumb app record blob=Some(blob) icon="photo".to_owned()/> }.into_any(),
            None => view! { <span class="thumb thumb--plain"><Icon name="file-text"/></span> }.into_any(),
        };
        view! {
            <li>
                {picture}
                <div class="grow">
                    <b>{item.label}</b>
                    {bar}
                    {item.fingerprint.map(|print| view! { <div class="fingerprint">{print}</div> })}
                </div>
                <LampChip lamp=item.lamp/>
            </li>
        }
    });
    view! { <ul class="delivery" aria-live="polite">{rows.collect_view()}</ul> }
}
