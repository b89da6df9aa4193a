//! The patrol: setting out, being on the way, coming home.

pub mod begin;
pub mod finish;
pub mod pocket;
pub mod under_way;

pub mod card;
pub mod track;

use leptos::prelude::*;

use crate::context::use_app;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::{Shell, Tab};

/// The page of the patrol.
#[component]
pub fn PatrolPage() -> impl IntoView {
    let app = use_app();
    let is_on = Memo::new(move |_| app.state.patrol.with(Option::is_some));
    // It is told again and again; only a change draws the page anew.
    let is_elsewhere = Memo::new(move |_| app.state.patrol_elsewhere.get());
    move || {
        if is_on.get() {
            view! { <under_way::UnderWay app/> }.into_any()
        } else if is_elsewhere.get() {
            view! {
                <Shell title=t("patrol.title") back="/" tab=Tab::Today>
                    <div class="empty">
                        <Icon name="route" size="icon--xl"/>
                        <p class="empty-title">{t("patrol.elsewhere")}</p>
                        <p>{t("patrol.elsewhere_do")}</p>
                    </div>
                </Shell>
            }
            .into_any()
        } else {
            view! { <begin::Begin app/> }.into_any()
        }
    }
}
