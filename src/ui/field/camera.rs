//! The camera inside the app, on the whole screen; and the one button that opens it, or the phone's own camera.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;

use crate::actions::add_photo::add_photos;
use crate::actions::change_settings::put_away;
use crate::actions::keep_report::keep_now;
use crate::actions::use_camera::{Camera, choose_camera, is_proposed, open_camera, take_photo};
use crate::context::App;
use crate::state::draft::PhotoSource;
use crate::state::form::ReportForm;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// Where the picture is.
const VIDEO: &str = "camera-picture";

/// A button that takes a photo. The form is on disk before any camera opens.
#[component]
pub fn TakePhoto(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// How it looks.
    class: &'static str,
    /// What it says.
    words: &'static str,
    /// Whether the camera inside the app is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let is_inside = Memo::new(move |_| app.state.settings.get().camera_inside);
    let open = move |_| {
        keep_now(app, form);
        is_open.set(true);
    };
    move || {
        if is_inside.get() {
            view! { <button class=class type="button" on:click=open><Icon name="camera"/>{words}</button> }.into_any()
        } else {
            view! {
                <label class=format!("{class} file")>
                    <Icon name="camera"/>{words}
                    <input type="file" accept="image/*" capture="environment" aria-label=words
                        on:click=move |_| keep_now(app, form)
                        on:change=move |event| add_photos(app, form, &event, PhotoSource::Camera)/>
                </label>
            }
            .into_any()
        }
    }
}

/// The camera on the whole screen. One that does not open gives way to the phone's own.
#[component]
pub fn CameraScreen(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let camera: RwSignal<Option<Rc<Camera>>, LocalStorage> = RwSignal::new_local(None);
    let is_busy = RwSignal::new(false);
    let give_up = move |message| {
        choose_camera(app, false);
        is_open.try_set(false);
        form.problem.try_set(Some(message));
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if !is_open.get() {
            camera.set(None);
            dialog.close();
            return;
        }
        // Opening what is open is no harm.
        let _ = dialog.show_modal();
        app.run(async move {
            match open_camera(VIDEO).await {
                // Closed, or left, while the person was asked: dropping it switches it off.
                Ok(opened) if is_open.try_get_untracked() == Some(true) => drop(camera.try_set(Some(Rc::new(opened)))),
                Ok(_) => {}
                Err(message) => give_up(message),
            }
        });
    });
    let shoot = move |_| {
        let Some(opened) = camera.get_untracked().filter(|_| !is_busy.get_untracked()) else { return };
        is_busy.set(true);
        app.run(async move {
            if let Err(message) = take_photo(app, form, &opened).await {
                give_up(message);
            }
            let _ = is_busy.try_set(false);
        });
    };
    let taken = move || {
        let n = form.draft.with(|draft| draft.photos.len()) + form.busy_photos.get();
        (n > 0).then(|| tr("camera.taken", &[("n", &n.to_string())]))
    };
    let is_off = move || camera.with(Option::is_none);
    view! {
        <dialog class="veil" node_ref=dialog aria-label=t("camera.title") on:close=move |_| is_open.set(false)>
            <div class="camera">
                <video id=VIDEO autoplay=true playsinline=true muted=true aria-label=t("camera.picture")></video>
                <p class="camera-said" role="status">{move || if is_off() { Some(t("camera.opening").to_owned()) } else { taken() }}</p>
                <div class="camera-bar">
                    <button class="btn" type="button" on:click=move |_| is_open.set(false)><Icon name="check"/>{t("camera.done")}</button>
                    <button class="camera-shutter" type="button" disabled=is_off aria-label=t("camera.shoot") aria-busy=move || is_busy.get().then_some("true") on:click=shoot>
                        <Icon name="camera"/>
                    </button>
                </div>
            </div>
        </dialog>
    }
}

/// After the system ended the app twice under an open form: use the camera inside the app?
#[component]
pub fn CameraProposal(
    /// The app.
    app: App,
) -> impl IntoView {
    let is_shown = RwSignal::new(is_proposed(app));
    let answer = move |is_yes: bool| {
        is_shown.set(false);
        if is_yes {
            choose_camera(app, true);
        } else {
            put_away("camera");
        }
    };
    move || {
        is_shown.get().then(|| {
            view! {
                <section class="card stack" role="status">
                    <p class="row"><Icon name="camera"/><span>{t("camera.propose")}</span></p>
                    <div class="row row--wrap">
                        <button class="btn" type="button" on:click=move |_| answer(true)>{t("camera.yes")}</button>
                        <button class="btn btn--quiet" type="button" on:click=move |_| answer(false)>{t("camera.no")}</button>
                    </div>
                </section>
            }
        })
    }
}
