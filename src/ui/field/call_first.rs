//! What a category says before anything is filled in: keep safe, whom to call, whose duty it is.

use leptos::prelude::*;

use crate::context::App;
use crate::state::categories::{FirstSteps, first_steps};
use crate::state::form::ReportForm;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The card of the chosen category; red when it can not wait for a desk.
#[component]
pub fn CallFirst(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let steps = Memo::new(move |_| form.draft.with(|d| first_steps(&app.city(), d.category.as_deref()?, &d.answers)));
    move || {
        steps.get().map(|FirstSteps { is_urgent, safety, numbers, department }| {
            let links = numbers.into_iter().map(|(number, name)| {
                let href = format!("tel:{number}");
                let class = if is_urgent { "btn btn--alarm" } else { "btn btn--quiet" };
                view! { <a class=class href=href rel="external"><Icon name="phone"/>{number}" "{name}</a> }
            });
            let links = links.collect::<Vec<_>>();
            let has_numbers = !links.is_empty();
            view! {
                <section class=if is_urgent { "card card--alarm stack" } else { "card stack" }>
                    {(is_urgent && has_numbers).then(|| view! { <b>{t("report.call_first")}</b> })}
                    {safety.map(|safety| view! { <p class="row"><Icon name="alert-triangle"/><span>{safety}</span></p> })}
                    {has_numbers.then(|| view! { <div class="row row--wrap">{links}</div> })}
                    <p class="muted">{tr("report.department", &[("name", &department)])}</p>
                </section>
            }
        })
    }
}
