//! What a fresh phone begins with: the records, newest first, page by page, so that the list is of use after the first one.
//!
//! Invariants: a page and the place in the snapshot are one transaction, so that a killed phone goes on where it was; the last
//! page leaves an ordinary cursor of the position at which the snapshot began. Refuses: phones that have a cursor.

use futures_util::future::join;
use greenshield_domain::wire::PullPage;

use super::pull::Pulled;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{Durability, LocalStore, Ports, StoreError, Table, Write};
use crate::rows::meta;

impl<P: Ports> Engine<P> {
    /// Takes the next page; `None` when the server has no snapshots: then the pull begins at the beginning.
    pub(super) async fn take_snapshot(&self, place: Option<Vec<u8>>) -> Result<Option<Pulled>, EngineError> {
        let text = place.as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let path = path_of(&text);
        let fetched = self.ahead.take().filter(|(from, _)| *from == path);
        let page = match fetched {
            Some((_, page)) => page,
            None => match self.fetch_snapshot(&path).await {
                Err(EngineError::Refused(refusal)) if refusal.status == 404 => return Ok(None),
                Err(EngineError::Refused(refusal)) if matches!(refusal.body.code.as_str(), "epoch" | "scope") => {
                    let new_epoch = refusal.body.code == "epoch";
                    let changed = if new_epoch {
                        self.must_reconcile.set(true);
                        Vec::new()
                    } else {
                        self.leave_scope().await?
                    };
                    self.restart_snapshot(place).await?;
                    return Ok(Some(Pulled { changed, more: true, new_epoch, ..Pulled::default() }));
                }
                other => other?,
            },
        };
        let mut write = Write::new(Durability::Relaxed);
        write.expect(Table::Meta, meta::CURSOR, None);
        write.expect(Table::Meta, meta::SNAPSHOT, place);
        if !page.more {
            write.put(Table::Meta, meta::CURSOR, page.next.clone().into_bytes());
            write.delete(Table::Meta, meta::SNAPSHOT);
            // What came since the snapshot began waits at the cursor.
            return Ok(Some(Pulled { more: true, ..self.apply_page(write, page).await? }));
        }
        write.put(Table::Meta, meta::SNAPSHOT, page.next.clone().into_bytes());
        let next = path_of(&page.next);
        let (applied, following) = join(self.apply_page(write, page), self.fetch_snapshot(&next)).await;
        self.ahead.replace(following.ok().map(|page| (next, page)));
        applied.map(Some)
    }

    async fn fetch_snapshot(&self, path: &str) -> Result<PullPage, EngineError> {
        Ok(PullPage::decode(&self.send_signed(request("GET", path)).await?.body)?)
    }

    async fn restart_snapshot(&self, place: Option<Vec<u8>>) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        write.expect(Table::Meta, meta::SNAPSHOT, place);
        write.delete(Table::Meta, meta::SNAPSHOT);
        match self.ports.store().write(write).await {
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn path_of(cursor: &str) -> String {
    format!("/v1/snapshot?cursor={cursor}")
}
