//! What waits for a decision: what it says, of whom, why it waits; accept or refuse, with a reason.

use leptos::prelude::*;

use crate::actions::decide_held::{decide_held, list_held};
use crate::context::{App, use_app};
use crate::state::held::HeldView;
use crate::state::message::Message;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;
use crate::ui::components::story::Story;

/// The page.
#[component]
pub fn HeldPage() -> impl IntoView {
    let app = use_app();
    let found: RwSignal<Option<Result<Vec<HeldView>, Message>>> = RwSignal::new(None);
    let ask = move || {
        app.run(async move {
            let answer = list_held(app).await;
            let (city, now) = (app.city(), app.state.now.get_untracked());
            let views = app.state.people.with_untracked(|people| {
                answer.map(|rows| {
                    let views = rows.iter().map(|(row, view)| HeldView::of(row, view.as_ref(), &city, people, now));
                    views.collect::<Vec<_>>()
                })
            });
            let _closed = found.try_set(Some(views));
        });
    };
    ask();
    let on_done = Callback::new(move |()| ask());
    let shown = move || {
        match found.get() {
        None => view! { <p class="muted" role="status">{t("app.loading")}</p> }.into_any(),
        Some(Err(message)) => view! { <Problem message/> }.into_any(),
        Some(Ok(views)) if views.is_empty() => view! {
            <div class="empty"><Icon name="circle-check" size="icon--xl"/><p class="empty-title">{t("held.none")}</p></div>
        }
        .into_any(),
        Some(Ok(views)) => {
            let count = tr("held.count", &[("n", &views.len().to_string())]);
            let rows = views.into_iter().map(|held| view! { <li><Held app held on_done/></li> }).collect_view();
            view! { <p role="status">{count}</p><ul class="list">{rows}</ul> }.into_any()
        }
    }
    };
    view! {
        <Shell title=t("held.title") back="/desk"
            end=move || view! { <button class="btn btn--s btn--quiet" on:click=move |_| ask()><Icon name="refresh" size="icon--s"/>{t("devices.again")}</button> }>
            <p class="muted">{t("held.text")}</p>
            {shown}
        </Shell>
    }
}

/// One of them.
#[component]
fn Held(
    /// The app.
    app: App,
    /// What waits.
    held: HeldView,
    /// It is decided.
    on_done: Callback<()>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    let op = held.op;
    let decide = move |accept: bool| {
        let why = reason.with_untracked(|text| text.trim().to_owned());
        is_missing.set(why.is_empty());
        if why.is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            match decide_held(app, op, accept, &why).await {
                Ok(()) => {
                    app.state.say(t(if accept { "held.accepted" } else { "held.refused" }));
                    on_done.run(());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let label = tr("held.why_for", &[("title", &held.title)]);
    let title = held.title.clone();
    view! {
        <section class="card stack" aria-label=title>
            <a class="card-link" href=held.href><Icon name="file-text"/><span class="grow"><b>{held.title}</b><br/><span class="muted">{held.facts}</span></span><Icon name="chevron-right"/></a>
            <p class="strong">{held.why}</p>
            {held.said.map(|step| view! { <Story steps=vec![step]/> })}
            <div class="field">
                <input class="input" maxlength="200" autocomplete="off" aria-label=label placeholder=t("held.why") aria-invalid=move || is_missing.get().then_some("true")
                    on:input=move |event| { is_missing.set(false); reason.set(event_target_value(&event)); }/>
                {move || is_missing.get().then(|| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("held.why_missing")}</span> })}
            </div>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <div class="row row--wrap">
                <button class="btn" on:click=move |_| decide(true)><Icon name="check"/>{t("held.accept")}</button>
                <button class="btn btn--quiet" on:click=move |_| decide(false)><Icon name="ban"/>{t("held.refuse")}</button>
            </div>
        </section>
    }
}
