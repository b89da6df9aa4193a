//! Handing a file to another program or person: by the system's sheet, else as a download.

use crate::context::App;
use crate::platform::photo::PickedFile;
use crate::state::message::Message;
use crate::state::words::t;

/// How a file is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the system's sheet.
    Share,
    /// Into the downloads of this phone.
    Save,
}

/// Whether this browser hands files to other programs.
#[must_use]
pub fn can_share() -> bool {
    PickedFile::of_bytes(b"-", "file", "").is_ok_and(|file| file.can_be_shared())
}

/// Hands a file over; call it inside a tap.
///
/// # Errors
/// Words for the page.
pub async fn hand_over(app: App, file: PickedFile, way: Way) -> Result<(), Message> {
    let done = match way {
        Way::Share => file.share().await,
        Way::Save => file.save().map(|()| true),
    };
    match done {
        Ok(true) if way == Way::Save => app.state.say(t("rescue.saved")),
        Ok(true) => app.state.say(t("rescue.shared")),
        // The person closed the sheet.
        Ok(false) => {}
        Err(_) => return Err(Message::of_code("not_shared")),
    }
    Ok(())
}
