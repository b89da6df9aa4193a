//! The report form: shutter, picture, a few taps, saved.

use greenshield_domain::geo::Position;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::call_first::CallFirst;
use super::camera::CameraScreen;
use super::category_grid::CategoryGrid;
use super::form_photos::{PhotoStrip, Shutter};
use super::form_place::{PlaceChip, PlaceLine};
use super::form_voice::PutBack;
use super::photo_steps::PhotoSteps;
use super::questions::Questions;
use crate::actions::discard_report::discard_report;
use crate::actions::keep_report::keep_now;
use crate::actions::save_report::save_report;
use crate::actions::start_report::{leave_report, start_report, watch_report};
use crate::context::{App, use_app};
use crate::state::form::{Kept, ReportForm};
use crate::state::lamp::{Lamp, Tone};
use crate::state::near::Sighting;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::near_hint::NearHint;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page behind ＋.
#[component]
pub fn ReportPage() -> impl IntoView {
    let app = use_app();
    let form = ReportForm::new();
    app.run(start_report(app, form));
    let watch = StoredValue::new_local(Some(watch_report(app, form)));
    on_cleanup(move || {
        watch.dispose();
        leave_report(app);
    });
    // The shutter is the whole page until there is a photo, or the person goes on without one.
    let is_shutter = Memo::new(move |_| {
        let is_bare =
            form.draft.with(|draft| draft.photos.is_empty() && draft.category.is_none() && !draft.skipped_photo);
        is_bare && form.busy_photos.get() == 0
    });
    // Nothing can be tapped before the disk told what was begun, or the answer would be thrown away.
    let is_ready = Memo::new(move |_| form.is_open.get() || form.is_saving.get());
    let is_camera = RwSignal::new(false);
    let scroller = NodeRef::<html::Main>::new();
    // Another step of the form begins at its top.
    let category = Memo::new(move |_| form.draft.with(|draft| draft.category.clone()));
    Effect::new(move |_| {
        let _step = (is_shutter.get(), category.get());
        if let Some(page) = scroller.get() {
            page.set_scroll_top(0);
        }
    });
    let sighting = Memo::new(move |_| {
        form.draft.with(|draft| {
            let (category, place) = (draft.category.clone()?, draft.place?);
            let place = Position { lat_e7: place.lat_e7, lon_e7: place.lon_e7 };
            Some(Sighting { record: None, category, found_millis: draft.started_millis, place })
        })
    });
    let title = Signal::derive(move || {
        let is_asking = !is_shutter.get() && category.with(Option::is_none);
        if is_asking { t("report.what") } else { t("report.title") }.to_owned()
    });
    view! {
        <Shell title=title back="/" scroller end=move || view! { <FormChips form is_shutter/> } actionbar=move || view! { <FormBar app form is_shutter is_ready/> }>
            {move || form.problem.get().map(|message| view! { <Problem message/> })}
            {move || match form.kept.get() {
                Kept::Failed(message) => Some(view! { <Problem message/> }),
                _ => None,
            }}
            {move || (form.was_resumed.get()).then(|| view! { <Resumed app form/> })}
            <CameraScreen app form is_open=is_camera/>
            {move || if !is_ready.get() {
                view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any()
            } else if is_shutter.get() {
                view! { <PlaceLine form/> <Shutter app form is_open=is_camera/> }.into_any()
            } else {
                view! {
                    <PhotoStrip app form is_open=is_camera/>
                    <PutBack app form/>
                    <CategoryGrid app form/>
                    <CallFirst app form/>
                    <NearHint app of=sighting/>
                    <PhotoSteps app form/>
                    <Questions app form/>
                    <PlaceLine form/>
                }
                .into_any()
            }}
        </Shell>
    }
}

/// Position, and whether the form is on disk.
#[component]
fn FormChips(
    /// The form.
    form: ReportForm,
    /// Whether the shutter is shown, which tells the position at large.
    is_shutter: Memo<bool>,
) -> impl IntoView {
    // Only what is on disk says so; from the first letter on it is being written.
    let kept = move || match (form.is_dirty.get(), form.kept.get()) {
        (false, Kept::Kept) => {
            Some(Lamp { tone: Tone::Saved, icon: "device-mobile", words: t("lamp.draft").to_owned() })
        }
        (_, Kept::Kept | Kept::Keeping) => {
            Some(Lamp { tone: Tone::Plain, icon: "device-mobile", words: t("lamp.draft_saving").to_owned() })
        }
        _ => None,
    };
    view! {
        {move || (!is_shutter.get()).then(|| view! { <PlaceChip form/> })}
        {move || kept().map(|lamp| view! { <LampChip lamp/> })}
    }
}

/// The one main thing to do: save; on the shutter the shutter is it.
#[component]
fn FormBar(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// Whether the shutter is shown.
    is_shutter: Memo<bool>,
    /// Whether the form was read.
    is_ready: Memo<bool>,
) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let skip = move |_| {
        form.draft.update(|draft| draft.skipped_photo = true);
        keep_now(app, form);
    };
    let is_complete = Memo::new(move |_| form.draft.with(|draft| draft.category.is_some()));
    let save = move |_| {
        if !is_complete.get_untracked() || form.is_saving.get_untracked() {
            return;
        }
        form.is_saving.set(true);
        app.run(async move {
            match save_report(app, form).await {
                Ok(record) => navigate.with_value(|go| {
                    go(&format!("/saved/{record}"), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }),
                // Only a form that stays can be used again; one that is left need not be drawn once more.
                Err(message) => {
                    let _ = form.problem.try_set(Some(message));
                    let _ = form.is_saving.try_set(false);
                }
            }
        });
    };
    let busy = move || form.is_saving.get().then_some("true");
    move || {
        if is_shutter.get() {
            view! { <button class="btn btn--quiet" disabled=move || !is_ready.get() on:click=skip>{t("report.no_photo")}</button> }.into_any()
        } else {
            view! {
                {move || (!is_complete.get()).then(|| view! { <p class="actionbar-note">{t("report.what_missing")}</p> })}
                <button class="btn btn--primary" aria-busy=busy aria-disabled=move || (!is_complete.get()).then_some("true") on:click=save>
                    <Icon name="circle-check"/>{t("action.save")}
                </button>
            }
            .into_any()
        }
    }
}

/// What was begun earlier is there again; it can be thrown away.
#[component]
fn Resumed(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let is_asking = RwSignal::new(false);
    let discard = move |_| {
        app.run(async move {
            match discard_report(app, form).await {
                Ok(()) => {
                    app.state.say(t("report.discarded"));
                    navigate.with_value(|go| go("/", NavigateOptions::default()));
                }
                Err(message) => {
                    let _ = form.problem.try_set(Some(message));
                }
            }
        });
    };
    let photos = move || form.draft.with(|draft| draft.photos.len()).to_string();
    view! {
        <section class="banner banner--saved" role="status">
            <Icon name="history"/>
            {move || if is_asking.get() {
                view! {
                    <div class="banner-text">
                        <b class="banner-title">{t("report.discard")}</b>
                        {tr("report.discard_text", &[("n", &photos())])}
                        <div class="row row--wrap">
                            <button class="btn btn--s btn--danger" on:click=discard>{t("report.discard_yes")}</button>
                            <button class="btn btn--s" on:click=move |_| is_asking.set(false)>{t("report.discard_no")}</button>
                        </div>
                    </div>
                }.into_any()
            } else {
                view! {
                    <div class="banner-text">{t("report.resumed")}</div>
                    <button class="btn btn--s" on:click=move |_| is_asking.set(true)>{t("report.discard_yes")}</button>
                }.into_any()
            }}
        </section>
    }
}
