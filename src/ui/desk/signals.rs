//! What the parts of the desk share: the inbox, the open report, what is being written.
//!
//! Owns: the signals of the page and what a button or key does with them. What they mean is decided in [`crate::state::inbox`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::location::Url;

use super::choices::Chooser;
use crate::actions::answer_record::answer_record;
use crate::actions::open_record::open_record;
use crate::context::App;
use crate::state::inbox::decide::{Choice, Chosen, Missing, StepOption, decision};
use crate::state::inbox::filter::{InboxFilter, Onlooking};
use crate::state::inbox::index::{Index, Mark};
use crate::state::inbox::keys::{Cursor, step};
use crate::state::inbox::page::{DeskRecord, Onlooker, lacks_photos};
use crate::state::inbox::selection::Selection;
use crate::state::inbox::{InboxCounts, InboxPart};
use crate::state::item::People;
use crate::state::map::Corners;
use crate::state::message::Message;
use crate::state::words::{t, tr};

/// What leads to another address.
type Go = Box<dyn Fn(&str, NavigateOptions)>;

/// How soon the page looks again for photos that have not come.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// The report beside the list, as far as it is read.
#[derive(Debug, Clone, Default)]
pub enum Opened {
    /// None was chosen, or it is being read for the first time.
    #[default]
    Nothing,
    /// This computer does not have it.
    Missing,
    /// It could not be read.
    Failed(Message),
    /// Here it is.
    Ready(Arc<RecordView>),
}

/// The desk. Copied freely; a copy is the same desk.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The app.
    pub app: App,
    /// The report that the address names.
    pub chosen: Memo<Option<RecordId>>,
    /// What of the inbox the address asks for.
    pub filter: Memo<InboxFilter>,
    /// Words that are typed and not yet in the address.
    pub typed_filter: RwSignal<Option<String>>,
    /// The part of the inbox that is shown.
    pub part: Memo<InboxPart>,
    /// Its lines.
    pub items: Memo<Arc<Vec<Mark>>>,
    /// The same, and those beyond the edge of the map: they are there at once when somebody moves it.
    pub on_map: Memo<Arc<Vec<Mark>>>,
    /// The lines that are chosen for something that is done with all of them.
    pub selection: RwSignal<Selection>,
    /// Server clock minus the clock of this computer, ms.
    offset_millis: Memo<i64>,
    /// The path of the page.
    path: Memo<String>,
    go: StoredValue<Go, LocalStorage>,
    /// The numbers of the header.
    pub counts: Memo<InboxCounts>,
    /// The line that the keys are at.
    pub cursor: RwSignal<Option<Cursor>>,
    /// The line that shall get the focus as soon as it is drawn.
    pub wanted: RwSignal<Option<RecordId>>,
    /// The open report as it was read.
    pub opened: RwSignal<Opened>,
    /// The open report as it is shown.
    pub page: Memo<Option<Arc<DeskRecord>>>,
    /// Words that were typed and not sent, by report.
    pub typed: RwSignal<BTreeMap<RecordId, String>>,
    /// The step that waits for words.
    pub pending: RwSignal<Option<StepOption>>,
    /// What was chosen for that step.
    pub chosen_for: RwSignal<Chosen>,
    /// Somebody wanted to send without this.
    pub missing: RwSignal<Option<Missing>>,
    /// A save is under way.
    pub is_saving: RwSignal<bool>,
    /// The form was sent while a save was under way: its turn comes after it.
    waits: RwSignal<bool>,
    /// The last save did not work.
    pub problem: RwSignal<Option<Message>>,
    /// Whether the keys are explained.
    pub is_help_open: RwSignal<bool>,
    /// The form shall get the focus at what is to be chosen.
    pub is_choosing: RwSignal<bool>,
    /// Whether the page will look again for photos.
    is_watching: RwSignal<bool>,
    /// The words for the reporter.
    pub answer_box: NodeRef<html::Textarea>,
    /// The heading of the open report.
    pub heading: NodeRef<html::H2>,
}

