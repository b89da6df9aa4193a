//! My data: what was agreed to, a copy of what I wrote, and requests to correct or delete.

use greenshield_domain::wish::Wish;
use leptos::prelude::*;

use crate::actions::hand_over::Way;
use crate::actions::own_data::{answer_tracks, give_copy, make_wish, read_wishes};
use crate::actions::read_audit::read_looks;
use crate::context::{App, use_app};
use crate::state::audit::AuditView;
use crate::state::draft::{MOST_CHARS, cut};
use crate::state::message::Message;
use crate::state::own_data::{WishView, tracks, tracks_words, wish_words};
use crate::state::words::t;
use crate::ui::components::consent_card::ConsentCard;
use crate::ui::components::hand_over::HandOver;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::{Shell, Tab};

/// The page.
#[component]
pub fn OwnDataPage() -> impl IntoView {
    let app = use_app();
    let problem = RwSignal::new(None::<Message>);
    view! {
        <Shell title=t("own.title") back="/me" tab=Tab::Me>
            <p>{t("own.text")}</p>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <ConsentCard/>
            <Answered app problem/>
            <Copied app problem/>
            <Looked app problem/>
            <Asked app problem/>
        </Shell>
    }
}

/// What was answered, and the other answer.
#[component]
fn Answered(
    /// The app.
    app: App,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let told = move || app.state.consents.with(|answers| tracks(answers));
    let words = move || app.state.consents.with(|answers| tracks_words(answers, app.state.now.get()));
    let answer = move |is_given| {
        app.run(async move {
            let outcome = answer_tracks(app, is_given).await;
            if outcome.is_ok() {
                app.state.say(t(if is_given { "consent.now_given" } else { "consent.now_refused" }));
            }
            problem.try_set(outcome.err());
        });
    };
    let give = move || {
        (told() != Some(true)).then(|| {
            view! {
                <button class="btn" on:click=move |_| answer(true)><Icon name="check"/>{t("consent.give")}</button>
            }
        })
    };
    let refuse = move || {
        (told() != Some(false)).then(|| view! {
        <button class="btn" on:click=move |_| answer(false)><Icon name="x"/>{t(if told().is_some() { "consent.withdraw" } else { "consent.refuse" })}</button>
    })
    };
    view! {
        <section class="card stack" aria-label=t("consent.answer")>
            <p aria-live="polite"><b>{words}</b></p>
            <div class="stack">{give}{refuse}</div>
        </section>
    }
}

/// A copy of everything.
#[component]
fn Copied(
    /// The app.
    app: App,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let give = Callback::new(move |way: Way| {
        app.run(async move { drop(problem.try_set(give_copy(app, way).await.err())) });
    });
    view! {
        <section class="card stack" aria-label=t("own.copy")>
            <h2>{t("own.copy")}</h2>
            <p>{t("own.copy_text")}</p>
            <div class="row"><HandOver give share=t("own.copy_share") save=t("own.copy_save")/></div>
        </section>
    }
}

/// Who did what with the person's records; asked from the server, kept nowhere.
#[component]
fn Looked(
    /// The app.
    app: App,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let lines: RwSignal<Option<Vec<AuditView>>> = RwSignal::new(None);
    let (next, is_busy) = (RwSignal::new(None::<u64>), RwSignal::new(false));
    let ask = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            match read_looks(app, next.get_untracked()).await {
                Ok((found, below)) => {
                    lines.try_update(|lines| lines.get_or_insert_default().extend(found));
                    next.try_set(below);
                    problem.try_set(None);
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let list = move || {
        let lines = lines.get()?;
        if lines.is_empty() && next.get().is_none() {
            return Some(view! { <p role="status">{t("own.looks_none")}</p> }.into_any());
        }
        let line = |line: AuditView| {
            let what = match line.record {
                Some(href) => view! { <a href=href><b>{line.title}</b></a> }.into_any(),
                None => view! { <b>{line.title}</b> }.into_any(),
            };
            view! { <li>{what}<p class="muted">{line.facts}</p></li> }
        };
        Some(view! { <ul class="stack">{lines.into_iter().map(line).collect_view()}</ul> }.into_any())
    };
    let is_more = move || lines.with(Option::is_none) || next.get().is_some();
    let word = move || t(if lines.with(Option::is_none) { "own.looks_ask" } else { "audit.more" });
    view! {
        <section class="card stack" aria-label=t("own.looks")>
            <h2>{t("own.looks")}</h2>
            <p class="muted">{t("own.looks_text")}</p>
            {list}
            {move || is_more().then(|| view! {
                <button class="btn btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=ask><Icon name="eye"/>{word}</button>
            })}
        </section>
    }
}

/// Requests to the desk.
#[component]
fn Asked(
    /// The app.
    app: App,
    /// What went wrong.
    problem: RwSignal<Option<Message>>,
) -> impl IntoView {
    let (what, words) = (RwSignal::new(Wish::Correct), RwSignal::new(String::new()));
    let made: RwSignal<Vec<WishView>> = RwSignal::new(Vec::new());
    let is_busy = RwSignal::new(false);
    let is_missing = RwSignal::new(false);
    let duties = app.state.duties;
    Effect::new(move |_| {
        duties.track();
        app.run(async move {
            match read_wishes(app, true).await {
                Ok(views) => drop(made.try_set(views)),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    });
    let send = move |_| {
        let text = cut(words.with_untracked(|words| words.trim().to_owned()).as_str());
        let wish = what.get_untracked();
        is_missing.set(text.is_empty() && wish != Wish::Copy);
        if is_missing.get_untracked() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            let outcome = make_wish(app, wish, &text).await;
            is_busy.try_set(false);
            if outcome.is_ok() {
                words.try_set(String::new());
                app.state.say(t("own.asked"));
            }
            problem.try_set(outcome.err());
        });
    };
    let option = move |wish: Wish| {
        view! {
            <button class="option" type="button" aria-pressed=move || (what.get() == wish).to_string() on:click=move |_| what.set(wish)>{wish_words(wish)}</button>
        }
    };
    view! {
        <section class="card stack" aria-label=t("own.ask")>
            <h2>{t("own.ask")}</h2>
            <p class="muted">{t("own.ask_text")}</p>
            <div class="options" role="group" aria-label=t("own.what")>{Wish::ALL.map(option)}</div>
            <label class="field">
                <span class="field-label">{t("own.words")}</span>
                <textarea class="input" rows="3" maxlength=MOST_CHARS prop:value=words on:input=move |event| words.set(event_target_value(&event))></textarea>
            </label>
            {move || is_missing.get().then(|| view! { <p role="alert">{t("own.words_missing")}</p> })}
            <button class="btn btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=send><Icon name="message"/>{t("own.send")}</button>
        </section>
        {move || {
            let wishes = made.get();
            (!wishes.is_empty()).then(|| view! {
                <section class="card stack" aria-label=t("own.made")>
                    <h2>{t("own.made")}</h2>
                    <ul class="stack">{wishes.into_iter().map(|wish| view! { <li><Made wish/></li> }).collect_view()}</ul>
                </section>
            })
        }}
    }
}

/// A request with its answer.
#[component]
fn Made(
    /// What it says.
    wish: WishView,
) -> impl IntoView {
    view! {
        <b>{wish.what}" · "{wish.state}</b>
        <p class="muted">{wish.facts}</p>
        {wish.note.map(|note| view! { <p>{note}</p> })}
        {wish.due.map(|due| view! { <p class="muted">{due}</p> })}
        {wish.answer.map(|answer| view! { <p><b>{t("own.answer")}</b>" "{answer}</p> })}
    }
}
