//! Who shares this phone, as far as it is known without opening anybody's database.

use crate::platform::{IdbStore, prefs};
use crate::state::vaults::{Mark, Marks};
use crate::state::words::t;

/// Where the list is kept.
pub(super) const MARKS: &str = "people";

/// Everybody but the one whose database is open.
#[must_use]
pub fn others() -> Vec<Mark> {
    marks().others(&prefs::open_database())
}

pub(super) fn marks() -> Marks {
    prefs::get(MARKS).unwrap_or_default()
}

/// Writes down whose database is open; empty = nobody's yet, or locked.
pub fn note_person(name: &str) {
    if let Some(marks) = marks().with(&prefs::open_database(), name) {
        prefs::set(MARKS, marks);
    }
}

/// A browser that cleared its preferences still has the databases: nobody's is hidden by that.
pub async fn find_people() {
    for database in IdbStore::names().await.iter().filter_map(|name| prefs::database_of(name)) {
        let found = marks();
        if found.0.iter().all(|mark| mark.database != database)
            && let Some(marks) = found.with(&database, t("people.unknown"))
        {
            prefs::set(MARKS, marks);
        }
    }
}
