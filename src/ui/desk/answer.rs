//! What the desk does with a report: words for the reporter, and the steps of the workflow.

use greenshield_domain::incident::field;
use leptos::prelude::*;

use super::choices::{Choices, Offer, offered};
use super::signals::{Desk, Opened};
use crate::state::inbox::decide::{Choice, Missing, StepOption, proposed_same};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// The answer that was given, and the form for the next one. A step that needs words is taken here too, as one save.
#[component]
pub fn AnswerForm(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let answer = desk.shown(|page| page.screen.answer.clone());
    let may_answer = desk.shown(|page| page.may_answer);
    // Who may not answer the reporter may still have a step that needs words.
    let has_form = move || may_answer.get().unwrap_or_default() || desk.pending.with(Option::is_some);
    let has_form = Memo::new(move |_| has_form());
    let given = move || {
        match answer.get().flatten() {
        Some(answer) => view! {
            <blockquote class="step-words desk-words">{answer.words}<span class="kv-note">{answer.who}</span></blockquote>
        }
        .into_any(),
        None if may_answer.get().unwrap_or_default() => ().into_any(),
        None => view! { <p class="muted">{t("desk.answer_none")}</p> }.into_any(),
    }
    };
    view! {
        <section class="desk-answer" aria-labelledby="desk-answer">
            <h3 id="desk-answer">{t("desk.answer")}</h3>
            {given}
            {move || has_form.get().then(|| view! { <Form desk/> })}
        </section>
    }
}

/// The form.
#[component]
fn Form(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let record = desk.shown(|page| page.screen.record);
    let typed = move || {
        let record = record.get();
        desk.typed.with(|typed| record.and_then(|record| typed.get(&record).cloned()).unwrap_or_default())
    };
    // Drawn anew for another step only, so that nothing chosen is lost while somebody types.
    let pending = Memo::new(move |_| desk.pending.get());
    let label = move || match pending.get() {
        Some(step) if step.words.is_some_and(|field| field != field::ANSWER) || step.words.is_none() => {
            tr("desk.step_send", &[("step", &step.label)])
        }
        Some(step) => tr("desk.answer_step_send", &[("step", &step.label)]),
        None => t("desk.answer_send").to_owned(),
    };
    let cancel = move || {
        pending.get().map(|_| view! {
            <button type="button" class="btn btn--plain" on:click=move |_| desk.put_step_away()>{t("action.cancel")}</button>
        })
    };
    let is_missing = move || desk.missing.get() == Some(Missing::Words);
    let error = move || {
        is_missing().then(|| view! {
            <span class="field-error" id="desk-missing" role="alert"><Icon name="alert-triangle"/>{move || t(words_of(pending.get().as_ref()).2)}</span>
        })
    };
    let has_words = move || pending.with(|step| step.as_ref().is_none_or(|step| step.words.is_some()));
    let send_class = move || if pending.with(Option::is_some) { "btn btn--primary" } else { "btn" };
    view! {
        <form class="stack" on:submit=move |submit| {
            submit.prevent_default();
            desk.send();
        }>
            {move || pending.get().map(|step| view! { <p class="strong">{tr("desk.answer_step", &[("step", &step.label)])}</p> })}
            {move || pending.get().map(|step| view! { <Choices chooser=desk.chooser() choice=step.choice offer=offer_of(desk, step.choice)/> })}
            <div class="field" hidden=move || !has_words()>
                <label class="field-label" for="desk-words">{move || t(words_of(pending.get().as_ref()).0)}</label>
                <textarea class="textarea" id="desk-words" rows="3" node_ref=desk.answer_box prop:value=typed
                    aria-invalid=move || is_missing().then_some("true")
                    aria-describedby=move || if is_missing() { "desk-missing desk-hint" } else { "desk-hint" }
                    on:input=move |input| desk.type_words(event_target_value(&input))></textarea>
                <span class="field-hint" id="desk-hint">{move || t(words_of(pending.get().as_ref()).1)}</span>
                {error}
            </div>
            {move || desk.problem.get().map(|message| view! { <Problem message/> })}
            <div class="row row--wrap desk-send">
                <button class=send_class aria-busy=move || desk.is_saving.get().then_some("true")>
                    <Icon name="send"/>{label}
                </button>
                {cancel}
            </div>
        </form>
    }
}

/// What is offered to choose with a step of the open report.
fn offer_of(desk: Desk, choice: Choice) -> Offer {
    let opened = desk.opened.get_untracked();
    let Opened::Ready(view) = opened else { return Offer::default() };
    let (row, city) = (&view.row, desk.app.city());
    let category = row.category.as_ref().and_then(|id| city.catalog.category(id));
    let same = || {
        let offer = |rows: &[_]| offered(desk.app, &proposed_same(rows, row, &city));
        desk.app.state.records.with_untracked(|list| offer(&list.rows))
    };
    Offer {
        without: row.reporter,
        unit: category.map(|category| category.department.clone()),
        same: if choice == Choice::Same { same() } else { Vec::new() },
    }
}

/// What the words of a step are: label, hint, and what is said when they are missing.
pub fn words_of(step: Option<&StepOption>) -> (&'static str, &'static str, &'static str) {
    match step.and_then(|step| step.words) {
        Some(field::QUESTION) => ("desk.question_label", "desk.question_hint", "desk.question_missing"),
        Some(field::FORWARD_REASON) => ("desk.forward_label", "desk.forward_hint", "desk.forward_missing"),
        Some(field::UNIT_REPLY) => ("desk.unit_reply_label", "desk.unit_reply_hint", "desk.unit_reply_missing"),
        _ => ("desk.answer_label", "desk.answer_hint", "desk.answer_missing"),
    }
}

/// The steps that the person may take, the expected one first.
#[component]
pub fn StepBar(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let steps = desk.shown(|page| page.steps.clone());
    let buttons = move || {
        let steps = steps.get().unwrap_or_default();
        steps
            .into_iter()
            .enumerate()
            .map(move |(index, step)| {
                let (label, icon) = (step.label.clone(), step.icon);
                let class = if index == 0 { "btn btn--primary" } else { "btn" };
                let shortcut = step.key;
                view! {
                    <button class=class aria-keyshortcuts=shortcut disabled=move || desk.is_saving.get()
                        on:click=move |_| desk.take(step.clone())>
                        <Icon name=icon/>{label}
                    </button>
                }
            })
            .collect_view()
    };
    // While a step waits for its words, the form is the one thing to do.
    let is_there = Memo::new(move |_| {
        desk.pending.with(Option::is_none) && steps.with(|steps| steps.as_ref().is_some_and(|steps| !steps.is_empty()))
    });
    view! {
        {move || is_there.get().then(|| view! {
            <div class="desk-actions" role="group" aria-label=t("desk.steps")>{buttons}</div>
        })}
    }
}
