//! Reports that tell the same: from the one that goes on to the others with their photos, and back.

use std::sync::Arc;

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::signals::Desk;
use crate::actions::open_record::open_record;
use crate::state::inbox::duplicates_of;
use crate::state::record::RecordScreen;
use crate::state::share::ShareFacts;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::photo_grid::PhotoGrid;
use crate::ui::components::voice_list::VoiceList;

/// What others reported of the same, and where this report goes on when it is one of them.
#[component]
pub fn Duplicates(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let record = desk.shown(|page| page.screen.record);
    let same = Memo::new(move |_| {
        let record = record.get()?;
        Some(state.records.with(|list| duplicates_of(&list.rows, record)))
    });
    let main = desk.shown(|page| page.goes_on_in);
    let back = move || {
        let main = main.get().flatten()?;
        Some(view! {
            <a class="card-link" href=format!("/desk?record={main}")>
                <Icon name="copy"/><b class="grow">{t("desk.goes_on")}</b><Icon name="chevron-right"/>
            </a>
        })
    };
    view! {
        {back}
        {move || same.get().unwrap_or_default().into_iter().map(|record| view! { <Duplicate desk record/> }).collect_view()}
    }
}

/// One of them.
#[component]
fn Duplicate(
    /// The desk.
    desk: Desk,
    /// The report.
    record: RecordId,
) -> impl IntoView {
    let (app, state) = (desk.app, desk.app.state);
    let screen: RwSignal<Option<Arc<RecordScreen>>> = RwSignal::new(None);
    Effect::new(move |read: Option<bool>| {
        let changed = state.changed.get();
        if read.is_some() && !changed.touches(record) {
            return true;
        }
        app.run(async move {
            // What does not read says so on its own page.
            if let Ok(Some(view)) = open_record(app, record).await {
                let (people, now) = (state.people.get_untracked(), state.now.get_untracked());
                let shown = RecordScreen::of(&view, &app.city(), &people, state.me(), now);
                let _ = screen.try_set(Some(Arc::new(shown)));
            }
        });
        true
    });
    let title = move || screen.with(|screen| screen.as_ref().map(|s| (s.person.clone(), s.note.clone())));
    let photos = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|screen| screen.photos.clone())));
    let voices = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|screen| screen.voices.clone())));
    let told = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|screen| ShareFacts::of(screen))));
    let grid = move || {
        let photos = photos.get().filter(|photos| !photos.is_empty())?;
        Some(view! { <PhotoGrid app record photos facts=told/> })
    };
    let heard = move || {
        let voices = voices.get().filter(|voices| !voices.is_empty())?;
        Some(view! { <VoiceList app record voices/> })
    };
    view! {
        <section class="card stack">
            {move || title().map(|(person, note)| view! {
                <h3>{tr("desk.same_from", &[("person", &person)])}</h3>
                {(!note.is_empty()).then(|| view! { <p>{note}</p> })}
            })}
            {grid}
            {heard}
            <a class="card-link" href=format!("/desk?record={record}")><b class="grow">{t("desk.same_open")}</b><Icon name="chevron-right"/></a>
        </section>
    }
}
