//! What happens to the page: the network comes and goes, the person looks away, the system takes the memory.

use super::Listener;

/// Whether the system believes that it has a network. `true` proves nothing, `false` is sure.
#[must_use]
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Whether somebody can see the page.
#[must_use]
pub fn is_visible() -> bool {
    web_sys::window().and_then(|window| window.document()).is_none_or(|document| !document.hidden())
}

/// The network came back.
pub fn on_online(then: impl Fn() + 'static) -> Listener {
    Listener::on_window("online", move |_| then())
}

/// The network went away.
pub fn on_offline(then: impl Fn() + 'static) -> Listener {
    Listener::on_window("offline", move |_| then())
}

/// The page became visible (`true`) or hidden.
pub fn on_visibility(then: impl Fn(bool) + 'static) -> Listener {
    Listener::on_document("visibilitychange", move |_| then(is_visible()))
}

/// The last moment to hand something to the database; after it the system may end the page without a word.
pub fn on_pagehide(then: impl Fn() + 'static) -> Listener {
    Listener::on_window("pagehide", move |_| then())
}

/// The page came back from the browser's memory, its timers stood still.
pub fn on_pageshow(then: impl Fn() + 'static) -> Listener {
    Listener::on_window("pageshow", move |_| then())
}

/// A finger or a key: somebody is there.
pub fn on_touch(then: impl Fn() + Clone + 'static) -> [Listener; 2] {
    ["pointerdown", "keydown"].map(|event| {
        let then = then.clone();
        Listener::on_window(event, move |_| then())
    })
}
