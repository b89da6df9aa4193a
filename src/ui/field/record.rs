//! One record: photos, what is known, the answer, what is disputed, what happened, what has arrived.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::City;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident;
use greenshield_domain::op::Entry;
use greenshield_domain::rough::is_rough;
use greenshield_domain::{land, notice, patrol, person, referral, register, task};
use leptos::prelude::*;

use super::asked::Question;
use super::notices::NoticeBody;
use super::patrol::track::PatrolBody;
use super::record_of_address;
use super::task::TaskBody;
use crate::actions::edit_record::edit_record;
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::record::RecordScreen;
use crate::state::register::may_write;
use crate::state::share::ShareFacts;
use crate::state::words::{self, t, tr};
use crate::ui::components::conflicts::Conflicts;
use crate::ui::components::delivery::Delivery;
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::photo_grid::PhotoGrid;
use crate::ui::components::place_card::PlaceCard;
use crate::ui::components::problem::Problem;
use crate::ui::components::share_box::ShareBox;
use crate::ui::components::shell::Shell;
use crate::ui::components::story::Story;
use crate::ui::components::voice_list::VoiceList;
use crate::ui::desk::{Nearest, RegisterBody};

/// The word of the kind of areas, in the address of its form.
const AREA: &str = "area";

/// A record that was read, is missing, or does not read.
pub(super) type Opened = RwSignal<Option<Result<Option<RecordView>, Message>>>;

/// Reads the record of the address, and again when it changes.
pub(super) fn opened(app: App) -> Opened {
    let record = record_of_address();
    let opened: Opened = RwSignal::new(None);
    Effect::new(move |_| {
        let changed = app.state.changed.get();
        let Some(record) = record.get() else {
            opened.set(Some(Ok(None)));
            return;
        };
        let is_read =
            opened.with_untracked(|opened| matches!(opened, Some(Ok(Some(view))) if view.row.record == record));
        if is_read && !changed.touches(record) {
            return;
        }
        app.run(async move {
            let view = open_record(app, record).await;
            let _ = opened.try_set(Some(view));
        });
    });
    opened
}

/// What the city calls a kind.
fn label_of(city: &City, kind: u32) -> String {
    city.kind(kind).map_or_else(|| t("record.title"), |kind| words::of(&kind.label)).to_owned()
}

/// The page of a record.
#[component]
pub fn RecordPage() -> impl IntoView {
    let app = use_app();
    let opened = opened(app);
    let screen = Memo::new(move |_| {
        let (me, now) = (app.state.me(), app.state.now.get());
        let people = app.state.people.get();
        opened.with(|opened| match opened {
            Some(Ok(Some(view))) => Some(RecordScreen::of(view, &app.city(), &people, me, now)),
            _ => None,
        })
    });
    let missing = move || {
        opened.with(|opened| match opened {
            Some(Ok(None)) => Some(Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") }),
            Some(Err(message)) => Some(message.clone()),
            _ => None,
        })
    };
    let shown = part(screen, |screen| (screen.record, screen.kind));
    let walk =
        Signal::derive(move || opened.with(|opened| opened.as_ref().and_then(|opened| opened.clone().ok().flatten())));
    let title = Signal::derive(move || match shown.get() {
        Some((_, patrol::KIND)) => t("patrol.title").to_owned(),
        Some((_, task::KIND)) => t("task.title").to_owned(),
        Some((_, notice::KIND)) => t("notice.one").to_owned(),
        Some((_, referral::KIND)) => t("referral.one").to_owned(),
        Some((_, kind)) if kind != incident::KIND => label_of(&app.city(), kind),
        _ => t("record.title").to_owned(),
    });
    let keeps_areas = move || {
        let (city, role) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
        city.kind_named(AREA).is_some_and(|kind| may_write(&city, kind, &role, "keeper"))
    };
    let href = move || {
        // The questions of the edit form are those of an incident.
        let of = |screen: &RecordScreen| match screen.kind {
            incident::KIND => Some(format!("/records/{}/edit", screen.record)),
            land::KIND if keeps_areas() => Some(format!("/registers/{AREA}/{}/edit", screen.record)),
            _ => None,
        };
        screen.with(|screen| screen.as_ref().and_then(of))
    };
    let sms = move || {
        let of = |screen: &RecordScreen| {
            let is_own = screen.is_mine && screen.kind == incident::KIND;
            is_own.then(|| format!("/records/{}/sms", screen.record))
        };
        screen.with(|screen| screen.as_ref().and_then(of))
    };
    view! {
        <Shell title=title back="/records"
            end=move || view! {
                <span aria-live="polite">{move || screen.with(|s| s.as_ref().map(|s| s.lamp.clone())).map(|lamp| view! { <LampChip lamp/> })}</span>
            }
            actionbar=move || view! {
                {move || href().map(|href| view! { <a class="btn" href=href><Icon name="edit"/>{t("action.add")}</a> })}
                {move || sms().map(|href| view! { <a class="btn btn--quiet" href=href><Icon name="message"/>{t("sms.open")}</a> })}
            }>
            {move || missing().map(|message| view! { <Problem message/> })}
            {move || shown.get().map(|(record, kind)| match kind {
                patrol::KIND => view! { <PatrolBody app view=walk/> }.into_any(),
                task::KIND => view! { <TaskBody app view=walk screen/> }.into_any(),
                notice::KIND => view! { <NoticeBody app view=walk/> }.into_any(),
                referral::KIND => view! {
                    <a class="card card-link" href=format!("/desk/referrals/{record}")>
                        <Icon name="gavel"/><b class="grow">{t("referral.open")}</b><Icon name="chevron-right"/>
                    </a>
                }.into_any(),
                person::KIND => view! {
                    <a class="card card-link" href=format!("/desk/people/{record}")><Icon name="user"/><b class="grow">{t("people.history")}</b><Icon name="chevron-right"/></a>
                }
                .into_any(),
                kind if register::is_register(kind) => view! { <RegisterBody app view=walk screen first=move || view! { <Nearest app view=walk/> }/> }.into_any(),
                _ => view! { <Body app record screen/> }.into_any(),
            })}
        </Shell>
    }
}

/// A part of the page; drawn anew only when it changed itself, so that photos stay while an upload moves on.
fn part<T: PartialEq + Send + Sync + 'static>(
    screen: Memo<Option<RecordScreen>>,
    of: fn(&RecordScreen) -> T,
) -> Memo<Option<T>> {
    Memo::new(move |_| screen.with(|screen| screen.as_ref().map(of)))
}

