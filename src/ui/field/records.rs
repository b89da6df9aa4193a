//! All records, newest first: a lamp with words on every line, the day above the first of a day.

use greenshield_client::rows::ListRow;
use greenshield_domain::order;
use leptos::html;
use leptos::prelude::*;

use crate::actions::load_records::{load_more, rows_of};
use crate::context::{App, use_app};
use crate::state::item::ItemView;
use crate::state::records::Filter;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::record_item::RecordItem;
use crate::ui::components::shell::{Shell, Tab};
use crate::ui::components::virtual_list::VirtualList;

/// The list page.
#[component]
pub fn RecordsPage() -> impl IntoView {
    let app = use_app();
    let scroller = NodeRef::<html::Main>::new();
    let scrolled = RwSignal::new(0_u32);
    let filter = RwSignal::new(Filter::All);
    let unsent = unsent_rows(app);
    let shown = Shown { app, filter, unsent, mine: mine(app) };
    let is_loading = RwSignal::new(false);
    let more = Callback::new(move |()| {
        if filter.get_untracked() == Filter::Unsent || is_loading.get_untracked() {
            return;
        }
        is_loading.set(true);
        app.run(async move {
            load_more(app).await;
            let _ = is_loading.try_set(false);
            // A filter may have taken nothing of the page: look again whether the end is still near.
            let _ = scrolled.try_update(|n| *n += 1);
        });
    });
    // "Nothing waits" is said only after the waiting ones were read.
    let is_loaded = move || match filter.get() {
        Filter::Unsent => shown.count() > 0 || app.state.unsent_count() == Some(0),
        _ => app.state.records.with(|list| list.is_loaded),
    };
    let is_end = move || filter.get() == Filter::Unsent || app.state.records.with(|list| list.next.is_none());
    view! {
        <Shell title=t("records.title") tab=Tab::Records scroller on_scroll=Callback::new(move |()| scrolled.update(|n| *n += 1))>
            <Filters app filter/>
            <VirtualList count=Signal::derive(move || shown.count()) row=move |index| view! { <Line app shown index/> }
                scroller scrolled=Signal::derive(move || scrolled.get()) on_near_end=more/>
            {move || match (is_loaded(), shown.count() == 0, is_end()) {
                (true, true, true) => view! { <Empty filter=filter.get()/> }.into_any(),
                (true, false, true) => view! { <p class="list-more">{t("records.end")}</p> }.into_any(),
                _ => view! { <p class="list-more" role="status">{t("app.loading")}</p> }.into_any(),
            }}
        </Shell>
    }
}

/// The rows of the chosen filter, without a copy of the list.
#[derive(Clone, Copy)]
struct Shown {
    app: App,
    filter: RwSignal<Filter>,
    unsent: RwSignal<Vec<ListRow>>,
    /// Places of my rows in the list.
    mine: Memo<Vec<usize>>,
}

impl Shown {
    fn count(self) -> usize {
        match self.filter.get() {
            Filter::All => self.app.state.records.with(|list| list.rows.len()),
            Filter::Unsent => self.unsent.with(Vec::len),
            Filter::Mine => self.mine.with(Vec::len),
        }
    }

    fn row(self, index: usize) -> Option<ListRow> {
        let of_list = |index: usize| self.app.state.records.with(|list| list.rows.get(index).cloned());
        match self.filter.get() {
            Filter::All => of_list(index),
            Filter::Unsent => self.unsent.with(|rows| rows.get(index).cloned()),
            Filter::Mine => of_list(self.mine.with(|places| places.get(index).copied())?),
        }
    }
}

fn mine(app: App) -> Memo<Vec<usize>> {
    Memo::new(move |_| {
        let me = app.state.me();
        app.state.records.with(|list| {
            let rows = list.rows.iter().enumerate();
            rows.filter(|(_, row)| Filter::Mine.takes(row, me)).map(|(place, _)| place).collect()
        })
    })
}

/// Rows with something unsent, wherever they lie in the list.
fn unsent_rows(app: App) -> RwSignal<Vec<ListRow>> {
    let rows = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let records = app.state.unsent.with(|unsent| unsent.iter().map(|item| item.record).collect::<Vec<_>>());
        app.state.changed.track();
        app.run(async move {
            let mut found = rows_of(app, records).await;
            order::sort_by_key(&mut found, |row| std::cmp::Reverse((row.sort_millis, row.record)));
            let _ = rows.try_set(found);
        });
    });
    rows
}

/// Which records are shown.
#[component]
fn Filters(
    /// The app.
    app: App,
    /// The choice.
    filter: RwSignal<Filter>,
) -> impl IntoView {
    let pressed = move |this: Filter| (filter.get() == this).to_string();
    let waiting = move || app.state.unsent.with(Vec::len);
    view! {
        <div class="options" role="group" aria-label=t("records.filter")>
            <button class="option" aria-pressed=move || pressed(Filter::All) on:click=move |_| filter.set(Filter::All)>{t("records.filter_all")}</button>
            <button class="option" aria-pressed=move || pressed(Filter::Unsent) on:click=move |_| filter.set(Filter::Unsent)>
                {t("records.filter_unsent")}
                {move || (waiting() > 0).then(|| view! { <span class="option-count">{waiting()}</span> })}
            </button>
            <button class="option" aria-pressed=move || pressed(Filter::Mine) on:click=move |_| filter.set(Filter::Mine)>{t("records.filter_mine")}</button>
        </div>
    }
}

/// One line, with the day above the first of a day.
#[component]
fn Line(
    /// The app.
    app: App,
    /// What is shown.
    shown: Shown,
    /// Which one.
    index: usize,
) -> impl IntoView {
    let row = Memo::new(move |_| shown.row(index));
    let before = Memo::new(move |_| shown.row(index.checked_sub(1)?).map(|row| row.sort_millis));
    let day = move || {
        let (now, row) = (app.state.now.get(), row.get()?);
        let is_new = before.get().is_none_or(|before| now.day_of(before) != now.day_of(row.sort_millis));
        is_new.then(|| view! { <h2 class="list-day">{now.day(row.sort_millis)}</h2> })
    };
    let item = move || {
        let row = row.get()?;
        let item = app
            .state
            .people
            .with(|people| ItemView::of(&row, &app.city(), people, app.state.me(), app.state.now.get()));
        let href = format!("/records/{}", item.record);
        Some(view! { <RecordItem app item href/> })
    };
    view! { <div class="vlist-row" role="listitem">{day}{item}</div> }
}

/// Nothing to show, and why that is fine.
#[component]
fn Empty(
    /// Which records were asked for.
    filter: Filter,
) -> impl IntoView {
    let (title, text) = match filter {
        Filter::All => (t("records.empty"), t("records.empty_text")),
        Filter::Unsent => (t("records.empty_unsent"), t("records.empty_unsent_text")),
        Filter::Mine => (t("records.empty_mine"), t("records.empty_mine_text")),
    };
    view! {
        <div class="empty">
            <Icon name="list-details" size="icon--xl"/>
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}
