//! The sign-in of a training or a meeting: for everybody the own part, for those who keep the list who came and who is missing.

use std::collections::BTreeSet;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::PersonRow;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::op::Act;
use leptos::html;
use leptos::prelude::*;

use crate::actions::keep_attendance::{ask_people, sign_for, sign_in};
use crate::context::App;
use crate::state::item::People;
use crate::state::message::Message;
use crate::state::people::{Accounts, Filter, PersonLine, lines};
use crate::state::register::attendance::{Attendance, Guest};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::desk::people::{Filters, accounts};

/// People who are proposed at once; whoever looks for somebody among more types a part of the name.
const MOST_PROPOSED: usize = 12;

/// The sign-in of the record.
#[component]
pub fn SignIn(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
) -> impl IntoView {
    let accounts = accounts(app);
    let known = Memo::new(move |_| {
        accounts.with(|all| {
            let person = |(account, (name, role)): (&AccountId, &(String, String))| {
                (*account, PersonRow { name: name.clone(), role: role.clone() })
            };
            all.iter().map(person).collect::<People>()
        })
    });
    let own = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        let (city, now) = (app.city(), app.state.now.get());
        let who = (viewer.account, viewer.role.as_str());
        app.state.duties.with(|rows| {
            known.with(|people| view.with(|view| Attendance::of(view.as_ref()?, &city, rows, people, who, now)))
        })
    });
    let keeps = Memo::new(move |_| own.with(|own| own.as_ref().is_some_and(|own| own.list.is_some())));
    view! {
        <MineCard app own/>
        {move || keeps.get().then(|| view! { <List app own accounts/> })}
    }
}

/// The part of whoever looks: one button, and the quiz.
#[component]
fn MineCard(
    /// The app.
    app: App,
    /// The sign-in.
    own: Memo<Option<Attendance>>,
) -> impl IntoView {
    let mine = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| (own.record, own.kind, own.mine.clone()))));
    let is_busy = RwSignal::new(false);
    move || {
        let (record, kind, mine) = mine.get()?;
        if !mine.may_sign && mine.came.is_none() && mine.quiz.is_none() {
            return None;
        }
        let sign = move |_| {
            let Some(me) = app.state.me().filter(|_| !is_busy.get_untracked()) else { return };
            is_busy.set(true);
            app.run(async move {
                told(app, sign_in(app, kind, record, me).await);
                is_busy.try_set(false);
            });
        };
        let way = match mine.came {
            Some(words) => Some(view! { <p class="row"><Icon name="circle-check"/><b>{words}</b></p> }.into_any()),
            None => mine.may_sign.then(|| {
                view! {
                    <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=sign>
                        <Icon name="check"/>{t("attend.sign")}
                    </button>
                }
                .into_any()
            }),
        };
        let quiz = mine.quiz.map(|(href, title, lamp)| {
            view! {
                <a class="card-link" href=href>
                    <Icon name="help"/><span class="grow"><b>{tr("attend.quiz", &[("title", &title)])}</b></span><LampChip lamp/><Icon name="chevron-right"/>
                </a>
            }
        });
        Some(view! {
            <section class="card stack" aria-label=t("attend.title")>
                <h2>{t("attend.title")}</h2>
                {mine.is_asked.then(|| view! { <p>{t("attend.you_are_asked")}</p> })}
                {way}
                {quiz}
            </section>
        })
    }
}

/// Says what went wrong.
fn told(app: App, done: Result<(), Message>) {
    if let Err(message) = done {
        app.state.say(message.title);
    }
}

/// Who was asked, who came, who is missing.
#[component]
fn List(
    /// The app.
    app: App,
    /// The sign-in.
    own: Memo<Option<Attendance>>,
    /// Everybody who is known.
    accounts: Memo<Accounts>,
) -> impl IntoView {
    let heading = NodeRef::<html::H2>::new();
    let of = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| (own.record, own.kind, own.may_ask))));
    let guests = Memo::new(move |_| own.with(|own| own.as_ref().and_then(|own| own.list.clone()).unwrap_or_default()));
    let counts = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| own.counts.clone()).unwrap_or_default()));
    let is_asking = RwSignal::new(false);
    let line = move |guest: Guest| of.get_untracked().map(|of| line(app, of, guest, heading));
    let asked = Memo::new(move |_| {
        guests.with(|all| all.iter().filter(|g| g.is_asked).map(|g| g.account).collect::<BTreeSet<_>>())
    });
    let picker = move || {
        let (record, kind, may_ask) = of.get()?;
        may_ask.then(|| view! {
            <button class="btn btn--wide" aria-expanded=move || is_asking.get().to_string() on:click=move |_| is_asking.update(|is| *is = !*is)>
                <Icon name="user-plus"/>{t("attend.ask")}
            </button>
            {move || is_asking.get().then(|| view! { <Picker app record kind asked accounts/> })}
        })
    };
    view! {
        <section class="card stack" aria-label=t("attend.list")>
            <h2 tabindex="-1" node_ref=heading>{t("attend.list")}</h2>
            <div class="chips" role="status">
                {move || counts.get().into_iter().map(|words| view! { <span class="chip"><span>{words}</span></span> }).collect_view()}
            </div>
            {move || guests.with(Vec::is_empty).then(|| view! { <p class="muted">{t("attend.nobody")}</p> })}
            {move || if app.state.duties_known.get() {
                view! { <ul class="card-list"><For each=move || guests.get() key=|guest| format!("{guest:?}") children=line/></ul> }.into_any()
            } else {
                // Before people are read each of them would be a number.
                view! { <p class="muted">{t("app.loading")}</p> }.into_any()
            }}
            {picker}
        </section>
    }
}

