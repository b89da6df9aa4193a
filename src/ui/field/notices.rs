//! Notices of the city on Today: the seasons that hold now. They come with the city package, so they need no network.

use greenshield_domain::city::{YearDay, seasons_on};
use leptos::prelude::*;

use crate::context::App;
use crate::state::words::{self, tr};
use crate::ui::components::icon::Icon;

/// One card with the seasons that hold today.
#[component]
pub fn Seasons(
    /// The app.
    app: App,
) -> impl IntoView {
    let state = app.state;
    let today = Memo::new(move |_| {
        let now = state.now.get();
        now.month_day(now.millis)
    });
    move || {
        let (month, day) = today.get();
        let today = u8::try_from(month).ok().zip(u8::try_from(day).ok()).map(|(month, day)| YearDay { month, day });
        let city = app.city();
        let seasons = today.into_iter().flat_map(|today| seasons_on(&city.info.seasons, today)).map(|season| {
            let until = tr(
                "today.season_until",
                &[("month", &season.until.month.to_string()), ("day", &season.until.day.to_string())],
            );
            view! {
                <li>
                    <h2>{words::of(&season.name)}" · "{until}</h2>
                    <p>{words::of(&season.text)}</p>
                </li>
            }
        });
        let seasons = seasons.collect_view();
        (!seasons.is_empty()).then(|| {
            view! {
                <section class="card card--warn row">
                    <Icon name="flame" size="icon--l"/>
                    <ul class="grow stack">{seasons}</ul>
                </section>
            }
        })
    }
}
