//! Headers of every response, and one log line for every request.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics;

/// What the app may load and from where: its own origin, nothing inline, nothing evaluated except wasm.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The policy of a page that brings its own, in the first `<meta>` that names one; nobody may frame it. A page that brings none
/// gets the one of the app.
#[must_use]
pub fn policy_of(page: &[u8]) -> Option<HeaderValue> {
    const OPEN: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
    let (_, rest) = std::str::from_utf8(page).ok()?.split_once(OPEN)?;
    let (policy, _) = rest.split_once('"')?;
    HeaderValue::from_str(&format!("{policy}; frame-ancestors 'none'")).ok()
}

const FIXED: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self), screen-wake-lock=(self)"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Adds the headers that every response has; one that a route set itself stays.
pub async fn shield(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in FIXED {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// For two years browsers ask this host by HTTPS only.
pub async fn only_https(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let value = HeaderValue::from_static("max-age=63072000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    response
}

/// Logs method, route, status and time. Never paths with ids, queries, headers or bodies.
pub async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("asset", MatchedPath::as_str).to_owned();
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let (status, millis) = (response.status().as_u16(), started.elapsed().as_millis());
    metrics::answered(status);
    let bytes = response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if status >= 500 {
        tracing::warn!(%method, route, status, millis, bytes, "request");
    } else {
        tracing::info!(%method, route, status, millis, bytes, "request");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_page_is_its_own_and_nobody_frames_it() {
        let page = b"<head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><p>";
        assert_eq!(policy_of(page).unwrap(), "default-src 'none'; frame-ancestors 'none'");
        for page in [&b"<head>"[..], b"<meta http-equiv=\"Content-Security-Policy\" content=\"x", b"\xff"] {
            assert_eq!(policy_of(page), None);
        }
    }
}
