//! The facts of the capture: what the phone noted of each file when it was added.

use greenshield_client::engine::RecordView;
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::field;

/// What the capture facts say of a file: `list` is `photos` or `voices`.
#[must_use]
pub fn capture_of<'a>(view: &'a RecordView, list: &str, file: BlobId, name: &str) -> Option<&'a Value> {
    let of = |map: &'a Value, name: &str| match map {
        Value::Map(pairs) => pairs.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value),
        _ => None,
    };
    // What not everybody may know stands apart, in the same shape.
    [field::CAPTURE, field::EXACT_CAPTURE].iter().find_map(|said| {
        let files = of(view.merged.value(*said)?, list)?.as_array()?;
        let facts = files.iter().find(|facts| of(facts, "blob").is_some_and(|blob| *blob == file.to_value()))?;
        of(facts, name)
    })
}
