//! Why the engine could not do it, as data: the app turns each case into words.

use greenshield_domain::op::OpError;
use greenshield_domain::wire::{ErrorBody, WireError};
use thiserror::Error;

use crate::ports::{KeyError, StoreError, TransportError};

/// A reply that is no success.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("HTTP {status} {}", body.code)]
pub struct Refusal {
    /// Status code.
    pub status: u16,
    /// What the server said; a code of `http` when it was not our server that answered.
    pub body: ErrorBody,
    /// Seconds that the server asks to wait.
    pub retry_after_seconds: Option<u32>,
}

/// Why a call of the engine failed. In every case what was saved stays saved.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EngineError {
    /// The phone belongs to nobody yet.
    #[error("this phone is not enrolled")]
    NotEnrolled,
    /// The phone belongs to somebody already.
    #[error("this phone is enrolled as {name}")]
    AlreadyEnrolled {
        /// Who.
        name: String,
    },
    /// The local database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was to be saved is too large or empty.
    #[error(transparent)]
    Op(#[from] OpError),
    /// No reply.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server refused.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A reply that is not ours: a captive portal, a proxy, another version.
    #[error("the reply is not from a Greenshield server: {0}")]
    ForeignReply(String),
    /// The reply is signed by another key than at enrolment.
    #[error("the reply is not signed by the server that this phone was enrolled with")]
    ForeignServer,
    /// The write was read back and is not what was written.
    #[error("what was read back is not what was saved")]
    ReadBack,
    /// Other writers kept coming first.
    #[error("the local database stayed busy")]
    Busy,
}

impl From<WireError> for EngineError {
    fn from(error: WireError) -> Self {
        EngineError::ForeignReply(error.to_string())
    }
}

impl EngineError {
    /// The stable code of a refusal, `None` for everything else.
    #[must_use]
    pub fn refusal_code(&self) -> Option<&str> {
        if let EngineError::Refused(refusal) = self { Some(&refusal.body.code) } else { None }
    }
}
