//! The files of the app: embedded at build time, or from a folder with `--web-dir`; and the city package.
//!
//! Owns: content types, caching, compressed copies, ETags, the start page for navigations. Refuses: paths that leave the
//! folder. A build without `dist/` serves a page that says so, and the API all the same.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::{sha256, to_hex};
use rust_embed::RustEmbed;
use thiserror::Error;

use crate::error::ApiError;
use crate::headers::policy_of;
use crate::holding::Holding;
use crate::package::{Package, PackageError};

/// Bytes of a file, and how they are packed.
type Variant = (Cow<'static, [u8]>, Option<&'static str>);

#[derive(RustEmbed)]
#[folder = "../../dist"]
struct Embedded;

/// The check of evidence exports: a page that stands alone, with a content policy of its own.
const VERIFIER: &str = "verify.html";

/// The city package, whole.
const CITY_FILE: &str = "city.json";
/// The service worker; with a package of the operator it is another build.
const WORKER: &str = "sw.js";

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Greenshield</title>\
    <p>This server was built without the app. Build it with <code>cargo xtask web</code>, or start with \
    <code>--web-dir</code>. The API under <code>/v1</code> works.</p></html>\n";

/// Why the app can not be served.
#[derive(Debug, Error)]
pub enum AssetError {
    /// The city package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// There is no such folder.
    #[error("{path:?} is no folder")]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
}

/// The files of the app.
#[derive(Debug)]
pub struct Assets {
    folder: Option<PathBuf>,
    /// The city package.
    pub holding: Arc<Holding>,
}

impl Assets {
    /// Checks the city package and where the files come from: a folder instead of what this program holds, a package
    /// instead of the one of this build.
    ///
    /// # Errors
    /// [`AssetError`].
    pub fn load(folder: Option<PathBuf>, city: Option<&Path>) -> Result<Self, AssetError> {
        if let Some(path) = folder.as_ref().filter(|path| !path.is_dir()) {
            return Err(AssetError::NoFolder { path: path.clone() });
        }
        Ok(Self { folder, holding: Arc::new(Holding::of(Package::load(city)?)) })
    }

    /// Answers a GET or HEAD for a file of the app.
    ///
    /// # Errors
    /// [`ApiError::NotFound`].
    pub fn serve(&self, path: &str, request: &HeaderMap) -> Result<Response, ApiError> {
        let name = path.trim_start_matches('/');
        let name = if name.is_empty() { "index.html" } else { name };
        let package = self.holding.package();
        if let Some(mark) = package.mark()
            && let Some((bytes, encoding)) = self.marked(&package, name, &mark, request)
        {
            return Ok(reply(name, bytes, encoding, request));
        }
        if let Some((bytes, encoding)) = self.variant(name, request) {
            let mut response = reply(name, bytes, encoding, request);
            if let Some(policy) = (name == VERIFIER).then(|| policy_of(&self.read(name)?)).flatten() {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            return Ok(response);
        }
        if name == CITY_FILE {
            return Ok(reply(name, package.bundle.clone().into_bytes().into(), None, request));
        }
        // A deep link that the browser opens is the app's to understand; a missing script or picture is not.
        let is_file = name.rsplit('/').next().is_some_and(|last| last.contains('.'));
        if name != "index.html" && (is_file || !is_navigation(request)) {
            return Err(ApiError::NotFound);
        }
        let page = "index.html";
        let (bytes, encoding) = self.variant(page, request).unwrap_or((Cow::Borrowed(PLACEHOLDER.as_bytes()), None));
        Ok(reply(page, bytes, encoding, request))
    }

    /// The two files that are not as they were built while another package holds: the package, and the service worker,
    /// whose build number phones compare.
    fn marked(&self, package: &Package, name: &str, mark: &str, request: &HeaderMap) -> Option<Variant> {
        match name {
            CITY_FILE => Some(match package.packed.as_ref().filter(|_| accepts(request, "gzip")) {
                Some(packed) => (packed.clone().into(), Some("gzip")),
                None => (package.bundle.clone().into_bytes().into(), None),
            }),
            WORKER => {
                let worker = String::from_utf8(self.read(WORKER)?.into_owned()).ok()?;
                let (before, after) = worker.split_once("const BUILD")?;
                let (between, after) = after.split_once('"')?;
                let marked = format!("{before}const BUILD{between}\"{mark}-{after}");
                Some((marked.into_bytes().into(), None))
            }
            _ => None,
        }
    }

    /// The best copy of a file for what the browser accepts.
    fn variant(&self, name: &str, request: &HeaderMap) -> Option<Variant> {
        for (coding, suffix) in [("br", "br"), ("gzip", "gz")] {
            if accepts(request, coding)
                && let Some(bytes) = self.read(&format!("{name}.{suffix}"))
            {
                return Some((bytes, Some(coding)));
            }
        }
        self.read(name).map(|bytes| (bytes, None))
    }

    fn read(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        let Some(folder) = &self.folder else { return Embedded::get(name).map(|file| file.data) };
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        plain.then(|| std::fs::read(folder.join(name)).ok()).flatten().map(Cow::Owned)
    }
}

/// Whether a file is another one while another city package holds.
#[must_use]
pub fn is_of_package(path: &str) -> bool {
    matches!(path.trim_start_matches('/'), CITY_FILE | WORKER)
}

fn accepts(request: &HeaderMap, coding: &str) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        name.trim().eq_ignore_ascii_case(coding) && weight.replace(' ', "") != "q=0"
    })
}

fn reply(name: &str, bytes: Cow<'static, [u8]>, encoding: Option<&'static str>, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", to_hex(&sha256(&[&bytes])[..16]));
    let mut response = if matches_etag(request, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(bytes.into_owned()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let caching = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// Whether `If-None-Match` names this ETag.
#[must_use]
pub fn matches_etag(request: &HeaderMap, etag: &str) -> bool {
    let Some(given) = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    given.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}

fn is_navigation(request: &HeaderMap) -> bool {
    let has = |name: &str, part: &str| {
        request.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(part))
    };
    has("sec-fetch-mode", "navigate") || (!request.contains_key("sec-fetch-mode") && has("accept", "text/html"))
}

/// Whether the bundler put a hash of the content into the name: `app-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let Some((stem, "js" | "wasm" | "css")) = name.rsplit_once('.') else { return false };
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let Some((_, hash)) = stem.rsplit_once('-') else { return false };
    hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_content_hash_are_immutable() {
        for name in [
            "greenshield-app-0123456789abcdef.js",
            "greenshield-app-0123456789abcdef_bg.wasm",
            "tokens-00ff00ff00ff00ff.css",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in
            ["sw.js", "boot.js", "index.html", "icon-192.png", "app-0123456789abcde.js", "app-0123456789ABCDEF.js"]
        {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
