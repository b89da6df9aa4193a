//! The network: fetch to the server of this origin, and to no other.
//!
//! Invariants: no cookies, no cache, no redirects (a hotel's login page is not our server); a reply is whole or it is none.

use std::cell::Cell;
use std::rc::Rc;

use greenshield_client::ports::{HttpRequest, HttpResponse, Transport, TransportError};
use greenshield_domain::wire::CBOR_SEQ_MIME;
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Blob, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit,
    RequestMode, RequestRedirect, Response,
};

use super::Exception;
use super::timer::Alarm;

/// Shorter bodies are sent as they are.
const LEAST_PACKED_BYTES: usize = 512;

/// [`Transport`] by fetch.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserNet;

impl Transport for BrowserNet {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let waiting = Waiting::new(request.timeout_millis).map_err(|_| TransportError::Offline)?;
        let reply = exchange(&request, &waiting).await;
        reply.map_err(|_| if waiting.is_over() { TransportError::Timeout } else { TransportError::Offline })
    }
}

/// A text that lies beside the app; `None` when it is not there.
pub async fn own_text(path: &str) -> Option<String> {
    let (path, timeout_millis) = (path.to_owned(), 30_000);
    let get = HttpRequest { method: "GET", path, headers: Vec::new(), body: Vec::new(), timeout_millis };
    let reply = BrowserNet.send(get).await.ok().filter(|reply| reply.status == 200)?;
    String::from_utf8(reply.body).ok()
}

/// Aborts the exchange when nothing was heard for too long, and when the future is dropped.
struct Waiting {
    controller: AbortController,
    timeout_millis: u32,
    over: Rc<Cell<bool>>,
    alarm: Cell<Option<Alarm>>,
}

impl Waiting {
    fn new(timeout_millis: u32) -> Result<Self, Exception> {
        let waiting = Self {
            controller: AbortController::new()?,
            timeout_millis,
            over: Rc::new(Cell::new(false)),
            alarm: Cell::new(None),
        };
        waiting.heard();
        Ok(waiting)
    }

    /// Starts the time anew.
    fn heard(&self) {
        let (controller, over) = (self.controller.clone(), Rc::clone(&self.over));
        let alarm = Alarm::after(self.timeout_millis, move || {
            over.set(true);
            controller.abort();
        });
        self.alarm.set(Some(alarm));
    }

    fn is_over(&self) -> bool {
        self.over.get()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

async fn exchange(request: &HttpRequest, waiting: &Waiting) -> Result<HttpResponse, Exception> {
    if !request.path.starts_with('/') || request.path.starts_with("//") {
        return Err(Exception::named("SecurityError", "not a path of this origin"));
    }
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    let packed = if is_worth_packing(request) { gzip(&request.body).await.ok() } else { None };
    let options = options(request, waiting, packed)?;
    let reply = JsFuture::from(window.fetch_with_str_and_init(&request.path, &options)).await?;
    let reply: Response = reply.dyn_into()?;
    waiting.heard();
    let headers = headers_of(&reply.headers());
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = Vec::with_capacity(length.unwrap_or(0).min(1 << 20));
    if let Some(stream) = reply.body() {
        let reader = ReadableStreamDefaultReader::new(&stream)?;
        while let Some(chunk) = next_chunk(&reader).await? {
            waiting.heard();
            let start = body.len();
            body.resize(start + chunk.length() as usize, 0);
            chunk.copy_to(&mut body[start..]);
        }
    }
    Ok(HttpResponse { status: reply.status(), headers, body })
}

fn options(request: &HttpRequest, waiting: &Waiting, packed: Option<Uint8Array>) -> Result<RequestInit, Exception> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    if packed.is_some() {
        headers.set("content-encoding", "gzip")?;
    }
    let options = RequestInit::new();
    options.set_method(request.method);
    options.set_headers(&headers);
    options.set_mode(RequestMode::SameOrigin);
    options.set_credentials(RequestCredentials::Omit);
    options.set_cache(RequestCache::NoStore);
    options.set_redirect(RequestRedirect::Error);
    options.set_signal(Some(&waiting.controller.signal()));
    if !matches!(request.method, "GET" | "HEAD") {
        options.set_body(&packed.unwrap_or_else(|| Uint8Array::new_from_slice(&request.body)));
    }
    Ok(options)
}

/// Ops are half as long when packed; photos are packed already, and the server unpacks nothing else.
fn is_worth_packing(request: &HttpRequest) -> bool {
    let is_push = |(name, value): &(&str, String)| *name == "content-type" && value == CBOR_SEQ_MIME;
    request.body.len() > LEAST_PACKED_BYTES && request.headers.iter().any(is_push)
}

/// By the browser's own gzip; an error where it has none.
async fn gzip(body: &[u8]) -> Result<Uint8Array, Exception> {
    let plain = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::new_from_slice(body)))?.stream();
    // web-sys has no name for it yet.
    let make: Function = Reflect::get(&js_sys::global(), &JsValue::from_str("CompressionStream"))?.dyn_into()?;
    let packer = Reflect::construct(&make, &Array::of1(&JsValue::from_str("gzip")))?;
    let packed = plain.pipe_through(packer.unchecked_ref());
    let packed = Response::new_with_opt_readable_stream(Some(&packed))?.array_buffer()?;
    Ok(Uint8Array::new(&JsFuture::from(packed).await?))
}

/// All that the browser lets us read; it hands the names out in lower case.
fn headers_of(headers: &Headers) -> Vec<(String, String)> {
    let pair = |entry: JsValue| {
        let pair: Array = entry.dyn_into().ok()?;
        Some((pair.get(0).as_string()?.to_ascii_lowercase(), pair.get(1).as_string()?))
    };
    headers.entries().into_iter().flatten().filter_map(pair).collect()
}

async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, Exception> {
    let step = JsFuture::from(reader.read()).await?;
    if Reflect::get(&step, &JsValue::from_str("done"))?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(Reflect::get(&step, &JsValue::from_str("value"))?.dyn_into()?))
}
