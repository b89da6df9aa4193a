//! People at the desk: who works where, as a list to search; the ways to units, to the paper list of links, to the roster.

use leptos::prelude::*;

use crate::actions::list_devices::list_devices;
use crate::context::{App, use_app};
use crate::state::options::counties;
use crate::state::people::{Accounts, Filter, PersonLine, answers, lines, role_words, unit_words, units};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::Shell;

/// Lines drawn at most; whoever looks for somebody among more types a part of the name.
const MOST_LINES: usize = 200;

/// Name and role of everybody who is known here; those who only have a phone come from the server.
pub(super) fn accounts(app: App) -> Memo<Accounts> {
    let phones: RwSignal<Accounts> = RwSignal::new(Accounts::new());
    let answers_for_some = app.state.viewer().is_some_and(|viewer| answers(&app.city(), &viewer.role));
    app.run(async move {
        if !answers_for_some {
            return;
        }
        // Without a network the people with a record and those who reported are there.
        if let Ok(found) = list_devices(app).await {
            let known = found.devices.into_iter().map(|row| (row.account, (row.name, row.role)));
            let _closed = phones.try_set(known.collect());
        }
    });
    Memo::new(move |_| {
        let mut all: Accounts = app.state.people.with(|people| {
            people.iter().map(|(account, row)| (*account, (row.name.clone(), row.role.clone()))).collect()
        });
        all.extend(phones.get());
        all
    })
}

/// The page.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let app = use_app();
    let filter = RwSignal::new(Filter::default());
    let accounts = accounts(app);
    let shown = Memo::new(move |_| {
        let (accounts, filter, now) = (accounts.get(), filter.get(), app.state.now.get());
        app.state.duties.with(|rows| lines(rows, &accounts, &app.city(), &filter, now))
    });
    let may = move || app.state.viewer().is_some_and(|viewer| answers(&app.city(), &viewer.role));
    let drawn = move || shown.with(|all| all.iter().take(MOST_LINES).cloned().collect::<Vec<_>>());
    let rest = move || shown.with(|all| all.len().saturating_sub(MOST_LINES));
    view! {
        <Shell title=t("people.title") back="/desk" actionbar=move || may().then(|| view! {
            <a class="btn btn--primary" href="/desk/people/new"><Icon name="user-plus"/>{t("people.new")}</a>
        })>
            <nav class="row row--wrap" aria-label=t("people.title")>
                <a class="btn btn--quiet" href="/desk/units"><Icon name="users"/>{t("units.title")}</a>
                {move || may().then(|| view! {
                    <a class="btn btn--quiet" href="/desk/people/links"><Icon name="file-text"/>{t("people.links")}</a>
                    <a class="btn btn--quiet" href="/desk/people/import"><Icon name="upload"/>{t("roster.title")}</a>
                })}
            </nav>
            <Filters app filter/>
            <p role="status">{move || tr("people.count", &[("n", &shown.with(Vec::len).to_string())])}</p>
            // A line stays the line of its person while others come in above it: nobody opens somebody else.
            <ul class="list"><For each=drawn key=|person| format!("{person:?}") children=line/></ul>
            {move || (rest() > 0).then(|| view! { <p class="list-more">{tr("people.more", &[("n", &rest().to_string())])}</p> })}
        </Shell>
    }
}

fn line(person: PersonLine) -> impl IntoView {
    view! {
        <li>
            <a class="item" href=format!("/desk/people/{}", person.account)>
                <span class="thumb"><Icon name="user"/></span>
                <span class="item-body">
                    <span class="item-title">{person.name}</span>
                    <span class="item-facts">{person.facts}</span>
                    {person.lamp.map(|lamp| view! { <LampChip lamp/> })}
                </span>
                <Icon name="chevron-right"/>
            </a>
        </li>
    }
}

/// A choice of one among some, or of none.
pub(super) fn choice(
    label: &'static str,
    none: &'static str,
    options: Vec<(String, String)>,
    chosen: Option<String>,
    on_choose: impl Fn(Option<String>) + 'static,
) -> impl IntoView {
    let options = options.into_iter().map(move |(value, words)| {
        let is_chosen = chosen.as_ref() == Some(&value);
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let options = options.collect_view();
    view! {
        <label class="field grow">
            <span class="field-label">{t(label)}</span>
            <select class="input" aria-label=t(label) on:change=move |event| on_choose(Some(event_target_value(&event)).filter(|value| !value.is_empty()))>
                <option value="">{t(none)}</option>
                {options}
            </select>
        </label>
    }
}

/// What to look for.
#[component]
pub(super) fn Filters(
    /// The app.
    app: App,
    /// What is looked for.
    filter: RwSignal<Filter>,
) -> impl IntoView {
    let city = app.city();
    let roles: Vec<_> = city.info.roles.iter().map(|role| (role.id.clone(), role_words(&city, &role.id))).collect();
    let counties: Vec<_> = counties(&city).collect();
    let all_units = move || {
        let (rows, city) = (app.state.duties.get(), app.city());
        let departments = city.catalog.departments.iter().map(|known| known.id.clone());
        let recorded = units(&rows).into_iter().map(|(record, _)| record.to_hex());
        let named = departments.chain(recorded).map(|word| (word.clone(), unit_words(&city, &rows, &word)));
        let chosen = filter.with_untracked(|filter| filter.unit.clone());
        choice("people.unit", "people.all", named.collect(), chosen, move |unit| {
            filter.update(|filter| filter.unit = unit);
        })
    };
    view! {
        <section class="card stack" aria-label=t("people.search")>
            <label class="field">
                <span class="field-label">{t("people.search")}</span>
                <input class="input" type="search" autocomplete="off" on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))/>
            </label>
            <div class="row row--wrap">
                {choice("people.role", "people.all", roles, None, move |role| filter.update(|filter| filter.role = role))}
                {choice("people.area", "people.all", counties, None, move |area| filter.update(|filter| filter.area = area))}
                {all_units}
            </div>
        </section>
    }
}
