//! Recording a voice note: each piece is on disk before the next one is asked for; the last one makes it a file of the form.

use greenshield_client::engine::NewBlob;
use greenshield_domain::ids::BlobId;
use leptos::prelude::*;

use super::keep_report::keep_report;
use crate::context::App;
use crate::platform::locks::{LockGuard, try_hold};
use crate::platform::recorder::Recorder;
use crate::platform::{Exception, keys};
use crate::state::draft::{REPORT, ReportDraft};
use crate::state::form::{ReportForm, VoiceState};
use crate::state::message::Message;
use crate::state::voice::{DraftRecording, DraftVoice, MOST_MILLIS, PART_MILLIS, framed, joined};

/// How often the length on the screen moves on, and how soon a tap on stop is seen.
const TICK_MILLIS: u32 = 250;
/// One tab records; another one leaves its pieces alone meanwhile.
const LOCK: &str = "gs-voice";

/// Records until the person stops, leaves, or the longest length is reached.
pub async fn record_voice(app: App, form: ReportForm) {
    if form.voice.get_untracked() != VoiceState::Idle {
        return;
    }
    form.voice.set(VoiceState::Asking);
    form.problem.set(None);
    let outcome = record(app, form).await;
    let _ = form.voice.try_set(VoiceState::Idle);
    if let Err(message) = outcome {
        let _ = form.problem.try_set(Some(message));
    }
}

/// Asks the running recording to end.
pub fn stop_voice(form: ReportForm) {
    if matches!(form.voice.get_untracked(), VoiceState::Recording(_)) {
        form.voice.set(VoiceState::Ending);
    }
}

async fn record(app: App, form: ReportForm) -> Result<(), Message> {
    let lock = lock().await.ok_or_else(|| Message::of_code("voice_busy"))?;
    // What an earlier recording left is a note of its own first.
    if form.draft.with_untracked(|draft| draft.recording.is_some()) {
        finish(app, form, true).await?;
    }
    let recorder = Recorder::start(PART_MILLIS).await.map_err(|exception| refused(&exception))?;
    let started_millis = app.now_millis();
    // The form may have been saved or thrown away while the person was asked.
    if !is_open(form) {
        return Ok(());
    }
    let Some(form_bytes) = form.draft.try_update(|draft| {
        draft.recording = Some(DraftRecording { mime: recorder.mime(), started_millis });
        draft.encode()
    }) else {
        return Ok(());
    };
    // Pieces of a draft that was thrown away go before the first new one comes.
    app.engine().join_parts(REPORT, form_bytes, None).await.map_err(|error| Message::of(&error))?;
    let _ = form.voice.try_set(VoiceState::Recording(0));
    let is_open = move || form.is_open.try_get_untracked().unwrap_or(false);
    let kept = keep_pieces(app, REPORT, &recorder, started_millis, form.voice, is_open).await;
    drop(recorder);
    if !form.is_open.try_get_untracked().unwrap_or(false) {
        // The page is gone, or the form was thrown away; what is on disk is offered when the form opens again.
        return Ok(());
    }
    let joined = finish(app, form, kept.is_err()).await;
    drop(lock);
    kept.and(joined)
}

/// Puts each piece on disk with a draft, until somebody stops, `is_open` ends, or the longest length is reached.
pub(super) async fn keep_pieces(
    app: App,
    draft: &str,
    recorder: &Recorder,
    started_millis: i64,
    voice: RwSignal<VoiceState>,
    is_open: impl Fn() -> bool,
) -> Result<(), Message> {
    let mut index = 0;
    let mut is_stopped = false;
    while !recorder.is_over() {
        recorder.wait(TICK_MILLIS).await;
        let length_millis = app.now_millis() - started_millis;
        while let Some(bytes) = recorder.take().await.map_err(|exception| refused(&exception))? {
            let piece = framed(length_millis.min(MOST_MILLIS), &bytes);
            app.engine().keep_part(draft, index, piece).await.map_err(|error| Message::of(&error))?;
            index += 1;
        }
        let is_wanted = matches!(voice.try_get_untracked(), Some(VoiceState::Recording(_))) && is_open();
        if is_wanted && length_millis < MOST_MILLIS {
            voice.set(VoiceState::Recording(length_millis));
        } else if !is_stopped {
            is_stopped = true;
            recorder.stop();
        }
    }
    Ok(())
}

/// The pieces on disk become a note of the form, in one transaction.
async fn finish(app: App, form: ReportForm, was_cut: bool) -> Result<(), Message> {
    let Some(draft) = form.draft.try_get_untracked() else { return Ok(()) };
    let (draft, file) = with_voice(app, draft, was_cut).await?;
    app.engine().join_parts(REPORT, draft.encode(), file).await.map_err(|error| Message::of(&error))?;
    let (recording, voices) = (draft.recording, draft.voices);
    form.draft.try_update(|now| {
        now.recording = recording;
        now.voices = voices;
    });
    // Words that were typed meanwhile.
    keep_report(app, form, Vec::new()).await
}

/// What a killed app left of a recording becomes a note; without any piece it is forgotten.
///
/// # Errors
/// Words for the page; the pieces are still there.
pub async fn rescue_voice(app: App, draft: ReportDraft) -> Result<ReportDraft, Message> {
    if draft.recording.is_none() {
        return Ok(draft);
    }
    let Some(lock) = lock().await else { return Ok(draft) };
    let (draft, file) = with_voice(app, draft, true).await?;
    app.engine().join_parts(REPORT, draft.encode(), file).await.map_err(|error| Message::of(&error))?;
    drop(lock);
    Ok(draft)
}

async fn with_voice(
    app: App,
    mut draft: ReportDraft,
    was_cut: bool,
) -> Result<(ReportDraft, Option<NewBlob>), Message> {
    let Some(recording) = draft.recording.take() else { return Ok((draft, None)) };
    let (note, file) = joined_note(app, REPORT, recording, was_cut).await?.unzip();
    draft.voices.extend(note);
    Ok((draft, file))
}

/// The pieces of a draft as a note and its file; `None` without any piece.
pub(super) async fn joined_note(
    app: App,
    draft: &str,
    recording: DraftRecording,
    was_cut: bool,
) -> Result<Option<(DraftVoice, NewBlob)>, Message> {
    let parts = app.engine().parts(draft).await.map_err(|error| Message::of(&error))?;
    let (bytes, length_millis) = joined(&parts);
    if bytes.is_empty() {
        return Ok(None);
    }
    let blob = BlobId(keys::sha256(&bytes).await.map_err(|exception| refused(&exception))?);
    let DraftRecording { mime, started_millis } = recording;
    let size_bytes = bytes.len() as u64;
    let note = DraftVoice { blob, size_bytes, mime: mime.clone(), length_millis, started_millis, was_cut };
    Ok(Some((note, NewBlob { id: blob, bytes, mime, original: None })))
}

fn is_open(form: ReportForm) -> bool {
    form.is_open.try_get_untracked().unwrap_or(false) && form.is_saving.try_get_untracked() == Some(false)
}

pub(super) async fn lock() -> Option<LockGuard> {
    // A browser that refuses locks has one tab at a time, as far as we can know.
    try_hold(LOCK).await.ok().flatten()
}

pub(super) fn refused(exception: &Exception) -> Message {
    Message::of_microphone(&exception.name)
}
