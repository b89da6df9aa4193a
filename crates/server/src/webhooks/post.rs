//! One delivery: a signed POST, and what came of it.
//!
//! Owns: the client of HTTP. Refuses: redirects, proxies, answers that are long or slow, and addresses in errors. What it sends to is
//! checked where settings are read.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::event::Event;
use super::receiver::{Receiver, ReceiverError};
use crate::VERSION;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// From the first byte sent to the last one of the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read, so that the connection can be used again.
const MOST_ANSWER: usize = 64 * 1024;

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The receiver has it.
    Delivered(u16),
    /// The receiver wants nothing more (410).
    Gone,
    /// It does not have it, or did not say so.
    Failed(String),
}

/// The way to receivers.
#[derive(Debug, Clone)]
pub struct Post(Client);

impl Post {
    /// A way that trusts the authorities of the system.
    ///
    /// # Errors
    /// [`ReceiverError::Client`].
    pub fn new() -> Result<Self, ReceiverError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(format!("greenshield/{VERSION}"));
        client.build().map(Self).map_err(ReceiverError::Client)
    }

    /// Sends an event, signed at this moment (ms since 1970).
    pub async fn send(&self, receiver: &Receiver, event: &Event, now_millis: i64) -> Answer {
        let seconds = now_millis.div_euclid(1_000);
        let signature = receiver.secrets.sign(&event.id, seconds, &event.body);
        let request = self
            .0
            .post(receiver.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(event.body.clone());
        match request.send().await {
            Ok(response) => answer(response).await,
            Err(error) => Answer::Failed(reason(&error)),
        }
    }
}

async fn answer(mut response: Response) -> Answer {
    let status = response.status();
    let mut read = 0;
    while let Ok(Some(piece)) = response.chunk().await {
        read += piece.len();
        if read > MOST_ANSWER {
            break;
        }
    }
    match status.as_u16() {
        code if status.is_success() => Answer::Delivered(code),
        410 => Answer::Gone,
        code if status.is_redirection() => Answer::Failed(format!("status {code}: redirects are not followed")),
        code => Answer::Failed(format!("status {code}")),
    }
}

/// Why there was no answer, without the address.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let (mut told, mut source) = (String::new(), std::error::Error::source(error));
    while let Some(cause) = source {
        told = format!(": {cause}");
        source = cause.source();
    }
    if error.is_connect() { format!("no connection{told}") } else { format!("no answer{told}") }
}
