//! What is done with all chosen lines: which steps, with what words, how far it is, and what became of each.

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::RecordId;
use leptos::html;
use leptos::prelude::*;

use super::answer::words_of;
use super::choices::{Choices, Chooser, Offer, offered};
use super::signals::Desk;
use crate::actions::decide_many::decide_many;
use crate::state::inbox::decide::{Choice, Chosen, Missing, StepOption, decision};
use crate::state::inbox::index::Mark;
use crate::state::inbox::many::{Left, Outcome, steps_of_many};
use crate::state::inbox::selection::{MOST, Selection};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// So many of the chosen are offered as the one that goes on.
const MOST_OFFERED: usize = 12;

/// What is done with many. Copied freely; a copy is the same.
#[derive(Clone, Copy)]
struct Many {
    desk: Desk,
    /// The chosen lines that are shown, at most [`MOST`].
    marks: Memo<Vec<Mark>>,
    /// How many are chosen.
    count: Memo<usize>,
    /// The step that waits for words or a choice.
    pending: RwSignal<Option<StepOption>>,
    chooser: Chooser,
    typed: RwSignal<String>,
    /// How many had their turn, of how many.
    progress: RwSignal<Option<(usize, usize)>>,
    is_stopped: RwSignal<bool>,
    outcome: RwSignal<Option<Outcome>>,
}

impl Many {
    /// Something with the rows of the chosen lines.
    fn with_rows<T>(self, then: impl FnOnce(&[&ListRow]) -> T) -> T {
        let marks = self.marks.get();
        self.desk.app.state.records.with(|list| {
            let rows: Vec<&ListRow> = marks.iter().filter_map(|mark| list.rows.get(mark.at)).collect();
            then(&rows)
        })
    }

    /// A button: takes the step, or opens the form when it needs something.
    fn take(self, step: StepOption) {
        self.chooser.missing.set(None);
        self.chooser.chosen.set(Chosen::default());
        if step.needs_form() {
            self.pending.set(Some(step));
        } else {
            self.run(step);
        }
    }

    /// The button of the form.
    fn send(self) {
        let Some(step) = self.pending.get_untracked() else { return };
        let typed = self.typed.get_untracked();
        match self.chooser.chosen.with_untracked(|chosen| decision(Some(&step), &typed, chosen)) {
            Ok(_) => self.run(step),
            Err(missing) => {
                self.chooser.missing.set(Some(missing));
                self.chooser.is_choosing.set(missing == Missing::Choice);
            }
        }
    }

    fn run(self, step: StepOption) {
        if self.progress.with_untracked(Option::is_some) {
            return;
        }
        let records: Vec<RecordId> = self.marks.with_untracked(|marks| marks.iter().map(|mark| mark.record).collect());
        let (app, total) = (self.desk.app, records.len());
        let what = (step, self.typed.get_untracked(), self.chooser.chosen.get_untracked());
        self.pending.set(None);
        self.outcome.set(None);
        self.is_stopped.set(false);
        self.progress.set(Some((0, total)));
        app.run(async move {
            // Who leaves the page meanwhile does not end it: it goes on as if somebody pressed one button after the other.
            let goes_on = |turn| {
                let _left = self.progress.try_set(Some((turn, total)));
                self.is_stopped.try_get_untracked() != Some(true)
            };
            let outcome = decide_many(app, records, what, goes_on).await;
            if self.progress.try_set(None).is_some() {
                return app.state.say(outcome.words());
            }
            self.typed.set(String::new());
            let left: Vec<RecordId> = outcome.left.iter().map(|left| left.record).collect();
            self.desk.selection.update(|selection| selection.put(&left));
            self.outcome.set(Some(outcome));
        });
    }
}

/// The bar above the list while lines are chosen, and what became of them.
#[component]
pub fn Bulk(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let shown = Memo::new(move |_| desk.items.with(|items| desk.selection.with(|selection| selection.shown(items))));
    let chooser = Chooser {
        app: desk.app,
        chosen: RwSignal::new(Chosen::default()),
        missing: RwSignal::new(None),
        is_choosing: RwSignal::new(false),
    };
    let many = Many {
        desk,
        marks: Memo::new(move |_| shown.with(|shown| shown.iter().take(MOST).copied().collect())),
        count: Memo::new(move |_| shown.with(Vec::len)),
        pending: RwSignal::new(None),
        chooser,
        typed: RwSignal::new(String::new()),
        progress: RwSignal::new(None),
        is_stopped: RwSignal::new(false),
        outcome: RwSignal::new(None),
    };
    let is_chosen = Memo::new(move |_| many.count.get() > 0);
    let is_running = Memo::new(move |_| many.progress.with(Option::is_some));
    let has_outcome = Memo::new(move |_| many.outcome.with(Option::is_some));
    move || match (is_running.get(), is_chosen.get(), has_outcome.get()) {
        (true, ..) => view! { <Running many/> }.into_any(),
        (_, false, false) => ().into_any(),
        (_, is_chosen, _) => view! {
            <section class="desk-bulk stack" aria-label=t("many.title")>
                <Became many/>
                {is_chosen.then(|| view! { <Bar many/> })}
            </section>
        }
        .into_any(),
    }
}

