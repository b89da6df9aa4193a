//! What the bytes of a blob are, whatever the uploader says: the type that a browser is told later.
//!
//! Refuses: to refuse. A photo of a kind that is not known here is evidence all the same; it is kept whole, and handed out as
//! bytes that no browser shows.

use infer::Infer;

/// Bytes that no browser interprets.
pub const UNKNOWN: &str = "application/octet-stream";
/// How much of the beginning is looked at.
pub const HEAD_BYTES: u64 = 512;

/// Types that are handed out by their name. None of them can hold a script that a browser runs.
const SAFE: [&str; 13] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/heif",
    "image/avif",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/webm",
    "video/mp4",
    "video/webm",
    "application/pdf",
];

/// The container of a type: what the first bytes tell. Sound and film share theirs.
fn container(mime: &str) -> &str {
    match mime {
        "audio/webm" | "video/webm" | "video/x-matroska" => "webm",
        "audio/mp4" | "audio/m4a" | "video/mp4" | "video/x-m4v" | "video/quicktime" => "mp4",
        "audio/ogg" | "audio/opus" | "video/ogg" => "ogg",
        "image/heif" | "image/heic" => "heif",
        other => other,
    }
}

/// The type to tell: what was said when the bytes are of its container, else what they are, else [`UNKNOWN`].
#[must_use]
pub fn of(head: &[u8], said: &str) -> String {
    let Some(found) = Infer::new().get(head).map(|kind| kind.mime_type()) else { return UNKNOWN.to_owned() };
    let fits = container(found) == container(said);
    let told = if fits { said } else { found };
    if SAFE.contains(&told) { told } else { UNKNOWN }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_what_runs_in_a_browser_is_only_bytes() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
        let webm = [&b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04"[..], &[0; 256]].concat();
        let mp4 = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2";
        for (head, said, told) in [
            (&jpeg[..], "image/jpeg", "image/jpeg"),
            (jpeg, "audio/mpeg", "image/jpeg"),
            (&webm, "audio/webm", "audio/webm"),
            (mp4, "audio/mp4", "audio/mp4"),
            (mp4, "image/png", "video/mp4"),
            (b"%PDF-1.7", "application/pdf", "application/pdf"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml", UNKNOWN),
            (b"<!DOCTYPE html><script>", "image/jpeg", UNKNOWN),
            (b"<html><script>", "text/html", UNKNOWN),
            (b"", "image/jpeg", UNKNOWN),
            (b"MZ\x90\0", "image/jpeg", UNKNOWN),
        ] {
            assert_eq!(of(head, said), told, "{said}");
        }
    }
}
