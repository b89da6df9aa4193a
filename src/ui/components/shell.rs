//! The frame of every page: skip link, top bar, banners, page, action bar, tabs.

use leptos::html;
use leptos::prelude::*;

use super::banners::Banners;
use super::icon::Icon;
use super::sos_banner::SosBanners;
use super::toast::Toaster;
use crate::actions::lock_phone::lock;
use crate::context::use_app;
use crate::state::words::t;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Today, or the desk.
    Today,
    /// What is near.
    Nearby,
    /// The report form.
    Report,
    /// The list.
    Records,
    /// Identity and settings.
    Me,
}

/// The frame. With a tab it shows the tabs; a page below a tab has a way back instead.
#[component]
pub fn Shell(
    /// What the page is; gets the focus, so that screen readers begin here.
    #[prop(into)]
    title: Signal<String>,
    /// The tab of the page; `None` = a page without tabs.
    #[prop(optional)]
    tab: Option<Tab>,
    /// Where the back button leads.
    #[prop(optional, into)]
    back: Option<String>,
    /// Right end of the top bar.
    #[prop(optional, into)]
    end: ViewFn,
    /// The one main thing to do.
    #[prop(optional, into)]
    actionbar: Option<ViewFn>,
    /// Without a top bar: the page has a heading of its own.
    #[prop(optional)]
    is_full: bool,
    /// The page of the call for help itself: without a way to it.
    #[prop(optional)]
    is_sos: bool,
    /// Replaces the scrolling page: the desk has columns.
    #[prop(optional)]
    is_bare: bool,
    /// The scrolling page, for lists that draw only what is seen.
    #[prop(optional)]
    scroller: NodeRef<html::Main>,
    /// Called while it scrolls.
    #[prop(optional, into)]
    on_scroll: Option<Callback<()>>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        document().set_title(&format!("{} · {}", title.get(), t("app.name")));
        if let Some(heading) = heading.get() {
            // A heading that can not take the focus is no harm.
            let _ = heading.focus();
        }
    });
    let scrolled = move |_| {
        if let Some(on_scroll) = on_scroll {
            on_scroll.run(());
        }
    };
    let app = use_app();
    let is_known = Memo::new(move |_| app.state.identity.with(Option::is_some));
    // A desk officer at a wide screen is not out there.
    let calls_help = move || !is_sos && is_known.get() && !app.state.is_desk();
    let class = if is_full { "page page--full" } else { "page" };
    view! {
        <div class="shell">
            <a class="skip" href="#main" rel="external">{t("app.skip")}</a>
            {(!is_full).then(|| view! {
                <header class="topbar">
                    {back.map(|href| view! {
                        <a class="btn btn--plain btn--icon topbar-back" href=href aria-label=t("action.back")>
                            <Icon name="chevron-left"/>
                        </a>
                    })}
                    <h1 class="topbar-title" tabindex="-1" node_ref=heading>{move || title.get()}</h1>
                    {move || calls_help().then(|| view! {
                        <a class="btn topbar-sos" href="/sos"><Icon name="lifebuoy"/>{t("sos.open")}</a>
                    })}
                    {move || app.state.has_pin.get().then(|| view! {
                        <button class="btn btn--plain btn--icon" aria-label=t("lock.now") on:click=move |_| app.run(lock(app))>
                            <Icon name="lock"/>
                        </button>
                    })}
                    <div class="topbar-end">{end.run()}</div>
                </header>
            })}
            <div class="notices">{move || is_known.get().then(|| view! { <SosBanners is_sos/> })}<Banners/></div>
            {if is_bare {
                children().into_any()
            } else {
                view! { <main class=class id="main" tabindex="-1" node_ref=scroller on:scroll=scrolled>{children()}</main> }.into_any()
            }}
            {actionbar.map(|bar| view! { <div class="actionbar">{bar.run()}</div> })}
            {tab.map(|tab| view! { <Tabs tab/> })}
            <Toaster/>
        </div>
    }
}

/// The tabs; the desk's people see their desk first on a wide screen.
#[component]
fn Tabs(
    /// The one that is open.
    tab: Tab,
) -> impl IntoView {
    let state = use_app().state;
    let current = move |this: Tab| (this == tab).then_some("page");
    let first = move || {
        if state.is_desk() {
            view! { <Icon name="inbox"/>{t("tab.desk")} }.into_any()
        } else {
            view! { <Icon name="home"/>{t("tab.today")} }.into_any()
        }
    };
    let waiting = move || {
        let n = state.unsent.with(Vec::len);
        (n > 0).then(|| view! { <span class="nav-count" aria-hidden="true">{n}</span> })
    };
    view! {
        <nav class="nav" aria-label=t("app.navigation")>
            <a class="nav-item" href="/" aria-current=current(Tab::Today)>{first}</a>
            <a class="nav-item" href="/map" aria-current=current(Tab::Nearby)><Icon name="map-pin"/>{t("tab.nearby")}</a>
            <a class="nav-item nav-item--raised" href="/report" aria-current=current(Tab::Report)>
                <span class="nav-raised"><Icon name="plus"/></span>{t("tab.report")}
            </a>
            <a class="nav-item" href="/records" aria-current=current(Tab::Records)>
                <Icon name="list-details"/>{t("tab.records")}{waiting}
            </a>
            <a class="nav-item" href="/me" aria-current=current(Tab::Me)><Icon name="user-circle"/>{t("tab.me")}</a>
        </nav>
    }
}
