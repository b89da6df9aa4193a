//! How much room there is, and whether the browser may clear it away.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

use super::Exception;

/// The browser's numbers; it rounds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In use by this origin.
    pub used_bytes: u64,
    /// What this origin may use at most.
    pub quota_bytes: u64,
}

impl Room {
    /// What is left.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.quota_bytes.saturating_sub(self.used_bytes)
    }
}

pub(super) fn manager() -> Result<StorageManager, Exception> {
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    let manager = window.navigator().storage();
    if manager.is_undefined() { Err(Exception::lacking("navigator.storage")) } else { Ok(manager) }
}

/// Asks the browser never to clear our data away by itself. Some ask the person; `false` is an answer, not an error.
///
/// # Errors
/// When the browser does not know the question.
pub async fn persist() -> Result<bool, Exception> {
    Ok(JsFuture::from(manager()?.persist()?).await?.is_truthy())
}

/// Whether it promised.
///
/// # Errors
/// When the browser does not know the question.
pub async fn is_persisted() -> Result<bool, Exception> {
    Ok(JsFuture::from(manager()?.persisted()?).await?.is_truthy())
}

/// How much room there is.
///
/// # Errors
/// When the browser does not know the question.
pub async fn room() -> Result<Room, Exception> {
    let estimate = JsFuture::from(manager()?.estimate()?).await?;
    let number = |name: &str| -> Result<u64, Exception> {
        Ok(Reflect::get(&estimate, &JsValue::from_str(name))?.as_f64().unwrap_or(0.0) as u64)
    };
    Ok(Room { used_bytes: number("usage")?, quota_bytes: number("quota")? })
}
