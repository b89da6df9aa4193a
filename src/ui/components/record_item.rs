//! A record as one line of a list.

use leptos::prelude::*;

use super::lamp_chip::LampChip;
use super::thumb::Thumb;
use crate::context::App;
use crate::state::item::ItemView;

/// The line; a link to the record.
#[component]
pub fn RecordItem(
    /// The app.
    app: App,
    /// What it says.
    item: ItemView,
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Whether it is the one that is open beside the list.
    #[prop(optional, into)]
    is_current: Signal<bool>,
    /// Whether its photo may be fetched.
    #[prop(optional)]
    may_fetch: bool,
) -> impl IntoView {
    view! {
        <a class="item" href=href aria-current=move || is_current.get().then_some("true")>
            <Thumb app record=item.record blob=item.thumb icon=item.icon is_urgent=item.is_urgent may_fetch/>
            <span class="item-body">
                <span class="item-title">{item.title}</span>
                <span class="item-facts">{item.facts}</span>
                <LampChip lamp=item.lamp/>
            </span>
        </a>
    }
}
