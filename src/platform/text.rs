//! The text of a file that may come from an old spreadsheet: UTF-8, else the encoding that Chinese Windows writes.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type TextDecoder;

    #[wasm_bindgen(catch, constructor)]
    fn new(label: &str) -> Result<TextDecoder, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn decode(this: &TextDecoder, bytes: &[u8]) -> Result<String, JsValue>;
}

/// Reads bytes; `None` where the browser knows no other encoding either.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    match str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => TextDecoder::new("gb18030").ok()?.decode(bytes).ok(),
    }
}
