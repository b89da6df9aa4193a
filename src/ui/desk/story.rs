//! The story of a report: who did what and when, what is expected next, what people disagree on, what has arrived.

use greenshield_domain::op::Entry;
use leptos::prelude::*;

use super::signals::Desk;
use crate::actions::edit_record::edit_record;
use crate::state::inbox::page::ExpectedStep;
use crate::state::story::StepView;
use crate::state::words::t;
use crate::ui::components::conflicts::Conflicts;
use crate::ui::components::delivery::Delivery;

/// The column.
#[component]
pub fn StoryColumn(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let steps = desk.shown(|page| (page.screen.story.clone(), page.expected.clone()));
    let conflicts = desk.shown(|page| page.screen.conflicts.clone());
    let delivery = desk.shown(|page| (page.screen.record, page.delivery.clone()));
    let choose = Callback::new(move |entry: Entry| {
        let Some(record) = untrack(move || desk.record()) else { return };
        desk.app.run(async move {
            if let Err(message) = edit_record(desk.app, record, vec![entry]).await {
                desk.problem.set(Some(message));
            }
        });
    });
    view! {
        <aside class="desk-col desk-story" tabindex="0" aria-labelledby="desk-story">
            <h2 id="desk-story">{t("desk.story")}</h2>
            {move || steps.get().map(|(done, expected)| view! { <Steps done expected/> })}
            {move || conflicts.get().map(|conflicts| view! { <Conflicts conflicts on_choose=choose/> })}
            {move || delivery.get().map(|(record, items)| view! {
                <section class="card">
                    <h3>{t("record.delivery")}</h3>
                    <Delivery app=desk.app record items/>
                </section>
            })}
        </aside>
    }
}

/// What happened, oldest first, and what is expected.
#[component]
fn Steps(
    /// What happened.
    done: Vec<StepView>,
    /// What is expected.
    expected: Vec<ExpectedStep>,
) -> impl IntoView {
    let done = done.into_iter().map(|step| {
        view! {
            <li class="step" data-state=step.state.word()>
                <span class="step-title">{step.title}</span>
                <time class="step-time">{step.time}</time>
                <span class="step-note">{step.notes.join(" · ")}</span>
                {step.words.map(|words| view! { <blockquote class="step-words">{words}</blockquote> })}
            </li>
        }
    });
    let expected = expected.into_iter().map(|step| {
        view! {
            <li class="step" data-state=step.state>
                <span class="step-title">{step.title}</span>
                {step.note.map(|note| view! { <span class="step-note">{note}</span> })}
            </li>
        }
    });
    view! { <ol class="steps">{done.collect_view()}{expected.collect_view()}</ol> }
}
