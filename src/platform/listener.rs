//! An event listener that goes away with its guard.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget};

/// Listens until it is dropped.
#[must_use = "dropping it stops the listening"]
pub struct Listener {
    target: Option<EventTarget>,
    event: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(super) fn new(target: &EventTarget, event: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        let added = target.add_event_listener_with_callback(event, callback.as_ref().unchecked_ref());
        Self { target: added.is_ok().then(|| target.clone()), event, callback }
    }

    /// On the window; where there is none, nothing is ever heard.
    pub(super) fn on_window(event: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        Self::on_target(web_sys::window().map(JsValue::from), event, callback)
    }

    /// On the document.
    pub(super) fn on_document(event: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        let document = web_sys::window().and_then(|window| window.document());
        Self::on_target(document.map(JsValue::from), event, callback)
    }

    /// On anything that has listeners.
    pub(super) fn on_target(
        target: Option<JsValue>,
        event: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        match target.and_then(|target| target.dyn_into::<EventTarget>().ok()) {
            Some(target) => Self::new(&target, event, callback),
            None => Self { target: None, event, callback: Closure::new(callback) },
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(target) = &self.target {
            // Removing what is not there is no error in any browser.
            let _ = target.remove_event_listener_with_callback(self.event, self.callback.as_ref().unchecked_ref());
        }
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listener({})", self.event)
    }
}
