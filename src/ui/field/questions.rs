//! The questions of a category as chips, steppers and words: core ones open, the others folded.

use std::collections::BTreeMap;

use greenshield_domain::city::CategoryField;
use leptos::prelude::*;

use super::form_voice::VoiceNotes;
use crate::actions::keep_report::{keep_now, keep_soon};
use crate::context::App;
use crate::state::answers::{Answer, allowed, milli_of, number_words};
use crate::state::draft::MOST_CHARS;
use crate::state::form::ReportForm;
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;

/// Answers by the id of their question.
pub type Answers = BTreeMap<String, Answer>;

/// The questions of the chosen category, and words.
#[component]
pub fn Questions(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let category = Memo::new(move |_| form.draft.with(|draft| draft.category.clone()));
    let answers = RwSignal::new(form.draft.with_untracked(|draft| draft.answers.clone()));
    let changed = Callback::new(move |()| {
        form.draft.update(|draft| draft.answers = answers.get_untracked());
        keep_now(app, form);
    });
    move || {
        category.get().map(|id| {
            let city = app.city();
            let asked: Vec<CategoryField> = city.catalog.category(&id).map(|c| c.fields.clone()).unwrap_or_default();
            let (core, more): (Vec<_>, Vec<_>) = asked.into_iter().partition(|question| question.core);
            view! {
                {core.into_iter().map(|question| view! { <Question question answers on_change=changed/> }).collect_view()}
                <Note app form/>
                <VoiceNotes app form/>
                <details class="fold card">
                    <summary>{t("report.more")}<span class="muted">{t("report.more_hint")}</span></summary>
                    {more.into_iter().map(|question| view! { <Question question answers on_change=changed/> }).collect_view()}
                    <label class="field">
                        <span class="field-label">{t("report.place_name")}</span>
                        <input class="input" maxlength="100" prop:value=form.draft.with_untracked(|draft| draft.place_name.clone())
                            on:input=move |event| {
                                form.draft.update(|draft| draft.place_name = event_target_value(&event));
                                keep_soon(app, form);
                            }/>
                    </label>
                </details>
            }
        })
    }
}

/// Free words of the form.
#[component]
fn Note(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field-label">{t("report.note")}</span>
            <textarea class="textarea" placeholder=t("report.note_hint") maxlength=MOST_CHARS.to_string()
                prop:value=form.draft.with_untracked(|draft| draft.note.clone())
                on:input=move |event| {
                    form.draft.update(|draft| draft.note = event_target_value(&event));
                    keep_soon(app, form);
                }></textarea>
        </label>
    }
}

/// One question.
#[component]
pub fn Question(
    /// What is asked.
    question: CategoryField,
    /// All answers of the form.
    answers: RwSignal<Answers>,
    /// Called after a change.
    on_change: Callback<()>,
) -> impl IntoView {
    let label = words::of(&question.label).to_owned();
    match question.ty.as_str() {
        "select" | "multi" | "bool" => view! { <Choices question label answers on_change/> }.into_any(),
        "number" => view! { <Number question label answers on_change/> }.into_any(),
        _ => {
            let id = question.id.clone();
            let text = answers.with_untracked(|answers| match answers.get(&id) {
                Some(Answer::Text(text)) => text.clone(),
                _ => String::new(),
            });
            view! {
                <label class="field">
                    <span class="field-label">{label}</span>
                    <input class="input" maxlength="200" prop:value=text on:change=move |event| {
                        answers.update(|answers| set(answers, &id, Answer::Text(event_target_value(&event))));
                        on_change.run(());
                    }/>
                </label>
            }
            .into_any()
        }
    }
}

/// Sets an answer; an empty one is taken out.
fn set(answers: &mut Answers, id: &str, answer: Answer) {
    if answer.is_empty() {
        answers.remove(id);
    } else {
        answers.insert(id.to_owned(), answer);
    }
}

