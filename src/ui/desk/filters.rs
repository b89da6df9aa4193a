//! What of the inbox is shown, by words and conditions. All of it stands in the address.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::saved_filters::SavedList;
use super::signals::Desk;
use crate::state::categories::groups;
use crate::state::inbox::filter::InboxFilter;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;

/// After the last letter the words go into the address: browsers refuse pages that change it at every key.
const PAUSE: Duration = Duration::from_millis(300);

/// The search field, and the conditions behind a button.
#[component]
pub fn Filters(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let conditions = Memo::new(move |_| desk.filter.with(InboxFilter::conditions));
    let found = move || {
        let n = desk.items.with(|items| items.len()).to_string();
        (conditions.get() > 0).then(|| tr("filter.found", &[("n", &n)]))
    };
    let count = move || {
        let n = conditions.get();
        (n > 0).then(|| view! { <span class="option-count">{n}</span> })
    };
    let clear = move |_| desk.narrow(|filter| *filter = filter.cleared());
    let has_map = move || desk.filter.with(|filter| filter.has_map).to_string();
    let map = move || {
        // Where there is no room for both, the list stays alone.
        desk.app.state.is_wide.get().then(|| view! {
            <button class="option desk-map-turn" aria-pressed=has_map on:click=move |_| desk.turn_map()><Icon name="map-2" size="icon--s"/>{t("desk.map")}</button>
        })
    };
    view! {
        <div class="desk-filter" role="search" aria-label=t("filter.title")>
            <SearchBox desk/>
            {map}
            <details class="desk-narrow">
                <summary class="btn btn--s btn--quiet"><Icon name="filter" size="icon--s"/>{t("filter.title")}{count}</summary>
                <div class="stack desk-conditions">
                    <Conditions desk/>
                    <SavedList desk/>
                </div>
            </details>
            <p class="desk-found" role="status">{found}</p>
            {move || (conditions.get() > 0).then(|| view! {
                <button class="btn btn--s btn--plain" on:click=clear><Icon name="x" size="icon--s"/>{t("filter.clear")}</button>
            })}
        </div>
    }
}

/// Words that have to be there: looked for at every key, but not while an input method still composes them.
#[component]
fn SearchBox(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let words = Memo::new(move |_| desk.filter.with(|filter| filter.words.clone()));
    let typed = RwSignal::new(words.get_untracked());
    let waits: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let is_composing = StoredValue::new(false);
    // Words that came another way, by a link or by going back, replace what was typed.
    Effect::new(move |_| {
        let words = words.get();
        if typed.with_untracked(|typed| *typed != words) {
            typed.set(words);
        }
    });
    let stop = move || {
        if let Some(handle) = waits.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let take = move || {
        if is_composing.get_value() {
            return;
        }
        stop();
        desk.typed_filter.set(Some(typed.get_untracked()));
        waits.set_value(set_timeout_with_handle(move || desk.keep_typed(), PAUSE).ok());
    };
    on_cleanup(stop);
    view! {
        <label class="search-box desk-search">
            <Icon name="search"/><span class="visually-hidden">{t("filter.words")}</span>
            <input class="search-input" type="search" placeholder=t("filter.words") enterkeyhint="search" autocomplete="off" maxlength="80"
                prop:value=move || typed.get()
                on:compositionstart=move |_| is_composing.set_value(true)
                on:compositionend=move |_| {
                    is_composing.set_value(false);
                    take();
                }
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    take();
                }/>
        </label>
    }
}

/// Urgency, whose, how late, which category.
#[component]
fn Conditions(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let city = desk.app.city();
    let option = move |is_on: fn(&InboxFilter) -> bool, turn: fn(&mut InboxFilter), key: &'static str| {
        let pressed = move || desk.filter.with(is_on).to_string();
        view! { <button class="option" aria-pressed=pressed on:click=move |_| desk.narrow(turn)>{t(key)}</button> }
    };
    let urgencies = city.catalog.urgencies.iter().map(|urgency| {
        let (id, name) = (urgency.id.clone(), words::of(&urgency.name).to_owned());
        let own = StoredValue::new(Some(id));
        let pressed = move || desk.filter.with(|filter| own.with_value(|own| filter.urgency == *own)).to_string();
        let turn = move |_| {
            desk.narrow(|filter| {
                let own = own.get_value();
                filter.urgency = if filter.urgency == own { None } else { own };
            });
        };
        view! { <button class="option" aria-pressed=pressed on:click=turn>{name}</button> }
    });
    let is_within = Memo::new(move |_| desk.filter.with(|filter| filter.within.is_some()));
    let within = move || {
        let out = move |_| desk.narrow(|filter| filter.within = None);
        is_within
            .get()
            .then(|| view! { <button class="option" aria-pressed="true" on:click=out>{t("desk.map_within")}</button> })
    };
    let category = Memo::new(move |_| desk.filter.with(|filter| filter.category.clone().unwrap_or_default()));
    let categories = groups(&city).into_iter().map(|group| {
        let cells = group.cells.into_iter().map(|cell| {
            let id = cell.id.clone();
            view! { <option value=cell.id prop:selected=move || category.with(|chosen| *chosen == id)>{cell.name}</option> }
        });
        view! { <optgroup label=group.name>{cells.collect_view()}</optgroup> }
    });
    let choose = move |event| {
        let id = event_target_value(&event);
        desk.narrow(|filter| filter.category = Some(id).filter(|id| !id.is_empty()));
    };
    view! {
        <div class="options" role="group" aria-label=t("filter.urgency")>
            {urgencies.collect_view()}
            {option(|filter| filter.is_mine, |filter| filter.is_mine = !filter.is_mine, "filter.mine")}
            {option(|filter| filter.is_pressing, |filter| filter.is_pressing = !filter.is_pressing, "filter.pressing")}
            {within}
        </div>
        <label class="field">
            <span class="field-label">{t("filter.category")}</span>
            <select class="input" on:change=choose>
                <option value="" prop:selected=move || category.with(String::is_empty)>{t("filter.category_any")}</option>
                {categories.collect_view()}
            </select>
        </label>
    }
}
