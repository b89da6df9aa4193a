//! The inbox: its parts, and the list of which only the visible lines are drawn.

use std::collections::BTreeMap;
use std::ops::Range;

use greenshield_domain::ids::RecordId;
use greenshield_domain::order;
use leptos::html;
use leptos::prelude::*;

use super::bulk::Bulk;
use super::filters::Filters;
use super::late::Late;
use super::line::Line;
use super::signals::Desk;
use super::urgent::UrgentCard;
use super::whole_list::read_all;
use crate::state::inbox::line::{LineView, view};
use crate::state::inbox::news::News;
use crate::state::inbox::window::{Scroll, drawn, measured_pitch, reach, space};
use crate::state::inbox::{InboxPart, item};
use crate::state::words::t;
use crate::ui::components::icon::Icon;

/// The column.
#[component]
pub fn InboxColumn(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    // Urgent reports may lie anywhere in the list.
    read_all(desk.app);
    let news = Memo::new(move |last: Option<&News>| {
        let last = last.cloned().unwrap_or_default();
        let people = state.people.get();
        state
            .records
            .with(|list| last.next(&list.rows, list.is_loaded && list.next.is_none(), &desk.app.city(), &people))
    });
    let is_loaded = Memo::new(move |_| state.records.with(|list| list.is_loaded));
    let is_empty = Memo::new(move |_| desk.items.with(|items| items.is_empty()));
    view! {
        <section class="desk-col desk-inbox" aria-label=t("desk.inbox")>
            <Late desk/>
            <UrgentCard desk urgent=Signal::derive(move || news.with(|news| news.urgent.clone()))/>
            <Parts desk/>
            <Filters desk/>
            <Bulk desk/>
            <p class="visually-hidden" role="status" aria-live="polite">{move || news.with(|news| news.words.clone())}</p>
            {move || match (is_loaded.get(), is_empty.get()) {
                (false, _) => view! { <p class="muted" aria-busy="true">{t("app.loading")}</p> }.into_any(),
                (true, true) => view! { <Empty desk/> }.into_any(),
                (true, false) => view! { <List desk/> }.into_any(),
            }}
        </section>
    }
}

/// The parts with how many are in each.
#[component]
fn Parts(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let parts = InboxPart::ALL.map(|part| {
        let words = match part {
            InboxPart::Waiting => t("desk.filter_new"),
            InboxPart::Open => t("desk.filter_working"),
            InboxPart::Closed => t("desk.filter_closed"),
        };
        let count = move || {
            desk.counts.with(|counts| match part {
                InboxPart::Waiting => counts.waiting,
                InboxPart::Open => counts.open,
                InboxPart::Closed => counts.closed,
            })
        };
        let pressed = move || if desk.part.get() == part { "true" } else { "false" };
        view! {
            <button class="option" aria-pressed=pressed on:click=move |_| desk.show(part)>
                {words}" "<span class="option-count">{count}</span>
            </button>
        }
    });
    view! { <div class="options desk-parts" role="group" aria-label=t("desk.parts")>{parts.collect_view()}</div> }
}

/// Nothing in this part: says what comes here.
#[component]
fn Empty(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let is_narrowed = Memo::new(move |_| desk.filter.with(|filter| filter.conditions() > 0));
    let words = move || match desk.part.get() {
        _ if is_narrowed.get() => ("filter.empty", "filter.empty_text"),
        InboxPart::Waiting => ("desk.empty", "desk.empty_text"),
        InboxPart::Open => ("desk.empty_open", "desk.empty_open_text"),
        InboxPart::Closed => ("desk.empty_closed", "desk.empty_closed_text"),
    };
    let clear = move |_| desk.narrow(|filter| *filter = filter.cleared());
    view! {
        <div class="empty">
            <Icon name="inbox" size="icon--xl"/>
            <p class="empty-title">{move || t(words().0)}</p>
            <p>{move || t(words().1)}</p>
            {move || is_narrowed.get().then(|| view! { <button class="btn" on:click=clear>{t("filter.clear")}</button> })}
        </div>
    }
}

/// The lines; only those that are seen, and some around them, are drawn.
#[component]
fn List(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let (column, list) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let scroll = RwSignal::new(Scroll::default());
    let count = Memo::new(move |_| desk.items.with(|items| items.len()));
    let range = Memo::new(move |_| drawn(scroll.get(), count.get()));
    let measure = move || {
        let (Some(column), Some(list)) = (column.get_untracked(), list.get_untracked()) else { return };
        let (range, pitch) = (range.get_untracked(), scroll.get_untracked().pitch);
        let spacers = pitch * count.get_untracked().saturating_sub(range.len()) as f64;
        let drawn_height = f64::from(list.client_height()) - spacers;
        // Below the beginning of the list the spacers hide what the average really is.
        let pitch = measured_pitch(drawn_height, range.len()).filter(|_| range.start == 0).unwrap_or(pitch);
        scroll.set(Scroll { top: f64::from(column.scroll_top()), height: f64::from(column.client_height()), pitch });
    };
    Effect::new(move |_| {
        count.track();
        column.track();
        measure();
        let Some(wanted) = desk.wanted.get() else { return };
        let place = desk.items.with_untracked(|items| items.iter().position(|item| item.record == wanted));
        let is_drawn = |index: &usize| range.get_untracked().contains(index);
        if let Some((index, column)) = place.filter(|index| !is_drawn(index)).zip(column.get_untracked()) {
            column.set_scroll_top(reach(scroll.get_untracked(), index) as i32);
            measure();
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let records = move || -> Vec<RecordId> {
        let range = range.get();
        desk.items.with(|items| items.get(range).unwrap_or_default().iter().map(|item| item.record).collect())
    };
    let views = Memo::new(move |_| views(desk, range.get()));
    let space_before = move || space(scroll.get(), range.get().start);
    let space_after = move || space(scroll.get(), count.get().saturating_sub(range.get().end));
    view! {
        <div class="desk-scroll" node_ref=column on:scroll=move |_| measure()>
            <div class="desk-list" role="list" node_ref=list>
                <div class="vlist-space" style:height=space_before></div>
                <For each=records key=|record| *record let:record>
                    <Line desk record view=Memo::new(move |_| views.with(|views| views.get(&record).cloned()))/>
                </For>
                <div class="vlist-space" style:height=space_after></div>
            </div>
        </div>
    }
}

/// The lines of a range in words.
fn views(desk: Desk, range: Range<usize>) -> BTreeMap<RecordId, LineView> {
    let state = desk.app.state;
    let (city, people, now, server_millis) =
        (desk.app.city(), state.people.get(), state.now.get(), desk.server_millis());
    let items = desk.items.get();
    let drawn = items.get(range).unwrap_or_default().iter();
    state.records.with(|list| {
        let lines = drawn.filter_map(|mark| item(list.rows.get(mark.at)?, &city, server_millis));
        order::map_of(lines.map(|item| (item.row.record, view(&item, &city, &people, now))))
    })
}
