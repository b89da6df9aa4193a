//! The list of the works of others that are in the app. It lies beside the app, so that it is there without a network.

use crate::platform::net::own_text;
use crate::state::message::Message;

/// The list, a line for each.
///
/// # Errors
/// Words for the page.
pub async fn read_licences() -> Result<String, Message> {
    own_text("/licences.txt").await.ok_or_else(|| Message::of_code("network"))
}
