//! All registers, as the city groups them.

use leptos::prelude::*;

use super::role;
use crate::context::use_app;
use crate::state::register::{Card, Shelf, shelves};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn RegistersPage() -> impl IntoView {
    let app = use_app();
    let all = Memo::new(move |_| app.state.duties.with(|rows| shelves(&app.city(), rows, &role(app))));
    let card = |card: Card| {
        view! {
            <li><a class="card-link" href=format!("/registers/{}", card.name)>
                <Icon name=card.icon/>
                <span class="grow"><b>{card.label}</b><span class="register-fact">{card.facts}</span></span>
                <Icon name="chevron-right"/>
            </a></li>
        }
    };
    let shelf = move |shelf: Shelf| {
        view! {
            <section class="card">
                <h2>{shelf.label}</h2>
                <ul class="card-list">{shelf.cards.into_iter().map(card).collect_view()}</ul>
            </section>
        }
    };
    let list = move || {
        let all = all.get();
        if all.is_empty() {
            view! {
                <div class="empty"><Icon name="list-details" size="icon--xl"/>
                    <p class="empty-title">{t("register.none")}</p><p>{t("register.none_text")}</p>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="register-shelves">{all.into_iter().map(shelf).collect_view()}</div> }.into_any()
        }
    };
    view! {
        <Shell title=t("register.title") back="/" end=move || view! {
            <a class="btn btn--s btn--quiet" href="/registers/figures"><Icon name="sort-descending" size="icon--s"/>{t("figures.title")}</a>
        }>
            {list}
        </Shell>
    }
}
