//! The files of the app: embedded at build time, or from a folder with `--web-dir`; and the city package.
//!
//! Owns: content types, caching, compressed copies, ETags, the start page for navigations. Refuses: paths that leave the
//! folder. A build without `dist/` serves a page that says so, and the API all the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::city::{City, CityFault, FILES};
use greenshield_domain::ids::{sha256, to_hex};
use rust_embed::RustEmbed;
use thiserror::Error;

use crate::error::ApiError;
use crate::headers::policy_of;

#[derive(RustEmbed)]
#[folder = "../../dist"]
struct Embedded;

/// The check of evidence exports: a page that stands alone, with a content policy of its own.
const VERIFIER: &str = "verify.html";

/// The city package of this build, in the order of [`FILES`].
const CITY: [&str; FILES.len()] = [
    include_str!("../../../city/city.json"),
    include_str!("../../../city/kinds.json"),
    include_str!("../../../city/workflows.json"),
    include_str!("../../../city/catalog.json"),
    include_str!("../../../city/icons.json"),
    include_str!("../../../city/policy.json"),
    include_str!("../../../city/calendar.json"),
    include_str!("../../../city/referrals.json"),
    include_str!("../../../city/papers.json"),
    include_str!("../../../city/divisions.json"),
    include_str!("../../../city/registers.json"),
    include_str!("../../../city/retention.json"),
];

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Greenshield</title>\
    <p>This server was built without the app. Build it with <code>cargo xtask web</code>, or start with \
    <code>--web-dir</code>. The API under <code>/v1</code> works.</p></html>\n";

/// Why the app can not be served.
#[derive(Debug, Error)]
pub enum AssetError {
    /// The city package is not sound.
    #[error("the city package has faults:\n{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    City {
        /// All of them.
        faults: Vec<CityFault>,
    },
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
    city: City,
    bundle: String,
}

impl Assets {
    /// Checks the city package and where the files come from.
    ///
    /// # Errors
    /// [`AssetError`].
    pub fn load(folder: Option<PathBuf>) -> Result<Self, AssetError> {
        if let Some(path) = folder.as_ref().filter(|path| !path.is_dir()) {
            return Err(AssetError::NoFolder { path: path.clone() });
        }
        let files: BTreeMap<String, String> =
            FILES.iter().zip(CITY).map(|(name, text)| ((*name).to_owned(), text.to_owned())).collect();
        let city = City::from_files(&files).map_err(|faults| AssetError::City { faults })?;
        let parts: Vec<String> =
            FILES.iter().zip(CITY).map(|(name, text)| format!("{name:?}:{}", text.trim())).collect();
        Ok(Self { folder, city, bundle: format!("{{{}}}", parts.join(",\n")) })
    }

    /// The city of this server.
    #[must_use]
    pub fn city(&self) -> &City {
        &self.city
    }

    /// Answers a GET or HEAD for a file of the app.
    ///
    /// # Errors
    /// [`ApiError::NotFound`].
    pub fn serve(&self, path: &str, request: &HeaderMap) -> Result<Response, ApiError> {
        let name = path.trim_start_matches('/');
        let name = if name.is_empty() { "index.html" } else { name };
        if let Some((bytes, encoding)) = self.variant(name, request) {
            let mut response = reply(name, bytes, encoding, request);
            if let Some(policy) = (name == VERIFIER).then(|| policy_of(&self.read(name)?)).flatten() {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            return Ok(response);
        }
        if name == "city.json" {
            return Ok(reply(name, self.bundle.clone().into_bytes().into(), None, request));
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

    /// The best copy of a file for what the browser accepts.
    fn variant(&self, name: &str, request: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
        let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accepts = |coding: &str| {
            accepted.split(',').any(|item| {
                let (name, weight) = item.split_once(';').unwrap_or((item, ""));
                name.trim().eq_ignore_ascii_case(coding) && weight.replace(' ', "") != "q=0"
            })
        };
        for (coding, suffix) in [("br", "br"), ("gzip", "gz")] {
            if accepts(coding)
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

    #[test]
    fn the_bundle_is_the_city_package() {
        let assets = Assets::load(None).unwrap();
        assert_eq!(City::from_bundle(&assets.bundle).as_ref(), Ok(assets.city()));
    }
}
