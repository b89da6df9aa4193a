//! A JavaScript exception as owned data.

use js_sys::Reflect;
use thiserror::Error;
use wasm_bindgen::JsValue;

/// What JavaScript threw: the name says which, the message is the browser's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name}: {message}")]
pub struct Exception {
    /// `QuotaExceededError`, `NotAllowedError`…
    pub name: String,
    /// The browser's words; differ from browser to browser.
    pub message: String,
}

impl Exception {
    /// An exception that we noticed ourselves.
    pub(super) fn named(name: &str, message: &str) -> Self {
        Self { name: name.to_owned(), message: message.to_owned() }
    }

    /// The browser lacks a part.
    pub(super) fn lacking(part: &str) -> Self {
        Self::named("NotSupportedError", part)
    }
}

impl From<&JsValue> for Exception {
    fn from(thrown: &JsValue) -> Self {
        let text = |key: &str| Reflect::get(thrown, &JsValue::from_str(key)).ok().and_then(|value| value.as_string());
        match thrown.as_string() {
            Some(message) => Self { name: "Error".to_owned(), message },
            None => Self {
                name: text("name").unwrap_or_else(|| "Error".to_owned()),
                message: text("message").unwrap_or_else(|| format!("{thrown:?}")),
            },
        }
    }
}

impl From<JsValue> for Exception {
    fn from(thrown: JsValue) -> Self {
        Self::from(&thrown)
    }
}
