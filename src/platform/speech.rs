//! The voices that a browser has by itself, for reading aloud. Only those that need no network are used.
//!
//! Browsers look for their voices late: [`wake`] makes them look before anybody wants to hear one.

use js_sys::{Array, Reflect, global};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    // By hand: a few calls, which some browsers do not have at all.
    type Speech;
    #[wasm_bindgen(method, catch, js_name = getVoices)]
    fn get_voices(this: &Speech) -> Result<Array, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn speak(this: &Speech, words: &Utterance) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Speech) -> Result<(), JsValue>;

    type Voice;
    #[wasm_bindgen(method, getter)]
    fn lang(this: &Voice) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = localService)]
    fn local_service(this: &Voice) -> Option<bool>;

    #[wasm_bindgen(js_name = SpeechSynthesisUtterance)]
    type Utterance;
    #[wasm_bindgen(constructor, catch, js_class = "SpeechSynthesisUtterance")]
    fn new(text: &str) -> Result<Utterance, JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_voice(this: &Utterance, voice: &Voice);
    #[wasm_bindgen(method, setter)]
    fn set_lang(this: &Utterance, lang: &str);
}

fn speech() -> Option<Speech> {
    let found = Reflect::get(&global(), &JsValue::from_str("speechSynthesis")).ok()?;
    found.is_object().then(|| found.unchecked_into())
}

/// A voice of a language that lives on this device.
fn local_voice(speech: &Speech, lang: &str) -> Option<Voice> {
    let voices = speech.get_voices().ok()?;
    let speaks = |voice: &Voice| {
        let own = voice.lang().unwrap_or_default().to_lowercase();
        voice.local_service() == Some(true) && own.split(['-', '_']).next() == Some(lang)
    };
    voices.iter().map(JsCast::unchecked_into::<Voice>).find(speaks)
}

/// Makes the browser look for its voices.
pub fn wake() {
    if let Some(speech) = speech() {
        // What it finds is asked for when somebody wants to hear it.
        let _ = speech.get_voices();
    }
}

/// Reads words aloud in a language, `zh` or `en`, instead of what is being read; `false` = there is no voice for it on this device.
pub fn say(words: &str, lang: &str) -> bool {
    let said = || {
        let speech = speech()?;
        let voice = local_voice(&speech, lang)?;
        let utterance = Utterance::new(words).ok()?;
        utterance.set_lang(&voice.lang()?);
        utterance.set_voice(&voice);
        speech.cancel().ok()?;
        speech.speak(&utterance).ok()
    };
    said().is_some()
}

/// Stops reading.
pub fn hush() {
    if let Some(speech) = speech() {
        // Silence is all that is wanted.
        let _ = speech.cancel();
    }
}
