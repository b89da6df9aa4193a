//! Keeping registers: making a record, changing one, taking a step, and taking over a table. What is typed survives a closed page.

use greenshield_client::engine::Save;
use greenshield_client::ports::FileSource as _;
use greenshield_domain::city::Kind;
use greenshield_domain::exif::Exif;
use greenshield_domain::geo::marks;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use greenshield_domain::roster::Table;
use leptos::ev;

use super::add_record::add_records;
use super::edit_record::save_change;
use super::import_roster::table_of;
use super::load_areas::read_features;
use super::load_records;
use crate::context::{App, now};
use crate::platform::gpx::read_gpx;
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::areas::reason_words;
use crate::state::message::Message;
use crate::state::register::form::Typed;
use crate::state::register::places;
use crate::state::register::table::{Plan, Planned, plan};
use crate::state::words::{t, tr};

/// The media type of the photos of a drone.
const PHOTO: &str = "image/jpeg";
/// What a photo says of itself stands in so many of its first bytes.
const EXIF_BYTES: usize = 128 * 1024;

/// What is in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Records that it would make.
    Plan(Plan),
    /// What is wrong with it; nothing is taken.
    Wrong(Vec<String>),
}

/// The form that a draft belongs to.
fn draft_of(kind: &Kind, record: Option<RecordId>) -> String {
    let record = record.map(|record| record.to_hex()).unwrap_or_default();
    format!("register-{}-{record}", kind.id)
}

/// What was typed and not saved.
pub async fn typed_before(app: App, kind: &Kind, record: Option<RecordId>) -> Option<Typed> {
    match app.engine().draft(&draft_of(kind, record)).await {
        Ok(kept) => kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()),
        Err(error) => {
            load_records::note_trouble(app, &error);
            None
        }
    }
}

/// Keeps what was typed.
pub async fn keep_typed(app: App, kind: &Kind, record: Option<RecordId>, typed: &Typed) {
    // Plain data with number keys always becomes JSON.
    let bytes = serde_json::to_vec(typed).unwrap_or_default();
    if let Err(error) = app.engine().keep_draft(&draft_of(kind, record), bytes, Vec::new()).await {
        load_records::note_trouble(app, &error);
    }
}

/// Saves what a form says and sends it; what was typed is kept no longer.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn save_form(
    app: App,
    kind: &Kind,
    record: Option<RecordId>,
    entries: Vec<Entry>,
) -> Result<Option<RecordId>, Message> {
    let draft = Some(draft_of(kind, record));
    let save = Save { record, kind: kind.id, entries, draft };
    let saved = match record {
        Some(record) if save.entries.is_empty() => Some(record),
        Some(record) => {
            save_change(app, record, save).await?;
            Some(record)
        }
        None => add_records(app, &[save]).await?.first().copied(),
    };
    app.state.say(t("register.saved"));
    Ok(saved)
}

/// Takes a step.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn take_step(app: App, kind: u32, record: RecordId, entries: Vec<Entry>) -> Result<(), Message> {
    save_change(app, record, Save { record: Some(record), kind, entries, draft: None }).await?;
    app.state.say(t("register.step_saved"));
    Ok(())
}

/// Reads the file of a file input, and tells what is in it.
pub fn read_picked(app: App, kind: Kind, event: &ev::Event, then: impl FnOnce(Result<Found, Message>) + 'static) {
    let files = picked_files(event);
    if files.is_empty() {
        return;
    }
    let role = app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
    app.run(async move {
        let table = match files.iter().all(|file| file.mime() == PHOTO) && places::takes_tracks(&kind) {
            true => read_photos(&kind, &files).await,
            false => read_table(app, &kind, &files[0]).await,
        };
        then(table.map(|table| match table.and_then(|table| plan(&app.city(), &kind, &table, &role, now())) {
            Ok(plan) => Found::Plan(plan),
            Err(wrong) => Found::Wrong(wrong),
        }));
    });
}

/// Where the photos of a flight were taken, as the row of that flight.
async fn read_photos(kind: &Kind, files: &[PickedFile]) -> Result<Result<Table, Vec<String>>, Message> {
    let mut photos = Vec::with_capacity(files.len());
    for file in files {
        let head = file.read(0, EXIF_BYTES).await.map_err(|_| Message::of_code("roster_unread"))?;
        photos.push(Exif::of_jpeg(&head));
    }
    let fixes = places::of_photos(&photos, now());
    let n = fixes.len().to_string();
    let name = tr("register.import_photos_title", &[("n", &n)]);
    Ok(places::of_track(kind, &name, vec![fixes], now())
        .ok_or_else(|| vec![t("register.import_photos_none").to_owned()]))
}

/// The table of a file; what maps and drones write is made one.
async fn read_table(app: App, kind: &Kind, file: &PickedFile) -> Result<Result<Table, Vec<String>>, Message> {
    let has_place = places::place_field(kind).is_some();
    let written = if has_place { read_features(file).await? } else { None };
    let name = file.name().rsplit_once('.').map_or_else(|| file.name(), |(name, _)| name.to_owned());
    let track = |stretches| places::of_track(kind, &name, stretches, now()).ok_or_else(|| Message::of_code("gpx"));
    match written {
        Some(features) => {
            if places::takes_tracks(kind)
                && let Ok(Ok(stretches)) = read_gpx(file).await
                && !stretches.is_empty()
            {
                return track(stretches).map(Ok);
            }
            let found = features.and_then(|features| marks::read(features.as_bytes()));
            Ok(found
                .map_err(|fault| vec![reason_words(fault).to_owned()])
                .and_then(|found| places::of_marks(kind, found)))
        }
        None => {
            let table = table_of(app, file).await?;
            let log = table.as_ref().ok().filter(|_| places::takes_tracks(kind)).and_then(places::of_log);
            match log {
                Some(fixes) => track(vec![fixes]).map(Ok),
                None => Ok(table.map_err(|wrong| vec![wrong])),
            }
        }
    }
}

/// Saves all records of a file, or none, and sends them.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn save_all(app: App, kind: u32, records: Vec<Planned>) -> Result<usize, Message> {
    let save = |record: Planned| Save { record: None, kind, entries: record.entries, draft: None };
    let saves: Vec<Save> = records.into_iter().map(save).collect();
    add_records(app, &saves).await.map(|saved| saved.len())
}
