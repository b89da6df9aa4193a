//! How the phones of the city are, from the server; nothing of it is kept here.

use greenshield_domain::wire::DevicesResponse;

use crate::context::App;
use crate::state::message::Message;

/// Asks for all of them.
///
/// # Errors
/// Words for the page.
pub async fn list_devices(app: App) -> Result<DevicesResponse, Message> {
    app.engine().devices().await.map_err(|error| Message::of(&error))
}