fn line(
    app: App,
    (record, kind, may_ask): (RecordId, u32, bool),
    guest: Guest,
    heading: NodeRef<html::H2>,
) -> impl IntoView {
    let account = guest.account;
    let done = move |result| {
        told(app, result);
        // The line moves to its new place, and the button goes with the focus.
        if let Some(heading) = heading.get_untracked() {
            // A heading that can not take the focus is no harm.
            let _ = heading.focus();
        }
    };
    let sign = move |act| app.run(async move { done(sign_for(app, kind, record, account, act).await) });
    let leave = move |_| app.run(async move { done(ask_people(app, kind, record, &[account], Act::Remove).await) });
    let name = |key: &'static str| tr(key, &[("person", &guest.name)]);
    let tick = (!guest.has_come).then(|| {
        view! { <button class="btn btn--s" aria-label=name("attend.sign_for_person") on:click=move |_| sign(Act::Add)>{t("attend.sign_for")}</button> }
    });
    let untick = guest.is_said_for.then(|| {
        view! { <button class="btn btn--s btn--quiet" aria-label=name("attend.take_back_person") on:click=move |_| sign(Act::Remove)>{t("attend.take_back")}</button> }
    });
    let drop = (may_ask && guest.is_asked && !guest.has_come).then(|| {
        view! { <button class="btn btn--s btn--quiet" aria-label=name("attend.ask_no_more_person") on:click=leave>{t("attend.ask_no_more")}</button> }
    });
    view! {
        <li class="attend-line">
            <span class="grow">
                <b>{guest.name.clone()}</b>
                <span class="chips"><LampChip lamp=guest.lamp/>{guest.quiz.map(|lamp| view! { <LampChip lamp/> })}</span>
            </span>
            {tick}{untick}{drop}
        </li>
    }
}

/// People to ask: one by one, or all that a filter finds.
#[component]
fn Picker(
    /// The app.
    app: App,
    /// The record.
    record: RecordId,
    /// Its kind.
    kind: u32,
    /// Who is asked already.
    asked: Memo<BTreeSet<AccountId>>,
    /// Everybody who is known.
    accounts: Memo<Accounts>,
) -> impl IntoView {
    let filter = RwSignal::new(Filter::default());
    let found = Memo::new(move |_| {
        let (city, filter, now) = (app.city(), filter.get(), app.state.now.get());
        let mut all =
            accounts.with(|accounts| app.state.duties.with(|rows| lines(rows, accounts, &city, &filter, now)));
        asked.with(|asked| all.retain(|line| !asked.contains(&line.account)));
        all
    });
    let ask = move |people: Vec<AccountId>| {
        app.run(async move { told(app, ask_people(app, kind, record, &people, Act::Add).await) });
    };
    let drawn = move || found.with(|all| all.iter().take(MOST_PROPOSED).cloned().collect::<Vec<_>>());
    let line = move |person: PersonLine| {
        let account = person.account;
        let label = tr("attend.ask_person", &[("person", &person.name)]);
        view! {
            <li class="attend-line">
                <span class="grow"><b>{person.name}</b><span class="register-fact">{person.facts}</span></span>
                <button class="btn btn--s" aria-label=label on:click=move |_| ask(vec![account])>{t("attend.ask_one")}</button>
            </li>
        }
    };
    let all = move || {
        let n = found.with(Vec::len);
        // Nobody asks the whole city by one tap.
        (n > 1 && filter.with(|filter| *filter != Filter::default())).then(|| {
            let everybody = move |_| ask(found.with_untracked(|all| all.iter().map(|line| line.account).collect()));
            view! { <button class="btn btn--wide" on:click=everybody><Icon name="users"/>{tr("attend.ask_all", &[("n", &n.to_string())])}</button> }
        })
    };
    let rest = move || {
        let n = found.with(Vec::len).saturating_sub(MOST_PROPOSED);
        (n > 0).then(|| view! { <p class="muted">{tr("attend.ask_more", &[("n", &n.to_string())])}</p> })
    };
    view! {
        <Filters app filter/>
        {all}
        <ul class="card-list"><For each=drawn key=|person| format!("{person:?}") children=line/></ul>
        {rest}
    }
}
