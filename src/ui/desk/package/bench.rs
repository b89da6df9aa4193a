//! What the page of the city package shares: the versions, the package that is being changed, and what the check says of it.
//!
//! Owns: that every change is kept on this device and checked after a pause. Invariant: what the check says is shown only as long
//! as it is about the package as it is now.

use greenshield_domain::wire::{CityCheckResponse, CityVersionsResponse};
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::actions::bring_city::{check_soon, list_versions, read_version};
use crate::actions::draft_city::{discard_draft, keep_draft, kept_draft, save_file};
use crate::context::App;
use crate::state::message::Message;
use crate::state::package::draft::{Draft, Editing, read};
use crate::state::package::leaves::{self, Place};
use crate::state::package::{PARTS, highest, newest, part_words};
use crate::state::words::{t, tr};

/// How far the check of what is on the page is.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// Not yet.
    Runs,
    /// It is done.
    Done(CityCheckResponse),
    /// It could not be asked for.
    Failed(Message),
}

/// What the page shares. Copied freely; a copy is the same page.
#[derive(Clone, Copy)]
pub struct Bench {
    pub(super) app: App,
    pub(super) list: RwSignal<Option<CityVersionsResponse>>,
    pub(super) problem: RwSignal<Option<Message>>,
    /// What was changed before and not saved.
    pub(super) draft: RwSignal<Option<Draft>>,
    pub(super) editing: RwSignal<Option<Editing>>,
    pub(super) checked: RwSignal<Checked>,
    /// The part that is open.
    pub(super) part: RwSignal<String>,
    /// What is looked for in it.
    pub(super) text: RwSignal<String>,
    /// Grows when lines came, went or were written anew; while somebody types in one, they stay as they are.
    pub(super) shape: RwSignal<u32>,
    /// What was taken out last: of which part, where, and what it was.
    pub(super) removed: RwSignal<Option<(String, Place, Value)>>,
    pub(super) is_busy: RwSignal<bool>,
    /// Grows when somebody is led to a line.
    pub(super) led: RwSignal<u32>,
    /// Grows with every change.
    serial: RwSignal<u32>,
}

