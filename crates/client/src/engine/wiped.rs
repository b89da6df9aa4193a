//! The wipe that somebody asked for from afar: everything unsent is delivered first, then all goes, and the phone signs that it
//! did.
//!
//! Invariant: nothing that waits for its receipt is ever thrown away by it. The identity goes last, with the server's word that
//! it heard; whatever breaks off before goes on at the next start.

use greenshield_domain::statement::{Signed, Statement as _, Wiped};
use greenshield_domain::wire::{SignedJson, WipeState};

use super::enrol::json_request;
use super::{Engine, EngineError, first_value};
use crate::ports::{Durability, Keys, LocalStore, Ports, Read, Table, Write};
use crate::rows::{CourierRow, WipeRow, from_json, meta, to_json};

/// Rows that one transaction removes.
const ROWS_AT_ONCE: usize = 200;

/// How far a wipe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WipeStep {
    /// Nobody asked for one.
    None,
    /// Something still has to be delivered.
    Delivering,
    /// All is gone, and the server knows.
    Done,
}

impl<P: Ports> Engine<P> {
    /// Keeps the wish, so that it holds after a restart without a network, too.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn note_wipe(&self, wish: WipeState) -> Result<(), EngineError> {
        let row = WipeRow { asked_millis: wish.asked_millis, wiped_millis: None };
        if self.wipe_row().await?.is_none_or(|known| known.asked_millis != row.asked_millis) {
            let mut write = Write::new(Durability::Strict);
            write.put(Table::Meta, meta::WIPE, to_json(&row));
            self.ports.store().write(write).await?;
        }
        Ok(())
    }

    async fn wipe_row(&self) -> Result<Option<WipeRow>, EngineError> {
        let found = self.read_meta(&[meta::WIPE]).await?.remove(0);
        Ok(found.map(|bytes| from_json(Table::Meta, &bytes)).transpose()?)
    }

    /// Does what can be done of it now.
    ///
    /// # Errors
    /// [`EngineError`]; what was not done is done by the next call.
    pub async fn wipe_step(&self) -> Result<WipeStep, EngineError> {
        let Some(row) = self.wipe_row().await? else { return Ok(WipeStep::None) };
        let wiped_millis = match row.wiped_millis {
            Some(millis) => millis,
            None if self.has_to_deliver().await? => return Ok(WipeStep::Delivering),
            None => {
                self.remove_all().await?;
                let wiped_millis = self.now_millis();
                let mut write = Write::new(Durability::Strict);
                write.put(Table::Meta, meta::WIPE, to_json(&WipeRow { wiped_millis: Some(wiped_millis), ..row }));
                self.ports.store().write(write).await?;
                wiped_millis
            }
        };
        self.confirm_wipe(row.asked_millis, wiped_millis).await?;
        self.forget_identity().await?;
        Ok(WipeStep::Done)
    }

    /// Whether anything here is on no server yet: of this person, or of another one whom this phone carries for.
    async fn has_to_deliver(&self) -> Result<bool, EngineError> {
        let status = self.status().await?;
        let carries = self.couriers().await?.iter().any(CourierRow::is_waiting);
        Ok(carries || status.ops_unsent + status.blobs_unsent > 0)
    }

    /// Removes every row but those that say who this phone is.
    async fn remove_all(&self) -> Result<(), EngineError> {
        let stays = |key: &[u8]| [meta::IDENTITY, meta::WIPE, meta::CONTACT].contains(&key);
        for table in Table::ALL {
            let mut from = Vec::new();
            loop {
                let scan = Read::Scan { table, from: from.clone(), to: None, limit: ROWS_AT_ONCE };
                let rows = self.ports.store().read(vec![scan]).await?.pop().unwrap_or_default();
                let Some((last, _)) = rows.last() else { break };
                from = [last.as_slice(), &[0]].concat();
                let mut write = Write::new(Durability::Strict);
                for (key, _) in rows.into_iter().filter(|(key, _)| table != Table::Meta || !stays(key)) {
                    write.delete(table, key);
                }
                self.ports.store().write(write).await?;
            }
        }
        Ok(())
    }

    async fn confirm_wipe(&self, asked_millis: i64, wiped_millis: i64) -> Result<(), EngineError> {
        let identity = self.enrolled()?;
        let payload = Wiped { log: identity.log, asked_millis, wiped_millis }.payload();
        let signature = self.ports.keys().sign(identity.key, &Wiped::message(&payload)).await?.to_low_s();
        let word = SignedJson::from(&Signed { payload, signature });
        let post = json_request(&format!("/v1/devices/{}/wiped", identity.log), &word)?;
        self.send_signed(post).await.map(drop)
    }

    async fn forget_identity(&self) -> Result<(), EngineError> {
        let identity = self.enrolled()?;
        let mut write = Write::new(Durability::Strict);
        // A key is for one log, for good: whoever gets this phone next has a new one.
        write.put(Table::Meta, meta::NEXT_KEY, to_json(&(identity.key + 1)));
        for name in [meta::IDENTITY, meta::WIPE, meta::CONTACT] {
            write.delete(Table::Meta, name);
        }
        self.ports.store().write(write).await?;
        self.identity.replace(None);
        Ok(())
    }

    /// The number of the key for the next enrolment.
    pub(super) async fn next_key(&self) -> Result<u32, EngineError> {
        let read = Read::Get(Table::Meta, meta::NEXT_KEY.to_vec());
        let row = self.ports.store().read(vec![read]).await?.pop().and_then(first_value);
        Ok(row.map(|bytes| from_json(Table::Meta, &bytes)).transpose()?.unwrap_or(0))
    }
}
