//! The fields of a person's form.

use greenshield_domain::ids::AccountId;
use greenshield_domain::person::{GROUPS, KIND, LEVELS, Person, field};
use leptos::prelude::*;

use super::super::people::choice;
use crate::context::App;
use crate::state::options::counties;
use crate::state::people::{
    area_words, date_of, givable, group_words, level_words, role_words, unit_words, units, villages,
};
use crate::state::roster::area_of;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;

fn text_of(person: RwSignal<Person>, of: fn(&Person) -> Option<&String>) -> String {
    person.with_untracked(|person| of(person).cloned().unwrap_or_default())
}

/// Name, number, role and what somebody is.
#[component]
pub fn Who(
    /// The app.
    app: App,
    /// The person.
    person: RwSignal<Person>,
    /// Whether the name is missing.
    is_missing: RwSignal<bool>,
) -> impl IntoView {
    let city = app.city();
    let mine = app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
    let roles: Vec<_> =
        givable(&city, &mine).into_iter().map(|role| (role.id.clone(), role_words(&city, &role.id))).collect();
    let role = person.with_untracked(|person| person.role.clone());
    let groups: Vec<_> = GROUPS.iter().map(|word| ((*word).to_owned(), group_words(word).to_owned())).collect();
    let group = person.with_untracked(|person| person.group.clone());
    view! {
        <div class="field">
            <label class="field-label" for="person-name">{t("people.name")}</label>
            <input class="input" id="person-name" maxlength="40" autocomplete="off" aria-required="true" prop:value=text_of(person, |person| Some(&person.name))
                aria-invalid=move || is_missing.get().then_some("true")
                aria-describedby=move || is_missing.get().then_some("person-name-missing")
                on:input=move |event| { is_missing.set(false); person.update(|person| person.name = event_target_value(&event)); }/>
            {move || is_missing.get().then(|| view! {
                <span class="field-error" id="person-name-missing" role="alert"><Icon name="alert-triangle"/>{t("people.name_missing")}</span>
            })}
        </div>
        <label class="field">
            <span class="field-label">{t("people.phone")}</span>
            <input class="input" type="tel" maxlength="30" autocomplete="off" prop:value=text_of(person, |person| person.phone.as_ref())
                on:input=move |event| person.update(|person| person.phone = Some(event_target_value(&event).trim().to_owned()).filter(|text| !text.is_empty()))/>
        </label>
        {choice("people.role", "people.role_none", roles, role, move |role| person.update(|person| person.role = role))}
        {choice("people.group", "people.none", groups.clone(), group, move |group| person.update(|person| person.group = group))}
        <Also app groups person/>
    }
}

/// What somebody is besides: who serves in two fields walks once for both.
#[component]
fn Also(
    /// The app.
    app: App,
    /// Words of groups and how people call them.
    groups: Vec<(String, String)>,
    /// The person.
    person: RwSignal<Person>,
) -> impl IntoView {
    let city = app.city();
    let def = city.kind(KIND).and_then(|kind| kind.field(field::ALSO))?;
    let is_known = |id: &String| def.options.iter().any(|known| known.id == *id);
    let option = move |(id, words): (String, String)| {
        let own = id.clone();
        let pressed = move || person.with(|person| person.also.contains(&own)).to_string();
        let toggle = move |_| {
            person.update(|person| match person.also.iter().position(|known| *known == id) {
                Some(at) => drop(person.also.remove(at)),
                None => person.also.push(id.clone()),
            });
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{words}</button> }
    };
    let options = groups.into_iter().filter(|(id, _)| is_known(id)).map(option).collect_view();
    Some(view! {
        <fieldset class="field">
            <legend class="field-label">{t("people.also")}</legend>
            <div class="options">{options}</div>
            <span class="field-hint">{t("people.also_hint")}</span>
        </fieldset>
    })
}