impl Bench {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            list: RwSignal::new(None),
            problem: RwSignal::new(None),
            draft: RwSignal::new(None),
            editing: RwSignal::new(None),
            checked: RwSignal::new(Checked::Runs),
            part: RwSignal::new(PARTS[0].0.to_owned()),
            text: RwSignal::new(String::new()),
            shape: RwSignal::new(0),
            removed: RwSignal::new(None),
            is_busy: RwSignal::new(false),
            led: RwSignal::new(0),
            serial: RwSignal::new(0),
        }
    }

    /// Asks for the versions, and for what was changed and not saved.
    pub(super) fn load(self) {
        self.do_once(async move {
            let list = list_versions(self.app).await?;
            let _left = self.list.try_set(Some(list));
            let kept = kept_draft(self.app).await?;
            let _left = self.draft.try_set(kept);
            Ok(())
        });
    }

    /// Does something that a second tap must not do again; what goes wrong is told.
    pub(super) fn do_once(self, deed: impl Future<Output = Result<(), Message>> + 'static) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.problem.set(None);
        self.app.run(async move {
            let outcome = deed.await;
            let _left = self.problem.try_set(outcome.err());
            let _left = self.is_busy.try_set(false);
        });
    }

    /// The newest version with its number, as the server has it now.
    async fn newest(self) -> Result<(Map<String, Value>, u32, u32), Message> {
        let list = list_versions(self.app).await?;
        let (after, most) = (newest(&list).map(|row| row.version).unwrap_or_default(), highest(&list));
        let _left = self.list.try_set(Some(list));
        Ok((self.version(after).await?, after, most))
    }

    async fn version(self, version: u32) -> Result<Map<String, Value>, Message> {
        read(&read_version(self.app, version).await?).ok_or_else(|| Message::of_code("city_file"))
    }

    /// Begins to change the newest version, or a package from a file behind it.
    pub(super) fn begin(self, file: Option<Map<String, Value>>) {
        self.do_once(async move {
            let (base, after, most) = self.newest().await?;
            let mut editing = Editing::begin(base, after, most);
            if let Some(package) = file {
                editing.import(package, most);
            }
            self.open(editing);
            Ok(())
        });
    }

    /// Goes on with what was changed before; behind a newer version with the parts that this one left alone.
    pub(super) fn resume(self) {
        let Some(draft) = self.draft.get_untracked() else { return };
        self.do_once(async move {
            let (base, after, most) = self.newest().await?;
            let (draft, left) = if draft.after == after {
                (draft, Vec::new())
            } else {
                let began = self.version(draft.after).await?;
                // What can not be taken over must not be gone: all of it becomes a file first.
                let whole = Editing::resume(began.clone(), draft.clone(), most);
                let (draft, left) = draft.behind(&began, &base, after);
                if !left.is_empty() {
                    save_file(self.app, &whole.text(), whole.version()).await?;
                }
                (draft, left)
            };
            if !left.is_empty() {
                let parts: Vec<String> = left.iter().map(|file| part_words(file)).collect();
                self.app.state.say(tr("package.left", &[("parts", &parts.join(" · "))]));
            }
            self.open(Editing::resume(base, draft, most));
            Ok(())
        });
    }

    fn open(self, editing: Editing) {
        let _left = self.editing.try_set(Some(editing));
        let _left = self.removed.try_set(None);
        self.shape.try_update(|shape| *shape += 1);
        self.touch();
    }

    /// Throws away what was changed.
    pub(super) fn discard(self) {
        self.do_once(async move {
            discard_draft(self.app).await?;
            self.close();
            let _left = self.draft.try_set(None);
            Ok(())
        });
    }

    /// Back to the versions; what was changed is kept.
    pub(super) fn close(self) {
        let _left = self.draft.try_set(self.unsaved());
        let _left = self.editing.try_set(None);
        self.serial.try_update(|serial| *serial += 1);
    }

    /// What is kept of the package on the page; nothing of one that changes nothing.
    fn unsaved(self) -> Option<Draft> {
        let draft = self.editing.try_with_untracked(|editing| {
            editing.as_ref().filter(|editing| !editing.changes().is_empty()).map(Editing::draft)
        });
        draft.flatten()
    }

    /// What is on the page was changed: it is kept and checked.
    fn touch(self) {
        let Some(serial) = self.serial.try_update(|serial| {
            *serial += 1;
            *serial
        }) else {
            return;
        };
        self.checked.set(Checked::Runs);
        let is_wanted = move || self.serial.try_get_untracked() == Some(serial);
        let text = move || self.editing.try_with_untracked(|editing| editing.as_ref().map(Editing::text)).flatten();
        self.app.run(async move {
            let kept = match self.unsaved() {
                Some(draft) => keep_draft(self.app, &draft).await,
                None => discard_draft(self.app).await,
            };
            if let Err(message) = kept {
                let _left = self.problem.try_set(Some(message));
            }
            let Some(outcome) = check_soon(self.app, text, is_wanted).await else { return };
            let _left = self.checked.try_set(outcome.map_or_else(Checked::Failed, Checked::Done));
        });
    }

    /// Asks for the check once more.
    pub(super) fn check_again(self) {
        self.touch();
    }

    /// Changes the open part; nothing happens when `change` says that nothing did.
    fn change<T>(self, change: impl FnOnce(&mut Value) -> Option<T>) -> Option<T> {
        let part = self.part.get_untracked();
        let changed = self.editing.try_maybe_update(|editing| {
            let found = editing.as_mut().and_then(|editing| editing.now.get_mut(&part));
            let changed = found.and_then(change);
            (changed.is_some(), changed)
        });
        let changed = changed.flatten();
        if changed.is_some() {
            self.touch();
        }
        changed
    }

    /// Takes over what was typed for a value; `false` when it is none of its sort.
    pub(super) fn set(self, place: &Place, typed: &str) -> bool {
        self.change(|part| leaves::set(part, place, typed).then_some(())).is_some()
    }

    /// Puts a copy behind an item.
    pub(super) fn copy(self, place: &Place) {
        if let Some(copy) = self.change(|part| leaves::copy(part, place)) {
            self.removed.set(None);
            self.shape.update(|shape| *shape += 1);
            self.app.state.say(tr("package.copied", &[("path", &copy.words())]));
        }
    }

    /// Takes an item out.
    pub(super) fn remove(self, place: &Place) {
        if let Some(item) = self.change(|part| leaves::remove(part, place)) {
            self.removed.set(Some((self.part.get_untracked(), place.clone(), item)));
            self.shape.update(|shape| *shape += 1);
        }
    }

    /// Puts back what was taken out last.
    pub(super) fn put_back(self) {
        let Some((part, place, item)) = self.removed.get_untracked() else { return };
        self.part.set(part);
        self.change(|part| {
            leaves::put_back(part, &place, item);
            Some(())
        });
        self.removed.set(None);
        self.shape.update(|shape| *shape += 1);
    }

    /// Writes the open part anew.
    pub(super) fn write(self, part: Value) {
        self.change(|now| {
            *now = part;
            Some(())
        });
        self.removed.set(None);
        self.shape.update(|shape| *shape += 1);
        self.app.state.say(t("package.written"));
    }

    /// Opens the part of a fault and looks for its path.
    pub(super) fn show(self, file: &str, path: &str) {
        let found = self.editing.with_untracked(|editing| {
            let part = editing.as_ref().and_then(|editing| editing.now.get(file));
            part.map(|part| leaves::nearest(&leaves::groups(part), path))
        });
        let Some(found) = found else { return };
        self.part.set(file.to_owned());
        self.text.set(found);
        self.shape.update(|shape| *shape += 1);
        self.led.update(|led| *led += 1);
    }

    /// Puts the package that is being changed among the downloads.
    pub(super) fn download(self) {
        let Some((text, version)) =
            self.editing.with_untracked(|editing| editing.as_ref().map(|editing| (editing.text(), editing.version())))
        else {
            return;
        };
        self.do_once(async move { save_file(self.app, &text, version).await });
    }
}
