//! `GET /v1/records/{record}/blobs/{sha256}`: a blob, whole or one range of it, to whoever may read the record.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::policy::Action;

use crate::app::Shared;
use crate::assets::matches_etag;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::{BlobRow, Store as _};

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    names: Result<Path<(String, String)>, PathRejection>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Path((record, sha256)) = names?;
    let not_found = |_| ApiError::NotFound;
    let (record, blob) =
        (RecordId::from_hex(&record).map_err(not_found)?, BlobId::from_hex(&sha256).map_err(not_found)?);
    // What is not there and what is not for the caller answer alike.
    let scope = caller.scope();
    let facts = scope.record(&app.store, record, Action::Read).await?.ok_or(ApiError::NotFound)?;
    let row = app.store.blob_of_record(record, blob).await?.ok_or(ApiError::NotFound)?;
    if !scope.links(&app.store, record, &facts, blob).await? {
        return Err(ApiError::NotFound);
    }
    audit::looked(&app, &caller, record, &facts).await;
    let etag = format!("\"{blob}\"");
    if matches_etag(&request, &etag) {
        return Ok(with_headers(Response::new(Body::empty()), StatusCode::NOT_MODIFIED, &row, &etag));
    }
    let (status, from, upto) = match range(&request, &etag, row.size_bytes) {
        Wanted::Whole => (StatusCode::OK, 0, row.size_bytes),
        Wanted::Part { from, upto } => (StatusCode::PARTIAL_CONTENT, from, upto),
        Wanted::Outside => return Err(ApiError::Range { size: row.size_bytes }),
    };
    let parts = app.blobs.stream(&blob, from..upto).await?;
    let mut response = with_headers(Response::new(Body::from_stream(parts)), status, &row, &etag);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(upto - from));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {from}-{}/{}", upto - 1, row.size_bytes))
    {
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

fn with_headers(mut response: Response, status: StatusCode, row: &BlobRow, etag: &str) -> Response {
    *response.status_mut() = status;
    let name = format!("attachment; filename=\"{}.{}\"", &row.id.to_hex()[..16], extension(&row.mime));
    let headers = response.headers_mut();
    for (key, value) in [
        (header::CONTENT_TYPE, row.mime.as_str()),
        (header::CONTENT_DISPOSITION, &name),
        (header::ETAG, etag),
        (header::ACCEPT_RANGES, "bytes"),
        // The name is the hash: what it names never changes, but it is not for shared caches.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (header::VARY, "authorization"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(key, value);
        }
    }
    response
}

fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" | "audio/webm" => "audio",
        "video/mp4" => "mp4",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

/// What a request asks for; `upto` is exclusive.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part { from: u64, upto: u64 },
    Outside,
}

/// Reads one range (RFC 9110 §14). Several ranges, other units and nonsense are answered with the whole, as allowed.
fn range(request: &HeaderMap, etag: &str, size: u64) -> Wanted {
    let text = |name| request.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|tag| tag != etag) {
        return Wanted::Whole;
    }
    let spec = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")).map(str::trim);
    let Some((from, upto)) = spec.filter(|spec| !spec.contains(',')).and_then(|spec| spec.split_once('-')) else {
        return Wanted::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, last) = match (number(from), number(upto)) {
        (None, Some(suffix)) if from.is_empty() => (size.saturating_sub(suffix), size.checked_sub(1)),
        (Some(from), None) if upto.is_empty() => (from, size.checked_sub(1)),
        (Some(from), Some(last)) if from <= last => (from, size.checked_sub(1).map(|end| end.min(last))),
        _ => return Wanted::Whole,
    };
    match last {
        Some(last) if from <= last => Wanted::Part { from, upto: last + 1 },
        _ => Wanted::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_the_standard_says() {
        let wanted = |spec: &str, size| {
            let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_str(spec).unwrap())]);
            range(&headers, "\"x\"", size)
        };
        let part = |from, upto| Wanted::Part { from, upto };
        for (spec, expected) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-", part(2, 10)),
            ("bytes=-3", part(7, 10)),
            ("bytes=-99", part(0, 10)),
            ("bytes=4-99", part(4, 10)),
            ("bytes=10-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
        ] {
            assert_eq!(wanted(spec, 10), expected, "{spec}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Outside);
    }
}
