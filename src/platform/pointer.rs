//! Fingers, pens and mice on one element.

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

/// Where a pointer is in an element, and how wide and high that is, in CSS pixels.
pub struct Touch {
    /// From its left and upper edge.
    pub at: (f64, f64),
    /// Its width and height.
    pub size: (f64, f64),
}

/// The element that hears an event, which gets all further events of this pointer until it leaves.
#[must_use]
pub fn touch(event: &PointerEvent) -> Option<Touch> {
    let element = event.current_target()?.dyn_into::<Element>().ok()?;
    if event.type_() == "pointerdown" {
        // Without it a finger that leaves the element is lost; the box then ends at its edge.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
    let around = element.get_bounding_client_rect();
    let at = (f64::from(event.client_x()) - around.left(), f64::from(event.client_y()) - around.top());
    Some(Touch { at, size: (around.width(), around.height()) })
}
