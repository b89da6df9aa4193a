//! Web Locks: one tab does it, the others wait.
//!
//! Where a browser has no locks, every tab gets a guard that guards nothing: the head check of the log keeps two writers
//! apart, the lock only spares them the collisions.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Exception;
use super::once::Once;

#[wasm_bindgen]
extern "C" {
    /// `LockManager`, which web-sys hides as unstable.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &js_sys::Function,
    ) -> Result<Promise, JsValue>;
}

/// Holds a lock until it is dropped, also when the tab ends.
#[must_use = "dropping it releases the lock"]
pub struct LockGuard {
    release: Option<js_sys::Function>,
}

impl LockGuard {
    /// Whether there is a lock behind it; `false` where the browser has none.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.release.is_some()
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            // Settling a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

impl std::fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LockGuard(real: {})", self.is_real())
    }
}

/// Waits until the lock is ours.
///
/// # Errors
/// When the browser refuses.
pub async fn hold(name: &str) -> Result<LockGuard, Exception> {
    let held = request(name, false).await?;
    held.ok_or_else(|| Exception::named("AbortError", "the lock was not granted"))
}

/// Takes the lock if nobody has it.
///
/// # Errors
/// When the browser refuses.
pub async fn try_hold(name: &str) -> Result<Option<LockGuard>, Exception> {
    request(name, true).await
}

async fn request(name: &str, only_if_available: bool) -> Result<Option<LockGuard>, Exception> {
    let Some(locks) = manager() else { return Ok(Some(LockGuard { release: None })) };
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("ifAvailable"), &JsValue::from_bool(only_if_available))?;
    let answered = Once::new();
    // The lock is held as long as the promise that the callback returns is open. The browser may grant it when nobody waits
    // any more; then it is released at once.
    let waiter = Waiter(answered.clone());
    let granted = {
        let answered = answered.clone();
        Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                answered.set(Ok(None));
                return JsValue::UNDEFINED;
            }
            let mut release = None;
            let held = Promise::new(&mut |resolve, _| release = Some(resolve));
            answered.set(Ok(Some(LockGuard { release })));
            held.into()
        })
    };
    let promise = locks.request(name, &options, granted.unchecked_ref())?;
    on_rejection(&promise, {
        let answered = answered.clone();
        move |exception| answered.set(Err(exception))
    });
    waiter.0.wait().await
}

/// The waiting end; dropped, it lets go of a lock that it did not see any more.
struct Waiter(Once<Result<Option<LockGuard>, Exception>>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn manager() -> Option<LockManager> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// Calls back when a promise is rejected.
fn on_rejection(promise: &Promise, then: impl FnOnce(Exception) + 'static) {
    let promise = JsFuture::from(promise.clone());
    spawn_local(async move {
        if let Err(thrown) = promise.await {
            then(thrown.into());
        }
    });
}
