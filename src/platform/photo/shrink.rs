//! The small copy of a photo, made in a worker so that the page never stops.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use thiserror::Error;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker};

use super::{PhotoCopy, PickedFile};
use crate::platform::Exception;
use crate::platform::keys::sha256;
use crate::platform::once::Once;
use crate::platform::timer::within;

/// The longer edge of a copy.
pub const MAX_EDGE_PIXELS: u32 = 2048;
/// The longer edge of a copy on a phone that is nearly full.
pub const SMALL_EDGE_PIXELS: u32 = 1280;
/// JPEG quality of a copy.
pub const QUALITY: f64 = 0.82;
/// A worker that says nothing for so long is given up: a 48-megapixel photo takes a slow phone some seconds.
const PATIENCE_MILLIS: u32 = 60_000;

/// Why there is no copy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CopyRefusal {
    /// The worker could not; its reason: `empty`, `read`, `decode`, `encode`, `memory` or `unsupported`.
    #[error("the photo worker says: {0}")]
    Worker(String),
    /// The worker did not start or broke down.
    #[error("the photo worker does not run: {0}")]
    Broken(#[source] Exception),
    /// The worker said nothing.
    #[error("the photo worker does not answer")]
    Silent,
}

type Reply = Result<(Uint8Array, u32, u32), CopyRefusal>;
type Pending = Rc<RefCell<BTreeMap<u32, Once<Reply>>>>;

/// The photo worker; started with the first photo, ended when this is dropped.
pub struct Shrinker {
    script: String,
    running: RefCell<Option<Running>>,
    last_id: Cell<u32>,
}

impl Default for Shrinker {
    fn default() -> Self {
        Self::of_script("/photo-worker.js")
    }
}

impl Shrinker {
    /// With the script at this address.
    #[must_use]
    pub fn of_script(address: &str) -> Self {
        Self { script: address.to_owned(), running: RefCell::new(None), last_id: Cell::new(0) }
    }

    /// Makes the copy; its longer edge has at most so many pixels.
    ///
    /// # Errors
    /// The reason why there is none; the original is as good as before.
    pub async fn shrink(&self, file: &PickedFile, edge_pixels: u32) -> Result<PhotoCopy, CopyRefusal> {
        self.copy(file, edge_pixels, &[], &[]).await
    }

    /// Makes a copy to hand on: words at its bottom, and boxes (x, y, width, height in pixels of the copy) of which nothing can
    /// be seen.
    ///
    /// # Errors
    /// The reason why there is none; the original is as good as before.
    pub async fn mark(
        &self,
        file: &PickedFile,
        lines: &[String],
        covers: &[[u32; 4]],
    ) -> Result<PhotoCopy, CopyRefusal> {
        self.copy(file, MAX_EDGE_PIXELS, lines, covers).await
    }

    async fn copy(
        &self,
        file: &PickedFile,
        edge_pixels: u32,
        lines: &[String],
        covers: &[[u32; 4]],
    ) -> Result<PhotoCopy, CopyRefusal> {
        let reply = self.ask(file, edge_pixels, lines, covers).map_err(CopyRefusal::Broken)?;
        let answer = within(PATIENCE_MILLIS, reply.wait()).await.unwrap_or(Err(CopyRefusal::Silent));
        if matches!(answer, Err(CopyRefusal::Silent | CopyRefusal::Broken(_))) {
            self.running.take(); // the next photo gets a new worker
        }
        let (bytes, width, height) = answer?;
        let bytes = bytes.to_vec();
        let sha256 = sha256(&bytes).await.map_err(CopyRefusal::Broken)?;
        Ok(PhotoCopy { bytes, sha256, width, height })
    }

    fn ask(
        &self,
        file: &PickedFile,
        edge_pixels: u32,
        lines: &[String],
        covers: &[[u32; 4]],
    ) -> Result<Once<Reply>, Exception> {
        let id = self.last_id.get().wrapping_add(1);
        self.last_id.set(id);
        let message = Object::new();
        let cover = |cover: &[u32; 4]| cover.iter().map(|pixels| JsValue::from(*pixels)).collect::<Array>();
        let fields: [(&str, JsValue); 6] = [
            ("id", id.into()),
            ("file", file.0.clone().into()),
            ("maxEdge", edge_pixels.into()),
            ("quality", QUALITY.into()),
            ("lines", lines.iter().map(|line| JsValue::from_str(line)).collect::<Array>().into()),
            ("covers", covers.iter().map(cover).collect::<Array>().into()),
        ];
        for (name, value) in &fields {
            Reflect::set(&message, &JsValue::from_str(name), value)?;
        }
        let mut running = self.running.borrow_mut();
        let running = match &mut *running {
            Some(running) => running,
            none => none.insert(Running::start(&self.script)?),
        };
        running.worker.post_message(&message)?;
        let reply = Once::new();
        running.pending.borrow_mut().insert(id, reply.clone());
        Ok(reply)
    }
}

impl std::fmt::Debug for Shrinker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shrinker({})", self.script)
    }
}

struct Running {
    worker: Worker,
    pending: Pending,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Running {
    fn start(script: &str) -> Result<Self, Exception> {
        let worker = Worker::new(script)?;
        let pending = Pending::default();
        let message = {
            let pending = Rc::clone(&pending);
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let data = event.data();
                let waiting = number(&data, "id").and_then(|id| pending.borrow_mut().remove(&id));
                if let Some(waiting) = waiting {
                    waiting.set(reply_of(&data));
                }
            })
        };
        let error = {
            let pending = Rc::clone(&pending);
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let exception = Exception::from(&JsValue::from(event));
                for waiting in std::mem::take(&mut *pending.borrow_mut()).into_values() {
                    waiting.set(Err(CopyRefusal::Broken(exception.clone())));
                }
            })
        };
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { worker, pending, _message: message, _error: error })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn field(data: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(data, &JsValue::from_str(name)).ok()
}

fn number(data: &JsValue, name: &str) -> Option<u32> {
    field(data, name)?.as_f64().map(|number| number as u32)
}

fn reply_of(data: &JsValue) -> Reply {
    let copy = || {
        field(data, "ok")?.as_bool().filter(|ok| *ok)?;
        let bytes = field(data, "bytes").filter(JsValue::is_object)?;
        Some((Uint8Array::new(&bytes), number(data, "width")?, number(data, "height")?))
    };
    let reason = || field(data, "reason").and_then(|reason| reason.as_string()).unwrap_or_default();
    copy().ok_or_else(|| CopyRefusal::Worker(reason()))
}
