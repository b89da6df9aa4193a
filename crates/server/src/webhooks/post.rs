//! One delivery: a signed POST, and what came of it.
//!
//! Owns: the client of HTTP, and whose certificates it trusts. Refuses: redirects, proxies, answers that are long or slow, and addresses
//! in errors. What it sends to is checked where settings are read.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};

use super::event::Event;
use super::receiver::{Receiver, ReceiverError};
use super::retry_after;
use crate::VERSION;
use crate::settings::WebhookSetting;

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
    Failed {
        /// Why, for whoever runs the server.
        reason: String,
        /// In how many ms it asks to be asked again, if it does.
        again_millis: Option<i64>,
    },
}

impl Answer {
    fn failed(reason: String) -> Self {
        Self::Failed { reason, again_millis: None }
    }
}

/// The way to a receiver.
#[derive(Debug, Clone)]
pub struct Post(Client);

impl Post {
    /// The way to the receiver of a setting. It trusts the authorities of the system, or those of the file that the setting names and no
    /// others: whoever runs an intranet signs for nobody outside, and nobody outside signs for them.
    ///
    /// # Errors
    /// [`ReceiverError`].
    pub fn to(setting: &WebhookSetting) -> Result<Self, ReceiverError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(format!("greenshield/{VERSION}"));
        let Some(path) = &setting.ca_file else { return client.build().map(Self).map_err(ReceiverError::Client) };
        let unreadable = |source| ReceiverError::Unreadable { name: setting.name.clone(), path: path.clone(), source };
        let unusable = || ReceiverError::Authority { name: setting.name.clone(), path: path.clone() };
        let pem = std::fs::read(path).map_err(unreadable)?;
        let authorities = Certificate::from_pem_bundle(&pem).ok().filter(|found| !found.is_empty());
        let client = client.tls_certs_only(authorities.ok_or_else(unusable)?);
        client.build().map(Self).map_err(|_| unusable())
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
            Ok(response) => answer(response, now_millis).await,
            Err(error) => Answer::failed(reason(&error)),
        }
    }
}

async fn answer(mut response: Response, now_millis: i64) -> Answer {
    let status = response.status();
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let again_millis = retry_after::asked_millis(status.as_u16(), asked, now_millis);
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
        code if status.is_redirection() => Answer::failed(format!("status {code}: redirects are not followed")),
        code => Answer::Failed { reason: format!("status {code}"), again_millis },
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
