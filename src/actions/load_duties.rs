//! Tasks, notices, people and units: few, important, and often older than the part of the list that is loaded.

use greenshield_client::rows::ListRow;
use greenshield_domain::{notice, person, task, unit};
use leptos::prelude::*;

use crate::context::App;

/// Rows that are read at once, so that the page can be drawn in between.
const PAGE_ROWS: usize = 500;

fn is_duty(row: &ListRow) -> bool {
    [task::KIND, notice::KIND, person::KIND, unit::KIND].contains(&row.kind)
}

/// Looks through the whole list, after the first screen is there.
pub async fn load_duties(app: App) {
    if app.engine().identity().is_none() {
        return;
    }
    let mut from = None;
    loop {
        // A database that does not read tells so wherever the list itself is read.
        let Ok(page) = app.engine().list(from, PAGE_ROWS).await else { return };
        fold_duties(app, &page.rows);
        from = page.next;
        if from.is_none() {
            return;
        }
    }
}

/// Takes over rows that are new or changed.
pub fn fold_duties(app: App, rows: &[ListRow]) {
    let changed: Vec<ListRow> = rows.iter().filter(|row| is_duty(row)).cloned().collect();
    let is_known = |known: &Vec<ListRow>| changed.iter().all(|row| known.contains(row));
    if !app.state.duties.with_untracked(is_known) {
        app.state.duties.update(|known| {
            known.retain(|old| changed.iter().all(|row| row.record != old.record));
            known.extend(changed);
        });
    }
}
