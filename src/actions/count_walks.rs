//! Counting walks: all lines of the list are looked at once, and none of them is kept.

use crate::context::App;
use crate::state::message::Message;
use crate::state::patrol::belongs::Walks;

/// Lines that are read at once.
const PAGE_ROWS: usize = 500;

/// Counts the walks that are over and began since then, ms since 1970.
///
/// # Errors
/// Words for the page, for a list that does not read.
pub async fn count_walks(app: App, since_millis: i64) -> Result<Walks, Message> {
    let (mut walks, mut from) = (Walks::default(), None);
    loop {
        let page = app.engine().list(from, PAGE_ROWS).await.map_err(|error| Message::of(&error))?;
        walks.add(&app.city(), &page.rows, since_millis);
        from = page.next;
        // The newest come first: what follows is older than anything that counts.
        let is_older = page.rows.last().is_some_and(|row| row.sort_millis < since_millis);
        if from.is_none() || is_older {
            return Ok(walks);
        }
    }
}
