//! The receipts file: what the server says to the maker of a bundle, brought back by any way.

use super::BundleError;
use crate::cbor::{self, Value};
use crate::statement::Signed;
use crate::wire::OpResult;

/// What became of a bundle. The receipts inside are signed one by one; the rest of the file is no more than a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptsFile {
    /// SHA-256 of the bundle file.
    pub bundle: [u8; 32],
    /// Ops that were not simply stored, by their place in the bundle.
    pub results: Vec<OpResult>,
    /// Signed [`crate::statement::Receipt`]s.
    pub ops: Vec<Signed>,
    /// Signed [`crate::statement::BlobReceipt`]s.
    pub blobs: Vec<Signed>,
}

impl ReceiptsFile {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let signed = |list: &[Signed]| Value::Array(list.iter().map(Signed::to_value).collect());
        cbor::encode(&Value::int_map([
            (1, Value::Int(1)),
            (2, Value::bytes(self.bundle)),
            (3, Value::Array(self.results.iter().map(OpResult::to_value).collect())),
            (4, signed(&self.ops)),
            (5, signed(&self.blobs)),
        ]))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        let value = cbor::decode(bytes)?;
        match value.get(1).and_then(Value::as_int) {
            Some(1) => {}
            Some(found) => return Err(BundleError::Version { found }),
            None => return Err(BundleError::Shape("not a receipts file")),
        }
        Self::from_value(&value).ok_or(BundleError::Shape("not a receipts file"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        let signed = |value: &Value| value.as_array()?.iter().map(Signed::from_value).collect::<Option<Vec<_>>>();
        Some(Self {
            bundle: value.get(2)?.as_array_of()?,
            results: value.get(3)?.as_array()?.iter().map(OpResult::from_value).collect::<Option<_>>()?,
            ops: signed(value.get(4)?)?,
            blobs: signed(value.get(5)?)?,
        })
    }
}
