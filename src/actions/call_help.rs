//! Calling for help: saved first, then sent before everything that is not said yet; the position follows while the call runs.

use greenshield_client::engine::Save;
use greenshield_domain::cbor::Value;
use greenshield_domain::incident::{Incident, Place, PlaceSource, field};
use greenshield_domain::op::Entry;
use greenshield_domain::sos::{self, CallState};
use leptos::prelude::*;

use super::edit_record::edit_record;
use super::find_call::{PREF, is_running};
use super::{load_records, retry_now};
use crate::context::App;
use crate::platform::location::{self, LocationState, LocationWatch};
use crate::platform::prefs;
use crate::state::message::Message;
use crate::state::sos::is_worth_telling;

/// What a page knows of the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    /// Not yet.
    Searching,
    /// Here.
    Found(Place),
    /// The person or the system forbids it.
    Denied,
    /// The device cannot tell.
    Unavailable,
}

/// A running watch of the position; ends when it is dropped.
#[must_use = "dropping it ends the watch"]
pub struct FixWatch {
    _watch: LocationWatch,
}

/// Looks for the position and tells every change.
pub fn watch_fix(found: impl Fn(Fix) + 'static) -> FixWatch {
    FixWatch { _watch: location::watch(move |state| found(fix_of(state))) }
}

fn fix_of(state: LocationState) -> Fix {
    match state {
        LocationState::Searching => Fix::Searching,
        LocationState::Denied => Fix::Denied,
        LocationState::Unavailable => Fix::Unavailable,
        LocationState::Fix(fix) => Fix::Found(Place {
            lat_e7: fix.lat_e7,
            lon_e7: fix.lon_e7,
            accuracy_cm: fix.accuracy_cm,
            fixed_millis: fix.fixed_millis,
            source: PlaceSource::Device,
        }),
    }
}

/// The clock that only moves forward, ms.
#[must_use]
pub fn forward_millis(app: App) -> i64 {
    use greenshield_client::ports::Ports as _;
    app.engine().ports().clock().mono_millis()
}

/// Saves the call and sends it. A call that runs already is the same call.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn call_help(app: App, place: Option<Place>) -> Result<(), Message> {
    if let Some(row) = app.state.sos.get_untracked().filter(is_running) {
        let again = Entry::set(field::STATE, Value::text(sos::state::OPEN));
        let is_safe = CallState::of(row.state.as_deref()) == CallState::Safe;
        return if is_safe { edit_record(app, row.record, vec![again]).await } else { Ok(()) };
    }
    let entries = sos::call(app.now_millis(), place);
    let save = Save { record: None, kind: sos::KIND, entries, draft: None };
    let saved = app.engine().save(save).await.map_err(|error| {
        load_records::note_trouble(app, &error);
        Message::of(&error)
    })?;
    // A browser that keeps no preferences finds the call in the list.
    prefs::set(PREF, saved.record.to_hex());
    app.state.sos.set(Some(saved.projection.row.clone()));
    app.state.unsent_known.set(false);
    app.state.records.update(|list| list.fold(vec![saved.projection.row]));
    app.tell_changed(&[saved.record]);
    // Whatever waits for its next try goes now, so that nothing is before the call that the server must have first.
    retry_now::retry_now(app).await;
    load_records::refresh(app, vec![saved.record]).await;
    Ok(())
}

/// "I am safe": the desk still has to end the call.
///
/// # Errors
/// As [`edit_record`].
pub async fn say_safe(app: App) -> Result<(), Message> {
    let Some(row) = app.state.sos.get_untracked() else { return Ok(()) };
    edit_record(app, row.record, sos::safe()).await?;
    retry_now::retry_now(app).await;
    Ok(())
}

/// Saves a position of the running call when it says something new.
pub async fn tell_place(app: App, place: Place) {
    let Some(row) = app.state.sos.get_untracked().filter(is_running) else { return };
    // What does not read now is told with the next position.
    let Ok(Some(view)) = app.engine().record(row.record).await else { return };
    if is_worth_telling(Incident(&view.merged).place().as_ref(), &place) {
        let _later = edit_record(app, row.record, sos::moved(place)).await;
    }
}
