//! Data for other programs: a ledger as a file, and keys for programs that read by themselves.

use greenshield_domain::wire::{AccessKeyResponse, AccessKeysResponse, MAX_KEY_NAME_BYTES};
use leptos::prelude::*;

use crate::actions::access_keys::{address, end_key, list_keys, make_key};
use crate::actions::copy_text::copy_text;
use crate::actions::take_ledger::take_ledger;
use crate::context::{App, use_app};
use crate::state::interfaces::{DAYS, FORMATS, KeyView, Taking, exports, kinds};
use crate::state::message::Message;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn InterfacesPage() -> impl IntoView {
    let app = use_app();
    let may = app.state.viewer().is_some_and(|viewer| exports(&app.city(), &viewer.role));
    let found: RwSignal<Option<Result<AccessKeysResponse, Message>>> = RwSignal::new(None);
    let ask = move || {
        app.run(async move {
            let answer = list_keys(app).await;
            let _closed = found.try_set(Some(answer));
        });
    };
    ask();
    let on_done = Callback::new(move |()| ask());
    view! {
        <Shell title=t("interfaces.title") back="/desk">
            {may.then(|| view! { <Ledger app/> <NewKey app on_done/> })}
            {(!may).then(|| view! { <p class="muted">{t("interfaces.not_you")}</p> })}
            <Keys app found on_done/>
            <HowTo app/>
        </Shell>
    }
}

/// A choice of one.
fn choice(
    label: &'static str,
    options: impl IntoIterator<Item = (String, String)>,
    on_choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let options =
        options.into_iter().map(|(value, words)| view! { <option value=value>{words}</option> }).collect_view();
    view! {
        <label class="field grow">
            <span class="field-label">{t(label)}</span>
            <select class="input" on:change=move |event| on_choose(event_target_value(&event))>{options}</select>
        </label>
    }
}

/// Takes a kind out as a file.
#[component]
fn Ledger(
    /// The app.
    app: App,
) -> impl IntoView {
    let kinds = kinds(&app.city());
    let first = |of: &[(String, String)]| of.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let formats: Vec<_> = FORMATS.map(|(word, key)| (word.to_owned(), t(key).to_owned())).to_vec();
    let start = Taking { kind: first(&kinds), format: first(&formats), ..Taking::default() };
    let taking = RwSignal::new(start);
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let take = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        app.run(async move {
            let outcome = take_ledger(app, &taking.get_untracked()).await;
            problem.try_set(outcome.err());
            is_busy.try_set(false);
        });
    };
    let is_backwards = Memo::new(move |_| taking.with(Taking::is_backwards));
    let date = move |label: &'static str, change: fn(&mut Taking, String)| {
        view! {
            <label class="field grow">
                <span class="field-label">{t(label)}</span>
                <input class="input" type="date" aria-invalid=move || is_backwards.get().then_some("true")
                    on:change=move |event| taking.update(|taking| change(taking, event_target_value(&event)))/>
            </label>
        }
    };
    view! {
        <section class="card stack" aria-label=t("interfaces.ledger")>
            <h2>{t("interfaces.ledger")}</h2>
            <p class="muted">{t("interfaces.ledger_text")}</p>
            <div class="pair">
                {choice("interfaces.kind", kinds, move |kind| taking.update(|taking| taking.kind = kind))}
                {choice("interfaces.format", formats, move |format| taking.update(|taking| taking.format = format))}
            </div>
            <div class="pair">
                {date("interfaces.from", |taking, day| taking.from = day)}
                {date("interfaces.until_day", |taking, day| taking.until = day)}
            </div>
            {move || is_backwards.get().then(|| view! {
                <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("interfaces.backwards")}</span>
            })}
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <button class="btn btn--primary" aria-busy=move || is_busy.get().then_some("true") disabled=move || is_backwards.get() on:click=take>
                <Icon name="download"/>{move || t(if is_busy.get() { "interfaces.taking" } else { "interfaces.take" })}
            </button>
        </section>
    }
}

