//! Pages of a ledger, for readers that come back for the next one.
//!
//! Owns: which records fit, remembered as long as nothing was said since, so that a reader of many pages looks through all
//! records once. Refuses: to remember rights: those of each record on a page are asked for again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use greenshield_domain::ids::RecordId;
use greenshield_domain::policy::{Action, Facts, Standing};

use super::asked::{Asked, Bbox};
use super::{Ledger, LedgerError, RECORDS_AT_ONCE, Sources};
use crate::store::Store;

/// Questions whose answers are remembered.
const MOST: usize = 16;

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    who: Standing,
    kind: u32,
    from_millis: Option<i64>,
    until_millis: Option<i64>,
    bbox: Option<Bbox>,
    newest_pos: u64,
}

/// The answers to the last questions, the newest last.
#[derive(Debug, Default)]
pub struct Found(Mutex<Vec<(Question, Arc<Vec<RecordId>>)>>);

impl Found {
    /// Forgets all of it: another city package may let others read other records.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn get(&self, question: &Question) -> Option<Arc<Vec<RecordId>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(asked, _)| asked == question).map(|(_, found)| found.clone())
    }

    fn put(&self, question: Question, found: Arc<Vec<RecordId>>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(asked, _)| asked.newest_pos == question.newest_pos && *asked != question);
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push((question, found));
    }
}

/// A part of a ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its records.
    pub ledger: Ledger,
    /// How many fit in all.
    pub matched: usize,
    /// Where the next page goes on, if there is one.
    pub next: Option<RecordId>,
}

impl<S: Store> Sources<'_, S> {
    /// The records behind `after`, at most `limit`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn page(
        &self,
        asked: &Asked<'_>,
        found: &Found,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Page, LedgerError> {
        let question = Question {
            who: self.scope.who.clone(),
            kind: asked.kind.id,
            from_millis: asked.from_millis,
            until_millis: asked.until_millis,
            bbox: asked.bbox,
            newest_pos: self.store.newest_pos().await?,
        };
        let all = match found.get(&question) {
            Some(all) => all,
            None => {
                let all = Arc::new(self.matching(asked).await?);
                found.put(question, all.clone());
                all
            }
        };
        let from = after.map_or(0, |after| all.partition_point(|record| *record <= after));
        let upto = from.saturating_add(limit).min(all.len());
        let some = &all[from..upto];
        let mut now: BTreeMap<RecordId, Facts> = BTreeMap::new();
        now.extend(self.store.histories(some).await?.into_iter().map(|(record, _, facts)| (record, facts)));
        let given = now.into_iter().filter(|(_, facts)| self.scope.allows(Action::Export, facts));
        let rows = self.rows(asked, &given.collect::<Vec<_>>(), &mut 0).await?;
        let next = some.last().copied().filter(|_| upto < all.len());
        Ok(Page { ledger: Ledger::of(asked, rows), matched: all.len(), next })
    }

    /// All records that fit, ascending.
    async fn matching(&self, asked: &Asked<'_>) -> Result<Vec<RecordId>, LedgerError> {
        let plain = Asked { tracks: false, ..*asked };
        let (mut all, mut track_bytes) = (Vec::new(), 0);
        for some in self.records(asked.kind).await?.chunks(RECORDS_AT_ONCE) {
            all.extend(self.rows(&plain, some, &mut track_bytes).await?.into_iter().map(|row| row.record));
        }
        Ok(all)
    }
}
