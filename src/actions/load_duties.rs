//! Tasks, notices, areas, people, units, requests about own data, referrals and registers: few, important, and often older than the part of the list that is loaded.

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::{land, notice, patrol, person, referral, register, task, unit, wish};
use leptos::prelude::*;

use crate::context::App;
use crate::state::asked::{is_asked, is_given};

/// Rows that are read at once: so few that the page is drawn in between, and that whoever saves meanwhile does not wait.
const PAGE_ROWS: usize = 150;

/// Tasks, notices, areas, people, units, requests about own data, referrals and registers; patrols of joint operations; own reports about which the desk asks something; reports that were given to this person.
fn is_duty(row: &ListRow, me: Option<AccountId>) -> bool {
    let kinds = [task::KIND, notice::KIND, land::KIND, person::KIND, unit::KIND, wish::KIND, referral::KIND];
    let is_of_operation = row.kind == patrol::KIND && row.about.is_some();
    kinds.contains(&row.kind)
        || register::is_register(row.kind)
        || is_of_operation
        || is_asked(row, me)
        || is_given(row, me)
}

/// Looks through the whole list, after the first screen is there.
pub async fn load_duties(app: App) {
    if app.engine().identity().is_none() {
        return;
    }
    let mut from = None;
    // What was a duty before and is not met on the way is not on this phone any more.
    let mut gone: Vec<RecordId> = app.state.duties.with_untracked(|known| known.iter().map(|row| row.record).collect());
    loop {
        // A database that does not read tells so wherever the list itself is read.
        let Ok(page) = app.engine().list(from, PAGE_ROWS).await else { return };
        gone.retain(|record| page.rows.iter().all(|row| row.record != *record));
        from = page.next;
        fold_duties(app, &page.rows, if from.is_none() { &gone } else { &[] });
        if from.is_none() {
            app.state.duties_known.set(true);
            return;
        }
    }
}

/// Takes over rows that are new or changed, and lets go of those that are no duty any more or that this phone does not hold any more.
pub fn fold_duties(app: App, rows: &[ListRow], gone: &[RecordId]) {
    let me = app.state.me();
    let is_known = |known: &Vec<ListRow>| {
        let is_old = |row: &ListRow| known.iter().any(|old| old.record == row.record);
        rows.iter().all(|row| if is_duty(row, me) { known.contains(row) } else { !is_old(row) })
            && known.iter().all(|old| !gone.contains(&old.record))
    };
    if !app.state.duties.with_untracked(is_known) {
        app.state.duties.update(|known| {
            known.retain(|old| !gone.contains(&old.record) && rows.iter().all(|row| row.record != old.record));
            known.extend(rows.iter().filter(|row| is_duty(row, me)).cloned());
        });
    }
}
