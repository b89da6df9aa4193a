//! Copying a text, to paste it into another program.

use crate::context::App;
use crate::platform::page;
use crate::state::message::Message;

/// Copies a text and says so.
///
/// # Errors
/// Words for the page, when the browser refuses.
pub async fn copy_text(app: App, text: String, said: &'static str) -> Result<(), Message> {
    page::copy_text(&text).await.map_err(|exception| Message::of_code(&exception.name))?;
    app.state.say(said);
    Ok(())
}
