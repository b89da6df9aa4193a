//! A photo on which a finger covers faces and plates.

use leptos::ev;
use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::copy_photo::pixel_under;
use crate::state::cover::{Covers, Key};
use crate::state::words::{t, tr};

/// The photo and what is covered on it; `on_done` makes the copy.
#[component]
pub fn CoverSheet(
    /// An address that shows the photo.
    src: String,
    /// What is covered.
    covers: RwSignal<Covers>,
    /// Whether the copy is being made.
    #[prop(into)]
    is_busy: Signal<bool>,
    /// It is all.
    on_done: Callback<()>,
    /// Nothing is wanted.
    on_cancel: Callback<()>,
) -> impl IntoView {
    let (wide, high) = covers.with_untracked(Covers::size);
    let at = move |event: &ev::PointerEvent| covers.with_untracked(|covers| pixel_under(covers, event));
    let begin = move |event: ev::PointerEvent| {
        // A second finger or another button draws nothing.
        if let Some(at) = at(&event).filter(|_| event.is_primary() && event.button() == 0) {
            covers.update(|covers| covers.begin(at));
        }
    };
    let drag = move |event: ev::PointerEvent| {
        if let Some(at) = at(&event).filter(|_| event.buttons() != 0) {
            covers.update(|covers| covers.drag(at));
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        if let Some(key) = Key::named(&event.key()) {
            event.prevent_default();
            covers.update(|covers| covers.press(key));
        }
    };
    let boxes = move || {
        let shown = covers.with(Covers::shown);
        let one = |cover: crate::state::cover::Cover| {
            view! { <rect x=cover.x y=cover.y width=cover.width height=cover.height/> }
        };
        shown.into_iter().map(one).collect_view()
    };
    let count = Memo::new(move |_| covers.with(|covers| covers.boxes().len()));
    let said = move || match count.get() {
        0 => t("share.cover_text").to_owned(),
        n => tr("share.cover_count", &[("n", &n.to_string())]),
    };
    let is_none = move || count.get() == 0;
    view! {
        <svg class="cover" viewBox=format!("0 0 {wide} {high}") role="group" tabindex="0" aria-label=t("share.cover_label")
            on:pointerdown=begin on:pointermove=drag on:pointerup=move |_| covers.update(Covers::end)
            on:pointercancel=move |_| covers.update(Covers::give_up) on:keydown=press>
            <image href=src width=wide height=high/>
            {boxes}
        </svg>
        <div class="actionbar">
            <p class="actionbar-note" role="status">{said}</p>
            <button class="btn btn--quiet" disabled=is_none on:click=move |_| covers.update(|covers| covers.press(Key::Undo))>
                <Icon name="arrow-back-up"/>{t("share.cover_undo")}
            </button>
            <button class="btn btn--quiet" on:click=move |_| on_cancel.run(())>{t("action.cancel")}</button>
            <button class="btn btn--primary" aria-busy=move || is_busy.get().then_some("true") disabled=is_none on:click=move |_| on_done.run(())>
                <Icon name="check"/>{t("share.cover_done")}
            </button>
        </div>
    }
}
