//! A new referral: which way, from whom to whom, what it is about and what goes along. What the report says is proposed.

use greenshield_domain::city::Flow;
use greenshield_domain::ids::RecordId;
use greenshield_domain::referral::{Item, NewReferral};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::actions::make_referral::make_referral;
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::draft::MOST_CHARS;
use crate::state::message::Message;
use crate::state::record::RecordScreen;
use crate::state::referral::make::{UnitChoice, choose_flow, missing, proposed, units};
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// Most characters of a line.
const LINE_CHARS: &str = "80";

/// What the form holds. Copied freely; a copy is the same form.
#[derive(Clone, Copy)]
struct Form {
    app: App,
    new: RwSignal<NewReferral>,
    /// What the report offers to go along.
    offered: RwSignal<Vec<Item>>,
    missing: RwSignal<Option<&'static str>>,
    problem: RwSignal<Option<Message>>,
    is_busy: RwSignal<bool>,
}

/// The page.
#[component]
pub fn NewReferralPage() -> impl IntoView {
    let app = use_app();
    let about = use_query_map().with_untracked(|query| RecordId::from_hex(query.get_str("record")?).ok());
    let form = Form {
        app,
        new: RwSignal::new(NewReferral { about, ..NewReferral::default() }),
        offered: RwSignal::new(Vec::new()),
        missing: RwSignal::new(None),
        problem: RwSignal::new(None),
        is_busy: RwSignal::new(false),
    };
    let is_read = RwSignal::new(false);
    app.run(async move {
        propose(form, about).await;
        let _ = is_read.try_set(true);
    });
    on_cleanup(move || app.state.form_open.set(false));
    let navigate = StoredValue::new_local(use_navigate());
    let save = move |_| {
        let new = form.new.get_untracked();
        form.missing.set(missing(&new, &app.city()));
        if form.missing.get_untracked().is_some() || form.is_busy.get_untracked() {
            return;
        }
        form.is_busy.set(true);
        app.run(async move {
            match make_referral(app, new).await {
                Ok(record) => {
                    app.state.say(t("referral.made"));
                    navigate.try_with_value(|go| go(&format!("/desk/referrals/{record}"), Default::default()));
                }
                Err(message) => drop((form.is_busy.try_set(false), form.problem.try_set(Some(message)))),
            }
        });
    };
    view! {
        <Shell title=t("referral.new") back="/desk/referrals" actionbar=move || view! {
            <button class="btn btn--primary" aria-busy=move || form.is_busy.get().then_some("true") on:click=save>
                <Icon name="gavel"/>{t("referral.make")}
            </button>
        }>
            {move || form.problem.get().map(|message| view! { <Problem message/> })}
            {about.map(|record| view! {
                <a class="card card-link" href=format!("/records/{record}")><Icon name="file-text"/><b class="grow">{t("task.about")}</b><Icon name="chevron-right"/></a>
            })}
            {move || is_read.get().then(|| view! { <Fields form/> })}
        </Shell>
    }
}

/// What the report says, put into the form.
async fn propose(form: Form, about: Option<RecordId>) {
    let app = form.app;
    let (city, viewer) = (app.city(), app.state.viewer());
    let name = viewer.map(|viewer| viewer.name).unwrap_or_default();
    let mut new = NewReferral { about, contact: name.clone(), ..NewReferral::default() };
    if let Some(record) = about {
        match open_record(app, record).await {
            Ok(Some(view)) => {
                let (people, now) = (app.state.people.get_untracked(), app.state.now.get_untracked());
                let screen = RecordScreen::of(&view, &city, &people, app.state.me(), now);
                new = proposed(&view, &screen, &city, &name);
            }
            Ok(None) => {}
            Err(message) => drop(form.problem.try_set(Some(message))),
        }
    }
    if let Some(flow) = city.referrals.flows.first() {
        choose_flow(&mut new, flow, &city);
    }
    let _ = form.offered.try_set(new.items.clone());
    let _ = form.new.try_set(new);
}

/// The fields, once what is proposed is known.
#[component]
fn Fields(
    /// The form.
    form: Form,
) -> impl IntoView {
    let Form { app, new, .. } = form;
    let line = move |id: &'static str, key: &'static str, value: String, put: fn(&mut NewReferral, String)| {
        let typed = move |event| change(form, |new| put(new, event_target_value(&event)));
        view! {
            <div class="field">
                <label class="field-label" for=id>{t(key)}</label>
                <input class="input" id=id maxlength=LINE_CHARS value=value on:input=typed/>
            </div>
        }
    };
    let start = new.get_untracked();
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), app.state.now.get_untracked());
        change(form, |new| new.reply_by_millis = now.ends_of(&date).map(|(_, last)| last));
    };
    view! {
        <Ways form/>
        {move || form.missing.get().map(|key| view! {
            <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t(key)}</span>
        })}
        {line("referral-title", "referral.title_label", start.title, |new, text| new.title = text)}
        <div class="field">
            <label class="field-label" for="referral-note">{t("referral.note")}</label>
            <textarea class="textarea" id="referral-note" maxlength=MOST_CHARS.to_string()
                on:input=move |event| change(form, |new| new.note = event_target_value(&event))>{start.note}</textarea>
            <span class="field-hint">{t("referral.note_hint")}</span>
        </div>
        <Items form/>
        {line("referral-number", "referral.number", start.number, |new, text| new.number = text)}
        {line("referral-contact", "referral.contact", start.contact, |new, text| new.contact = text)}
        <div class="field">
            <label class="field-label" for="referral-basis">{t("referral.basis")}</label>
            <input class="input" id="referral-basis" maxlength="200" prop:value=move || new.with(|new| new.basis.clone())
                on:input=move |event| change(form, |new| new.basis = event_target_value(&event))/>
            <span class="field-hint">{words::of(&app.city().referrals.notice).to_owned()}</span>
        </div>
        <label class="field">
            <span class="field-label">{t("referral.reply_by")}</span>
            <input class="input" type="date" on:change=picked/>
        </label>
    }
}

