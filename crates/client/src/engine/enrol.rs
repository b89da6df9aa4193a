//! Enrolment: a one-time code makes this install the log of an account.
//!
//! Invariant: the genesis is on disk before it is sent, so a lost reply is answered by sending the same one again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::{from_hex, to_hex};
use greenshield_domain::op::{Genesis, SignedOp};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::{Certificate, Checkpoint, Receipt, Signed, Statement};
use greenshield_domain::wire::{BeginRequest, BeginResponse, EnrolRequest, EnrolResponse, SignedJson, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{Durability, HttpRequest, Keys, LocalStore, Ports, StoreError, Table, Write};
use crate::rows::{
    EnrollingRow, HeadRow, IdentityRow, OpRow, encode_signed, from_json, lease_key, log_key, meta, op_key, to_json,
};

impl<P: Ports> Engine<P> {
    /// Asks who a code is for, without using it up.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `unknown_code`, `expired_code` or `used_code`; [`EngineError::Transport`].
    pub async fn who_is_invited(&self, code: &str) -> Result<BeginResponse, EngineError> {
        let begin = BeginRequest { code: code.to_owned() };
        read_reply(&self.send(json_request("/v1/enrol/begin", &begin)?).await?.body)
    }

    /// Enrols this install with a code; may be called again after any failure.
    ///
    /// # Errors
    /// As [`Engine::who_is_invited`], and [`EngineError::AlreadyEnrolled`].
    pub async fn enrol(&self, code: &str) -> Result<IdentityRow, EngineError> {
        if let Some(identity) = self.identity() {
            return Err(EngineError::AlreadyEnrolled { name: identity.name });
        }
        let pending = match self.pending_enrolment(code).await? {
            Some(pending) => pending,
            None => self.begin_enrolment(code).await?,
        };
        let genesis = stored_genesis(&pending)?;
        let reply: EnrolResponse = read_reply(&self.send(enrol_request(code, &genesis)?).await?.body)?;
        self.finish_enrolment(pending.identity, genesis, &reply).await
    }

    async fn pending_enrolment(&self, code: &str) -> Result<Option<EnrollingRow>, EngineError> {
        let row = self.read_meta(&[meta::ENROLLING]).await?.remove(0);
        let pending: Option<EnrollingRow> = row.as_deref().map(|bytes| from_json(Table::Meta, bytes)).transpose()?;
        Ok(pending.filter(|pending| pending.code == code))
    }

    async fn begin_enrolment(&self, code: &str) -> Result<EnrollingRow, EngineError> {
        let begin = self.who_is_invited(code).await?;
        let foreign = || EngineError::ForeignReply("enrol/begin".to_owned());
        let nonce = from_hex(&begin.nonce).and_then(|bytes| bytes.try_into().ok()).ok_or_else(foreign)?;
        let checkpoint = begin.checkpoint.to_signed().ok_or_else(foreign)?;
        let number = self.next_key().await?;
        let key = self.ports.keys().public_key(number).await?;
        let genesis =
            Genesis { key, nonce, account: begin.account, app_version: self.app_version.clone(), continues: None };
        let clock = (self.now_millis(), self.boot, self.ports.clock().mono_millis());
        let unsigned = genesis.draft(clock, Checkpoint::id_of(&checkpoint.payload), self.random()).freeze()?;
        let signature = self.ports.keys().sign(number, &unsigned.message()).await?;
        let pending = EnrollingRow {
            code: code.to_owned(),
            identity: IdentityRow {
                account: begin.account,
                name: begin.name,
                role: begin.role,
                city: begin.city,
                log: key.log_id(),
                key: number,
                before: Vec::new(),
                server_key: begin.server_key,
            },
            genesis: to_hex(unsigned.seal(signature).bytes()),
        };
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Meta, meta::ENROLLING, to_json(&pending));
        self.ports.store().write(write).await?;
        Ok(pending)
    }

    async fn finish_enrolment(
        &self,
        identity: IdentityRow,
        genesis: SignedOp,
        reply: &EnrolResponse,
    ) -> Result<IdentityRow, EngineError> {
        let (mut write, receipt) = self.admitted(&identity, genesis, reply).await?;
        write.expect(Table::Meta, meta::IDENTITY, None);
        write.put(Table::Meta, meta::EPOCH, receipt.epoch.0.to_vec());
        write.delete(Table::Meta, meta::ENROLLING);
        self.ports.store().write(write).await?;
        self.identity.replace(Some(identity.clone()));
        self.heard(reply.time_millis).await?;
        Ok(identity)
    }

    /// Verifies the server's answer to a genesis and writes down the log that begins with it.
    pub(super) async fn admitted(
        &self,
        identity: &IdentityRow,
        genesis: SignedOp,
        reply: &EnrolResponse,
    ) -> Result<(Write, Receipt), EngineError> {
        let key = from_hex(&identity.server_key).and_then(|bytes| bytes.try_into().ok()).map(PublicKey);
        let key = key.ok_or_else(|| EngineError::ForeignReply("server_key".to_owned()))?;
        let certificate: Certificate = self.open_json(&reply.certificate, &key).await?;
        let receipt: Receipt = self.open_json(&reply.receipt, &key).await?;
        if certificate.log != identity.log || receipt.head != genesis.id() {
            return Err(EngineError::ForeignServer);
        }
        let row = OpRow {
            account: identity.account,
            eff_millis: receipt.received_millis,
            received_millis: Some(receipt.received_millis),
            verdict: Verdict::Ok,
            pos: 0,
            op: genesis,
        };
        let (header, id) = (row.op.header(), row.op.id());
        let op_key = op_key(&header.record, &id);
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Meta, meta::IDENTITY, to_json(identity));
        write.put(Table::Meta, meta::HEAD, to_json(&HeadRow { log: identity.log, seq: 0, id }));
        write.put(Table::OwnOps, log_key(&identity.log, 0), op_key.clone());
        write.put(Table::Ops, op_key, row.encode());
        if let Some(lease) = from_hex(&reply.lease) {
            write.put(Table::Meta, lease_key(&identity.log), lease);
        }
        if let Some(signed) = reply.receipt.to_signed() {
            write.put(Table::Receipts, log_key(&identity.log, 0), encode_signed(&signed));
        }
        Ok((write, receipt))
    }

    async fn open_json<S: Statement>(&self, json: &SignedJson, key: &PublicKey) -> Result<S, EngineError> {
        let signed = json.to_signed().ok_or_else(|| EngineError::ForeignReply(S::NAME.to_owned()))?;
        self.open_signed(&signed, key).await
    }

    /// Verifies a statement of the server and reads it.
    pub(super) async fn open_signed<S: Statement>(&self, signed: &Signed, key: &PublicKey) -> Result<S, EngineError> {
        if !self.ports.keys().verify(key, &S::message(&signed.payload), &signed.signature).await {
            return Err(EngineError::ForeignServer);
        }
        signed.read_unchecked().map_err(|error| EngineError::ForeignReply(error.to_string()))
    }
}

/// The genesis of an enrolment under way.
pub(super) fn stored_genesis(pending: &EnrollingRow) -> Result<SignedOp, StoreError> {
    let genesis = from_hex(&pending.genesis).and_then(|bytes| SignedOp::decode(&bytes).ok());
    genesis.ok_or(StoreError::Corrupt { table: Table::Meta.name() })
}

/// `POST /v1/enrol`; without a code the signature of the request vouches.
pub(super) fn enrol_request(code: &str, genesis: &SignedOp) -> Result<HttpRequest, EngineError> {
    let enrol = EnrolRequest { code: code.to_owned(), op: URL_SAFE_NO_PAD.encode(genesis.bytes()) };
    json_request("/v1/enrol", &enrol)
}

pub(super) fn json_request<T: Serialize>(path: &str, body: &T) -> Result<HttpRequest, EngineError> {
    let body = serde_json::to_vec(body).map_err(|error| EngineError::ForeignReply(error.to_string()))?;
    Ok(HttpRequest { headers: vec![("content-type", "application/json".to_owned())], body, ..request("POST", path) })
}

pub(super) fn read_reply<T: DeserializeOwned>(body: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(body).map_err(|error| EngineError::ForeignReply(error.to_string()))
}