/// What is known of a record.
#[component]
fn Body(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// What to show.
    screen: Memo<Option<RecordScreen>>,
) -> impl IntoView {
    let choose = Callback::new(move |entry: Entry| {
        app.run(async move {
            if let Err(message) = edit_record(app, record, vec![entry]).await {
                app.state.say(message.title);
            }
        });
    });
    let photos = part(screen, |screen| screen.photos.clone());
    let question = part(screen, |screen| screen.question.clone().filter(|_| screen.is_mine));
    let told = part(screen, ShareFacts::of);
    let voices = part(screen, |screen| screen.voices.clone());
    let conflicts = part(screen, |screen| screen.conflicts.clone());
    let photos_none = part(screen, |screen| screen.photos_none.clone());
    let facts = part(screen, |screen| screen.facts.clone());
    let place = part(screen, |screen| screen.place);
    let story = part(screen, |screen| screen.story.clone());
    let delivery = part(screen, |screen| screen.delivery.clone());
    view! {
        <Head screen/>
        {move || question.get().flatten().map(|question| view! { <Question app record question/> })}
        {move || photos.get().map(|photos| if photos.is_empty() {
            view! { <p class="muted">{move || photos_none.get()}</p> }.into_any()
        } else {
            view! { <PhotoGrid app record photos facts=told/> }.into_any()
        })}
        {move || voices.get().filter(|voices| !voices.is_empty()).map(|voices| view! { <VoiceList app record voices/> })}
        <Answer screen/>
        {move || conflicts.get().map(|conflicts| view! { <Conflicts conflicts on_choose=choose/> })}
        <ShareBox app facts=told/>
        <section class="card">{move || facts.get().map(|facts| view! { <Facts facts/> })}</section>
        {move || place.get().flatten().map(|place| view! { <PlaceCard app at=Position::of(&place) is_rough=is_rough(&place)/> })}
        <section class="card"><h2>{t("record.history")}</h2>{move || story.get().map(|steps| view! { <Story steps/> })}</section>
        <section class="card">
            <h2>{t("record.delivery")}</h2>
            {move || delivery.get().map(|items| view! { <Delivery app record items/> })}
            <p class="muted">{t("record.fingerprint_hint")}</p>
        </section>
    }
}

/// What it is, how far it is at the desk, how urgent.
#[component]
fn Head(
    /// What to show.
    screen: Memo<Option<RecordScreen>>,
) -> impl IntoView {
    let head =
        part(screen, |screen| (screen.title.clone(), screen.state.1.clone(), screen.urgency.clone(), screen.patrol));
    move || {
        head.get().map(|(title, state, urgency, walk)| {
            let walk = walk.map(|walk| view! {
                <a class="chip" href=format!("/records/{walk}")><Icon name="route"/><span>{t("patrol.found_on")}</span></a>
            });
            let urgency = urgency.map(|(words, is_highest)| {
                let class = if is_highest { "chip chip--alarm" } else { "chip" };
                view! { <span class=class><Icon name="flag"/><span>{words}</span></span> }
            });
            let state = tr("record.change_set", &[("field", t("record.state")), ("value", &state)]);
            view! {
                <h2 class="detail-title">{title}</h2>
                <div class="chips"><span class="chip"><Icon name="inbox"/><span>{state}</span></span>{urgency}{walk}</div>
            }
        })
    }
}

/// What the desk answered, or that the reporter still waits.
#[component]
fn Answer(
    /// What to show.
    screen: Memo<Option<RecordScreen>>,
) -> impl IntoView {
    let answer = part(screen, |screen| (screen.answer.clone(), screen.is_mine));
    move || match answer.get() {
        Some((Some(answer), _)) => view! {
            <section class="card card--saved stack">
                <h2 class="row"><Icon name="message"/>{t("record.answer")}</h2>
                <p>{answer.words}</p>
                <p class="muted">{answer.who}</p>
            </section>
        }
        .into_any(),
        Some((None, true)) => view! { <p class="muted">{t("record.answer_none")}</p> }.into_any(),
        _ => ().into_any(),
    }
}
