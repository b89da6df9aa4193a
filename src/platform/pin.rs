//! The key of a PIN, computed in a worker so that the page goes on drawing.

use greenshield_client::key_slot::{PinCost, SALT_BYTES, stretch};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};
use zeroize::Zeroizing;

use super::Exception;
use super::once::Once;
use super::sealing::params;
use super::timer::within;

/// The script of the worker.
const SCRIPT: &str = "/pin-worker.js";
/// A worker that says nothing for so long is given up.
const PATIENCE_MILLIS: u32 = 60_000;

/// A stretched PIN, and how long it took, ms.
pub struct Stretched {
    /// The key, forgotten when dropped.
    pub key: Zeroizing<[u8; 32]>,
    /// How long the computation took, ms.
    pub millis: u32,
}

/// What the worker calls; empty when the cost is none.
#[wasm_bindgen(js_name = stretchPin)]
#[must_use]
pub fn stretch_pin(pin: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Vec<u8> {
    let Ok(salt) = salt.try_into() else { return Vec::new() };
    stretch(pin, salt, PinCost { memory_kib, passes }).map(|key| key.to_vec()).unwrap_or_default()
}

/// The key of a PIN. Where no worker starts, the page stands still for about a second.
///
/// # Errors
/// When the phone has not the memory.
pub async fn stretch_away(pin: &str, salt: &[u8; SALT_BYTES], cost: PinCost) -> Result<Stretched, Exception> {
    match in_worker(pin, salt, cost).await {
        Ok(stretched) => Ok(stretched),
        Err(_) => {
            let clock = web_sys::window().and_then(|window| window.performance());
            let now = || clock.as_ref().map_or(0.0, web_sys::Performance::now);
            let from = now();
            let key = stretch(pin, salt, cost).map_err(|error| Exception::named("RangeError", &error.to_string()))?;
            Ok(Stretched { key: Zeroizing::new(key), millis: (now() - from) as u32 })
        }
    }
}

async fn in_worker(pin: &str, salt: &[u8; SALT_BYTES], cost: PinCost) -> Result<Stretched, Exception> {
    let document = web_sys::window().and_then(|window| window.document());
    let tag = document.and_then(|document| document.query_selector("script[data-js]").ok().flatten());
    let script =
        tag.and_then(|tag| tag.get_attribute("data-js")).ok_or_else(|| Exception::lacking("the app's script"))?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Ending(Worker::new_with_options(SCRIPT, &options)?);
    let done: Once<Result<Stretched, Exception>> = Once::new();
    let message = {
        let done = done.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| done.set(read(&event.data())))
    };
    let error = {
        let done = done.clone();
        Closure::<dyn FnMut(Event)>::new(move |event: Event| done.set(Err(Exception::from(&JsValue::from(event)))))
    };
    worker.0.set_onmessage(Some(message.as_ref().unchecked_ref()));
    worker.0.set_onerror(Some(error.as_ref().unchecked_ref()));
    let fields: [(&str, JsValue); 6] = [
        ("js", script.into()),
        ("module", wasm_bindgen::module()),
        ("pin", pin.into()),
        ("salt", Uint8Array::new_from_slice(salt).into()),
        ("memory", cost.memory_kib.into()),
        ("passes", cost.passes.into()),
    ];
    worker.0.post_message(&params(&fields)?.into())?;
    let silent = || Exception::named("TimeoutError", "the PIN worker does not answer");
    let answer = within(PATIENCE_MILLIS, done.wait()).await.ok_or_else(silent);
    worker.0.set_onmessage(None);
    worker.0.set_onerror(None);
    answer?
}

/// A worker that ends with its question.
struct Ending(Worker);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.terminate();
    }
}

fn read(data: &JsValue) -> Result<Stretched, Exception> {
    let field = |name: &str| Reflect::get(data, &JsValue::from_str(name));
    if !field("ok")?.is_truthy() {
        let reason = field("reason")?.as_string().unwrap_or_default();
        return Err(Exception::named("OperationError", &reason));
    }
    let bytes = Zeroizing::new(field("key")?.unchecked_into::<Uint8Array>().to_vec());
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return Err(Exception::named("DataError", "a key of another length"));
    }
    key.copy_from_slice(&bytes);
    Ok(Stretched { key, millis: field("millis")?.as_f64().unwrap_or(0.0) as u32 })
}
