//! JSON that keeps the order of its keys, so that a golden file reads from inputs to result.

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::ids::to_hex;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// One JSON value.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Text(String),
    Int(i64),
    List(Vec<Json>),
    Map(Vec<(&'static str, Json)>),
    Any(serde_json::Value),
}

impl Json {
    /// The text of a file.
    pub(crate) fn to_file(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> Self {
        Json::Text(to_hex(bytes.as_ref()))
    }

    pub(crate) fn text(text: impl std::fmt::Display) -> Self {
        Json::Text(text.to_string())
    }

    pub(crate) fn uint(n: u64) -> Self {
        Json::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Json>) -> Self {
        Json::List(items.into_iter().collect())
    }

    /// Diagnostic notation and bytes of a CBOR value.
    pub(crate) fn cbor(value: &Value) -> Self {
        Json::Map(vec![("says", Json::text(format!("{value:?}"))), ("cbor", Json::hex(cbor::encode(value)))])
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Text(text) => serializer.serialize_str(text),
            Json::Int(int) => serializer.serialize_i64(*int),
            Json::List(items) => items.serialize(serializer),
            Json::Any(value) => value.serialize(serializer),
            Json::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                pairs.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}
