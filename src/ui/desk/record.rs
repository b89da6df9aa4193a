//! The open report: what, where, who, when, the photos, and what the desk does with it.

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::answer::{AnswerForm, StepBar};
use super::duplicates::Duplicates;
use super::signals::{Desk, Opened};
use crate::actions::copy_text::copy_text;
use crate::state::erasing::erases;
use crate::state::inbox::page::{DeskRecord, PlaceFact};
use crate::state::item;
use crate::state::lamp::{Lamp, Tone, state_words};
use crate::state::record::Fact;
use crate::state::share::ShareFacts;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::other_half::OtherHalf;
use crate::ui::components::photo_grid::PhotoGrid;
use crate::ui::components::problem::Problem;
use crate::ui::components::voice_list::VoiceList;

/// The column.
#[component]
pub fn RecordColumn(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let record = desk.shown(|page| page.screen.record);
    let content = move || {
        if record.get().is_some() {
            return view! { <Report desk/> }.into_any();
        }
        desk.opened.with(|opened| match opened {
            Opened::Failed(message) => view! { <Problem message=message.clone()/> }.into_any(),
            Opened::Missing => view! { <Hint icon="help" title=t("record.missing") text=t("desk.choose")/> }.into_any(),
            _ if desk.chosen.get().is_some() => ().into_any(),
            _ => view! { <Hint icon="inbox" title=t("desk.choose") text=t("desk.choose_text")/> }.into_any(),
        })
    };
    let is_reading = move || (desk.chosen.get() != record.get()).then_some("true");
    view! {
        <section class="desk-col desk-detail" aria-label=t("record.title") aria-busy=is_reading>{content}</section>
    }
}

/// What to do when nothing is shown.
#[component]
fn Hint(
    /// A name of the sprite.
    icon: &'static str,
    /// What is the case.
    title: &'static str,
    /// What to do.
    text: &'static str,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon size="icon--xl"/>
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}

/// The report. Each part is drawn anew only when it changed.
#[component]
fn Report(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let title = desk.shown(|page| page.screen.title.clone());
    let lamps = desk.shown(lamps);
    let photos = desk.shown(|page| (page.screen.record, page.screen.photos.clone()));
    let voices = desk.shown(|page| (page.screen.record, page.screen.voices.clone()));
    let heard = move || {
        let (record, voices) = voices.get()?;
        (!voices.is_empty()).then(|| view! { <VoiceList app=desk.app record voices/> })
    };
    let facts = desk.shown(|page| {
        (
            page.note.clone(),
            page.origin.clone(),
            page.place.clone().ok_or_else(|| page.place_none.clone()),
            page.details.clone(),
        )
    });
    let told = desk.shown(|page| ShareFacts::of(&page.screen));
    let may_erase = move || desk.app.state.viewer().is_some_and(|viewer| erases(&desk.app.city(), &viewer.role));
    let grid = move || {
        let (record, photos) = photos.get()?;
        (!photos.is_empty()).then(|| view! { <PhotoGrid app=desk.app record photos facts=told/> })
    };
    view! {
        <div class="desk-head">
            <h2 class="detail-title grow" tabindex="-1" node_ref=desk.heading>{move || title.get()}</h2>
            <div class="chips">
                {move || lamps.get().unwrap_or_default().into_iter().map(|lamp| view! { <LampChip lamp/> }).collect_view()}
            </div>
        </div>
        <OtherHalf app=desk.app shown=desk.shown(|page| (page.screen.record, page.screen.kind))/>
        {grid}
        {heard}
        <Duplicates desk/>
        <dl class="kv">
            {move || facts.get().map(|(note, origin, place, details)| view! {
                {note.map(fact_row)}
                {origin.into_iter().map(fact_row).collect_view()}
                <PlaceRow desk place/>
                {details.into_iter().map(fact_row).collect_view()}
            })}
        </dl>
        {move || told.get().and_then(|_| desk.record()).map(|record| view! {
            <a class="card-link" href=format!("/desk/tasks/new?record={record}")><Icon name="flag"/><b class="grow">{t("task.from_record")}</b><Icon name="chevron-right"/></a>
            <Referrals desk record/>
        })}
        {move || desk.record().filter(|_| may_erase()).map(|record| view! {
            <a class="card-link" href=format!("/desk/erase/{record}")><Icon name="trash-x"/><b class="grow">{t("erase.from_record")}</b><Icon name="chevron-right"/></a>
        })}
        <AnswerForm desk/>
        <StepBar desk/>
    }
}

/// The referrals that were made of the report, and the way to make one.
#[component]
fn Referrals(
    /// The desk.
    desk: Desk,
    /// The report.
    record: RecordId,
) -> impl IntoView {
    let made = Memo::new(move |_| {
        let line = |row: &ListRow| (row.record, item::title(row, &desk.app.city()), state_words(row, &desk.app.city()));
        let is_of = |row: &&ListRow| row.referral.is_some() && row.about == Some(record);
        desk.app.state.records.with(|list| list.rows.iter().filter(is_of).map(line).collect::<Vec<_>>())
    });
    let lines = move || {
        let line = |(record, title, state)| {
            view! {
                <a class="card-link" href=format!("/desk/referrals/{record}")>
                    <Icon name="gavel"/><span class="grow"><b>{title}</b>" "<span class="muted">{state}</span></span><Icon name="chevron-right"/>
                </a>
            }
        };
        made.get().into_iter().map(line).collect_view()
    };
    view! {
        {lines}
        <a class="card-link" href=format!("/desk/referrals/new?record={record}")><Icon name="gavel"/><b class="grow">{t("referral.from_record")}</b><Icon name="chevron-right"/></a>
    }
}

/// Urgency, state and clock.
fn lamps(page: &DeskRecord) -> Vec<Lamp> {
    let urgency = page.screen.urgency.clone().map(|(words, is_highest)| match is_highest {
        true => Lamp { tone: Tone::Alarm, icon: "flame", words },
        false => Lamp { tone: Tone::Plain, icon: "bell", words },
    });
    let (_, words) = page.screen.state.clone();
    let state = Lamp { tone: Tone::Plain, icon: "flag", words };
    let unsent = (page.screen.lamp.tone == Tone::Saved).then(|| page.screen.lamp.clone());
    urgency.into_iter().chain([state]).chain(page.clock.clone()).chain(unsent).collect()
}

fn fact_row(fact: Fact) -> impl IntoView {
    view! {
        <dt>{fact.label}</dt>
        <dd>{fact.value}{fact.note.map(|note| view! { <span class="kv-note">{note}</span> })}</dd>
    }
}

/// Where it is, with a button that copies the coordinates for the map or the radio.
#[component]
fn PlaceRow(
    /// The desk.
    desk: Desk,
    /// The place, or what stands where none is.
    place: Result<PlaceFact, String>,
) -> impl IntoView {
    let value = match place {
        Err(words) => view! { <dd>{words}</dd> }.into_any(),
        Ok(PlaceFact { words, accuracy }) => {
            let text = words.clone();
            let copy = move |_| {
                let text = text.clone();
                desk.app.run(async move {
                    if let Err(message) = copy_text(desk.app, text, t("desk.copied")).await {
                        desk.app.state.say(message.title);
                    }
                });
            };
            view! {
                <dd class="desk-place">
                    <span>{words}" "<span class="muted">{accuracy}</span></span>
                    <button class="btn btn--s btn--icon btn--quiet" aria-label=t("desk.copy_place") on:click=copy>
                        <Icon name="copy" size="icon--s"/>
                    </button>
                </dd>
            }
            .into_any()
        }
    };
    view! { <dt>{t("record.place")}</dt>{value} }
}
