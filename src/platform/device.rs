//! The phone itself: keeping its screen on, how full its battery is, making it shake.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Exception;

#[wasm_bindgen]
extern "C" {
    /// `WakeLock`, which web-sys hides as unstable.
    type WakeLock;
    #[wasm_bindgen(method, catch)]
    fn request(this: &WakeLock, kind: &str) -> Result<Promise, JsValue>;

    type WakeLockSentinel;
    #[wasm_bindgen(method, catch)]
    fn release(this: &WakeLockSentinel) -> Result<Promise, JsValue>;

    /// `BatteryManager`, of Chromium only.
    type Battery;
    #[wasm_bindgen(method, getter)]
    fn level(this: &Battery) -> f64;
}

/// Keeps the screen on until it is dropped, or until the page is hidden: then the system takes it away.
#[must_use = "dropping it lets the screen go off"]
pub struct ScreenOn(WakeLockSentinel);

impl Drop for ScreenOn {
    fn drop(&mut self) {
        // Released already where the page was hidden.
        let _ = self.0.release();
    }
}

impl std::fmt::Debug for ScreenOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScreenOn")
    }
}

fn of_navigator(name: &str) -> Result<JsValue, Exception> {
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    let found = Reflect::get(&window.navigator(), &JsValue::from_str(name))?;
    if found.is_undefined() { Err(Exception::lacking("navigator")) } else { Ok(found) }
}

/// Keeps the screen on.
///
/// # Errors
/// Where the browser can not, or does not want to: low battery, hidden page.
pub async fn keep_screen_on() -> Result<ScreenOn, Exception> {
    let lock: WakeLock = of_navigator("wakeLock")?.unchecked_into();
    let sentinel = JsFuture::from(lock.request("screen")?).await?;
    Ok(ScreenOn(sentinel.unchecked_into()))
}

/// How full the battery is, in percent; `None` where the browser does not tell.
pub async fn battery_percent() -> Option<u8> {
    let ask: js_sys::Function = of_navigator("getBattery").ok()?.dyn_into().ok()?;
    let promise: Promise = ask.call0(&web_sys::window()?.navigator()).ok()?.dyn_into().ok()?;
    let battery: Battery = JsFuture::from(promise).await.ok()?.unchecked_into();
    Some((battery.level() * 100.0).round().clamp(0.0, 100.0) as u8)
}

/// Shakes for so many ms, pauses, and so on. Does nothing where the phone can not.
pub fn shake(pattern_millis: &[u32]) {
    let pattern: js_sys::Array = pattern_millis.iter().map(|millis| JsValue::from_f64(f64::from(*millis))).collect();
    if let (Ok(vibrate), Some(window)) = (of_navigator("vibrate"), web_sys::window())
        && let Some(vibrate) = vibrate.dyn_ref::<js_sys::Function>()
    {
        // A phone that may not shake stays still.
        let _ = vibrate.call1(&window.navigator(), &pattern);
    }
}
