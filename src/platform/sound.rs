//! Tones that the browser makes by itself, so that there is no file to fetch.
//!
//! Browsers are silent until somebody has tapped the page: [`Speaker::wake`] belongs into a tap. Where there is no sound, nothing
//! happens; what is heard is always felt and seen as well.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    // By hand: five calls, for which web-sys would want eight of its features.
    type AudioContext;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<AudioContext, JsValue>;
    #[wasm_bindgen(method, getter, js_name = currentTime)]
    fn current_time(this: &AudioContext) -> f64;
    #[wasm_bindgen(method, getter)]
    fn destination(this: &AudioContext) -> AudioNode;
    #[wasm_bindgen(method, catch)]
    fn resume(this: &AudioContext) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createOscillator)]
    fn create_oscillator(this: &AudioContext) -> Result<AudioNode, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createGain)]
    fn create_gain(this: &AudioContext) -> Result<AudioNode, JsValue>;

    type AudioNode;
    #[wasm_bindgen(method, catch)]
    fn connect(this: &AudioNode, to: &AudioNode) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn frequency(this: &AudioNode) -> AudioParam;
    #[wasm_bindgen(method, getter)]
    fn gain(this: &AudioNode) -> AudioParam;
    #[wasm_bindgen(method, catch)]
    fn start(this: &AudioNode, at_seconds: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn stop(this: &AudioNode, at_seconds: f64) -> Result<(), JsValue>;

    type AudioParam;
    #[wasm_bindgen(method, setter)]
    fn set_value(this: &AudioParam, value: f32);
}

/// The loudspeaker, opened at the first need.
#[derive(Default)]
pub struct Speaker(RefCell<Option<AudioContext>>);

impl std::fmt::Debug for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Speaker")
    }
}

impl Speaker {
    /// Opens it; call it inside a tap.
    pub fn wake(&self) {
        let mut open = self.0.borrow_mut();
        if open.is_none() {
            *open = AudioContext::new().ok();
        }
        if let Some(context) = open.as_ref() {
            // Refused until somebody taps: then the next tap opens it.
            let _ = context.resume();
        }
    }

    /// Sounds for so many ms, pauses, and so on, like [`super::device::shake`]. `loudness` is 0 to 1.
    pub fn sound(&self, pattern_millis: &[u32], hertz: f32, loudness: f32) {
        self.wake();
        if let Some(context) = self.0.borrow().as_ref() {
            // A phone that makes no sound is silent.
            let _ = sound(context, pattern_millis, hertz, loudness);
        }
    }
}

fn sound(context: &AudioContext, pattern_millis: &[u32], hertz: f32, loudness: f32) -> Result<(), JsValue> {
    let gain = context.create_gain()?;
    gain.gain().set_value(loudness);
    gain.connect(&context.destination())?;
    let mut at = context.current_time();
    for (index, millis) in pattern_millis.iter().enumerate() {
        let until = at + f64::from(*millis) / 1_000.0;
        if index % 2 == 0 {
            let tone = context.create_oscillator()?;
            tone.frequency().set_value(hertz);
            tone.connect(&gain)?;
            tone.start(at)?;
            tone.stop(until)?;
        }
        at = until;
    }
    Ok(())
}