impl Desk {
    /// The desk of a page.
    pub fn new(app: App) -> Self {
        let state = app.state;
        let query = use_query_map();
        let chosen = Memo::new(move |_| query.with(|query| RecordId::from_hex(query.get_str("record")?).ok()));
        let typed_filter: RwSignal<Option<String>> = RwSignal::new(None);
        let filter = Memo::new(move |_| {
            let filter = query.with(|query| InboxFilter::read(|key| query.get(key)));
            let words = typed_filter.get().unwrap_or_else(|| filter.words.clone());
            InboxFilter { words, ..filter }
        });
        let part = Memo::new(move |_| filter.with(|filter| filter.part));
        let offset_millis = Memo::new(move |_| state.sync.with(|sync| sync.offset_millis));
        let server_millis = move || state.now.get().millis + offset_millis.get();
        let index = Memo::new(move |_| Arc::new(state.records.with(|list| Index::of(&list.rows, &app.city()))));
        let find = move |filter: &InboxFilter| {
            let (index, city) = (index.get(), app.city());
            // Only what asks for late ones changes as time goes by.
            let now_millis = if filter.is_pressing { server_millis() } else { 0 };
            let find = |people: &People| {
                let on = Onlooking { city: &city, people, me: state.me(), now_millis };
                state.records.with(|list| filter.find(&index, &list.rows, &on))
            };
            Arc::new(state.people.with(|people| find(people)))
        };
        let items = Memo::new(move |_| filter.with(find));
        let on_map = Memo::new(move |_| {
            let filter = filter.get();
            if filter.within.is_none() { items.get() } else { find(&filter.everywhere()) }
        });
        let counts = Memo::new(move |_| index.with(|index| index.counts(server_millis())));
        let opened = RwSignal::new(Opened::Nothing);
        let page = Memo::new(move |_| {
            let who = state.viewer().map(|viewer| Onlooker { account: viewer.account, role: viewer.role })?;
            let page_of = |view: &RecordView| {
                state
                    .people
                    .with(|people| DeskRecord::of(view, &app.city(), people, &who, state.now.get(), server_millis()))
            };
            opened.with(|opened| match opened {
                Opened::Ready(view) => Some(Arc::new(page_of(view))),
                _ => None,
            })
        });
        Self {
            app,
            chosen,
            filter,
            typed_filter,
            part,
            items,
            on_map,
            selection: RwSignal::new(Selection::default()),
            offset_millis,
            path: use_location().pathname,
            go: StoredValue::new_local(Box::new(use_navigate())),
            counts,
            cursor: RwSignal::new(None),
            wanted: RwSignal::new(None),
            opened,
            page,
            typed: RwSignal::new(BTreeMap::new()),
            pending: RwSignal::new(None),
            chosen_for: RwSignal::new(Chosen::default()),
            missing: RwSignal::new(None),
            is_saving: RwSignal::new(false),
            waits: RwSignal::new(false),
            problem: RwSignal::new(None),
            is_help_open: RwSignal::new(false),
            is_choosing: RwSignal::new(false),
            is_watching: RwSignal::new(false),
            answer_box: NodeRef::new(),
            heading: NodeRef::new(),
        }
    }

    /// A part of the open report; changes only when that part does.
    pub fn shown<T>(self, pick: impl Fn(&DeskRecord) -> T + Send + Sync + 'static) -> Memo<Option<T>>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.page.with(|page| page.as_deref().map(&pick)))
    }

    /// Which report is on the screen.
    pub fn record(self) -> Option<RecordId> {
        self.page.with(|page| page.as_ref().map(|page| page.screen.record))
    }

    /// What a step of the open report asks to choose.
    pub fn chooser(self) -> Chooser {
        Chooser { app: self.app, chosen: self.chosen_for, missing: self.missing, is_choosing: self.is_choosing }
    }

    /// Reads a report and shows it, unless another one was chosen meanwhile.
    pub async fn read(self, record: RecordId) {
        let found = open_record(self.app, record).await;
        if self.chosen.try_get_untracked().flatten() != Some(record) {
            return;
        }
        let is_other = self.page.with_untracked(|page| page.as_ref().is_none_or(|page| page.screen.record != record));
        if is_other {
            self.put_step_away();
        }
        self.opened.set(match found {
            Ok(Some(view)) => Opened::Ready(Arc::new(view)),
            Ok(None) => Opened::Missing,
            Err(message) => Opened::Failed(message),
        });
        self.watch_photos(record);
    }

