//! What the city and the desk tell on Today: seasons and bans, which come with the city package, and notices. None needs a network.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::{YearDay, bans_on, seasons_on};
use greenshield_domain::incident::field::NOTE;
use greenshield_domain::notice;
use leptos::prelude::*;

use crate::actions::give_notice::withdraw_notice;
use crate::context::App;
use crate::state::lamp::state_words;
use crate::state::message::Message;
use crate::state::notice::{holding, is_current, span_words};
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// One card with the seasons and bans that hold today.
#[component]
pub fn Seasons(
    /// The app.
    app: App,
) -> impl IntoView {
    let today = Memo::new(move |_| app.state.now.get().date());
    let item = |name: &str, text: &str, until: YearDay| {
        let day = [("month", &*until.month.to_string()), ("day", &*until.day.to_string())];
        let until = tr("today.season_until", &day);
        view! { <li><h2>{name.to_owned()}" · "{until}</h2><p>{text.to_owned()}</p></li> }
    };
    move || {
        let (city, today) = (app.city(), today.get()?);
        let bans = bans_on(&city.info.bans, today);
        let bans = bans.map(|ban| (ban.icon.clone(), item(words::of(&ban.name), words::of(&ban.text), ban.until.day)));
        let seasons = seasons_on(&city.info.seasons, today.day);
        let seasons = seasons.map(|season| item(words::of(&season.name), words::of(&season.text), season.until));
        let (bans, seasons) = (bans.collect::<Vec<_>>(), seasons.collect_view());
        Some(view! {
            {bans.into_iter().map(|(icon, ban)| view! {
                <section class="card card--alarm row">
                    <Icon name=icon.unwrap_or_else(|| "ban".to_owned()) size="icon--l"/><ul class="grow stack">{ban}</ul>
                </section>
            }).collect_view()}
            {(!seasons.is_empty()).then(|| view! {
                <section class="card card--warn row">
                    <Icon name="flame" size="icon--l"/>
                    <ul class="grow stack">{seasons}</ul>
                </section>
            })}
        })
    }
}

/// The notices of the desk that hold now for this person.
#[component]
pub fn Notices(
    /// The app.
    app: App,
) -> impl IntoView {
    let state = app.state;
    let shown = Memo::new(move |_| {
        let (role, now) = (state.viewer().map(|viewer| viewer.role).unwrap_or_default(), state.now.get());
        state.duties.with(|rows| holding(rows, &role, now.millis))
    });
    move || {
        let (shown, now) = (shown.get(), state.now.get());
        let items = shown.into_iter().map(|row| view! {
            <li>
                <a class="card-link" href=format!("/records/{}", row.record)>
                    <Icon name="bell"/>
                    <span class="grow">
                        <b>{row.title.clone()}</b><br/>{row.note.clone()}" "<span class="muted">{span_words(&row, now)}</span>
                    </span>
                    <Icon name="chevron-right"/>
                </a>
            </li>
        });
        let items = items.collect_view();
        (!items.is_empty()).then(|| {
            view! {
                <section class="card"><h2>{t("notice.title")}</h2><ul class="card-list">{items}</ul></section>
            }
        })
    }
}

/// A notice as the body of its record page.
#[component]
pub fn NoticeBody(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<Message>);
    move || {
        let (view, now) = (view.get()?, app.state.now.get());
        let row = view.row;
        let note = view.merged.value(NOTE).and_then(|note| note.as_text().map(str::to_owned));
        let role = |id: &String| {
            let city = app.city();
            let known = city.info.roles.iter().find(|role| role.id == *id);
            known.map_or_else(|| id.clone(), |role| words::of(&role.name).to_owned())
        };
        let audience = row.audience.iter().map(role).collect::<Vec<_>>().join(", ");
        let audience = if audience.is_empty() { t("task.everybody").to_owned() } else { audience };
        let record = row.record;
        let withdraw = move |_| {
            app.run(async move { drop(problem.try_set(withdraw_notice(app, record).await.err())) });
        };
        let may = app.state.is_of_desk() && row.kind == notice::KIND && is_current(&row, now.millis);
        Some(view! {
            <h2 class="detail-title">{row.title.clone()}</h2>
            <div class="chips">
                <span class="chip"><Icon name="flag"/><span>{state_words(&row, &app.city())}</span></span>
                <span class="chip"><Icon name="users"/><span>{audience}</span></span>
                {span_words(&row, now).map(|span| view! { <span class="chip"><Icon name="calendar"/><span>{span}</span></span> })}
            </div>
            {note.map(|note| view! { <p>{note}</p> })}
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {may.then(|| view! { <button class="btn" on:click=withdraw><Icon name="x"/>{t("notice.withdraw")}</button> })}
        })
    }
}
