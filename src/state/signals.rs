//! The signals: plain data that the pages read and that actions and tasks write.

use std::sync::Arc;

use greenshield_client::engine::UnsentItem;
use greenshield_client::rows::{CourierRow, IdentityRow, ListRow};
use greenshield_domain::consent::Answer;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::task::NewTask;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::draft::DraftSummary;
use super::item::People;
use super::message::Message;
use super::patrol::Recorder;
use super::place::Pin;
use super::records::RecordList;
use super::settings::{Lang, Settings};
use super::storage::{Keep, StorageFacts, told};
use super::sync::SyncStatus;
use super::time::Now;

/// Records that changed last. Pages that show one of them read it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// Grows with every change.
    pub serial: u64,
    /// Which; empty = perhaps all of them.
    pub records: Arc<Vec<RecordId>>,
}

impl Changed {
    /// Whether a record may have changed.
    #[must_use]
    pub fn touches(&self, record: RecordId) -> bool {
        self.records.is_empty() || self.records.contains(&record)
    }
}

/// A short word at the bottom that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
}

/// Whose phone it was before the browser cleared it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerOwner {
    /// The name.
    pub name: String,
    /// Records that were not completely sent when it was counted last.
    pub unsent: usize,
}

/// The question who is at the device, and its last answer.
#[derive(Debug, Clone, Copy)]
pub struct Prove {
    /// Whether it is asked now.
    pub asks: RwSignal<bool>,
    /// When the PIN was typed last, on the phone's clock.
    pub proved_millis: RwSignal<Option<i64>>,
}

/// Who looks at the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The role word.
    pub role: String,
}

/// Everything that the pages read. Copied freely; a copy is the same state.
#[derive(Debug, Clone, Copy)]
pub struct AppState {
    /// Who this phone belongs to.
    pub identity: RwSignal<Option<IdentityRow>>,
    /// Names of people.
    pub people: RwSignal<Arc<People>>,
    /// The loaded part of the list.
    pub records: RwSignal<RecordList>,
    /// What is on this phone only.
    pub unsent: RwSignal<Vec<UnsentItem>>,
    /// Whether [`Self::unsent`] was read: before, an empty list says nothing.
    pub unsent_known: RwSignal<bool>,
    /// How the phone stands with the server.
    pub sync: RwSignal<SyncStatus>,
    /// What the person chose.
    pub settings: RwSignal<Settings>,
    /// The language of [`Self::settings`]; pages are built anew when it changes.
    pub lang: Memo<Lang>,
    /// The time, renewed every half minute.
    pub now: RwSignal<Now>,
    /// Whether the screen has room for the desk.
    pub is_wide: RwSignal<bool>,
    /// What changed last.
    pub changed: RwSignal<Changed>,
    /// The database does not store.
    pub trouble: RwSignal<Option<Message>>,
    /// A new version waits.
    pub update_ready: RwSignal<bool>,
    /// The version changed and its news were not seen.
    pub news: RwSignal<bool>,
    /// A form with unsaved words is open: no reload now.
    pub form_open: RwSignal<bool>,
    /// A PIN stands before the rows when the app starts.
    pub has_pin: RwSignal<bool>,
    /// Who is at the device, asked once more.
    pub prove: Prove,
    /// The phone is being locked: nothing is shown any more.
    pub locking: RwSignal<bool>,
    /// The server says that this phone is a copy.
    pub stale_copy: RwSignal<bool>,
    /// A short word.
    pub toast: RwSignal<Option<Toast>>,
    /// Room on the phone; `None` until asked, or where the browser does not say.
    pub storage: RwSignal<Option<StorageFacts>>,
    /// What is kept of photos at most, since the store refused more; forgotten with the page.
    pub room_learned: RwSignal<Keep>,
    /// The report that was begun and not saved.
    pub draft: RwSignal<Option<DraftSummary>>,
    /// The patrol that this window records.
    pub patrol: RwSignal<Option<Recorder>>,
    /// A patrol is recorded in another window.
    pub patrol_elsewhere: RwSignal<bool>,
    /// An invitation that was opened.
    pub invite: RwSignal<Option<String>>,
    /// The database is empty, and it was not always.
    pub evicted: RwSignal<Option<FormerOwner>>,
    /// What the person agreed to or not, oldest first.
    pub consents: RwSignal<Vec<Answer>>,
    /// Tasks, notices, people and units, wherever they lie in the list.
    pub duties: RwSignal<Vec<ListRow>>,
    /// Whether all of them were looked for, so that what is missing there is not on this device.
    pub duties_known: RwSignal<bool>,
    /// The last call for help of the person.
    pub sos: RwSignal<Option<ListRow>>,
    /// Packages that this phone carries for others, newest first.
    pub couriers: RwSignal<Vec<CourierRow>>,
    /// A place that somebody pointed at on the map; the next report is about it.
    pub pin: RwSignal<Option<Pin>>,
    /// A task that a page proposes; the form that opens next begins with it.
    pub proposed: RwSignal<Option<NewTask>>,
}

