//! The desk as a part of the app that comes when it is wanted: phones whose people never work at a desk do without it.
//!
//! Owns: when it is fetched, and what is shown meanwhile. Invariant: once it is here, its pages are drawn at once. Refuses: to know
//! how it is fetched; the program does.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::components::icon::Icon;
use super::components::problem::Problem;
use super::components::shell::{Shell, Tab};
use super::desk::{Draw, Page};
use crate::context::use_app;
use crate::state::message::Message;
use crate::state::words::t;

/// Fetches the part; `None` = it could not.
pub type Fetch = fn() -> Pin<Box<dyn Future<Output = Option<Draw>>>>;

/// How far it is.
#[derive(Clone, Copy)]
enum Found {
    /// Nobody wanted it yet.
    Away,
    /// It is on its way.
    Coming,
    /// It is here.
    Here(Draw),
    /// It could not be fetched.
    Missing,
}

/// The part of the desk. Copied freely; a copy is the same part.
#[derive(Clone, Copy)]
pub struct DeskPart {
    fetch: Fetch,
    found: RwSignal<Found>,
}

impl DeskPart {
    /// A part that is not here yet.
    #[must_use]
    pub fn new(fetch: Fetch) -> Self {
        Self { fetch, found: RwSignal::new(Found::Away) }
    }

    /// Fetches it, unless it is here or on its way.
    pub fn want(self) {
        if matches!(self.found.get_untracked(), Found::Here(_) | Found::Coming) {
            return;
        }
        self.found.set(Found::Coming);
        spawn_local(async move {
            let draw = (self.fetch)().await;
            self.found.try_set(draw.map_or(Found::Missing, Found::Here));
        });
    }

    /// A page of it, or what is to be said while it is not here.
    fn show(self, page: Page) -> AnyView {
        match self.found.get() {
            Found::Here(draw) => draw(page),
            Found::Missing => view! { <Absent part=self/> }.into_any(),
            Found::Away | Found::Coming => view! {
                <Shell title=t("desk.title") tab=Tab::Today><p class="muted" role="status">{t("desk.part_coming")}</p></Shell>
            }
            .into_any(),
        }
    }
}

/// A page of the desk, which is built anew when the language changes.
pub(super) fn of_desk(page: Page) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    move || {
        let (app, part) = (use_app(), use_desk());
        part.want();
        (move || {
            let _lang = app.state.lang.get();
            part.show(page)
        })
        .into_any()
    }
}

/// The part, for a page.
pub(super) fn use_desk() -> DeskPart {
    #[expect(clippy::expect_used, reason = "a page outside of the root is a mistake that the first start shows")]
    use_context::<DeskPart>().expect("pages live below the root")
}

/// It is not on this phone, and there is no network to fetch it by.
#[component]
fn Absent(
    /// The part.
    part: DeskPart,
) -> impl IntoView {
    let message = Message::of_code("desk_part");
    view! {
        <Shell title=t("desk.title") tab=Tab::Today>
            <Problem message/>
            <button class="btn btn--primary" on:click=move |_| part.want()><Icon name="refresh"/>{t("action.retry")}</button>
        </Shell>
    }
}
