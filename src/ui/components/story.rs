//! What happened, step by step.

use leptos::prelude::*;

use crate::state::story::StepView;

/// The steps, oldest first.
#[component]
pub fn Story(
    /// The steps.
    steps: Vec<StepView>,
) -> impl IntoView {
    let rows = steps.into_iter().map(|step| {
        view! {
            <li class="step" data-state=step.state.word()>
                <span class="step-title">{step.title}</span>
                <time class="step-time">{step.time}</time>
                <span class="step-note">{step.notes.join(" · ")}</span>
                {step.words.map(|words| view! { <blockquote class="step-words">{words}</blockquote> })}
            </li>
        }
    });
    view! { <ol class="steps">{rows.collect_view()}</ol> }
}