fn change(form: Form, put: impl FnOnce(&mut NewReferral)) {
    form.missing.set(None);
    form.app.state.form_open.set(true);
    form.new.update(put);
}

/// Which way, from whom, to whom.
#[component]
fn Ways(
    /// The form.
    form: Form,
) -> impl IntoView {
    let city = StoredValue::new(form.app.city());
    let flow = Memo::new(move |_| form.new.with(|new| new.flow.clone()));
    let option = move |this: &Flow| {
        let (id, chosen) = (this.id.clone(), this.clone());
        view! {
            <button class="option" type="button" aria-pressed=move || flow.with(|flow| *flow == id).to_string()
                on:click=move |_| city.with_value(|city| change(form, |new| choose_flow(new, &chosen, city)))>
                {words::of(&this.name).to_owned()}
            </button>
        }
    };
    let options = city.with_value(|city| city.referrals.flows.iter().map(option).collect_view());
    // Drawn anew for another way; what it proposes is in the form already.
    let sides = move || {
        let flow = flow.get();
        city.with_value(|city| {
            let flow = city.referrals.flow(&flow)?;
            let chosen = form.new.get_untracked();
            Some(view! {
                <Side form label="referral.from" choices=units(&flow.from, city) chosen=chosen.from_unit put=|new, id| new.from_unit = id/>
                <Side form label="referral.to" choices=units(&flow.to, city) chosen=chosen.to_unit put=|new, id| new.to_unit = id/>
            })
        })
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{t("referral.flow")}</legend>
            <div class="options">{options}</div>
        </fieldset>
        {sides}
    }
}

/// The units of one side.
#[component]
fn Side(
    /// The form.
    form: Form,
    /// Key of what it is.
    label: &'static str,
    /// Units to choose from.
    choices: Vec<UnitChoice>,
    /// The one that is chosen.
    chosen: String,
    /// Takes a choice over.
    put: fn(&mut NewReferral, String),
) -> impl IntoView {
    let options = choices.into_iter().map(|(id, name)| {
        let is_selected = id == chosen;
        view! { <option value=id selected=is_selected>{name}</option> }
    });
    view! {
        <label class="field">
            <span class="field-label">{t(label)}</span>
            <select class="input" aria-label=t(label) on:change=move |event| change(form, |new| put(new, event_target_value(&event)))>
                <option value="">{t("desk.forward_unit_none")}</option>
                {options.collect_view()}
            </select>
        </label>
    }
}

/// What goes along: files of the report, and lines that somebody types.
#[component]
fn Items(
    /// The form.
    form: Form,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let option = move |item: Item| {
        let (name, of) = (item.name.clone(), item.clone());
        let pressed = move || form.new.with(|new| new.items.contains(&of)).to_string();
        let toggle = move |_| {
            change(form, |new| match new.items.iter().position(|known| *known == item) {
                Some(at) => drop(new.items.remove(at)),
                None => new.items.push(item.clone()),
            });
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{name}</button> }
    };
    let add = move || {
        let name = typed.get_untracked().trim().to_owned();
        if !name.is_empty() {
            let item = Item { name, count: 1, blob: None };
            form.offered.update(|offered| offered.push(item.clone()));
            change(form, |new| new.items.push(item));
            typed.set(String::new());
        }
    };
    let count = move || tr("referral.items_count", &[("n", &form.new.with(|new| new.items.len()).to_string())]);
    view! {
        <fieldset class="field">
            <legend class="field-label">{t("referral.items")}</legend>
            <div class="options">{move || form.offered.get().into_iter().map(option).collect_view()}</div>
            <div class="row row--wrap">
                <input class="input grow" aria-label=t("referral.item_name") placeholder=t("referral.item_name") maxlength=LINE_CHARS
                    prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event))/>
                <button class="btn btn--s" type="button" on:click=move |_| add()><Icon name="plus" size="icon--s"/>{t("referral.item_add")}</button>
            </div>
            <span class="field-hint">{count}</span>
        </fieldset>
    }
}
