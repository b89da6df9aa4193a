//! Notices at the desk: those that hold, and the form for a new one.

use greenshield_domain::notice::{KIND, NewNotice};
use greenshield_domain::order;
use leptos::prelude::*;

use crate::actions::give_notice::give_notice;
use crate::context::{App, use_app};
use crate::state::draft::{MOST_CHARS, cut};
use crate::state::lamp::state_words;
use crate::state::message::Message;
use crate::state::notice::span_words;
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn NoticesDeskPage() -> impl IntoView {
    let app = use_app();
    view! {
        <Shell title=t("notice.title") back="/desk">
            <Form app/>
            <Given app/>
        </Shell>
    }
}

/// All notices, newest first.
#[component]
fn Given(
    /// The app.
    app: App,
) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let mut rows: Vec<_> =
            app.state.duties.with(|rows| rows.iter().filter(|row| row.kind == KIND).cloned().collect());
        order::sort_by_key(&mut rows, |row: &greenshield_client::rows::ListRow| std::cmp::Reverse(row.sort_millis));
        rows
    });
    move || {
        let now = app.state.now.get();
        let items = rows.get().into_iter().map(|row| {
            let facts = [Some(state_words(&row, &app.city())), span_words(&row, now)];
            let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            view! {
                <li>
                    <a class="card-link" href=format!("/records/{}", row.record)>
                        <Icon name="bell"/><span class="grow"><b>{row.title}</b><br/><span class="muted">{facts}</span></span><Icon name="chevron-right"/>
                    </a>
                </li>
            }
        });
        let items = items.collect_view();
        (!items.is_empty()).then(
            || view! { <section class="card"><h2>{t("notice.given")}</h2><ul class="card-list">{items}</ul></section> },
        )
    }
}

/// The form.
#[component]
fn Form(
    /// The app.
    app: App,
) -> impl IntoView {
    let notice = RwSignal::new(NewNotice::default());
    let (problem, is_missing, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false), RwSignal::new(false));
    let (from, until) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| app.state.form_open.set(notice.with(|new| !new.title.is_empty() || !new.text.is_empty())));
    on_cleanup(move || app.state.form_open.set(false));
    let give = move |_| {
        let mut new = notice.get_untracked();
        let now = app.state.now.get_untracked();
        (new.title, new.text) = (new.title.trim().to_owned(), cut(new.text.trim()));
        new.from_millis = from.with_untracked(|date| now.ends_of(date)).map(|(first, _)| first);
        new.until_millis = until.with_untracked(|date| now.ends_of(date)).map(|(_, last)| last);
        if new.title.is_empty() || is_busy.get_untracked() {
            is_missing.set(new.title.is_empty());
            return;
        }
        is_busy.set(true);
        app.run(async move {
            match give_notice(app, new).await {
                Ok(_) => {
                    app.state.say(t("notice.saved"));
                    notice.try_set(NewNotice::default());
                    from.try_set(String::new());
                    until.try_set(String::new());
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let role = move |id: String, name: String| {
        let key = id.clone();
        let pressed = move || notice.with(|new| new.audience.contains(&key)).to_string();
        let toggle = move |_| {
            notice.update(|new| match new.audience.iter().position(|known| *known == id) {
                Some(at) => drop(new.audience.remove(at)),
                None => new.audience.push(id.clone()),
            });
        };
        view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{name}</button> }
    };
    let roles: Vec<_> =
        app.city().info.roles.iter().map(|r| role(r.id.clone(), words::of(&r.name).to_owned())).collect();
    let date = |label: &'static str, value: RwSignal<String>| {
        view! {
            <label class="field grow">
                <span class="field-label">{t(label)}</span>
                <input class="input" type="date" prop:value=value on:change=move |event| value.set(event_target_value(&event))/>
            </label>
        }
    };
    view! {
        <section class="card stack" aria-label=t("notice.new")>
            <h2>{t("notice.new")}</h2>
            <div class="field">
                <label class="field-label" for="notice-title">{t("notice.title_label")}</label>
                <input class="input" id="notice-title" maxlength="60" aria-required="true" prop:value=move || notice.with(|new| new.title.clone())
                    aria-invalid=move || is_missing.get().then_some("true")
                    aria-describedby=move || is_missing.get().then_some("notice-missing")
                    on:input=move |event| { is_missing.set(false); notice.update(|new| new.title = event_target_value(&event)); }/>
                {move || is_missing.get().then(|| view! {
                    <span class="field-error" id="notice-missing" role="alert"><Icon name="alert-triangle"/>{t("task.title_missing")}</span>
                })}
            </div>
            <label class="field">
                <span class="field-label">{t("notice.text_label")}</span>
                <textarea class="textarea" maxlength=MOST_CHARS.to_string() prop:value=move || notice.with(|new| new.text.clone())
                    on:input=move |event| notice.update(|new| new.text = event_target_value(&event))></textarea>
            </label>
            <div class="row row--wrap">{date("notice.from_label", from)}{date("notice.until_label", until)}</div>
            <fieldset class="field">
                <legend class="field-label">{t("notice.for_whom")}</legend>
                <div class="options">{roles}</div>
                <span class="field-hint">{t("notice.for_whom_hint")}</span>
            </fieldset>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <button class="btn btn--primary" aria-busy=move || is_busy.get().then_some("true") on:click=give><Icon name="send"/>{t("notice.give")}</button>
        </section>
    }
}
