//! The position of the form: what we know, how well, and what happens next.

use greenshield_domain::incident;
use greenshield_domain::rough::guards;
use leptos::prelude::*;

use super::form_pin::PinButton;
use crate::context::use_app;
use crate::state::form::{PlaceState, ReportForm};
use crate::state::lamp::{Lamp, Tone};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;

/// Worse than this is told, in cm.
const WEAK_CM: i64 = 5_000;

fn metres(accuracy_cm: i64) -> String {
    (accuracy_cm / 100).max(1).to_string()
}

/// The position in one chip.
#[component]
pub fn PlaceChip(
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let lamp = move || {
        let place = form.draft.with(|draft| draft.place);
        let (tone, icon, words) = match (place, form.place.get()) {
            (Some(place), _) if place.is_pinned => (Tone::Plain, "map-pin", t("report.place_pinned").to_owned()),
            (Some(place), _) => {
                let tone = if place.accuracy_cm > WEAK_CM { Tone::Warn } else { Tone::Plain };
                (tone, "map-pin", tr("report.place_found", &[("m", &metres(place.accuracy_cm))]))
            }
            (None, PlaceState::Searching | PlaceState::Found) => {
                (Tone::Plain, "map-pin", t("report.place_finding").to_owned())
            }
            (None, _) => (Tone::Warn, "map-pin-off", t("report.place_later").to_owned()),
        };
        Lamp { tone, icon, words }
    };
    view! { <span aria-live="polite">{move || view! { <LampChip lamp=lamp()/> }}</span> }
}

/// The position in a line with what to do.
#[component]
pub fn PlaceLine(
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let app = use_app();
    let now = app.state.now;
    let is_guarded = Memo::new(move |_| {
        let category = form.draft.with(|draft| draft.category.clone());
        guards(&app.city(), incident::KIND, category.as_deref())
    });
    let words = move || match (form.draft.with(|draft| draft.place), form.place.get()) {
        (Some(place), _) if place.is_pinned => {
            (t("report.place_pinned").to_owned(), tr("report.place_pinned_text", &[("m", &metres(place.accuracy_cm))]))
        }
        (Some(place), _) if place.accuracy_cm > WEAK_CM => (
            tr("report.place_found", &[("m", &metres(place.accuracy_cm))]),
            tr("report.place_weak", &[("m", &metres(place.accuracy_cm))]),
        ),
        (Some(place), _) => {
            let fixed = now.get().ago(place.fixed_millis);
            (
                tr("report.place_found", &[("m", &metres(place.accuracy_cm))]),
                tr("report.place_fixed", &[("age", &fixed)]),
            )
        }
        (None, PlaceState::Denied) => (t("report.place_later").to_owned(), t("report.place_denied").to_owned()),
        (None, PlaceState::Unavailable) => (t("report.place_later").to_owned(), t("report.place_off").to_owned()),
        (None, _) => (t("report.place_finding").to_owned(), t("report.place_finding_text").to_owned()),
    };
    let icon = move || {
        let is_lost = form.draft.with(|draft| draft.place.is_none())
            && matches!(form.place.get(), PlaceState::Denied | PlaceState::Unavailable);
        if is_lost {
            view! { <Icon name="map-pin-off"/> }
        } else {
            view! { <Icon name="map-pin"/> }
        }
    };
    view! {
        <div class="card place" aria-live="polite">
            {icon}
            <span class="grow">
                <b>{move || words().0}</b><br/>
                <span class="muted">{move || words().1}</span>
                {move || is_guarded.get().then(|| view! { <br/><span class="muted">{t("report.place_guarded")}</span> })}
            </span>
        </div>
        <PinButton form/>
    }
}