/// Makes a key, and tells it once.
#[component]
fn NewKey(
    /// The app.
    app: App,
    /// The list is another one.
    on_done: Callback<()>,
) -> impl IntoView {
    let (name, days) = (RwSignal::new(String::new()), RwSignal::new(DAYS[0].0));
    let made: RwSignal<Option<AccessKeyResponse>> = RwSignal::new(None);
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    let make = move |_| {
        let what = name.with_untracked(|name| name.trim().to_owned());
        is_missing.set(what.is_empty());
        if what.is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        app.run(async move {
            match make_key(app, &what, days.get_untracked()).await {
                Ok(key) => {
                    made.try_set(Some(key));
                    name.try_set(String::new());
                    on_done.run(());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let shown =
        move || made.get().map(|key| view! { <Made app key on_close=Callback::new(move |()| made.set(None))/> });
    let options = DAYS.map(|(days, key)| (days.to_string(), t(key).to_owned()));
    let choose = move |chosen: String| days.set(chosen.parse().unwrap_or(DAYS[0].0));
    view! {
        <section class="card stack" aria-label=t("interfaces.key")>
            <h2>{t("interfaces.key")}</h2>
            <p class="muted">{t("interfaces.key_text")}</p>
            <div class="pair">
                <div class="field grow">
                    <label class="field-label" for="key-name">{t("interfaces.key_name")}</label>
                    <input class="input" id="key-name" maxlength=(MAX_KEY_NAME_BYTES / 3).to_string() autocomplete="off" placeholder="QGIS" prop:value=name
                        aria-invalid=move || is_missing.get().then_some("true")
                        aria-describedby=move || is_missing.get().then_some("key-missing")
                        on:input=move |event| { is_missing.set(false); name.set(event_target_value(&event)); }/>
                    {move || is_missing.get().then(|| view! {
                        <span class="field-error" id="key-missing" role="alert"><Icon name="alert-triangle"/>{t("interfaces.key_name_missing")}</span>
                    })}
                </div>
                {choice("interfaces.days", options, choose)}
            </div>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <div aria-live="polite">{shown}</div>
            <button class="btn" aria-busy=move || is_busy.get().then_some("true") on:click=make><Icon name="key"/>{t("interfaces.make")}</button>
        </section>
    }
}

/// The secret, this once.
#[component]
fn Made(
    /// The app.
    app: App,
    /// What was made.
    key: AccessKeyResponse,
    /// It was kept.
    on_close: Callback<()>,
) -> impl IntoView {
    let secret = StoredValue::new(key.secret.clone());
    let copy = move |_| {
        app.run(async move {
            if let Err(message) = copy_text(app, secret.get_value(), t("interfaces.copied")).await {
                app.state.say(message.title);
            }
        });
    };
    view! {
        <div class="stack">
            <p class="strong">{t("interfaces.once")}</p>
            <p class="mono invite-link" data-secret="">{key.secret}</p>
            <div class="row row--wrap">
                <button class="btn btn--primary" on:click=copy><Icon name="copy"/>{t("interfaces.copy")}</button>
                <button class="btn btn--plain" on:click=move |_| on_close.run(())>{t("interfaces.kept")}</button>
            </div>
        </div>
    }
}

/// All keys that this person may see.
#[component]
fn Keys(
    /// The app.
    app: App,
    /// What the server said.
    found: RwSignal<Option<Result<AccessKeysResponse, Message>>>,
    /// The list is another one.
    on_done: Callback<()>,
) -> impl IntoView {
    let list = move || match found.get() {
        None => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(reply)) if reply.keys.is_empty() => view! { <p class="muted">{t("interfaces.no_keys")}</p> }.into_any(),
        Some(Ok(reply)) => {
            let now = app.state.now.get_untracked();
            let rows = reply.keys.iter().map(|row| KeyView::of(row, now, reply.time_millis));
            let rows = rows.map(|key| view! { <Key app key on_done/> }).collect_view();
            view! { <ul class="list">{rows}</ul> }.into_any()
        }
    };
    view! {
        <section class="stack" aria-label=t("interfaces.keys")>
            <h2>{t("interfaces.keys")}</h2>
            {list}
        </section>
    }
}

/// A key, and how it is ended: with a second look.
#[component]
fn Key(
    /// The app.
    app: App,
    /// The key.
    key: KeyView,
    /// It is ended.
    on_done: Callback<()>,
) -> impl IntoView {
    let (is_asked, problem) = (RwSignal::new(false), RwSignal::new(None::<Message>));
    let (id, is_good) = (key.id, key.is_good);
    let end = move |_| {
        app.run(async move {
            match end_key(app, id).await {
                Ok(()) => {
                    app.state.say(t("interfaces.ended"));
                    on_done.run(());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    let name = StoredValue::new(key.title.clone());
    let form = move || {
        if !is_asked.get() {
            return view! {
                <button class="btn btn--s btn--quiet" on:click=move |_| is_asked.set(true)><Icon name="lock" size="icon--s"/>{t("interfaces.end")}</button>
            }
            .into_any();
        }
        view! {
            <div class="stack" role="alert">
                <p class="strong">{name.with_value(|name| tr("interfaces.end_sure", &[("name", name)]))}</p>
                <div class="row row--wrap">
                    <button class="btn btn--danger" on:click=end>{t("interfaces.end")}</button>
                    <button class="btn btn--plain" on:click=move |_| is_asked.set(false)>{t("action.cancel")}</button>
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <li class="item">
            <span class="item-body">
                <span class="item-title">{key.title}</span>
                <span class="item-facts">{key.facts}</span>
                <span class="chips"><LampChip lamp=key.lamp/></span>
                {is_good.then_some(form)}
                {move || problem.get().map(|message| view! { <Problem message/> })}
            </span>
        </li>
    }
}

/// How a program is connected.
#[component]
fn HowTo(
    /// The app.
    app: App,
) -> impl IntoView {
    let copy = move |_| {
        app.run(async move {
            if let Err(message) = copy_text(app, address(), t("interfaces.address_copied")).await {
                app.state.say(message.title);
            }
        });
    };
    view! {
        <section class="card stack" aria-label=t("interfaces.how")>
            <h2>{t("interfaces.how")}</h2>
            <p>{t("interfaces.how_address")}</p>
            <p class="mono invite-link">{address()}</p>
            <div class="row"><button class="btn btn--quiet" on:click=copy><Icon name="copy"/>{t("interfaces.copy_address")}</button></div>
            <ol class="stack">
                <li>{t("interfaces.how_1")}</li>
                <li>{t("interfaces.how_2")}</li>
                <li>{t("interfaces.how_3")}</li>
            </ol>
            <p class="muted">{t("interfaces.how_rights")}</p>
        </section>
    }
}
