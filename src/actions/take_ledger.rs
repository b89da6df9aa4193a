//! Taking out all records of a kind as a file for another program.

use leptos::prelude::*;

use super::hand_over::{Way, hand_over};
use super::prove_again::prove_again;
use crate::context::App;
use crate::platform::photo::PickedFile;
use crate::state::interfaces::Taking;
use crate::state::message::Message;

/// Asks the server for the file and keeps it among the downloads.
///
/// # Errors
/// Words for the page.
pub async fn take_ledger(app: App, taking: &Taking) -> Result<(), Message> {
    prove_again(app).await?;
    let file = app.engine().take_ledger(&taking.query()).await.map_err(|error| Message::of(&error))?;
    let name = taking.file_name(app.state.now.get_untracked());
    let file = PickedFile::of_bytes(&file.bytes, &name, &file.mime);
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, Way::Save).await
}