    /// A photo comes without any change of the record; while one is missing, the page looks again.
    fn watch_photos(self, record: RecordId) {
        let lacks = |page: &DeskRecord| {
            self.opened
                .with_untracked(|opened| matches!(opened, Opened::Ready(view) if lacks_photos(view, &page.screen)))
        };
        if self.page.with_untracked(|page| page.as_deref().is_some_and(lacks)) && !self.is_watching.get_untracked() {
            self.is_watching.set(true);
            let again = move || {
                let is_gone = self.is_watching.try_set(false).is_some();
                if !is_gone && self.chosen.get_untracked() == Some(record) {
                    self.app.run(self.read(record));
                }
            };
            set_timeout(again, LOOK_AGAIN);
        }
    }

    /// The server's time, ms since 1970: what the clocks run by.
    pub fn server_millis(self) -> i64 {
        self.app.state.now.get().millis + self.offset_millis.get()
    }

    /// The address of this page with a filter, and with a report beside the list.
    pub fn address(self, filter: &InboxFilter, record: Option<RecordId>) -> String {
        let record = record.map(|record| ("record", record.to_hex()));
        let pairs = filter.pairs().into_iter().chain(record);
        let query = pairs.map(|(key, value)| format!("{key}={}", Url::escape(&value))).collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.path.get())
    }

    /// Shows something else of the inbox; the open report stays. `is_step` = the way back leads to what was shown before.
    pub fn show_filtered(self, filter: &InboxFilter, is_step: bool) {
        self.cursor.set(None);
        self.selection.update(Selection::clear);
        self.typed_filter.set(None);
        self.lead(filter, untrack(|| self.chosen.get()), is_step);
    }

    fn lead(self, filter: &InboxFilter, record: Option<RecordId>, is_step: bool) {
        let address = untrack(|| self.address(filter, record));
        self.go.with_value(|go| {
            go(&address, NavigateOptions { replace: !is_step, scroll: false, ..NavigateOptions::default() });
        });
    }

    /// Opens or closes the map beside the list; what is chosen stays.
    pub fn turn_map(self) {
        let filter = self.filter.get_untracked();
        let has_map = !filter.has_map;
        self.lead(&InboxFilter { has_map, ..filter }, self.chosen.get_untracked(), true);
    }

    /// Only what lies in a part of the map, or everything. A map that is moved leads on from where it was.
    pub fn stay_within(self, within: Option<Corners>) {
        let filter = self.filter.get_untracked();
        let is_step = filter.within.is_some() != within.is_some();
        self.lead(&InboxFilter { within, ..filter }, self.chosen.get_untracked(), is_step);
    }

    /// Opens a report that was found another way than by its line, and goes to its line.
    pub fn open(self, record: RecordId) {
        self.cursor.set(None);
        self.wanted.set(Some(record));
        self.lead(&self.filter.get_untracked(), Some(record), true);
    }

    /// Another part of the inbox.
    pub fn show(self, part: InboxPart) {
        self.show_filtered(&InboxFilter { part, ..self.filter.get_untracked() }, true);
    }

    /// Words that were typed go into the address, unless something else took them there.
    pub fn keep_typed(self) {
        if self.typed_filter.try_get_untracked().flatten().is_some() {
            self.show_filtered(&self.filter.get_untracked(), false);
        }
    }

    /// Changes the filter.
    pub fn narrow(self, change: impl FnOnce(&mut InboxFilter)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        self.show_filtered(&filter, true);
    }

    /// The focus moves through the list.
    pub fn move_by(self, by: isize) {
        let from = self.cursor.get_untracked().or_else(|| self.open_cursor());
        let Some(cursor) = self.items.with_untracked(|items| step(items, from, by)) else { return };
        self.cursor.set(Some(cursor));
        self.wanted.set(Some(cursor.record));
    }

    /// The focus moves, and every line on the way is chosen.
    pub fn extend_by(self, by: isize) {
        let from = self.cursor.get_untracked().or_else(|| self.open_cursor()).map(|cursor| cursor.record);
        self.move_by(by);
        if let Some(to) = self.cursor.get_untracked() {
            self.extend_to(from, to.record);
        }
    }

    /// Chooses a stretch of lines.
    pub fn extend_to(self, from: Option<RecordId>, to: RecordId) {
        self.items.with_untracked(|items| self.selection.update(|selection| selection.extend(items, from, to)));
    }

    /// Chooses the line at which the keys are, or lets go of it.
    pub fn toggle_line(self) {
        if let Some(cursor) = self.cursor.get_untracked().or_else(|| self.open_cursor()) {
            self.selection.update(|selection| selection.toggle(cursor.record));
        }
    }

    /// The line of the open report, where the keys begin.
    fn open_cursor(self) -> Option<Cursor> {
        let record = self.chosen.get_untracked()?;
        let index = self.items.with_untracked(|items| items.iter().position(|item| item.record == record))?;
        Some(Cursor { record, index })
    }

    /// A key: the first of these steps that may be taken with the open report.
    pub fn take_first(self, steps: &[&str]) {
        let step = self.page.with_untracked(|page| {
            let open = &page.as_deref()?.steps;
            steps.iter().find_map(|id| open.iter().find(|step| step.id == *id)).cloned()
        });
        if let Some(step) = step {
            self.take(step);
        }
    }

    /// A button of the action bar: takes the step, or opens the form when it needs something.
    pub fn take(self, step: StepOption) {
        if step.needs_form() {
            self.missing.set(None);
            self.chosen_for.set(Chosen::default());
            let begins_with_words = step.choice == Choice::None;
            self.pending.set(Some(step));
            if begins_with_words {
                self.focus_answer();
            } else {
                self.is_choosing.set(true);
            }
        } else {
            self.save(Some(step));
        }
    }

    /// The step that waited for words is put away; the words stay.
    pub fn put_step_away(self) {
        self.pending.set(None);
        self.missing.set(None);
        self.problem.set(None);
    }

    /// The button of the form.
    pub fn send(self) {
        if self.is_saving.get_untracked() {
            self.waits.set(true);
        } else {
            self.save(self.pending.get_untracked());
        }
    }

    /// To the words for the reporter.
    pub fn focus_answer(self) {
        if let Some(answer_box) = self.answer_box.get_untracked() {
            // A form that is not there takes no focus.
            let _ = answer_box.focus();
        }
    }

    fn save(self, step: Option<StepOption>) {
        let Some(record) = untrack(move || self.record()) else { return };
        if self.is_saving.get_untracked() {
            return;
        }
        let typed = self.typed.with_untracked(|typed| typed.get(&record).cloned().unwrap_or_default());
        let entries = match self.chosen_for.with_untracked(|chosen| decision(step.as_ref(), &typed, chosen)) {
            Ok(entries) => entries,
            Err(missing) => {
                self.missing.set(Some(missing));
                match missing {
                    Missing::Words => self.focus_answer(),
                    Missing::Choice => self.is_choosing.set(true),
                }
                return;
            }
        };
        let has_taken_words = step.as_ref().is_none_or(|step| step.words.is_some());
        let ends_form = step.as_ref().is_none_or(StepOption::needs_form);
        self.is_saving.set(true);
        self.problem.set(None);
        self.app.run(async move {
            let saved = answer_record(self.app, record, entries).await;
            if self.is_saving.try_set(false).is_some() {
                return;
            }
            match saved {
                Ok(()) => self.saved(record, step.as_ref(), has_taken_words, ends_form),
                Err(message) => self.problem.set(Some(message)),
            }
            let has_words =
                self.typed.with_untracked(|typed| typed.get(&record).is_some_and(|words| !words.trim().is_empty()));
            if self.waits.get_untracked() {
                self.waits.set(false);
                if has_words {
                    self.send();
                }
            }
        });
    }

    fn saved(self, record: RecordId, step: Option<&StepOption>, has_taken_words: bool, ends_form: bool) {
        if has_taken_words {
            self.typed.update(|typed| {
                typed.remove(&record);
            });
        }
        if ends_form {
            self.put_step_away();
        }
        self.app.state.form_open.set(self.typed.with_untracked(|typed| !typed.is_empty()));
        self.app.state.say(match step {
            Some(step) => tr("desk.step_saved", &[("step", &step.label)]),
            None => t("desk.answer_saved").to_owned(),
        });
        // The button that was pressed is gone; the next key shall not start from nowhere.
        if let Some(heading) = self.heading.get_untracked() {
            let _ = heading.focus();
        }
    }

    /// Words are typed.
    pub fn type_words(self, words: String) {
        let Some(record) = untrack(move || self.record()) else { return };
        self.missing.set(None);
        self.typed.update(|typed| {
            if words.is_empty() {
                typed.remove(&record);
            } else {
                typed.insert(record, words);
            }
        });
        self.app.state.form_open.set(self.typed.with_untracked(|typed| !typed.is_empty()));
    }
}
