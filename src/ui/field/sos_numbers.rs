//! Whom to call, and a text message with everything in it: what works without data.

use greenshield_domain::incident::Place;
use leptos::prelude::*;

use crate::context::App;
use crate::state::sos::{message, sms_href};
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;

/// Big buttons.
#[component]
pub fn Numbers(
    /// The app.
    app: App,
    /// The best position so far.
    place: RwSignal<Option<Place>>,
) -> impl IntoView {
    let state = app.state;
    let city = app.city();
    let numbers = city.info.emergency.iter().map(|known| {
        let words = tr("sos.call", &[("who", words::of(&known.name)), ("number", &known.number)]);
        view! { <a class="btn btn--wide btn--alarm" href=format!("tel:{}", known.number)><Icon name="phone"/>{words}</a> }
    });
    let numbers = numbers.collect_view();
    let number = city.info.sms.clone();
    let text = Memo::new(move |_| {
        let name = state.viewer().map(|viewer| viewer.name).unwrap_or_default();
        let now = state.now.get();
        place.with(|place| message(&name, place.as_ref(), &now.moment(now.millis)))
    });
    let href = move || sms_href(number.as_deref(), &text.get());
    view! {
        <section class="card stack" aria-label=t("sos.phone")>
            <h2>{t("sos.phone")}</h2>
            {numbers}
            <a class="btn btn--wide btn--quiet" href=href><Icon name="message"/>{t("sos.sms_send")}</a>
            <p class="muted">{text}</p>
        </section>
    }
}
