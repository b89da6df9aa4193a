//! A roster of people from a file: read, checked as a whole, shown; and only then saved, all of it together.

use greenshield_client::engine::Save;
use greenshield_client::ports::FileSource as _;
use greenshield_domain::person;
use greenshield_domain::roster::{MAX_BYTES, Table, people, read_csv};
use leptos::ev;
use leptos::prelude::*;

use super::add_record::add_records;
use super::prove_again::prove_again;
use crate::context::{App, now};
use crate::platform::photo::{PickedFile, picked_files};
use crate::platform::text;
use crate::state::message::Message;
use crate::state::roster::{Planned, area_of, error_words, plan, vocabulary};

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// What each row would do.
    Plan(Vec<Planned>),
    /// What is wrong, cell by cell; nothing of the file is taken.
    Wrong(Vec<String>),
    /// The file itself does not read.
    Unread(Message),
}

/// Reads the file of a file input, and tells what is in it.
pub fn read_picked(app: App, event: &ev::Event, then: impl FnOnce(Found) + 'static) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move { then(read_roster(app, &file).await.unwrap_or_else(Found::Unread)) });
}

async fn read_roster(app: App, file: &PickedFile) -> Result<Found, Message> {
    let table = match table_of(app, file).await? {
        Ok(table) => table,
        Err(wrong) => return Ok(Found::Wrong(vec![wrong])),
    };
    let city = app.city();
    let role = app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
    let rows = app.state.duties.get_untracked();
    let found = people(&table, &vocabulary(&city, &rows, &role), |name| area_of(&city, name), now().zone_minutes);
    Ok(match found {
        Ok(people) => Found::Plan(plan(people, &rows)),
        Err(errors) => Found::Wrong(errors.iter().map(error_words).collect()),
    })
}

/// The cells of a file: text is read here, the file of a spreadsheet by the server.
pub(super) async fn table_of(app: App, file: &PickedFile) -> Result<Result<Table, String>, Message> {
    let most = MAX_BYTES as u64;
    if file.size_bytes() > most {
        return Err(Message::of_code("roster_large"));
    }
    let bytes = file.read(0, MAX_BYTES).await.map_err(|_| Message::of_code("roster_unread"))?;
    if bytes.starts_with(b"PK") {
        return app.engine().roster_table(bytes).await.map(Ok).map_err(|error| Message::of(&error));
    }
    let text = text::decode(&bytes).ok_or_else(|| Message::of_code("roster_unread"))?;
    Ok(read_csv(&text).map_err(|error| error_words(&error)))
}

/// Saves what changes, all of it or nothing. Returns of how many people.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn save_roster(app: App, planned: &[Planned]) -> Result<usize, Message> {
    prove_again(app).await?;
    let changes = planned.iter().filter(|row| row.is_change()).map(|row| Save {
        record: row.record,
        kind: person::KIND,
        entries: row.after.changes(&row.before),
        draft: None,
    });
    Ok(add_records(app, &changes.collect::<Vec<_>>()).await?.len())
}
