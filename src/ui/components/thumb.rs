//! A small picture: the photo when it is here, else the sign of the category.

use std::time::Duration;

use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::Icon;
use crate::actions::show_photo::{PhotoUrl, show_local, show_photo};
use crate::context::App;

/// How often a photo that is not there yet is asked for.
const MOST_TRIES: u32 = 6;

/// A square picture of a record.
#[component]
pub fn Thumb(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The photo.
    #[prop(into)]
    blob: Option<BlobId>,
    /// The sign to show without a photo.
    icon: String,
    /// Whether the sign is red.
    #[prop(optional)]
    is_urgent: bool,
    /// Whether a photo that is not here may be fetched.
    #[prop(optional)]
    may_fetch: bool,
) -> impl IntoView {
    let url: RwSignal<Option<PhotoUrl>> = RwSignal::new(None);
    if let Some(blob) = blob {
        load(app, record, blob, may_fetch, url, 0);
    }
    let class = if is_urgent { "thumb thumb--alarm" } else { "thumb" };
    view! {
        <span class=class>
            {move || {
                let src = url.with(|url| url.as_ref().map(|url| url.as_str().to_owned()));
                match src {
                    Some(src) => view! { <img src=src alt="" decoding="async"/> }.into_any(),
                    None => view! { <Icon name=icon.clone()/> }.into_any(),
                }
            }}
        </span>
    }
}

/// Finds the photo; one that its phone has not delivered yet is asked for a few times more while it is on the screen.
fn load(app: App, record: RecordId, blob: BlobId, may_fetch: bool, url: RwSignal<Option<PhotoUrl>>, tries: u32) {
    spawn_local(async move {
        let mut found = show_local(app, blob, "image/jpeg").await;
        if found.is_none() && may_fetch {
            found = show_photo(app, record, link_of(blob)).await.ok();
        }
        let is_away = found.is_none();
        // Gone from the screen meanwhile: the address is given back by dropping it.
        let is_gone = url.try_set(found).is_some();
        if is_away && may_fetch && !is_gone && tries < MOST_TRIES {
            let again = move || {
                if url.try_with_untracked(Option::is_none).unwrap_or(false) {
                    load(app, record, blob, may_fetch, url, tries + 1);
                }
            };
            set_timeout(again, Duration::from_secs(3 << tries));
        }
    });
}

/// A photo of which only the name is known.
fn link_of(blob: BlobId) -> BlobLink {
    BlobLink { blob, size_bytes: 0, mime: "image/jpeg".to_owned(), name: None, original: None }
}
