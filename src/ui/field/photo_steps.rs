//! From far, from the middle, from near, in detail: what a photo shows, and which of the four are still missing.

use leptos::prelude::*;

use crate::actions::keep_report::keep_now;
use crate::context::App;
use crate::state::form::ReportForm;
use crate::state::photo_steps::{self, hints};
use crate::state::words::{t, tr};

/// The four steps for the picked photo, and what the catalogue wants to see.
#[component]
pub fn PhotoSteps(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    // The picked one; a photo that was just taken is picked by itself.
    let picked = Memo::new(move |_| {
        let last = form.draft.with(|draft| draft.photos.len()).checked_sub(1)?;
        Some(form.picked_photo.get().filter(|at| *at <= last).unwrap_or(last))
    });
    // First of all: what is it?
    let is_asked = Memo::new(move |_| form.draft.with(|draft| draft.category.is_some()));
    let step = move || picked.get().and_then(|at| form.draft.with(|d| d.photos.get(at).and_then(|p| p.step.clone())));
    let choose = move |id: &str| {
        let Some(at) = picked.get_untracked() else { return };
        form.draft.update(|draft| {
            if let Some(photo) = draft.photos.get_mut(at) {
                photo.step = (photo.step.as_deref() != Some(id)).then(|| id.to_owned());
            }
        });
        keep_now(app, form);
    };
    let option = move |(id, name): (String, String)| {
        let key = id.clone();
        let pressed = move || (step().as_ref() == Some(&key)).to_string();
        view! { <button class="option" type="button" aria-pressed=pressed on:click=move |_| choose(&id)>{name}</button> }
    };
    let wanted = move || {
        let id = form.draft.with(|draft| draft.category.clone())?;
        let city = app.city();
        let hints = hints(&city, &id);
        (!hints.is_empty()).then(|| tr("photo.hints", &[("hints", &hints.join(t("list.comma")))]))
    };
    let said = move || {
        let at = picked.get()?;
        form.draft.with(|draft| draft.photos.get(at)?.exif.as_ref().map(photo_steps::exif_words))
    };
    move || {
        picked.get().filter(|_| is_asked.get()).map(|at| {
            let n = (at + 1).to_string();
            view! {
                <fieldset class="field">
                    <legend class="field-label">{tr("photo.step", &[("n", &n)])}</legend>
                    <div class="options">{photo_steps::options(&app.city()).into_iter().map(option).collect_view()}</div>
                    {move || said().map(|words| view! { <p class="field-hint">{tr("photo.says", &[("facts", &words)])}</p> })}
                    {move || wanted().map(|words| view! { <p class="field-hint">{words}</p> })}
                </fieldset>
            }
        })
    }
}
