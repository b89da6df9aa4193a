//! Who was noted as somebody that looked at the files of a record, so that an hour of looking is one note.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use greenshield_domain::ids::{LogId, RecordId};

const HOUR_MILLIS: i64 = 3_600_000;

/// Which phone was noted as one that looked at the files of which record, within this hour.
#[derive(Debug, Default)]
pub struct Looked(Mutex<(i64, HashSet<(LogId, RecordId)>)>);

impl Looked {
    /// Whether this is the first time within the hour.
    #[must_use]
    pub fn is_first(&self, log: LogId, record: RecordId, now_millis: i64) -> bool {
        let hour = now_millis.div_euclid(HOUR_MILLIS);
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.0 != hour {
            *noted = (hour, HashSet::new());
        }
        noted.1.insert((log, record))
    }

    /// It was not noted after all.
    pub fn forget(&self, log: LogId, record: RecordId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&(log, record));
    }
}