/// How many are chosen, and the steps.
#[component]
fn Bar(
    /// What is done.
    many: Many,
) -> impl IntoView {
    let desk = many.desk;
    let steps = Memo::new(move |_| {
        let role = desk.app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
        many.with_rows(|rows| steps_of_many(rows, &desk.app.city(), &role))
    });
    let buttons = move || {
        let button = |(step, n): (StepOption, usize)| {
            let words = tr("many.step", &[("step", &step.label), ("n", &n.to_string())]);
            let icon = step.icon;
            view! { <button class="btn btn--s" on:click=move |_| many.take(step.clone())><Icon name=icon size="icon--s"/>{words}</button> }
        };
        let steps = steps.get();
        match steps.is_empty() {
            true => view! { <p class="muted">{t("many.no_step")}</p> }.into_any(),
            false => steps.into_iter().map(button).collect_view().into_any(),
        }
    };
    let count = move || match many.count.get() {
        n if n > MOST => tr("many.chosen_most", &[("n", &n.to_string()), ("most", &MOST.to_string())]),
        n => tr("many.chosen", &[("n", &n.to_string())]),
    };
    let let_go = move |_| {
        many.pending.set(None);
        desk.selection.update(Selection::clear);
    };
    let pending = Memo::new(move |_| many.pending.get());
    view! {
        <div class="row">
            <b class="grow" role="status">{count}</b>
            <button class="btn btn--s btn--plain" on:click=let_go><Icon name="x" size="icon--s"/>{t("many.let_go")}</button>
        </div>
        {move || match pending.get() {
            Some(step) => view! { <Form many step/> }.into_any(),
            None => view! { <div class="row row--wrap" role="group" aria-label=t("desk.steps")>{buttons}</div> }.into_any(),
        }}
    }
}

/// The words and the choice that a step needs, the same for all.
#[component]
fn Form(
    /// What is done.
    many: Many,
    /// The step.
    step: StepOption,
) -> impl IntoView {
    let (label, hint, missing) = words_of(Some(&step));
    let (has_words, choice) = (step.words.is_some(), step.choice);
    let same = untrack(|| many.with_rows(|rows| offered(many.desk.app, &rows[..rows.len().min(MOST_OFFERED)])));
    let offer = Offer { same: if choice == Choice::Same { same } else { Vec::new() }, ..Offer::default() };
    let words = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(words) = words.get().filter(|_| choice == Choice::None) {
            // What can not take the focus is reached by Tab.
            let _ = words.focus();
        }
    });
    many.chooser.is_choosing.set(choice != Choice::None);
    let is_missing = move || many.chooser.missing.get() == Some(Missing::Words);
    let error = move || {
        is_missing().then(|| view! { <span class="field-error" id="many-missing" role="alert"><Icon name="alert-triangle"/>{t(missing)}</span> })
    };
    let send = tr("desk.step_send", &[("step", &step.label)]);
    view! {
        <form class="stack" on:submit=move |submit| {
            submit.prevent_default();
            many.send();
        }>
            <Choices chooser=many.chooser choice offer/>
            {has_words.then(|| view! {
                <div class="field">
                    <label class="field-label" for="many-words">{t(label)}</label>
                    <textarea class="textarea" id="many-words" rows="2" node_ref=words prop:value=move || many.typed.get()
                        aria-invalid=move || is_missing().then_some("true")
                        aria-describedby=move || if is_missing() { "many-missing many-hint" } else { "many-hint" }
                        on:input=move |input| {
                            many.chooser.missing.set(None);
                            many.typed.set(event_target_value(&input));
                        }></textarea>
                    <span class="field-hint" id="many-hint">{t(hint)}</span>
                    {error}
                </div>
            })}
            <div class="row row--wrap">
                <button class="btn btn--primary"><Icon name="send"/>{send}</button>
                <button type="button" class="btn btn--plain" on:click=move |_| many.pending.set(None)>{t("action.cancel")}</button>
            </div>
        </form>
    }
}

/// How far it is, and the way to end it.
#[component]
fn Running(
    /// What is done.
    many: Many,
) -> impl IntoView {
    let far = move || {
        many.progress.get().map(|(turn, total)| {
            tr("many.running", &[("n", &(turn + 1).min(total).to_string()), ("all", &total.to_string())])
        })
    };
    view! {
        <section class="desk-bulk row" aria-label=t("many.title")>
            <b class="grow" role="status" aria-busy="true">{far}</b>
            <button class="btn btn--s" on:click=move |_| many.is_stopped.set(true)>{t("many.stop")}</button>
        </section>
    }
}

/// What became of them: the number, and each that stayed as it was, with the reason.
#[component]
fn Became(
    /// What is done.
    many: Many,
) -> impl IntoView {
    let desk = many.desk;
    move || {
        many.outcome.get().map(|outcome| {
            let words = outcome.words();
            let line = |left: Left| {
                let href = move || desk.filter.with(|filter| desk.address(filter, Some(left.record)));
                view! { <li><a class="card-link" href=href><span class="grow"><b>{left.title}</b><br/><span class="muted">{left.why}</span></span></a></li> }
            };
            let left = outcome.left;
            view! {
                <div class="row"><b class="grow" role="status">{words}</b>
                    <button class="btn btn--s btn--plain" on:click=move |_| many.outcome.set(None)>{t("action.close")}</button></div>
                {(!left.is_empty()).then(|| view! { <ul class="card-list desk-left">{left.into_iter().map(line).collect_view()}</ul> })}
            }
        })
    }
}
