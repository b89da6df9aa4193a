//! Filling a register by a rule: who takes turns, from when until when; what it gives is shown before it is saved.

use greenshield_domain::city::{FieldDef, FieldType, Kind};
use leptos::prelude::*;

use super::field::{Faults, field};
use super::import::Preview;
use super::{kind_of_address, role};
use crate::context::{App, now, use_app};
use crate::state::register::form::{Typed, asked};
use crate::state::register::rota::{Days, Rule, RuleFault, chiefs, names, plan};
use crate::state::register::table::Plan;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn RegisterRotaPage() -> impl IntoView {
    let app = use_app();
    let kind = kind_of_address(app);
    let back = kind.with_untracked(|kind| format!("/registers/{}", kind.as_ref().map_or("", |kind| &kind.name)));
    view! {
        <Shell title=t("rota.title") back=back>
            {move || kind.get().map(|kind| view! { <Asked app kind/> })}
        </Shell>
    }
}

/// What the rule asks for.
#[component]
fn Asked(
    /// The app.
    app: App,
    /// The register.
    kind: Kind,
) -> impl IntoView {
    let Some(rota) = kind.register.as_ref().and_then(|register| register.rota.clone()) else {
        return view! { <p>{t("error.not_found_do")}</p> }.into_any();
    };
    let typed = RwSignal::new(Typed::new());
    let faults: Faults = RwSignal::new(Vec::new());
    let rule = RwSignal::new(Rule::default());
    let (leaders, people) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let made: RwSignal<Option<Result<Plan, RuleFault>>> = RwSignal::new(None);
    // What every day says alike; the day and the people come from the rule.
    let is_of_rule = |def: &&FieldDef| ![&rota.day, &rota.leader, &rota.people].contains(&&def.name);
    let common = asked(&kind, true).filter(|def| !def.long && def.ty != FieldType::Place).filter(is_of_rule);
    let common = common.map(|def| field(app, def.clone(), typed, faults)).collect_view();
    let (id, name) = (kind.id, kind.name.clone());
    let kind = StoredValue::new(kind);
    let make = move |_| {
        rule.update(|rule| {
            rule.leaders = names(&leaders.get_untracked());
            rule.people = names(&people.get_untracked());
        });
        let typed = typed.get_untracked();
        let answer = app.state.duties.with_untracked(|rows| {
            kind.with_value(|kind| {
                rule.with_untracked(|rule| plan(&app.city(), kind, rule, &typed, rows, &role(app), now()))
            })
        });
        if let Err(RuleFault::Form(wrong)) = &answer {
            faults.set(wrong.clone());
        }
        made.set(Some(answer));
    };
    let from_roster = move |_| {
        let found = app.state.duties.with_untracked(|rows| chiefs(&app.city(), rows, now()));
        leaders.set(found.join("\n"));
    };
    let days = move |own: Days, key: &'static str| {
        let pressed = move || rule.with(|rule| rule.days == own).to_string();
        view! { <button class="option" type="button" aria-pressed=pressed on:click=move |_| rule.update(|rule| rule.days = own)>{t(key)}</button> }
    };
    let number = move |key: &'static str, set: fn(&mut Rule, usize)| {
        view! {
            <label class="field grow"><span class="field-label">{t(key)}</span>
                <input class="input" type="number" min="1" max="31" value="1"
                    on:input=move |event| rule.update(|rule| set(rule, event_target_value(&event).parse().unwrap_or(1)))/>
            </label>
        }
    };
    let shown = move || match made.get() {
        None => ().into_any(),
        Some(Err(fault)) => view! {
            <p class="card card--warn" role="alert"><Icon name="alert-triangle"/>{fault.words()}</p>
        }
        .into_any(),
        Some(Ok(plan)) => view! { <Preview app id name=name.clone() plan/> }.into_any(),
    };
    view! {
        <section class="card stack register-form" aria-label=t("rota.title")>
            <p class="muted">{t("rota.text")}</p>
            {common}
            <div class="field">
                <label class="field-label" for="rota-leaders">{t("rota.leaders")}</label>
                <textarea class="textarea" id="rota-leaders" prop:value=move || leaders.get()
                    on:input=move |event| leaders.set(event_target_value(&event))></textarea>
                <button class="btn btn--s btn--quiet" type="button" on:click=from_roster><Icon name="users" size="icon--s"/>{t("rota.from_roster")}</button>
            </div>
            <label class="field">
                <span class="field-label">{t("rota.people")}</span>
                <textarea class="textarea" prop:value=move || people.get()
                    on:input=move |event| people.set(event_target_value(&event))></textarea>
                <span class="field-hint">{t("rota.people_hint")}</span>
            </label>
            <div class="row row--wrap">
                {number("rota.at_once", |rule, n| rule.at_once = n)}
                {number("rota.turn", |rule, n| rule.turn = n)}
            </div>
            <div class="row row--wrap">
                <label class="field grow"><span class="field-label">{t("rota.first")}</span>
                    <input class="input" type="date" on:input=move |event| rule.update(|rule| rule.first = event_target_value(&event))/></label>
                <label class="field grow"><span class="field-label">{t("rota.last")}</span>
                    <input class="input" type="date" on:input=move |event| rule.update(|rule| rule.last = event_target_value(&event))/></label>
            </div>
            <div class="options" role="group" aria-label=t("rota.days")>
                {days(Days::All, "rota.days_all")}{days(Days::Working, "rota.days_working")}{days(Days::Off, "rota.days_off")}
            </div>
            // Days that are there already are left out, so all of them have to be known.
            <button class="btn btn--wide" disabled=move || !app.state.duties_known.get() on:click=make><Icon name="calendar"/>{t("rota.make")}</button>
        </section>
        <div aria-live="polite">{shown}</div>
    }
    .into_any()
}
