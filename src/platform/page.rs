//! The page itself: its root attributes, how it was started, its address, the focus.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, Window};

use super::Listener;

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// Whether there is a page: in a worker there is none.
#[must_use]
pub fn is_there() -> bool {
    document().is_some()
}

fn set_on_root(name: &str, value: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Throws for a bad attribute name; ours are constants.
        let _ = root.set_attribute(name, value);
    }
}

/// `data-theme` of `<html>`.
pub fn set_theme(theme: &str) {
    set_on_root("data-theme", theme);
}

/// `data-type` of `<html>`: the size of type.
pub fn set_type_size(size: &str) {
    set_on_root("data-type", size);
}

/// `lang` of `<html>`: the voice of screen readers and the shapes of Chinese characters.
pub fn set_language(tag: &str) {
    set_on_root("lang", tag);
}

/// The title of the tab.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Whether the app was started from the home screen.
#[must_use]
pub fn is_standalone() -> bool {
    let Some(window) = window() else { return false };
    let by_media = window.match_media("(display-mode: standalone)").ok().flatten().is_some_and(|query| query.matches());
    // Safari's older word for it.
    let by_navigator = js_sys::Reflect::get(&window.navigator(), &JsValue::from_str("standalone"));
    by_media || by_navigator.is_ok_and(|standalone| standalone.is_truthy())
}

/// Whether a media query holds.
#[must_use]
pub fn matches_media(query: &str) -> bool {
    window().and_then(|window| window.match_media(query).ok().flatten()).is_some_and(|query| query.matches())
}

/// Tells when a media query begins or ceases to hold.
pub fn on_media(query: &str, then: impl Fn(bool) + 'static) -> Listener {
    let list = window().and_then(|window| window.match_media(query).ok().flatten());
    let held = list.clone();
    Listener::on_target(list.map(JsValue::from), "change", move |_| {
        then(held.as_ref().is_some_and(|query| query.matches()));
    })
}

/// Facts of the browser that change what the app advises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The user agent string.
    pub user_agent: String,
    /// iPhone or iPad: no background work, and a tab's data is deleted after 7 days; installing is a must.
    pub is_ios: bool,
    /// Inside WeChat, which is no place for an app.
    pub is_wechat: bool,
    /// First language of the person, as a tag.
    pub language: String,
}

/// What this browser is.
#[must_use]
pub fn browser() -> Browser {
    let navigator = window().map(|window| window.navigator());
    let user_agent = navigator.as_ref().and_then(|navigator| navigator.user_agent().ok()).unwrap_or_default();
    let touches = navigator.as_ref().map_or(0, web_sys::Navigator::max_touch_points);
    // iPads say that they are Macs; no Mac has a touch screen.
    let is_ios = ["iPhone", "iPad", "iPod"].iter().any(|name| user_agent.contains(name))
        || (user_agent.contains("Macintosh") && touches > 1);
    let is_wechat = user_agent.contains("MicroMessenger");
    let language = navigator.and_then(|navigator| navigator.language()).unwrap_or_else(|| "zh-CN".to_owned());
    Browser { user_agent, is_ios, is_wechat, language }
}

/// Takes away what `index.html` shows until the app is there.
pub fn end_boot() {
    if let Some(boot) = element("boot") {
        boot.remove();
    }
}

/// Lets `boot.js` say that the app can not start, in words of its own; `reason` is shown small below them.
pub fn give_up(reason: &str) {
    let detail = web_sys::CustomEventInit::new();
    detail.set_detail(&JsValue::from_str(reason));
    let event = web_sys::CustomEvent::new_with_event_init_dict("gs-cannot-start", &detail);
    if let (Some(window), Ok(event)) = (window(), event) {
        // Throws for events that are under way already.
        let _ = window.dispatch_event(&event);
    }
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = window() {
        // Throws only in documents that are no pages.
        let _ = window.location().reload();
    }
}

/// Opens the browser's way to paper.
pub fn print() {
    if let Some(window) = window() {
        // A browser that does not print says so itself.
        let _ = window.print();
    }
}

/// Starts the app anew at its first page, with an invitation or without.
pub fn start_anew(invite: Option<&str>) {
    let Some(window) = window() else { return };
    let address = invite.map_or("/".to_owned(), |code| format!("/#/enrol/{code}"));
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    reload();
}

/// Where the app is served from: `https://host:port`.
#[must_use]
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// What follows `#` in the address.
#[must_use]
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').map(str::to_owned).unwrap_or_default()
}

/// Removes what follows `#`, also from the history: an enrolment code is nobody's business afterwards.
pub fn clear_fragment() {
    let Some(window) = window() else { return };
    if let (Ok(path), Ok(history)) = (window.location().pathname(), window.history()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Puts the focus on an element; `false` when there is none.
pub fn focus(id: &str) -> bool {
    element(id)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

/// Scrolls an element into view.
pub fn scroll_to(id: &str) {
    if let Some(element) = element(id) {
        element.scroll_into_view();
    }
}

/// Clicks an element: opens the camera behind a hidden file input. Browsers allow it inside a tap only.
pub fn click(id: &str) -> bool {
    let element = element(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.map(|element| element.click()).is_some()
}

/// Height of the visible part of an element and how far it is scrolled, in pixels: for lists that draw only what is seen.
#[must_use]
pub fn scroll_view(id: &str) -> Option<(i32, i32)> {
    element(id).map(|element| (element.client_height(), element.scroll_top()))
}

/// Whether this browser has a sheet to share with.
#[must_use]
pub fn can_share() -> bool {
    let share = window().map(|window| js_sys::Reflect::get(&window.navigator(), &JsValue::from_str("share")));
    share.is_some_and(|share| share.is_ok_and(|share| share.is_function()))
}

/// Opens the system's sheet with a text; works inside a tap only.
///
/// # Errors
/// When the browser refuses; a closed sheet is none.
pub async fn share_text(text: &str) -> Result<(), super::Exception> {
    let window = window().ok_or_else(|| super::Exception::lacking("window"))?;
    if !can_share() {
        return Err(super::Exception::lacking("navigator.share"));
    }
    let data = web_sys::ShareData::new();
    data.set_text(text);
    let shared = wasm_bindgen_futures::JsFuture::from(window.navigator().share_with_data(&data)).await;
    match shared.map_err(super::Exception::from) {
        Err(exception) if exception.name != "AbortError" => Err(exception),
        _ => Ok(()),
    }
}

/// Copies text to the clipboard; works inside a tap only.
///
/// # Errors
/// When the browser refuses.
pub async fn copy_text(text: &str) -> Result<(), super::Exception> {
    let window = window().ok_or_else(|| super::Exception::lacking("window"))?;
    let clipboard = window.navigator().clipboard();
    if clipboard.is_undefined() {
        return Err(super::Exception::lacking("navigator.clipboard"));
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await?;
    Ok(())
}
