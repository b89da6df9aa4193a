//! Map packs of the server.

use greenshield_domain::ids::BlobId;
use greenshield_domain::wire::{PackRow, PacksResponse};

use super::request::request;
use super::{Engine, EngineError};
use crate::ports::Ports;

impl<P: Ports> Engine<P> {
    /// The packs that the server has.
    ///
    /// # Errors
    /// When there is no server, or its answer does not read.
    pub async fn packs(&self) -> Result<Vec<PackRow>, EngineError> {
        let reply = self.send_signed(request("GET", "/v1/packs")).await?;
        let packs: PacksResponse =
            serde_json::from_slice(&reply.body).map_err(|_| EngineError::ForeignReply("packs".to_owned()))?;
        Ok(packs.packs)
    }

    /// One chunk of a pack, checked against the list.
    ///
    /// # Errors
    /// [`EngineError::ForeignReply`] when the bytes are others than the list says; else as any request.
    pub async fn pack_chunk(
        &self,
        pack: &PackRow,
        index: usize,
        hash: impl AsyncFnOnce(&[u8]) -> BlobId,
    ) -> Result<Vec<u8>, EngineError> {
        let bytes = self.send_signed(request("GET", format!("/v1/packs/{}/{index}", pack.sha256))).await?.body;
        if pack.chunks.get(index) != Some(&hash(&bytes).await.to_hex()) {
            return Err(EngineError::ForeignReply("chunk of a map".to_owned()));
        }
        Ok(bytes)
    }
}
