//! The way between a report and the text message that came before it.

use greenshield_domain::ids::RecordId;
use greenshield_domain::sms::KIND;
use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::enter_sms::other_half;
use crate::context::App;
use crate::state::words::t;

/// A link, when both are here.
#[component]
pub fn OtherHalf(
    /// The app.
    app: App,
    /// The record that is shown, and its kind.
    #[prop(into)]
    shown: Signal<Option<(RecordId, u32)>>,
) -> impl IntoView {
    let other: RwSignal<Option<RecordId>> = RwSignal::new(None);
    Effect::new(move |_| {
        app.state.changed.track();
        let Some((record, _)) = shown.get() else { return };
        app.run(async move {
            let found = other_half(app, record).await;
            let _closed = other.try_set(found);
        });
    });
    move || {
        let (record, (_, kind)) = other.get().zip(shown.get())?;
        let words = if kind == KIND { t("sms.report_is_here") } else { t("sms.came_before") };
        let href = if app.state.is_of_desk() { format!("/desk?record={record}") } else { format!("/records/{record}") };
        Some(view! {
            <a class="card card-link" href=href><Icon name="message"/><b class="grow">{words}</b><Icon name="chevron-right"/></a>
        })
    }
}
