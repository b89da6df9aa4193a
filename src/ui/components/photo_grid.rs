//! The photos of a record; a tap shows one large.

use std::time::Duration;

use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::BlobLink;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::photo_viewer::{Large, PhotoViewer};
use crate::actions::show_photo::{PhotoUrl, show_photo};
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
        <PhotoViewer app record large facts/>
    }
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
