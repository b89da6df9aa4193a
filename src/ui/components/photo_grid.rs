//! The photos of a record; a tap shows one large.

use std::time::Duration;

use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::BlobLink;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::Icon;
use crate::actions::show_photo::{PhotoUrl, show_photo};
use crate::actions::stamp_photo::{StampedPhoto, save_stamped, share_stamped, stamp_photo};
use crate::context::App;
use crate::state::message::Message;
use crate::state::record::PhotoView;
use crate::state::share::ShareFacts;
use crate::state::words::{t, tr};

/// A photo on its way to the screen.
type Shown = RwSignal<Option<Result<PhotoUrl, Message>>>;

/// All photos; those that are not here are fetched.
#[component]
pub fn PhotoGrid(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The photos.
    photos: Vec<PhotoView>,
    /// What stands on a copy to hand on.
    #[prop(into)]
    facts: Signal<Option<ShareFacts>>,
) -> impl IntoView {
    let large: RwSignal<Option<Large>> = RwSignal::new(None);
    let tiles = photos.into_iter().map(|photo| view! { <Photo app record photo large/> }).collect_view();
    view! {
        <ul class="photo-grid">{tiles}</ul>
        <Viewer app record large facts/>
    }
}

/// A photo on the whole screen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Large {
    name: String,
    src: String,
    link: BlobLink,
}

/// One photo.
#[component]
fn Photo(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The photo.
    photo: PhotoView,
    /// Shows it large.
    large: RwSignal<Option<Large>>,
) -> impl IntoView {
    let shown: Shown = RwSignal::new(None);
    let name = tr("report.photo_n", &[("n", &photo.number.to_string())]);
    let link = photo.shown;
    load(app, record, link.clone(), shown, 0);
    let src =
        move || shown.with(|shown| shown.as_ref().and_then(|s| s.as_ref().ok()).map(|url| url.as_str().to_owned()));
    let origin = photo.origin;
    let tag = move || {
        shown.with(|shown| match shown {
            None => Some(t("report.photo_busy").to_owned()),
            Some(Err(_)) => Some(t("record.photo_away").to_owned()),
            Some(Ok(_)) => origin.clone(),
        })
    };
    // What is written on the picture is part of its name.
    let (words, told) = (format!("{}: {name}", t("record.photo_open")), tag.clone());
    let label = move || told().map_or_else(|| words.clone(), |tag| format!("{words} · {tag}"));
    let alt = name.clone();
    let open = move |_| match src() {
        Some(src) => large.set(Some(Large { name: name.clone(), src, link: link.clone() })),
        None => load(app, record, link.clone(), shown, 0),
    };
    view! {
        <li>
            <button class="photo" class=("photo--empty", move || src().is_none()) aria-label=label on:click=open>
                {move || src().map(|src| view! { <img src=src alt=alt.clone() decoding="async"/> })}
                {move || tag().map(|tag| view! { <b class="photo-tag">{tag}</b> })}
            </button>
        </li>
    }
}

/// Fetches a photo; one that its phone has not delivered yet is asked for again and again while it is on the screen.
fn load(app: App, record: RecordId, link: BlobLink, shown: Shown, tries: u32) {
    spawn_local(async move {
        let result = show_photo(app, record, link.clone()).await;
        let is_away = result.is_err();
        // Gone from the screen meanwhile: the address is given back by dropping it.
        let is_gone = shown.try_set(Some(result)).is_some();
        if is_away && !is_gone {
            let again = move || {
                let is_wanted = shown.try_with_untracked(|shown| !matches!(shown, Some(Ok(_)))).unwrap_or(false);
                if is_wanted {
                    load(app, record, link.clone(), shown, tries + 1);
                }
            };
            set_timeout(again, Duration::from_secs((2 << tries.min(4)).min(30)));
        }
    });
}

/// One photo on the whole screen, and a copy with words on it to hand on.
#[component]
fn Viewer(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The photo; `None` = closed.
    large: RwSignal<Option<Large>>,
    /// What stands on the copy.
    facts: Signal<Option<ShareFacts>>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let stamped: RwSignal<Option<StampedPhoto>, LocalStorage> = RwSignal::new_local(None);
    let is_busy = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // Opening what is open, or closing what is closed, is no harm.
        if large.with(Option::is_some) {
            let _ = dialog.show_modal();
        } else {
            stamped.set(None);
            dialog.close();
        }
    });
    let stamp = move |_| {
        let (Some(shown), Some(facts)) = (large.get_untracked(), facts.get_untracked()) else { return };
        is_busy.set(true);
        app.run(async move {
            let name = format!("greenshield-{}.jpg", facts.number);
            let lines = facts.stamp(app.state.now.get_untracked());
            match stamp_photo(app, record, shown.link.clone(), lines, name).await {
                // Another photo may be on the screen by now.
                Ok(copy) if large.try_get_untracked().flatten().as_ref() == Some(&shown) => {
                    let _ = stamped.try_set(Some(copy));
                }
                Ok(_) => {}
                Err(message) => app.state.say(message.title),
            }
            let _ = is_busy.try_set(false);
        });
    };
    let src = move |shown: &Large| {
        stamped.with(|copy| copy.as_ref().map_or_else(|| shown.src.clone(), |copy| copy.src().to_owned()))
    };
    let busy = move || is_busy.get().then_some("true");
    let is_stamped = move || stamped.with(Option::is_some);
    view! {
        <dialog class="veil" node_ref=dialog aria-label=t("record.photo_open") on:close=move |_| large.set(None)>
            <div class="viewer">
                {move || large.get().map(|shown| view! { <img src=src(&shown) alt=shown.name.clone()/> })}
                <div class="actionbar">
                    {move || if is_stamped() {
                        view! { <HandOn app stamped/> }.into_any()
                    } else {
                        view! {
                            <button class="btn btn--quiet" aria-busy=busy on:click=stamp><Icon name="map-pin"/>{t("share.stamp")}</button>
                        }.into_any()
                    }}
                    <button class="btn btn--primary" on:click=move |_| large.set(None)><Icon name="x"/>{t("action.close")}</button>
                </div>
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
    stamped: RwSignal<Option<StampedPhoto>, LocalStorage>,
) -> impl IntoView {
    let file = move || stamped.with_untracked(|copy| copy.as_ref().map(StampedPhoto::file));
    let can_be_shared = stamped.with_untracked(|copy| copy.as_ref().is_some_and(StampedPhoto::can_be_shared));
    let share = move |_| {
        let Some(file) = file() else { return };
        app.run(async move {
            if let Err(message) = share_stamped(file).await {
                app.state.say(message.title);
            }
        });
    };
    let save = move |_| {
        if let Some(Err(message)) = file().map(|file| save_stamped(&file)) {
            app.state.say(message.title);
        }
    };
    view! {
        <p class="actionbar-note" role="status">{t("share.stamp_text")}</p>
        {can_be_shared.then(|| view! { <button class="btn btn--quiet" on:click=share><Icon name="external-link"/>{t("share.send")}</button> })}
        <button class="btn btn--quiet" on:click=save><Icon name="download"/>{t("share.download")}</button>
    }
}
