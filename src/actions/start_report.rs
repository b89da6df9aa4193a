//! Opening the report form: what was begun is there again, the position is looked for.

use leptos::prelude::*;

use super::check_storage::check_storage;
use super::keep_report::{keep_now, keep_report};
use super::record_voice::rescue_voice;
use super::use_camera::{note_left, note_opened};
use crate::context::App;
use crate::platform::Listener;
use crate::platform::lifecycle;
use crate::platform::location::{self, LocationState, LocationWatch};
use crate::state::draft::{DraftPlace, REPORT, ReportDraft};
use crate::state::form::{PlaceState, ReportForm};
use crate::state::place::Pin;

/// What runs while the form is open; ends when it is dropped.
#[must_use = "dropping it ends the watch"]
pub struct FormWatch {
    _place: LocationWatch,
    _hidden: Listener,
    _left: Listener,
}

/// Reads what was begun, or begins, and puts it on disk before anything else can happen to the page.
pub async fn start_report(app: App, form: ReportForm) {
    let kept = app.engine().draft(REPORT).await.ok().flatten().and_then(|bytes| ReportDraft::decode(&bytes));
    let resumed = kept.filter(ReportDraft::is_worth_keeping);
    let was_resumed = resumed.is_some();
    let resumed = match resumed {
        Some(draft) => Some(match rescue_voice(app, draft.clone()).await {
            Ok(draft) => draft,
            Err(message) => {
                form.problem.try_set(Some(message));
                draft
            }
        }),
        None => None,
    };
    let mut draft = resumed.unwrap_or_else(|| ReportDraft::begun(app.now_millis()));
    // The position may have been faster than the disk.
    draft.place = draft.place.or(form.draft.try_with_untracked(|early| early.place).flatten());
    if let Some(pin) = app.state.pin.try_update(Option::take).flatten() {
        draft.place = Some(pinned(pin, app.now_millis()));
    }
    form.draft.try_set(draft);
    note_opened(was_resumed);
    form.was_resumed.try_set(was_resumed);
    form.is_open.try_set(true);
    app.state.form_open.set(true);
    // The form shows that it could not be kept.
    let _ = keep_report(app, form, Vec::new()).await;
    check_storage(app).await;
}

/// Looks for the position, and keeps the form when the page is about to go away.
pub fn watch_report(app: App, form: ReportForm) -> FormWatch {
    FormWatch {
        _place: location::watch(move |state| take_place(app, form, state)),
        _hidden: lifecycle::on_visibility(move |is_visible| {
            if !is_visible {
                keep_now(app, form);
            }
        }),
        _left: lifecycle::on_pagehide(move || {
            keep_now(app, form);
            note_left();
        }),
    }
}

fn take_place(app: App, form: ReportForm, state: LocationState) {
    let place = match state {
        LocationState::Searching => PlaceState::Searching,
        LocationState::Denied => PlaceState::Denied,
        LocationState::Unavailable => PlaceState::Unavailable,
        LocationState::Fix(fix) => {
            let place = DraftPlace {
                lat_e7: fix.lat_e7,
                lon_e7: fix.lon_e7,
                accuracy_cm: fix.accuracy_cm,
                fixed_millis: fix.fixed_millis,
                is_pinned: false,
            };
            // A form that is taken up again keeps the place where it was begun, unless it had none. What somebody pointed at
            // stays.
            let had = form.draft.with_untracked(|draft| draft.place);
            let is_elsewhere = had.is_some_and(|place| place.is_pinned || form.was_resumed.get_untracked());
            if !is_elsewhere {
                form.draft.update(|draft| draft.place = Some(place));
                super::keep_report::keep_soon(app, form);
            }
            PlaceState::Found
        }
    };
    form.place.set(place);
}

/// The place that somebody pointed at.
fn pinned(pin: Pin, now_millis: i64) -> DraftPlace {
    let Pin { at, accuracy_cm } = pin;
    DraftPlace { lat_e7: at.lat_e7, lon_e7: at.lon_e7, accuracy_cm, fixed_millis: now_millis, is_pinned: true }
}

/// Takes the place that somebody pointed at; `None` gives the choice back to the phone.
pub fn pin_report(app: App, form: ReportForm, pin: Option<Pin>) {
    form.draft.update(|draft| draft.place = pin.map(|pin| pinned(pin, app.now_millis())));
    super::keep_report::keep_soon(app, form);
}

/// Tells the first page about a form that was begun.
pub async fn look_for_draft(app: App) {
    let kept = app.engine().draft(REPORT).await.ok().flatten().and_then(|bytes| ReportDraft::decode(&bytes));
    app.state.draft.set(kept.and_then(|draft| draft.summary()));
}

/// The form is closed; its draft stays.
pub fn leave_report(app: App) {
    app.state.form_open.set(false);
    note_left();
}
