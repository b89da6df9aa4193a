//! Handing a text to another program by the system's sheet.

use crate::platform::page;
use crate::state::message::Message;

/// Whether this browser can.
#[must_use]
pub fn can_share() -> bool {
    page::can_share()
}

/// Opens the sheet; works inside a tap only. A person who closes it is no fault.
///
/// # Errors
/// Words for the page, when the browser refuses.
pub async fn share_text(text: String) -> Result<(), Message> {
    page::share_text(&text).await.map_err(|_| Message::of_code("not_shared"))
}
