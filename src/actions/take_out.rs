//! Taking a photo or a voice note out of the form, and putting it back. Its files keep their room until the form is saved or
//! thrown away, so that a slip of a glove loses nothing.

use greenshield_domain::ids::BlobId;
use leptos::prelude::*;

use super::keep_report::keep_now;
use crate::context::App;
use crate::state::form::ReportForm;

/// Takes a photo out of the form.
pub fn take_photo_out(app: App, form: ReportForm, original: BlobId) {
    if let Some(removed) = form.draft.try_update(|draft| draft.remove_photo(original)).flatten() {
        form.removed.set(Some(removed));
        keep_now(app, form);
    }
}

/// Takes a voice note out of the form.
pub fn take_voice_out(app: App, form: ReportForm, blob: BlobId) {
    if let Some(removed) = form.draft.try_update(|draft| draft.remove_voice(blob)).flatten() {
        form.removed.set(Some(removed));
        keep_now(app, form);
    }
}

/// Puts back what was taken out last.
pub fn put_back(app: App, form: ReportForm) {
    if let Some(removed) = form.removed.try_update(Option::take).flatten() {
        form.draft.update(|draft| draft.restore(removed));
        keep_now(app, form);
    }
}
