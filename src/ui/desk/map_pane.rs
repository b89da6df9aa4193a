//! The map beside the list: the same lines as points. The list is its twin for everybody who sees no map.

use std::collections::BTreeSet;

use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::order;
use leptos::prelude::*;

use super::signals::Desk;
use crate::actions::place_records::place_records;
use crate::actions::show_map::{Gesture, MapControl, MapState};
use crate::state::inbox::on_map::{Counted, Told};
use crate::state::item::ItemView;
use crate::state::map::{self, Corners};
use crate::state::nearby::MyPlace;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::map_view::MapView;
use crate::ui::components::record_item::RecordItem;

/// So many records at one place are listed; the others are in the list beside.
const MOST_TAPPED: usize = 20;

/// The map and what it knows. Copied freely; a copy is the same map.
#[derive(Clone, Copy)]
struct Pane {
    desk: Desk,
    control: MapControl,
    is_shown: Memo<bool>,
    /// How many lines are on it; `None` until the first time.
    counted: RwSignal<Option<Counted>>,
    /// Records under one finger, when there are several.
    tapped: RwSignal<Vec<RecordId>>,
    /// Whether it was led to where it begins.
    is_led: RwSignal<bool>,
    /// The part that it narrowed the list to last.
    narrowed: StoredValue<Option<Corners>>,
}

/// The column.
#[component]
pub fn MapPane(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let control = MapControl::new();
    let pane = Pane {
        desk,
        control,
        is_shown: Memo::new(move |_| control.state.get() == MapState::Shown),
        counted: RwSignal::new(None),
        tapped: RwSignal::new(Vec::new()),
        is_led: RwSignal::new(false),
        narrowed: StoredValue::new(None),
    };
    pane.draws();
    pane.marks_open();
    pane.narrows();
    pane.hears_taps();
    let me = RwSignal::new(MyPlace::Unavailable);
    let is_narrowed = Memo::new(move |_| desk.filter.with(|filter| filter.within.is_some()));
    let words = move || {
        let (unplaced, shown) = (pane.counted.get()?.unplaced, desk.items.with(|items| items.len()));
        let (n, m) = if is_narrowed.get() { (shown, 0) } else { (shown.saturating_sub(unplaced), unplaced) };
        Some(match m {
            0 => tr("desk.map_count", &[("n", &n.to_string())]),
            _ => tr("desk.map_count_without", &[("n", &n.to_string()), ("m", &m.to_string())]),
        })
    };
    let narrow =
        move |_| desk.stay_within(if is_narrowed.get_untracked() { None } else { control.view.get_untracked() });
    let show_all = move |_| {
        if let Some(corners) = pane.counted.get_untracked().and_then(|counted| counted.corners) {
            control.show_all(corners);
        }
    };
    let has_failed = Memo::new(move |_| control.state.get() == MapState::Failed);
    view! {
        <section class="desk-col desk-map" aria-label=t("desk.map")>
            {move || if has_failed.get() {
                view! { <p class="card card--warn row"><Icon name="info-circle"/>{t("map.failed")}</p> }.into_any()
            } else {
                view! {
                    <div class="desk-map-bar">
                        <p class="desk-found" role="status">{words}</p>
                        <button class="option" aria-pressed=move || is_narrowed.get().to_string() on:click=narrow>{t("desk.map_within")}</button>
                        <button class="btn btn--s btn--quiet" on:click=show_all><Icon name="target" size="icon--s"/>{t("desk.map_all")}</button>
                    </div>
                    <MapView app=desk.app control me at=None/>
                    <Tapped pane/>
                }
                .into_any()
            }}
        </section>
    }
}

impl Pane {
    /// The lines of the list become points whenever the list shows others, and only then.
    fn draws(self) {
        let (turn, told) = (StoredValue::new(0_u64), StoredValue::new(Told::new()));
        let is_whole =
            Memo::new(move |_| self.desk.app.state.records.with(|list| list.is_loaded && list.next.is_none()));
        Effect::new(move |_| {
            if !self.is_shown.get() {
                return;
            }
            let (marks, is_whole) = (self.desk.on_map.get(), is_whole.get());
            let mine = turn.get_value() + 1;
            turn.set_value(mine);
            self.desk.app.run(async move {
                let is_wanted = move || turn.try_get_value() == Some(mine);
                let counted = place_records(self.desk.app, self.control, &marks, told, is_wanted).await;
                if let Some(counted) = counted
                    && self.counted.try_set(Some(counted)).is_none()
                {
                    self.begins(counted, is_whole);
                }
            });
        });
    }

