//! Photos of the form: the shutter, and the strip of those that are taken.

use greenshield_domain::ids::BlobId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::camera::{CameraProposal, TakePhoto};
use crate::actions::add_photo::add_photos;
use crate::actions::show_photo::{PhotoUrl, show_local};
use crate::actions::take_out::take_photo_out;
use crate::context::App;
use crate::state::draft::{DraftPhoto, MOST_PHOTOS, PhotoSource};
use crate::state::form::ReportForm;
use crate::state::photo_steps;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::room_note::RoomNote;

/// The big shutter, and the gallery beside it. The form is on disk before the camera opens.
#[component]
pub fn Shutter(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// Whether the camera inside the app is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <RoomNote app/>
        <CameraProposal app/>
        <p class="center muted">{t("report.photo_guide")}</p>
        <div class="shutter">
            <label class="btn btn--quiet file">
                <Icon name="photo"/>{t("report.album")}
                <input type="file" accept="image/*" multiple=true aria-label=t("report.album")
                    on:change=move |event| add_photos(app, form, &event, PhotoSource::Album)/>
            </label>
            <TakePhoto app form class="shutter-button" words=t("report.photo") is_open/>
        </div>
    }
}

/// The photos so far, and room for more.
#[component]
pub fn PhotoStrip(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// Whether the camera inside the app is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let photos = Memo::new(move |_| form.draft.with(|draft| draft.photos.clone()));
    let numbered = move || photos.get().into_iter().zip(1_usize..).collect::<Vec<_>>();
    let has_room = move || photos.with(Vec::len) < MOST_PHOTOS;
    view! {
        <RoomNote app/>
        <CameraProposal app/>
        <ul class="photo-strip" aria-live="polite">
            <For each=numbered key=|(photo, number)| (photo.original, *number) let:entry>
                <StripPhoto app form photo=entry.0 number=entry.1/>
            </For>
            {move || (0..form.busy_photos.get()).map(|_| view! {
                <li class="photo photo--busy"><b class="photo-tag">{t("report.photo_busy")}</b></li>
            }).collect_view()}
            {move || has_room().then(|| view! {
                <li>
                    <TakePhoto app form class="photo-add" words=t("report.photo_more") is_open/>
                </li>
                <li>
                    <label class="photo-add file">
                        <Icon name="photo"/>{t("report.album")}
                        <input type="file" accept="image/*" multiple=true aria-label=t("report.album")
                            on:change=move |event| add_photos(app, form, &event, PhotoSource::Album)/>
                    </label>
                </li>
            })}
        </ul>
    }
}

/// One photo of the strip.
#[component]
fn StripPhoto(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// The photo.
    photo: DraftPhoto,
    /// From 1.
    number: usize,
) -> impl IntoView {
    let url: RwSignal<Option<PhotoUrl>> = RwSignal::new(None);
    let (blob, mime): (BlobId, String) = {
        let (blob, mime) = photo.shown();
        (blob, mime.to_owned())
    };
    spawn_local(async move {
        let found = show_local(app, blob, &mime).await;
        // Gone from the screen meanwhile: the address is given back by dropping it.
        let _ = url.try_set(found);
    });
    let n = number.to_string();
    let name = tr("report.photo_n", &[("n", &n)]);
    let from = (photo.source == PhotoSource::Album).then(|| t("report.photo_from_album").to_owned());
    let kept = (!photo.has_original()).then(|| t("photo.no_original").to_owned());
    let tag = move || {
        let step = form.draft.with(|draft| draft.photos.get(number - 1).and_then(|photo| photo.step.clone()));
        let step = step.and_then(|step| photo_steps::name(&app.city(), &step));
        let words: Vec<String> = [step, from.clone(), kept.clone()].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(" · "))
    };
    let is_picked = move || (form.picked_photo.get() == Some(number - 1)).to_string();
    let original = photo.original;
    view! {
        <li class="photo">
            {move || url.with(|url| url.as_ref().map(|url| url.as_str().to_owned())).map(|src| view! { <img src=src alt=name.clone() decoding="async"/> })}
            <button class="photo-pick" aria-label=tr("photo.pick", &[("n", &n)]) aria-pressed=is_picked
                on:click=move |_| form.picked_photo.set(Some(number - 1))></button>
            {move || tag().map(|tag| view! { <b class="photo-tag">{tag}</b> })}
            <button class="photo-remove" aria-label=tr("report.photo_remove", &[("n", &n)]) on:click=move |_| take_photo_out(app, form, original)>
                <Icon name="x"/>
            </button>
        </li>
    }
}