/// Where somebody works: whole counties, towns, and villages by their code.
#[component]
pub fn Areas(
    /// The app.
    app: App,
    /// The person.
    person: RwSignal<Person>,
) -> impl IntoView {
    let is_wrong = RwSignal::new(false);
    let add = move |code: String| {
        person.update(|person| {
            if !person.areas.contains(&code) {
                person.areas.push(code);
                person.areas.sort();
            }
        });
    };
    let remove = move |code: &str| person.update(|person| person.areas.retain(|known| known != code));
    let chosen = move || {
        let city = app.city();
        let chip = |code: String| {
            let words = area_words(&city, &code);
            let label = tr("people.area_remove", &[("area", &words)]);
            view! { <button type="button" class="option" aria-label=label on:click=move |_| remove(&code)>{words}<Icon name="x" size="icon--s"/></button> }
        };
        person.with(|person| person.areas.clone()).into_iter().map(chip).collect_view()
    };
    let city = app.city();
    let county = |(code, name): (String, String)| {
        let towns = city.divisions.inside(&code);
        let towns: Vec<_> = towns.map(|known| (known.code.clone(), words::of(&known.name).to_owned())).collect();
        let towns = towns.into_iter().map(|(code, words)| view! { <option value=code>{words}</option> }).collect_view();
        let label = name.clone();
        view! {
            <optgroup label=label>
                <option value=code>{tr("people.whole_county", &[("area", &name)])}</option>
                {towns}
            </optgroup>
        }
    };
    let options = counties(&city).map(county).collect_view();
    let typed = RwSignal::new(String::new());
    let known = villages(&city).into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    let village = move |event| {
        let text: String = event_target_value(&event).chars().filter(|c| !c.is_whitespace()).collect();
        let code = area_of(&app.city(), &text);
        is_wrong.set(!text.is_empty() && code.is_none());
        if let Some(code) = code {
            add(code);
            typed.set(String::new());
        } else {
            typed.set(text);
        }
    };
    view! {
        <h2>{t("people.area")}</h2>
        <div class="options" role="group" aria-label=t("people.area")>{chosen}</div>
        <label class="field">
            <span class="field-label">{t("people.area_add")}</span>
            <select class="input" aria-label=t("people.area_add") on:change=move |event| Some(event_target_value(&event)).filter(|code| !code.is_empty()).map(add).unwrap_or_default()>
                <option value="">{t("people.none")}</option>
                {options}
            </select>
        </label>
        <div class="field">
            <label class="field-label" for="person-village">{t("people.village")}</label>
            <input class="input" id="person-village" list="person-villages" maxlength="40" autocomplete="off" prop:value=typed on:change=village
                aria-invalid=move || is_wrong.get().then_some("true") aria-describedby="person-village-hint"/>
            <datalist id="person-villages">{known}</datalist>
            <span class="field-hint" id="person-village-hint">{move || if is_wrong.get() { t("people.village_wrong") } else { t("people.village_hint") }}</span>
        </div>
    }
}

/// Unit, level, substitute and term.
#[component]
pub fn Office(
    /// The app.
    app: App,
    /// The person.
    person: RwSignal<Person>,
) -> impl IntoView {
    let (city, rows) = (app.city(), app.state.duties.get_untracked());
    let departments = city.catalog.departments.iter().map(|known| known.id.clone());
    let recorded = units(&rows).into_iter().filter(|(_, unit)| !unit.is_closed).map(|(record, _)| record.to_hex());
    let all: Vec<_> = departments.chain(recorded).map(|word| (word.clone(), unit_words(&city, &rows, &word))).collect();
    let unit = person.with_untracked(|person| person.unit.clone());
    let levels: Vec<_> = LEVELS.iter().map(|word| ((*word).to_owned(), level_words(word).to_owned())).collect();
    let level = person.with_untracked(|person| person.level.clone());
    let others = app.state.people.with_untracked(|people| {
        people.iter().map(|(account, row)| (account.to_hex(), row.name.clone())).collect::<Vec<_>>()
    });
    let recorded = rows.iter().filter_map(|row| Some((row.record.to_hex(), row.person.as_ref()?.name.clone())));
    let mut others: Vec<(String, String)> = recorded.chain(others).collect();
    others.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    others.dedup_by(|a, b| a.0 == b.0);
    let substitute = person.with_untracked(|person| person.substitute.map(|account| account.to_hex()));
    let now = app.state.now.get_untracked();
    let (from, until) = person.with_untracked(|person| {
        (date_of(now, person.from_millis), date_of(now, person.until_millis.map(|until| until - 1)))
    });
    let ends = move |event| app.state.now.get_untracked().ends_of(&event_target_value(&event));
    view! {
        <h2>{t("people.office")}</h2>
        {choice("people.unit", "people.none", all, unit, move |unit| person.update(|person| person.unit = unit))}
        {choice("people.level", "people.none", levels, level, move |level| person.update(|person| person.level = level))}
        {choice("people.substitute", "people.none", others, substitute, move |hex| {
            person.update(|person| person.substitute = hex.and_then(|hex| AccountId::from_hex(&hex).ok()));
        })}
        <div class="row row--wrap">
            <label class="field grow">
                <span class="field-label">{t("people.from")}</span>
                <input class="input" type="date" prop:value=from on:change=move |event| {
                    let first = ends(event).map(|(first, _)| first);
                    person.update(|person| person.from_millis = first);
                }/>
            </label>
            <label class="field grow">
                <span class="field-label">{t("people.until")}</span>
                <input class="input" type="date" prop:value=until on:change=move |event| {
                    let last = ends(event).map(|(_, last)| last + 1);
                    person.update(|person| person.until_millis = last);
                }/>
            </label>
        </div>
        <p class="muted">{t("people.term_hint")}</p>
    }
}