    /// Where it begins: at the part that the address names, else at the report that is open, else over all lines, once all are
    /// there.
    fn begins(self, counted: Counted, is_whole: bool) {
        if self.is_led.get_untracked() {
            return;
        }
        let within = self.desk.filter.with_untracked(|filter| filter.within);
        let has_open = untrack(|| self.open_place()).is_some();
        match (within, counted.corners) {
            (Some(part), _) => self.control.show_part(part),
            (None, Some(corners)) if !has_open => self.control.show_all(corners),
            _ => {}
        }
        self.is_led.set(is_whole);
    }

    fn open_place(self) -> Option<Position> {
        let record = self.desk.chosen.get()?;
        self.desk.app.state.records.with(|list| map::place(list.rows.iter().find(|row| row.record == record)?))
    }

    /// The open report has a ring, and comes to the middle, unless that would change what the list shows.
    fn marks_open(self) {
        let open = Memo::new(move |_| self.open_place());
        Effect::new(move |_| {
            let (at, is_led) = (open.get(), self.is_led.get());
            if self.is_shown.get() {
                self.control.put_chosen(at);
            }
            let is_free = self.desk.filter.with_untracked(|filter| filter.within.is_none());
            if let Some(at) = at.filter(|_| is_led && is_free) {
                self.control.go_to_record(at);
            }
        });
    }

    /// While the list shows only what the map shows, it follows the map; and the map an address that somebody went back to.
    fn narrows(self) {
        Effect::new(move |_| {
            let view = self.control.view.get();
            let within = self.desk.filter.with_untracked(|filter| filter.within);
            if self.is_led.get_untracked() && within.is_some() && view.is_some() && within != view {
                self.narrowed.set_value(view);
                self.desk.stay_within(view);
            }
        });
        let asked = Memo::new(move |_| self.desk.filter.with(|filter| filter.within));
        Effect::new(move |_| {
            let (asked, is_led) = (asked.get(), self.is_led.get_untracked());
            let is_own = asked == self.narrowed.get_value() || asked == self.control.view.get_untracked();
            if let Some(part) = asked.filter(|_| is_led && !is_own) {
                self.control.show_part(part);
            }
        });
    }

    /// A tap on one record opens it; on several at one place it asks which.
    fn hears_taps(self) {
        Effect::new(move |_| {
            let ids = match self.control.gesture.get() {
                Some(Gesture::Records(ids)) => ids,
                _ => Vec::new(),
            };
            let records: Vec<_> = ids.iter().filter_map(|id| RecordId::from_hex(id).ok()).collect();
            match records.as_slice() {
                [record] => {
                    self.tapped.set(Vec::new());
                    self.desk.open(*record);
                }
                _ => self.tapped.set(records),
            }
        });
    }
}

/// The records under one finger.
#[component]
fn Tapped(
    /// The map.
    pane: Pane,
) -> impl IntoView {
    let (desk, app) = (pane.desk, pane.desk.app);
    let items = Memo::new(move |_| {
        let tapped = order::set_of(pane.tapped.get());
        let (me, now, people, city) = (app.state.me(), app.state.now.get(), app.state.people.get(), app.city());
        let of = |tapped: &BTreeSet<RecordId>| {
            app.state.records.with(|list| {
                let rows = list.rows.iter().filter(|row| tapped.contains(&row.record)).take(MOST_TAPPED);
                rows.map(|row| ItemView::of(row, &city, &people, me, now)).collect::<Vec<_>>()
            })
        };
        if tapped.is_empty() { Vec::new() } else { of(&tapped) }
    });
    let close = move |_| pane.tapped.set(Vec::new());
    move || {
        let items = items.get();
        let line = |item: ItemView| {
            let record = item.record;
            let href = desk.filter.with(|filter| desk.address(filter, Some(record)));
            let is_current = Signal::derive(move || desk.chosen.get() == Some(record));
            view! { <li><RecordItem app item href is_current/></li> }
        };
        (!items.is_empty()).then(|| view! {
            <div class="map-card" role="group" aria-label=t("desk.map_tapped")>
                <ul class="list">{items.into_iter().map(line).collect_view()}</ul>
                <button class="btn btn--plain btn--icon map-close" aria-label=t("action.close") on:click=close><Icon name="x"/></button>
            </div>
        })
    }
}
