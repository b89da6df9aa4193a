//! The paper list: one-time links for all people of a unit or a county, to be printed, cut and handed out.

use greenshield_domain::ids::AccountId;
use greenshield_domain::wire::MAX_INVITE_HOURS;
use leptos::prelude::*;

use super::people::{accounts, choice};
use crate::actions::invite_person::invite_person;
use crate::actions::print_page::print_page;
use crate::context::use_app;
use crate::state::invite::Invitation;
use crate::state::message::Message;
use crate::state::options::counties;
use crate::state::people::{Filter, known, lines, may_change, role_words, unit_words, units};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::qr::Qr;
use crate::ui::components::shell::Shell;

/// Links of one list; more do not fit what people hand out in a day.
const MOST_LINKS: usize = 100;

/// The page.
#[component]
pub fn LinksPage() -> impl IntoView {
    let app = use_app();
    let filter = RwSignal::new(Filter::default());
    let accounts = accounts(app);
    // Only those whom this person may invite.
    let whom = Memo::new(move |_| -> Vec<AccountId> {
        let (accounts, filter, now) = (accounts.get(), filter.get(), app.state.now.get());
        let (city, mine) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
        app.state.duties.with(|rows| {
            let found = lines(rows, &accounts, &city, &filter, now).into_iter();
            let may = |account: &AccountId| {
                let role = known(rows, &accounts, *account).role;
                role.is_some() && may_change(&city, &mine, role.as_deref())
            };
            found.map(|line| line.account).filter(may).take(MOST_LINKS).collect()
        })
    });
    let made: RwSignal<Vec<Invitation>> = RwSignal::new(Vec::new());
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let make = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        made.set(Vec::new());
        problem.set(None);
        app.run(async move {
            for account in whom.get_untracked() {
                match invite_person(app, account, MAX_INVITE_HOURS).await {
                    Ok(invitation) => drop(made.try_update(|made| made.push(invitation))),
                    // Somebody who moved away meanwhile is no reason to stop.
                    Err(message) if message.code == "not_found" => {}
                    Err(message) => {
                        problem.try_set(Some(message));
                        break;
                    }
                }
            }
            is_busy.try_set(false);
        });
    };
    let city = app.city();
    let rows = app.state.duties.get_untracked();
    let departments = city.catalog.departments.iter().map(|known| known.id.clone());
    let recorded = units(&rows).into_iter().map(|(record, _)| record.to_hex());
    let all: Vec<_> = departments.chain(recorded).map(|word| (word.clone(), unit_words(&city, &rows, &word))).collect();
    let roles: Vec<_> = city.info.roles.iter().map(|role| (role.id.clone(), role_words(&city, &role.id))).collect();
    let count = move || tr("links.count", &[("n", &whom.with(Vec::len).to_string())]);
    // A list that was made before everybody was read would lack people, and nobody would see it on paper.
    let can_make = move || app.state.duties_known.get() && whom.with(|whom| !whom.is_empty());
    let is_ready = move || !is_busy.get() && made.with(|made| !made.is_empty());
    view! {
        <Shell title=t("people.links") back="/desk/people" actionbar=move || view! {
            <button class="btn" aria-busy=move || is_busy.get().then_some("true") disabled=move || !can_make() on:click=make><Icon name="key"/>{t("links.make")}</button>
            {move || is_ready().then(|| view! { <button class="btn btn--primary" on:click=|_| print_page()><Icon name="file-text"/>{t("links.print")}</button> })}
        }>
            <section class="card stack no-print" aria-label=t("links.whom")>
                <p>{t("links.text")}</p>
                <div class="row row--wrap">
                    {choice("people.unit", "people.all", all, None, move |unit| filter.update(|filter| filter.unit = unit))}
                    {choice("people.area", "people.all", counties(&city).collect(), None, move |area| filter.update(|filter| filter.area = area))}
                    {choice("people.role", "people.all", roles, None, move |role| filter.update(|filter| filter.role = role))}
                </div>
                <p role="status">{count}</p>
            </section>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <ul class="link-slips">{move || made.get().into_iter().map(|invitation| slip(invitation, app)).collect_view()}</ul>
        </Shell>
    }
}

/// What one person gets.
fn slip(invitation: Invitation, app: crate::context::App) -> impl IntoView {
    let until = app.state.now.get_untracked().date_time(invitation.expires_millis);
    let role = role_words(&app.city(), &invitation.role);
    view! {
        <li class="card link-slip">
            {invitation.qr.map(|qr| view! { <Qr qr label=tr("invite.qr", &[("name", &invitation.name)])/> })}
            <div>
                <p><b>{invitation.name.clone()}</b>" · "{role}</p>
                <p>{t("links.how")}</p>
                <p class="mono invite-link">{invitation.link}</p>
                <p class="muted">{tr("invite.until", &[("time", &until)])}</p>
            </div>
        </li>
    }
}
