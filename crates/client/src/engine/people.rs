//! People and their phones, for those who answer for them: invitations, lost phones, what waits for a decision. And what this
//! phone is told of its own person.
//!
//! Refuses: to change a person. That is an op of the person's record, like every other change.

use greenshield_domain::ids::{AccountId, LogId, OpId};
use greenshield_domain::roster::Table;
use greenshield_domain::wire::{
    HeldResponse, HeldRow, InviteRequest, InviteResponse, MeResponse, ReasonRequest, ReasonResponse, VerdictRequest,
    VerdictResponse, VerdictWord, XLSX_MIME,
};

use super::enrol::{json_request, read_reply};
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{Durability, HttpRequest, LocalStore, Ports, StoreError, Table as StoreTable, Write};
use crate::rows::{IdentityRow, meta, to_json};

impl<P: Ports> Engine<P> {
    /// Makes a one-time code for one more phone of a person.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `not_found` for somebody for whom this person does not answer.
    pub async fn invite(&self, account: AccountId, hours: u32) -> Result<InviteResponse, EngineError> {
        let asked = InviteRequest { account, hours: Some(hours) };
        read_reply(&self.send_signed(json_request("/v1/invites", &asked)?).await?.body)
    }

    /// Revokes a phone: it reads nothing any more.
    ///
    /// # Errors
    /// As [`Engine::invite`].
    pub async fn revoke_device(&self, log: LogId, reason: &str) -> Result<ReasonResponse, EngineError> {
        self.ask_of_device(log, "revoke", reason).await
    }

    /// Revokes a phone and asks it to wipe itself.
    ///
    /// # Errors
    /// As [`Engine::invite`].
    pub async fn wipe_device(&self, log: LogId, reason: &str) -> Result<ReasonResponse, EngineError> {
        self.ask_of_device(log, "wipe", reason).await
    }

    async fn ask_of_device(&self, log: LogId, what: &str, reason: &str) -> Result<ReasonResponse, EngineError> {
        let asked = ReasonRequest { reason: reason.to_owned() };
        let post = json_request(&format!("/v1/devices/{log}/{what}"), &asked)?;
        read_reply(&self.send_signed(post).await?.body)
    }

    /// The cells of the file of a spreadsheet, read by the server.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `bad_roster` for a file that does not read or is too large inside.
    pub async fn roster_table(&self, file: Vec<u8>) -> Result<Table, EngineError> {
        let headers = vec![("content-type", XLSX_MIME.to_owned())];
        let post = HttpRequest { headers, body: file, ..request("POST", "/v1/roster/preview") };
        read_reply(&self.send_signed(post).await?.body)
    }

    /// All ops that wait for a decision of this person, oldest first.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who decide nothing.
    pub async fn list_held(&self) -> Result<Vec<HeldRow>, EngineError> {
        let (mut held, mut after) = (Vec::new(), String::new());
        loop {
            let page: HeldResponse =
                read_reply(&self.send_signed(request("GET", format!("/v1/held{after}"))).await?.body)?;
            held.extend(page.held);
            // A page may have nothing for this person and still not be the last.
            let Some(next) = page.next else { return Ok(held) };
            after = format!("?after={next}");
        }
    }

    /// Decides about an op that waits.
    ///
    /// # Errors
    /// [`EngineError::Refused`].
    pub async fn judge(&self, op: OpId, verdict: VerdictWord, reason: &str) -> Result<VerdictResponse, EngineError> {
        let asked = VerdictRequest { op, verdict, reason: reason.to_owned() };
        read_reply(&self.send_signed(json_request("/v1/verdicts", &asked)?).await?.body)
    }

    /// As [`Engine::learn_me`]; a server that does not tell changes nothing.
    pub(super) async fn learn_me_if_told(&self) -> Result<bool, EngineError> {
        match self.learn_me().await {
            Err(EngineError::Refused(_) | EngineError::ForeignReply(_)) => Ok(false),
            other => other,
        }
    }

    /// Takes over name and role of this person as the server has them now. Returns whether that changed anything.
    ///
    /// # Errors
    /// [`EngineError`]; then they are what they were.
    pub async fn learn_me(&self) -> Result<bool, EngineError> {
        let me: MeResponse = read_reply(&self.send_signed(request("GET", "/v1/me")).await?.body)?;
        let found = self.read_meta(&[meta::IDENTITY]).await?.remove(0);
        let known = self.take_identity(found.as_deref())?;
        if known.account != me.account || (&known.name, &known.role) == (&me.name, &me.role) {
            return Ok(false);
        }
        let identity = IdentityRow { name: me.name, role: me.role, ..known };
        let mut write = Write::new(Durability::Strict);
        write.expect(StoreTable::Meta, meta::IDENTITY, found);
        write.put(StoreTable::Meta, meta::IDENTITY, to_json(&identity));
        match self.ports.store().write(write).await {
            Ok(()) => {
                self.identity.replace(Some(identity));
                Ok(true)
            }
            // Another tab was faster, or the log changed: the next contact tells again.
            Err(StoreError::Expectation { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