impl AppState {
    /// How many records have something on this phone only; `None` = not counted yet.
    #[must_use]
    pub fn unsent_count(&self) -> Option<usize> {
        self.unsent_known.get().then(|| self.unsent.with(Vec::len))
    }

    /// Nothing known yet. Needs a reactive owner that lives as long as the page.
    #[must_use]
    pub fn new(settings: Settings, now: Now, is_wide: bool, invite: Option<String>) -> Self {
        let settings = RwSignal::new(settings);
        Self {
            identity: RwSignal::new(None),
            people: RwSignal::new(Arc::default()),
            records: RwSignal::new(RecordList::default()),
            unsent: RwSignal::new(Vec::new()),
            unsent_known: RwSignal::new(false),
            sync: RwSignal::new(SyncStatus::default()),
            lang: Memo::new(move |_| settings.with(|settings| settings.lang)),
            settings,
            now: RwSignal::new(now),
            is_wide: RwSignal::new(is_wide),
            changed: RwSignal::new(Changed::default()),
            trouble: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            news: RwSignal::new(false),
            form_open: RwSignal::new(false),
            has_pin: RwSignal::new(false),
            prove: Prove { asks: RwSignal::new(false), proved_millis: RwSignal::new(None) },
            locking: RwSignal::new(false),
            stale_copy: RwSignal::new(false),
            toast: RwSignal::new(None),
            storage: RwSignal::new(None),
            room_learned: RwSignal::new(Keep::Original),
            draft: RwSignal::new(None),
            patrol: RwSignal::new(None),
            patrol_elsewhere: RwSignal::new(false),
            invite: RwSignal::new(invite),
            evicted: RwSignal::new(None),
            consents: RwSignal::new(Vec::new()),
            duties: RwSignal::new(Vec::new()),
            duties_known: RwSignal::new(false),
            sos: RwSignal::new(None),
            couriers: RwSignal::new(Vec::new()),
            pin: RwSignal::new(None),
            proposed: RwSignal::new(None),
        }
    }

    /// What people are told of photos while less than all of them is kept.
    #[must_use]
    pub fn room_words(&self) -> Option<String> {
        told(self.storage.get(), self.room_learned.get())
    }

    /// Who looks, `None` before enrolment.
    #[must_use]
    pub fn viewer(&self) -> Option<Viewer> {
        let viewer =
            |row: &IdentityRow| Viewer { account: row.account, name: row.name.clone(), role: row.role.clone() };
        self.identity.with(|identity| identity.as_ref().map(viewer))
    }

    /// The account of the person who looks.
    #[must_use]
    pub fn me(&self) -> Option<AccountId> {
        self.identity.with(|identity| identity.as_ref().map(|row| row.account))
    }

    /// Whether the desk is shown: its people, and room for it.
    #[must_use]
    pub fn is_desk(&self) -> bool {
        self.is_wide.get() && self.is_of_desk()
    }

    /// Whether the person works at the desk, at whatever screen.
    #[must_use]
    pub fn is_of_desk(&self) -> bool {
        let is_desk_role = |row: &IdentityRow| {
            matches!(row.role.as_str(), "desk" | "city-desk" | "officer" | "chief" | "liaison" | "admin")
        };
        self.identity.with(|identity| identity.as_ref().is_some_and(is_desk_role))
    }

    /// Says something short.
    pub fn say(&self, text: impl Into<String>) {
        self.toast.set(Some(Toast { text: text.into() }));
    }

    /// Tells the pages that records changed.
    pub fn touch(&self, records: Vec<RecordId>) {
        self.changed.update(|changed| {
            *changed = Changed { serial: changed.serial + 1, records: Arc::new(records) };
        });
    }
}
