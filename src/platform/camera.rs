//! The camera inside the page: no other app comes to the front, so a phone with little memory has no reason to end ours.
//!
//! Owns: asking for the camera, the picture in a `<video>`, a frame of it as a JPEG file. Refuses: to keep anything. The camera is
//! off as soon as this is dropped.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BlobPropertyBag, File, FilePropertyBag};

use super::Exception;
use super::photo::PickedFile;

/// As large as phones stream without effort, and larger than the copy that is shown.
const WIDTH: u32 = 2560;
const HEIGHT: u32 = 1440;
/// JPEG quality of a frame.
const QUALITY: f64 = 0.92;

// Few calls of few types: as our own imports they cost nothing that the app does not use.
#[wasm_bindgen]
extern "C" {
    type MediaDevices;
    #[wasm_bindgen(method, catch, js_name = getUserMedia)]
    fn get_user_media(this: &MediaDevices, wanted: &JsValue) -> Result<Promise, JsValue>;

    type MediaStream;
    #[wasm_bindgen(method, js_name = getTracks)]
    fn get_tracks(this: &MediaStream) -> Array;

    type MediaStreamTrack;
    #[wasm_bindgen(method)]
    fn stop(this: &MediaStreamTrack);

    type Video;
    #[wasm_bindgen(method, setter, js_name = srcObject)]
    fn set_source(this: &Video, stream: Option<&MediaStream>);
    #[wasm_bindgen(method, catch)]
    fn play(this: &Video) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, getter, js_name = videoWidth)]
    fn width(this: &Video) -> u32;
    #[wasm_bindgen(method, getter, js_name = videoHeight)]
    fn height(this: &Video) -> u32;

    type OffscreenCanvas;
    #[wasm_bindgen(constructor, catch)]
    fn new(width: u32, height: u32) -> Result<OffscreenCanvas, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getContext)]
    fn get_context(this: &OffscreenCanvas, kind: &str) -> Result<Context, JsValue>;
    #[wasm_bindgen(method, catch, js_name = convertToBlob)]
    fn convert_to_blob(this: &OffscreenCanvas, options: &JsValue) -> Result<Promise, JsValue>;

    type Context;
    #[wasm_bindgen(method, catch, js_name = drawImage)]
    fn draw_image(this: &Context, image: &Video, x: u32, y: u32) -> Result<(), JsValue>;
}

/// An open camera that shows its picture in a `<video>`.
#[must_use = "dropping it switches the camera off"]
pub struct Camera {
    stream: MediaStream,
    video: Video,
}

impl Camera {
    /// Asks for the camera that looks away from the person, and shows its picture in the `<video>` of this id.
    ///
    /// # Errors
    /// `NotAllowedError` when the person or the system refuses, `NotFoundError` without a camera, `NotSupportedError` in a
    /// browser that cannot.
    pub async fn open(video: &str) -> Result<Self, Exception> {
        let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
        let devices = Reflect::get(&window.navigator(), &"mediaDevices".into())?;
        if !devices.is_object() || !Reflect::has(&window, &"OffscreenCanvas".into())? {
            return Err(Exception::lacking("navigator.mediaDevices"));
        }
        let element = window.document().and_then(|document| document.get_element_by_id(video));
        let video: Video = element.ok_or_else(|| Exception::lacking("video"))?.unchecked_into();
        let ideal = |value: JsValue| object(&[("ideal", value)]);
        let wanted = object(&[
            ("facingMode", ideal("environment".into())?),
            ("width", ideal(WIDTH.into())?),
            ("height", ideal(HEIGHT.into())?),
        ])?;
        let asked = devices.unchecked_ref::<MediaDevices>().get_user_media(&object(&[("video", wanted)])?)?;
        let camera = Self { stream: JsFuture::from(asked).await?.unchecked_into(), video };
        camera.video.set_source(Some(&camera.stream));
        JsFuture::from(camera.video.play()?).await?;
        Ok(camera)
    }

    /// The picture of now, as a file.
    ///
    /// # Errors
    /// When the browser has no memory for it.
    pub async fn take(&self) -> Result<PickedFile, Exception> {
        let canvas = OffscreenCanvas::new(self.video.width().max(1), self.video.height().max(1))?;
        canvas.get_context("2d")?.draw_image(&self.video, 0, 0)?;
        let options = object(&[("type", "image/jpeg".into()), ("quality", QUALITY.into())])?;
        let blob = JsFuture::from(canvas.convert_to_blob(&options)?).await?;
        let options: FilePropertyBag = BlobPropertyBag::new().unchecked_into();
        options.set_type("image/jpeg");
        Ok(PickedFile(File::new_with_blob_sequence_and_options(&Array::of1(&blob), "camera.jpg", &options)?))
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.video.set_source(None);
        for track in self.stream.get_tracks().iter() {
            track.unchecked_ref::<MediaStreamTrack>().stop();
        }
    }
}

impl std::fmt::Debug for Camera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Camera")
    }
}

fn object(pairs: &[(&str, JsValue)]) -> Result<JsValue, Exception> {
    let object = Object::new();
    for (name, value) in pairs {
        Reflect::set(&object, &JsValue::from_str(name), value)?;
    }
    Ok(object.into())
}
