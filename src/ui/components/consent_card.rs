//! The notice about recorded walks: what, what for, who sees it, how long, and that refusing costs nothing.

use leptos::prelude::*;

use super::icon::Icon;
use crate::state::words::t;

/// The words; the buttons are the page's.
#[component]
pub fn ConsentCard() -> impl IntoView {
    let points = ["consent.what", "consent.why", "consent.who", "consent.how_long", "consent.free"];
    view! {
        <section class="card stack" aria-label=t("consent.title")>
            <h2 class="row"><Icon name="shield-check"/>{t("consent.title")}</h2>
            <ul class="stack">{points.map(|point| view! { <li>{t(point)}</li> })}</ul>
        </section>
    }
}
