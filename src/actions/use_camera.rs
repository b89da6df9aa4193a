//! The camera inside the app: photos without another app in front, for phones that end ours then.

use leptos::prelude::*;

use super::add_photo::add_files;
use super::change_settings::{change_settings, is_put_away};
use crate::context::App;
pub use crate::platform::camera::Camera;
use crate::platform::prefs;
use crate::state::draft::PhotoSource;
use crate::state::form::ReportForm;
use crate::state::message::Message;
use crate::state::settings::proposes_camera;

/// Whether a form is open that was not left in good order yet.
const OPEN: &str = "form.open";
/// How often a form was taken up again after the app was ended under it.
const RECOVERED: &str = "form.recovered";

/// Opens the camera in the `<video>` of this id.
///
/// # Errors
/// Words for the page; the phone's own camera works all the same.
pub async fn open_camera(video: &str) -> Result<Camera, Message> {
    Camera::open(video).await.map_err(|exception| Message::of_camera(&exception.name))
}

/// Takes a photo, which goes the way of all photos.
pub async fn take_photo(app: App, form: ReportForm, camera: &Camera) -> Result<(), Message> {
    let file = camera.take().await.map_err(|exception| Message::of_camera(&exception.name))?;
    add_files(app, form, vec![file], PhotoSource::Camera);
    Ok(())
}

/// A form was opened; `was_resumed` = something was in it. A form that nobody left was ended by the system.
pub fn note_opened(was_resumed: bool) {
    if was_resumed && prefs::get(OPEN).unwrap_or(false) {
        prefs::set(RECOVERED, prefs::get::<u32>(RECOVERED).unwrap_or(0) + 1);
    }
    prefs::set(OPEN, true);
}

/// The form was left in good order.
pub fn note_left() {
    prefs::set(OPEN, false);
}

/// Whether the camera inside the app is worth a proposal.
pub fn is_proposed(app: App) -> bool {
    let recovered = prefs::get(RECOVERED).unwrap_or(0);
    proposes_camera(app.state.settings.get().camera_inside, recovered, is_put_away("camera"))
}

/// Uses the camera inside the app from now on, or the phone's own again.
pub fn choose_camera(app: App, is_inside: bool) {
    change_settings(app, |settings| settings.camera_inside = is_inside);
}
