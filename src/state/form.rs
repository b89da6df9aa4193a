//! The open report form: its data and what is happening to it.

use leptos::prelude::*;

use super::draft::{Removed, ReportDraft};
use super::message::Message;

/// What is known of the position while the form is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlaceState {
    /// Looking for it.
    #[default]
    Searching,
    /// There is one; the form holds the best.
    Found,
    /// The person or the system forbids it.
    Denied,
    /// The device can not tell.
    Unavailable,
}

/// How the form on disk stands to the one on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kept {
    /// Nothing to keep yet.
    #[default]
    Nothing,
    /// Being written.
    Keeping,
    /// On disk as it is.
    Kept,
    /// Not written; the screen has it.
    Failed(Message),
}

/// A voice note in the making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoiceState {
    /// Nothing is recorded.
    #[default]
    Idle,
    /// The person is asked for the microphone.
    Asking,
    /// Somebody speaks, for so many ms.
    Recording(i64),
    /// The last piece is being put on disk.
    Ending,
}

/// The open form. Copied freely; a copy is the same form.
#[derive(Debug, Clone, Copy)]
pub struct ReportForm {
    /// What it says.
    pub draft: RwSignal<ReportDraft>,
    /// Whether that is on disk.
    pub kept: RwSignal<Kept>,
    /// Whether it was read from disk; before that nothing may be written.
    pub is_open: RwSignal<bool>,
    /// Photos being read.
    pub busy_photos: RwSignal<usize>,
    /// The position.
    pub place: RwSignal<PlaceState>,
    /// What went wrong last.
    pub problem: RwSignal<Option<Message>>,
    /// Whether it is being saved.
    pub is_saving: RwSignal<bool>,
    /// Changes since the last write began.
    pub is_dirty: RwSignal<bool>,
    /// Whether this form was begun earlier.
    pub was_resumed: RwSignal<bool>,
    /// The voice note in the making.
    pub voice: RwSignal<VoiceState>,
    /// The photo whose words are shown; `None` = the last one.
    pub picked_photo: RwSignal<Option<usize>>,
    /// What was taken out last and can be put back.
    pub removed: RwSignal<Option<Removed>>,
}

impl ReportForm {
    /// A form that was not read yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            draft: RwSignal::new(ReportDraft::default()),
            kept: RwSignal::new(Kept::default()),
            is_open: RwSignal::new(false),
            busy_photos: RwSignal::new(0),
            place: RwSignal::new(PlaceState::default()),
            problem: RwSignal::new(None),
            is_saving: RwSignal::new(false),
            is_dirty: RwSignal::new(false),
            was_resumed: RwSignal::new(false),
            voice: RwSignal::new(VoiceState::default()),
            picked_photo: RwSignal::new(None),
            removed: RwSignal::new(None),
        }
    }
}

impl Default for ReportForm {
    fn default() -> Self {
        Self::new()
    }
}
