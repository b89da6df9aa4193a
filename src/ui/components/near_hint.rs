//! A hint that somebody may have reported the same thing; never in the way of reporting it.

use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::look_near::look_near;
use crate::context::App;
use crate::state::near::{HERE_METRES, Near, Sighting};
use crate::state::words::{t, tr};

/// The hint, with a way to the other record; nothing when there is none.
#[component]
pub fn NearHint(
    /// The app.
    app: App,
    /// What is looked for.
    #[prop(into)]
    of: Signal<Option<Sighting>>,
) -> impl IntoView {
    let near: RwSignal<Option<Near>> = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(of_now) = of.get() else {
            near.set(None);
            return;
        };
        app.run(async move {
            let found = look_near(app, of_now.clone()).await;
            // What was asked meanwhile counts.
            if of.try_get_untracked().flatten().as_ref() == Some(&of_now) {
                let _ = near.try_set(found);
            }
        });
    });
    move || {
        near.get().map(|Near { record, metres, found_millis }| {
            let age = app.state.now.get_untracked().ago(found_millis);
            let words = match metres {
                0..=HERE_METRES => tr("near.here", &[("age", &age)]),
                _ => tr("near.text", &[("m", &metres.to_string()), ("age", &age)]),
            };
            view! {
                <section class="card hint" role="status">
                    <Icon name="info-circle"/>
                    <p class="hint-text">{words}</p>
                    <a class="btn btn--s" href=format!("/records/{record}")>{t("near.see")}</a>
                </section>
            }
        })
    }
}
