//! What went wrong in IndexedDB, sorted by what to do about it.

use greenshield_client::ports::StoreError;

use crate::platform::Exception;

/// Why a transaction did not commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::platform) enum Failure {
    /// The connection is dead: open again and repeat. iOS does this to pages in the background.
    Lost,
    /// Repeating does not help.
    Store(StoreError),
}

impl Failure {
    /// Sorts an exception of a transaction or a request.
    ///
    /// `AbortError` counts as lost: our own aborts say why before they abort, so this one came from the browser, which
    /// closes a database by force.
    pub(super) fn of(exception: Exception) -> Self {
        let Exception { name, message } = exception;
        let connection = || ["onnection", "closing", "closed"].iter().any(|word| message.contains(word));
        match name.as_str() {
            "QuotaExceededError" => Self::Store(StoreError::QuotaExceeded),
            "InvalidStateError" | "AbortError" => Self::Lost,
            "UnknownError" if connection() => Self::Lost,
            _ => Self::Store(StoreError::Backend { name, message }),
        }
    }

    /// As the caller sees it, when there is no further try.
    pub(super) fn into_store_error(self) -> StoreError {
        match self {
            Self::Lost => StoreError::Lost,
            Self::Store(error) => error,
        }
    }
}

impl From<wasm_bindgen::JsValue> for Failure {
    fn from(thrown: wasm_bindgen::JsValue) -> Self {
        Self::of(Exception::from(&thrown))
    }
}

/// Why the database did not open.
pub(super) fn of_opening(exception: Exception) -> StoreError {
    match exception.name.as_str() {
        "QuotaExceededError" => StoreError::QuotaExceeded,
        _ => StoreError::Unavailable { reason: exception.to_string() },
    }
}
