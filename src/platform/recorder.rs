//! The microphone: sound in pieces, as the browser encodes it.
//!
//! Owns: asking for the microphone, choosing a format that this browser writes, the order of the pieces. Refuses: to keep
//! anything; a piece that was taken is the taker's. The microphone is off as soon as the recorder is stopped or dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::Exception;
use super::timer::{Bell, sleep_or};

/// Formats in the order of our liking; phones of Apple write the third.
const FORMATS: [&str; 4] = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4", "audio/webm"];
/// Enough for a voice in the wind.
const BITS_PER_SECOND: u32 = 32_000;

// Few calls of few types: as our own imports they cost nothing that the app does not use.
#[wasm_bindgen]
extern "C" {
    type MediaDevices;
    #[wasm_bindgen(method, catch, js_name = getUserMedia)]
    fn get_user_media(this: &MediaDevices, wanted: &Object) -> Result<Promise, JsValue>;

    type MediaStream;
    #[wasm_bindgen(method, js_name = getTracks)]
    fn get_tracks(this: &MediaStream) -> Array;

    type MediaStreamTrack;
    #[wasm_bindgen(method)]
    fn stop(this: &MediaStreamTrack);

    type MediaRecorder;
    #[wasm_bindgen(constructor, catch)]
    fn new(stream: &MediaStream, options: &Object) -> Result<MediaRecorder, JsValue>;
    #[wasm_bindgen(static_method_of = MediaRecorder, js_name = isTypeSupported)]
    fn is_type_supported(mime: &str) -> bool;
    #[wasm_bindgen(method, catch)]
    fn start(this: &MediaRecorder, piece_millis: i32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = stop)]
    fn end(this: &MediaRecorder) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter, js_name = mimeType)]
    fn mime_type(this: &MediaRecorder) -> String;
    #[wasm_bindgen(method, setter)]
    fn set_ondataavailable(this: &MediaRecorder, then: Option<&js_sys::Function>);
    #[wasm_bindgen(method, setter)]
    fn set_onstop(this: &MediaRecorder, then: Option<&js_sys::Function>);
}

/// A running recording.
#[must_use = "dropping it ends the recording"]
pub struct Recorder {
    recorder: MediaRecorder,
    stream: MediaStream,
    pieces: Rc<RefCell<VecDeque<Blob>>>,
    is_over: Rc<Cell<bool>>,
    news: Bell,
    _piece: Closure<dyn FnMut(JsValue)>,
    _stop: Closure<dyn FnMut()>,
}

impl Recorder {
    /// Asks for the microphone and begins; a piece is ready about every `piece_millis`.
    ///
    /// # Errors
    /// `NotAllowedError` when the person or the system refuses, `NotFoundError` without a microphone, `NotSupportedError` in a
    /// browser that cannot.
    pub async fn start(piece_millis: i32) -> Result<Self, Exception> {
        let global = js_sys::global();
        if !Reflect::has(&global, &"MediaRecorder".into())? {
            return Err(Exception::lacking("MediaRecorder"));
        }
        let format = FORMATS.iter().find(|format| MediaRecorder::is_type_supported(format));
        let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
        let devices = Reflect::get(&window.navigator(), &"mediaDevices".into())?;
        if !devices.is_object() {
            return Err(Exception::lacking("navigator.mediaDevices"));
        }
        let wanted = Object::new();
        Reflect::set(&wanted, &"audio".into(), &JsValue::TRUE)?;
        let asked = devices.unchecked_ref::<MediaDevices>().get_user_media(&wanted)?;
        let stream: MediaStream = JsFuture::from(asked).await?.unchecked_into();
        let options = Object::new();
        Reflect::set(&options, &"audioBitsPerSecond".into(), &BITS_PER_SECOND.into())?;
        if let Some(format) = format {
            Reflect::set(&options, &"mimeType".into(), &(*format).into())?;
        }
        let recorder = MediaRecorder::new(&stream, &options).inspect_err(|_| release(&stream))?;
        let (pieces, is_over, news) = (Rc::new(RefCell::default()), Rc::new(Cell::new(false)), Bell::new());
        let piece = {
            let (pieces, news): (Rc<RefCell<VecDeque<Blob>>>, _) = (Rc::clone(&pieces), news.clone());
            Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
                if let Some(blob) = Reflect::get(&event, &"data".into()).ok().and_then(|data| data.dyn_into().ok()) {
                    pieces.borrow_mut().push_back(blob);
                    news.ring();
                }
            })
        };
        let stop = {
            let (is_over, news) = (Rc::clone(&is_over), news.clone());
            Closure::<dyn FnMut()>::new(move || {
                is_over.set(true);
                news.ring();
            })
        };
        recorder.set_ondataavailable(Some(piece.as_ref().unchecked_ref()));
        recorder.set_onstop(Some(stop.as_ref().unchecked_ref()));
        let recorder = Self { recorder, stream, pieces, is_over, news, _piece: piece, _stop: stop };
        recorder.recorder.start(piece_millis)?;
        Ok(recorder)
    }

    /// The media type that the browser writes, without its parameters.
    #[must_use]
    pub fn mime(&self) -> String {
        self.recorder.mime_type().split(';').next().unwrap_or_default().trim().to_owned()
    }

    /// Waits for a piece, for the end, or so long.
    pub async fn wait(&self, millis: u32) {
        if self.pieces.borrow().is_empty() && !self.is_over.get() {
            sleep_or(millis, &self.news).await;
        }
    }

    /// Takes the oldest piece.
    ///
    /// # Errors
    /// When the browser does not give its bytes.
    pub async fn take(&self) -> Result<Option<Vec<u8>>, Exception> {
        let Some(blob) = self.pieces.borrow_mut().pop_front() else { return Ok(None) };
        Ok(Some(Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?).to_vec()))
    }

    /// Whether the last piece has been taken.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over.get() && self.pieces.borrow().is_empty()
    }

    /// Ends the recording; its last piece is still to be taken.
    pub fn stop(&self) {
        // Throws when it has ended by itself: the microphone was pulled out.
        let _ = self.recorder.end();
        release(&self.stream);
    }
}

fn release(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_ref::<MediaStreamTrack>().stop();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.recorder.set_ondataavailable(None);
        self.recorder.set_onstop(None);
        self.stop();
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder(over: {})", self.is_over.get())
    }
}
