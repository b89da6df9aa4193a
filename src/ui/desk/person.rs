//! One person at the desk: what they are there to do, where and for how long; and one more phone for them.

pub mod fields;
pub mod invite;

use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::person::{Person, account_of, record_of};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::people::accounts;
use crate::actions::change_person::change_person;
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::erasing::erases;
use crate::state::message::Message;
use crate::state::people::{area_words, areas_words, known, may_change, role_words};
use crate::state::story::{StepView, steps_of};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;
use crate::ui::components::story::Story;
use fields::{Areas, Office, Who};
use invite::InviteCard;

/// The page of a new person.
#[component]
pub fn NewPersonPage() -> impl IntoView {
    let app = use_app();
    // Whoever works in some areas begins with them: what lies elsewhere is for others to give.
    let mine = app.state.duties.with_untracked(|rows| {
        let me = record_of(app.state.me()?);
        rows.iter().find(|row| row.record == me)?.person.clone()
    });
    let areas = mine.map(|mine| mine.areas).unwrap_or_default();
    let new = Person { role: Some("volunteer".to_owned()), areas, ..Person::default() };
    view! {
        <Shell title=t("people.new") back="/desk/people">
            <Form app record=None before=Person::default() now=new/>
        </Shell>
    }
}

/// The page of somebody.
#[component]
pub fn PersonPage() -> impl IntoView {
    let app = use_app();
    let params = use_params_map();
    let account = Memo::new(move |_| params.with(|params| AccountId::from_hex(params.get_str("account")?).ok()));
    let accounts = accounts(app);
    let person = Memo::new(move |_| {
        let account = account.get()?;
        let accounts = accounts.get();
        Some((account, app.state.duties.with(|rows| known(rows, &accounts, account))))
    });
    let title = Signal::derive(move || {
        person.with(|person| person.as_ref().map(|(_, known)| known.name.clone())).unwrap_or_default()
    });
    let waits = move || {
        let record = account.get().map(record_of)?;
        app.state.duties.with(|rows| rows.iter().any(|row| row.record == record && row.held > 0)).then_some(())
    };
    let may_erase = move || app.state.viewer().is_some_and(|viewer| erases(&app.city(), &viewer.role));
    let body = move || {
        let (account, known) = person.get()?;
        let may = app.state.viewer().is_some_and(|viewer| may_change(&app.city(), &viewer.role, known.role.as_deref()));
        Some(if may {
            view! {
                <InviteCard app account/>
                <Form app record=Some(record_of(account)) before=known.clone() now=known/>
            }
            .into_any()
        } else {
            view! { <Facts app person=known/> }.into_any()
        })
    };
    view! {
        <Shell title back="/desk/people">
            {move || waits().map(|()| view! { <p class="card card--warn row"><Icon name="clock"/><span class="grow">{t("people.held")}</span></p> })}
            {body}
            {move || account.get().map(|account| view! { <History app record=record_of(account)/> })}
            {move || account.get().filter(|_| may_erase()).map(|account| view! {
                <a class="card card-link" href=format!("/desk/erase/{}", record_of(account))><Icon name="trash-x"/><b class="grow">{t("erase.from_record")}</b><Icon name="chevron-right"/></a>
            })}
        </Shell>
    }
}

/// Who said what about somebody, and when.
#[component]
fn History(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
) -> impl IntoView {
    let told: RwSignal<Vec<StepView>> = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let _changed = app.state.changed.get();
        app.run(async move {
            // A record that does not read is told wherever the list is read.
            let Ok(Some(view)) = open_record(app, record).await else { return };
            let (city, now) = (app.city(), app.state.now.get_untracked());
            let told_now = app.state.people.with_untracked(|people| steps_of(&view, &city, people, now));
            let _closed = told.try_set(told_now);
        });
    });
    move || {
        let steps = told.get();
        (!steps.is_empty())
            .then(|| view! { <section class="card"><h2>{t("people.history")}</h2><Story steps/></section> })
    }
}

/// Somebody whom others answer for.
#[component]
fn Facts(
    /// The app.
    app: App,
    /// Who.
    person: Person,
) -> impl IntoView {
    let city = app.city();
    let role = person.role.as_deref().map(|role| role_words(&city, role)).unwrap_or_default();
    view! {
        <section class="card stack">
            <p><b>{role}</b>" · "{areas_words(&city, &person.areas)}</p>
            {person.phone.map(|phone| view! { <p>{phone}</p> })}
            <p class="muted">{t("people.not_yours")}</p>
        </section>
    }
}

/// The form.
#[component]
fn Form(
    /// The app.
    app: App,
    /// The record; `None` = a new person.
    record: Option<RecordId>,
    /// What was said until now.
    before: Person,
    /// What the form begins with.
    now: Person,
) -> impl IntoView {
    let person = RwSignal::new(now.clone());
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| app.state.form_open.set(person.with(|person| *person != now)));
    on_cleanup(move || app.state.form_open.set(false));
    let navigate = StoredValue::new_local(use_navigate());
    let save = move |_| {
        let (mut after, before) = (person.get_untracked(), before.clone());
        after.name = after.name.trim().to_owned();
        is_missing.set(after.name.is_empty());
        if after.name.is_empty() || is_busy.get_untracked() {
            return;
        }
        // Once it is saved the record changes, and this form is drawn anew.
        let Some(go) = navigate.try_with_value(Clone::clone) else { return };
        is_busy.set(true);
        app.run(async move {
            match change_person(app, record, before, after).await {
                Ok(saved) => {
                    app.state.form_open.try_set(false);
                    app.state.say(t("people.saved"));
                    let to = if record.is_some() {
                        "/desk/people".to_owned()
                    } else {
                        format!("/desk/people/{}", account_of(saved))
                    };
                    go(&to, Default::default());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let whole = move || {
        let city = app.city();
        person.with(|person| {
            person
                .areas
                .is_empty()
                .then(|| tr("people.area_hint", &[("city", &area_words(&city, &city.info.division))]))
        })
    };
    view! {
        <section class="card stack" aria-label=t("people.who")><Who app person is_missing/></section>
        <section class="card stack" aria-label=t("people.area")>
            <Areas app person/>
            {move || whole().map(|words| view! { <p class="muted">{words}</p> })}
        </section>
        <section class="card stack" aria-label=t("people.office")><Office app person/></section>
        {move || problem.get().map(|message| view! { <Problem message/> })}
        <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=save><Icon name="check"/>{t("people.save")}</button>
        <p class="muted">{t("people.save_hint")}</p>
    }
}
