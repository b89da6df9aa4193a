//! The voice notes of a record, each with its length, to listen to.

use std::time::Duration;

use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::BlobLink;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::Icon;
use crate::actions::show_photo::{PhotoUrl, show_photo};
use crate::context::App;
use crate::state::voice::VoiceView;
use crate::state::words::{t, tr};

/// All notes; those that are not here are fetched.
#[component]
pub fn VoiceList(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The notes.
    voices: Vec<VoiceView>,
) -> impl IntoView {
    let notes = voices.into_iter().map(|voice| view! { <Voice app record voice/> }).collect_view();
    view! { <ul class="voices">{notes}</ul> }
}

/// One note.
#[component]
fn Voice(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// The note.
    voice: VoiceView,
) -> impl IntoView {
    let url: RwSignal<Option<PhotoUrl>> = RwSignal::new(None);
    load(app, record, voice.link, url, 0);
    let n = voice.number.to_string();
    let name = match &voice.length {
        Some(length) => tr("voice.n", &[("n", &n), ("length", length)]),
        None => tr("voice.n_plain", &[("n", &n)]),
    };
    let label = name.clone();
    let src = move || url.with(|url| url.as_ref().map(|url| url.as_str().to_owned()));
    view! {
        <li class="voice">
            <b class="row"><Icon name="microphone"/>{name}</b>
            {move || match src() {
                Some(src) => view! { <audio class="voice-player" controls=true preload="metadata" src=src aria-label=label.clone()></audio> }.into_any(),
                None => view! { <p class="voice-player muted" role="status">{t("voice.away")}</p> }.into_any(),
            }}
        </li>
    }
}

/// Fetches a note; one that its phone has not delivered yet is asked for again while it is on the screen.
fn load(app: App, record: RecordId, link: BlobLink, url: RwSignal<Option<PhotoUrl>>, tries: u32) {
    spawn_local(async move {
        let found = show_photo(app, record, link.clone()).await.ok();
        let is_away = found.is_none();
        // Gone from the screen meanwhile: the address is given back by dropping it.
        let is_gone = url.try_set(found).is_some();
        if is_away && !is_gone {
            let again = move || {
                if url.try_with_untracked(Option::is_none).unwrap_or(false) {
                    load(app, record, link.clone(), url, tries + 1);
                }
            };
            set_timeout(again, Duration::from_secs((2 << tries.min(4)).min(30)));
        }
    });
}
