//! The list of the works of others that are in the app. It lies beside the app, so that it is there without a network.

use crate::platform::net;
use crate::state::message::Message;

/// The list, a line for each.
///
/// # Errors
/// Words for the page.
pub async fn read_licences() -> Result<String, Message> {
    let file = net::file("/licences.txt").await.map_err(|_| Message::of_code("network"))?;
    String::from_utf8(file).map_err(|_| Message::of_code("network"))
}
