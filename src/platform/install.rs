//! The browser's own offer to install the app. It comes before the app runs, so `boot.js` keeps it.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Exception;

/// Where `boot.js` puts the event.
const KEPT: &str = "gsInstall";

fn kept() -> Option<JsValue> {
    let event = Reflect::get(&js_sys::global(), &KEPT.into()).ok()?;
    event.is_object().then_some(event)
}

/// Whether the browser offers it.
#[must_use]
pub fn is_offered() -> bool {
    kept().is_some()
}

/// Lets the browser ask the person; works inside a tap only, and once. Says whether they agreed.
///
/// # Errors
/// When the browser refuses.
pub async fn ask() -> Result<bool, Exception> {
    let event = kept().ok_or_else(|| Exception::lacking("beforeinstallprompt"))?;
    let prompt: Function = Reflect::get(&event, &"prompt".into())?.unchecked_into();
    prompt.call0(&event)?;
    Reflect::set(&js_sys::global(), &KEPT.into(), &JsValue::UNDEFINED)?;
    let choice: Promise = Reflect::get(&event, &"userChoice".into())?.unchecked_into();
    let outcome = Reflect::get(&JsFuture::from(choice).await?, &"outcome".into())?;
    Ok(outcome == "accepted")
}
