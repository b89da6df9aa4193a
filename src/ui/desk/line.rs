//! One line of the inbox: a link to the report, readable from two metres.

use greenshield_domain::ids::RecordId;
use leptos::html;
use leptos::prelude::*;

use super::signals::Desk;
use crate::state::inbox::line::LineView;
use crate::state::words::tr;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::thumb::Thumb;

/// The line.
#[component]
pub fn Line(
    /// The desk.
    desk: Desk,
    /// The report.
    record: RecordId,
    /// What it says; `None` only while it leaves.
    #[prop(into)]
    view: Signal<Option<LineView>>,
) -> impl IntoView {
    let link = NodeRef::<html::A>::new();
    Effect::new(move |_| {
        if desk.wanted.get() == Some(record)
            && let Some(link) = link.get()
        {
            // A line that cannot take the focus is still marked.
            let _ = link.focus();
            desk.wanted.set(None);
        }
    });
    let href = move || desk.filter.with(|filter| desk.address(filter, Some(record)));
    let current = move || (desk.chosen.get() == Some(record)).then_some("true");
    let class = move || {
        view.with(|view| match view {
            Some(view) if view.is_call => "item item--call",
            Some(view) if view.is_pressing => "item item--new",
            _ => "item",
        })
    };
    let picture = Memo::new(move |_| view.get().map(|view| (view.thumb, view.icon, view.is_urgent)));
    let words = Memo::new(move |_| view.get().map(|view| (view.title, view.facts)));
    let lamps = Memo::new(move |_| view.get().map(|view| [vec![view.lamp], view.more].concat()));
    let touched = move |_| desk.cursor.set(None);
    let is_picked = Memo::new(move |_| desk.selection.with(|selection| selection.has(record)));
    let pick_label = move || tr("many.pick", &[("what", &view.get().map(|view| view.title).unwrap_or_default())]);
    let pick = move |click: leptos::ev::MouseEvent| match click.shift_key() {
        true => desk.extend_to(None, record),
        false => desk.selection.update(|selection| selection.toggle(record)),
    };
    view! {
        <div class="vlist-row desk-row" role="listitem">
            <button class="desk-pick" role="checkbox" aria-checked=move || is_picked.get().to_string() aria-label=pick_label on:click=pick>
                <span class="desk-box">{move || is_picked.get().then(|| view! { <Icon name="check"/> })}</span>
            </button>
            <a class=class href=href aria-current=current node_ref=link on:click=touched>
                {move || picture.get().map(|(thumb, icon, is_urgent)| view! {
                    <Thumb app=desk.app record blob=thumb icon is_urgent may_fetch=true/>
                })}
                <span class="item-body">
                    {move || words.get().map(|(title, facts)| view! {
                        <span class="item-title">{title}</span>
                        <span class="item-facts">{facts}</span>
                    })}
                    <span class="chips">
                        {move || lamps.get().unwrap_or_default().into_iter().map(|lamp| view! { <LampChip lamp/> }).collect_view()}
                    </span>
                </span>
            </a>
        </div>
    }
}
