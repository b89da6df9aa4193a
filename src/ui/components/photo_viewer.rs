//! One photo on the whole screen, and copies of it to hand on: with words on it, or with faces and plates covered.

use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::BlobLink;
use leptos::html;
use leptos::prelude::*;

use super::cover_sheet::CoverSheet;
use super::icon::Icon;
use crate::actions::copy_photo::{CopiedPhoto, Marks, copy_photo, save_copy, share_copy};
use crate::context::App;
use crate::state::cover::Covers;
use crate::state::share::ShareFacts;
use crate::state::words::t;

/// A photo on the whole screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Large {
    /// What it is called.
    pub name: String,
    /// An address that shows it.
    pub src: String,
    /// Its bytes.
    pub link: BlobLink,
}

type Copied = RwSignal<Option<CopiedPhoto>, LocalStorage>;

/// The photo.
#[component]
pub fn PhotoViewer(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The photo; `None` = closed.
    large: RwSignal<Option<Large>>,
    /// What stands on a copy.
    facts: Signal<Option<ShareFacts>>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    // A copy to hand on, and one that is being covered.
    let (made, open): (Copied, Copied) = (RwSignal::new_local(None), RwSignal::new_local(None));
    let covers = RwSignal::new(Covers::new((1, 1)));
    let is_busy = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // Opening what is open, or closing what is closed, is no harm.
        if large.with(Option::is_some) {
            let _ = dialog.show_modal();
        } else {
            made.set(None);
            open.set(None);
            dialog.close();
        }
    });
    let make = move |marks: Marks, then: fn(Copied, Copied, RwSignal<Covers>, CopiedPhoto)| {
        let (Some(shown), Some(facts)) = (large.get_untracked(), facts.get_untracked()) else { return };
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            let name = format!("greenshield-{}.jpg", facts.number);
            match copy_photo(app, record, shown.link.clone(), marks, name).await {
                // Another photo may be on the screen by now.
                Ok(copy) if large.try_get_untracked().flatten().as_ref() == Some(&shown) => {
                    then(made, open, covers, copy);
                }
                Ok(_) => {}
                Err(message) => app.state.say(message.title),
            }
            let _ = is_busy.try_set(false);
        });
    };
    let hand_on = |made: Copied, open: Copied, _: RwSignal<Covers>, copy| {
        let _ = made.try_set(Some(copy));
        let _ = open.try_set(None);
    };
    let stamp = move |_| {
        let lines =
            facts.with_untracked(|facts| facts.as_ref().map(|facts| facts.stamp(app.state.now.get_untracked())));
        make(Marks { lines: lines.unwrap_or_default(), ..Marks::default() }, hand_on);
    };
    // The boxes are pixels of the copy, so it is made first.
    let begin = move |_| {
        make(Marks::default(), |_, open, covers, copy| {
            let _ = covers.try_set(Covers::new(copy.size()));
            let _ = open.try_set(Some(copy));
        });
    };
    let done = Callback::new(move |()| {
        make(Marks { covers: covers.with_untracked(|covers| covers.boxes().to_vec()), ..Marks::default() }, hand_on);
    });
    let src = move |shown: &Large| {
        made.with(|copy| copy.as_ref().map_or_else(|| shown.src.clone(), |copy| copy.src().to_owned()))
    };
    let busy = move || is_busy.get().then_some("true");
    let whole = move || {
        view! {
            {move || large.get().map(|shown| view! { <img src=src(&shown) alt=shown.name.clone()/> })}
            <div class="actionbar">
                {move || if made.with(Option::is_some) {
                    view! { <HandOn app made/> }.into_any()
                } else {
                    view! {
                        <button class="btn btn--quiet" aria-busy=busy on:click=stamp><Icon name="map-pin"/>{t("share.stamp")}</button>
                        <button class="btn btn--quiet" aria-busy=busy on:click=begin><Icon name="eye-off"/>{t("share.cover")}</button>
                    }.into_any()
                }}
                <button class="btn btn--primary" on:click=move |_| large.set(None)><Icon name="x"/>{t("action.close")}</button>
            </div>
        }
    };
    let cancel = Callback::new(move |()| open.set(None));
    view! {
        <dialog class="veil" node_ref=dialog aria-label=t("record.photo_open") on:close=move |_| large.set(None)>
            <div class="viewer">
                {move || match open.with(|copy| copy.as_ref().map(|copy| copy.src().to_owned())) {
                    Some(src) => view! { <CoverSheet src covers is_busy on_done=done on_cancel=cancel/> }.into_any(),
                    None => whole().into_any(),
                }}
            </div>
        </dialog>
    }
}

/// What to do with the copy.
#[component]
fn HandOn(
    /// The app.
    app: App,
    /// The copy.
    made: Copied,
) -> impl IntoView {
    let file = move || made.with_untracked(|copy| copy.as_ref().map(CopiedPhoto::file));
    let is = |what: fn(&CopiedPhoto) -> bool| made.with_untracked(|copy| copy.as_ref().is_some_and(what));
    let text = if is(CopiedPhoto::is_covered) { "share.covered_text" } else { "share.stamp_text" };
    let share = move |_| {
        let Some(file) = file() else { return };
        app.run(async move {
            if let Err(message) = share_copy(file).await {
                app.state.say(message.title);
            }
        });
    };
    let save = move |_| {
        if let Some(Err(message)) = file().map(|file| save_copy(&file)) {
            app.state.say(message.title);
        }
    };
    view! {
        <p class="actionbar-note" role="status">{t(text)}</p>
        {is(CopiedPhoto::can_be_shared).then(|| view! { <button class="btn btn--quiet" on:click=share><Icon name="external-link"/>{t("share.send")}</button> })}
        <button class="btn btn--quiet" on:click=save><Icon name="download"/>{t("share.download")}</button>
    }
}
