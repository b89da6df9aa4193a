//! Saving the form as a record. Says so only after it is on disk and was read back.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::patrol;
use leptos::prelude::*;

use super::record_voice::stop_voice;
use super::watch_eviction::is_evicted;
use super::{change_settings, load_records};
use crate::context::{App, VERSION};
use crate::platform::{lifecycle, page, timer};
use crate::state::draft::{CaptureFacts, REPORT, short_agent};
use crate::state::form::{ReportForm, VoiceState};
use crate::state::message::Message;

/// The page that says it is on the screen by then; what was saved needs nobody.
const AFTER_MILLIS: u32 = 120;

/// Saves; ends a recording, and waits for photos that are still being read.
///
/// # Errors
/// Words for the page; the form is still there.
pub async fn save_report(app: App, form: ReportForm) -> Result<RecordId, Message> {
    stop_voice(form);
    let is_recording = || matches!(form.voice.get_untracked(), VoiceState::Recording(_) | VoiceState::Ending);
    while form.busy_photos.get_untracked() > 0 || is_recording() {
        timer::sleep(40).await;
    }
    let city = app.city();
    let draft = form.draft.get_untracked();
    let facts = CaptureFacts {
        app_version: VERSION.to_owned(),
        agent: short_agent(&page::browser().user_agent),
        is_online: lifecycle::is_online(),
    };
    let Some(kind) = city.kind(incident::KIND) else { return Err(Message::of_code("city")) };
    let mut entries = draft.entries(&city, kind, &facts);
    let found_on = app.state.patrol.with_untracked(|walk| walk.as_ref().map(|walk| walk.record));
    entries.extend(found_on.map(|walk| Entry { field: patrol::FOUND_ON, act: Act::Set, value: walk.to_value() }));
    // From here on the draft belongs to the record: a late write of the form must not bring it back.
    form.is_open.set(false);
    let save = Save { record: None, kind: incident::KIND, entries, draft: Some(REPORT.to_owned()) };
    match app.engine().save(save).await {
        Ok(saved) => {
            if let Some(id) = &draft.category {
                change_settings::remember_category(id);
            }
            let record = saved.record;
            load_records::note_room(app);
            app.state.draft.set(None);
            app.state.form_open.set(false);
            // What was read before is not the truth any more: nobody says "all sent" until it is read again.
            app.state.unsent_known.set(false);
            app.state.records.update(|list| list.fold(vec![saved.projection.row]));
            // Another window may own the sync, and this one may be closed at once.
            app.tell_tabs("wake");
            // The person need not wait for the counters, nor the page that says 已存本机 for the first piece that is sent.
            app.run(async move {
                timer::sleep(AFTER_MILLIS).await;
                if !draft.removed.is_empty() {
                    // Room that is not given back now stays used, and nothing else.
                    let _ = app.engine().forget_files(&draft.removed).await;
                }
                app.state.touch(vec![record]);
                app.tell_changed(&[record]);
                load_records::refresh_unsent(app).await;
                app.wake_sync();
            });
            Ok(record)
        }
        Err(error) => {
            form.is_open.set(true);
            load_records::note_trouble(app, &error);
            if is_evicted(app).await {
                app.state.trouble.set(Some(Message::evicted()));
                return Err(Message::evicted());
            }
            Err(Message::of(&error))
        }
    }
}