/// What a tap on an option makes of the answer; a second tap takes it back.
fn toggled(ty: &str, old: Option<&Answer>, id: &str) -> Answer {
    match (ty, old) {
        ("bool", Some(Answer::Bool(yes))) if *yes == (id == "1") => Answer::Text(String::new()),
        ("bool", _) => Answer::Bool(id == "1"),
        ("multi", old) => {
            let mut ids = if let Some(Answer::Options(ids)) = old { ids.clone() } else { Vec::new() };
            if ids.iter().any(|known| known == id) {
                ids.retain(|known| known != id);
            } else {
                ids.push(id.to_owned());
            }
            Answer::Options(ids)
        }
        (_, Some(Answer::Option(known))) if known == id => Answer::Option(String::new()),
        _ => Answer::Option(id.to_owned()),
    }
}

fn is_chosen(answer: Option<&Answer>, id: &str) -> bool {
    match answer {
        Some(Answer::Option(known)) => known == id,
        Some(Answer::Options(ids)) => ids.iter().any(|known| known == id),
        Some(Answer::Bool(yes)) => *yes == (id == "1"),
        _ => false,
    }
}

/// Options to tap.
#[component]
fn Choices(
    /// What is asked.
    question: CategoryField,
    /// What it says.
    label: String,
    /// All answers of the form.
    answers: RwSignal<Answers>,
    /// Called after a change.
    on_change: Callback<()>,
) -> impl IntoView {
    let options: Vec<(String, String)> = if question.ty == "bool" {
        vec![("1".to_owned(), t("answer.yes").to_owned()), ("0".to_owned(), t("answer.no").to_owned())]
    } else {
        question.options.iter().map(|choice| (choice.id.clone(), words::of(&choice.label).to_owned())).collect()
    };
    let (field, ty) = (StoredValue::new(question.id), StoredValue::new(question.ty));
    let option = move |(id, name): (String, String)| {
        let key = id.clone();
        let pressed =
            move || answers.with(|answers| is_chosen(field.with_value(|field| answers.get(field)), &key)).to_string();
        let tap = move |_| {
            answers.update(|answers| {
                field.with_value(|field| {
                    let answer = ty.with_value(|ty| toggled(ty, answers.get(field), &id));
                    set(answers, field, answer);
                });
            });
            on_change.run(());
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=tap>{name}</button> }
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{label}</legend>
            <div class="options">{options.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}

/// A number with a stepper.
#[component]
fn Number(
    /// What is asked.
    question: CategoryField,
    /// What it says.
    label: String,
    /// All answers of the form.
    answers: RwSignal<Answers>,
    /// Called after a change.
    on_change: Callback<()>,
) -> impl IntoView {
    let step = question.step.map_or(1_000, |step| (step * 1_000.0).round() as i64).max(1);
    let unit = question.unit.as_ref().map(|unit| view! { <span class="muted">" "{words::of(unit).to_owned()}</span> });
    let id = StoredValue::new(question.id.clone());
    let asked = StoredValue::new(question);
    let value = move || {
        answers.with(|answers| match id.with_value(|id| answers.get(id).cloned()) {
            Some(Answer::Number(milli)) => Some(milli),
            _ => None,
        })
    };
    let put = move |milli: Option<i64>| {
        answers.update(|answers| {
            id.with_value(|id| match milli {
                Some(milli) => {
                    let milli = asked.with_value(|asked| allowed(asked, milli));
                    set(answers, id, Answer::Number(milli));
                }
                None => drop(answers.remove(id)),
            });
        });
        on_change.run(());
    };
    let (shown, group) = (label.clone(), label.clone());
    view! {
        <div class="field" role="group" aria-label=group>
            <span class="field-label">{shown}{unit}</span>
            <div class="stepper">
                <button class="btn btn--icon" type="button" aria-label=t("action.minus")
                    on:click=move |_| put(value().filter(|milli| *milli > step).map(|milli| milli - step))><Icon name="minus"/></button>
                <input class="input stepper-value" inputmode="decimal" aria-label=label
                    prop:value=move || value().map(number_words).unwrap_or_default()
                    on:change=move |event| put(milli_of(&event_target_value(&event)))/>
                <button class="btn btn--icon" type="button" aria-label=t("action.plus")
                    on:click=move |_| put(Some(value().unwrap_or(0) + step))><Icon name="plus"/></button>
            </div>
        </div>
    }
}
