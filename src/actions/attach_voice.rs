//! Adding a voice note to a saved record: as safe as in the form, and an op of its own in the end.
//!
//! Invariant: at every moment the note is in pieces, one file that a draft names, or linked by an op; a killed app goes on from there.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident;
use leptos::prelude::*;

use super::load_records;
use super::record_voice::{joined_note, keep_pieces, lock, refused};
use crate::context::App;
use crate::platform::recorder::Recorder;
use crate::state::form::VoiceState;
use crate::state::message::Message;
use crate::state::voice::{AddedVoice, DraftRecording, PART_MILLIS};

/// Records until the person stops or leaves, and adds the note. Says whether there was one.
///
/// # Errors
/// Words for the page; what was recorded is added when the page opens again.
pub async fn attach_voice(app: App, record: RecordId, voice: RwSignal<VoiceState>) -> Result<bool, Message> {
    let guard = lock().await.ok_or_else(|| Message::of_code("voice_busy"))?;
    voice.set(VoiceState::Asking);
    let recorded = record_pieces(app, record, voice).await;
    let added = add_left(app, record, recorded.is_err()).await;
    drop(guard);
    let _ = voice.try_set(VoiceState::Idle);
    recorded.and(added)
}

async fn record_pieces(app: App, record: RecordId, voice: RwSignal<VoiceState>) -> Result<(), Message> {
    // What a killed app left is a note of its own first.
    add_left(app, record, true).await?;
    let recorder = Recorder::start(PART_MILLIS).await.map_err(|exception| refused(&exception))?;
    let (draft, started_millis) = (AddedVoice::draft(&record.to_hex()), app.now_millis());
    let recording = Some(DraftRecording { mime: recorder.mime(), started_millis });
    let begun = AddedVoice { recording, note: None }.encode();
    app.engine().join_parts(&draft, begun, None).await.map_err(|error| Message::of(&error))?;
    let _ = voice.try_set(VoiceState::Recording(0));
    keep_pieces(app, &draft, &recorder, started_millis, voice, || true).await
}

/// Adds what an earlier recording left, if nobody records now.
///
/// # Errors
/// Words for the page; it is still there.
pub async fn rescue_added_voice(app: App, record: RecordId) -> Result<bool, Message> {
    let Some(_guard) = lock().await else { return Ok(false) };
    add_left(app, record, true).await
}

/// Pieces become a file, the file becomes a link of the record. Says whether there was anything.
async fn add_left(app: App, record: RecordId, was_cut: bool) -> Result<bool, Message> {
    let draft = AddedVoice::draft(&record.to_hex());
    let kept = app.engine().draft(&draft).await.map_err(|error| Message::of(&error))?;
    let Some(AddedVoice { recording, note }) = kept.and_then(|bytes| AddedVoice::decode(&bytes)) else {
        return Ok(false);
    };
    let note = match (note, recording) {
        (Some(note), _) => Some(note),
        (None, Some(recording)) => match joined_note(app, &draft, recording, was_cut).await? {
            Some((note, file)) => {
                let kept = AddedVoice { recording: None, note: Some(note.clone()) }.encode();
                app.engine().join_parts(&draft, kept, Some(file)).await.map_err(|error| Message::of(&error))?;
                Some(note)
            }
            None => None,
        },
        (None, None) => None,
    };
    let Some(note) = note else {
        app.engine().discard_draft(&draft, &[]).await.map_err(|error| Message::of(&error))?;
        return Ok(false);
    };
    let save = Save { record: Some(record), kind: incident::KIND, entries: vec![note.link()], draft: Some(draft) };
    app.engine().save(save).await.map_err(|error| Message::of(&error))?;
    load_records::refresh(app, vec![record]).await;
    app.tell_changed(&[record]);
    app.wake_sync();
    Ok(true)
}
