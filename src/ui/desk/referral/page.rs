//! One referral: its limit, what may be done, what goes along, its papers, and the story of the case from the report on.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::server_millis;
use crate::actions::open_record::open_record;
use crate::actions::take_referral_step::take_referral_step;
use crate::context::{App, use_app};
use crate::state::draft::MOST_CHARS;
use crate::state::message::Message;
use crate::state::referral::{DueView, ItemView, ReferralScreen, StepOption, Viewer};
use crate::state::words::{self, t, tr};
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;
use crate::ui::components::story::Story;

/// A referral and what it is about, as they were read.
#[derive(Clone, Default)]
pub(super) struct Read {
    /// The referral.
    pub(super) view: Option<RecordView>,
    /// The incident, where the person who looks has it.
    pub(super) incident: Option<RecordView>,
    /// It could not be read, or there is none.
    pub(super) problem: Option<Message>,
}

/// Reads the referral of the address with its incident, and again when one of them changes.
pub(super) fn read(app: App) -> RwSignal<Read> {
    let params = use_params_map();
    let record = Memo::new(move |_| params.with(|params| RecordId::from_hex(&params.get("record")?).ok()));
    let found = RwSignal::new(Read::default());
    Effect::new(move |_| {
        let changed = app.state.changed.get();
        let Some(record) = record.get() else {
            found.set(Read { problem: Some(missing()), ..Read::default() });
            return;
        };
        let is_touched = found.with_untracked(|found| {
            let shown = [&found.view, &found.incident].into_iter().flatten();
            found.view.is_none() || shown.into_iter().any(|view| changed.touches(view.row.record))
        });
        if is_touched {
            app.run(async move {
                let _ = found.try_set(read_both(app, record).await);
            });
        }
    });
    found
}

fn missing() -> Message {
    Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") }
}

async fn read_both(app: App, record: RecordId) -> Read {
    match open_record(app, record).await {
        Ok(Some(view)) if view.row.referral.is_some() => {
            let incident = match view.row.about {
                // What this person may not see is not here, and the referral is shown without it.
                Some(about) => open_record(app, about).await.ok().flatten(),
                None => None,
            };
            Read { view: Some(view), incident, problem: None }
        }
        Ok(_) => Read { problem: Some(missing()), ..Read::default() },
        Err(problem) => Read { problem: Some(problem), ..Read::default() },
    }
}

/// The page.
#[component]
pub fn ReferralPage() -> impl IntoView {
    let app = use_app();
    let found = read(app);
    let screen = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        let who = Viewer { account: viewer.account, role: viewer.role };
        let (people, now, now_millis) = (app.state.people.get(), app.state.now.get(), server_millis(app));
        found.with(|found| {
            let view = found.view.as_ref()?;
            Some(ReferralScreen::of(view, found.incident.as_ref(), &app.city(), &people, &who, now, now_millis))
        })
    });
    let part = move |of: fn(&ReferralScreen) -> AnyView| move || screen.with(|screen| screen.as_ref().map(of));
    // Drawn once for each way to go on, so that nobody's words are drawn anew while they are typed.
    let steps = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|s| (s.record, s.about, s.steps.clone()))));
    let doing = move || {
        let (record, about, steps) = steps.get()?;
        (!steps.is_empty()).then(|| view! { <Doing app record about steps/> })
    };
    view! {
        <Shell title=t("referral.one") back="/desk/referrals">
            {move || found.with(|found| found.problem.clone()).map(|message| view! { <Problem message/> })}
            {part(head)}
            {move || screen.with(|screen| screen.as_ref().and_then(|screen| screen.due.clone().zip(screen.due_words.clone().or(Some(String::new())))))
                .map(|(due, until)| limit(app, due, until))}
            {doing}
            <div class="referral-columns">
                <div class="stack">
                    {part(about)}
                    {part(items)}
                    {part(papers)}
                </div>
                {part(|screen| view! {
                    <section class="card"><h2>{t("referral.whole_story")}</h2><Story steps=screen.story.clone()/></section>
                }.into_any())}
            </div>
        </Shell>
    }
}

fn head(screen: &ReferralScreen) -> AnyView {
    let said = |icon, title, words: &Option<String>| {
        words.clone().map(|words| {
            view! {
                <section class="card stack"><h3 class="row"><Icon name=icon/>{title}</h3><p>{words}</p></section>
            }
        })
    };
    view! {
        <h2 class="detail-title">{screen.title.clone()}</h2>
        <div class="chips">{screen.lamps.iter().cloned().map(|lamp| view! { <LampChip lamp/> }).collect_view()}</div>
        {said("check", t("referral.result"), &screen.result)}
        {said("file-text", t("referral.note"), &screen.note)}
    }
    .into_any()
}

/// The limit that runs, with the law that it rests on.
fn limit(app: App, due: DueView, until: String) -> impl IntoView {
    let unchecked = (!due.is_checked).then(|| view! { <p class="muted">{t("referral.unchecked")}</p> });
    let year = due.missing_year.map(|year| {
        view! {
            <p class="row"><Icon name="alert-triangle"/>{tr("referral.no_table_text", &[("year", &year.to_string())])}</p>
        }
    });
    let basis = (!due.basis.is_empty()).then(|| view! {
        <p class="muted">{tr("referral.rests_on", &[("law", &due.basis)])}" "{words::of(&app.city().referrals.notice).to_owned()}</p>
    });
    view! {
        <section class="card stack" aria-label=t("referral.limit")>
            <h3 class="row"><Icon name="clock"/>{due.what}</h3>
            {(!until.is_empty()).then(|| view! { <p class="strong">{tr("referral.until", &[("time", &until)])}</p> })}
            {year}
            {basis}
            {unchecked}
        </section>
    }
}

fn about(screen: &ReferralScreen) -> AnyView {
    let report = screen.about.map(|record| {
        view! {
            <a class="card card-link" href=format!("/records/{record}")>
                <Icon name="file-text"/><b class="grow">{t("task.about")}</b><Icon name="chevron-right"/>
            </a>
        }
    });
    view! { <section class="card"><Facts facts=screen.facts.clone()/></section>{report} }.into_any()
}

fn items(screen: &ReferralScreen) -> AnyView {
    let row = |item: ItemView| {
        view! {
            <li><span class="grow"><b>{item.name}</b>{item.fingerprint.map(|hash| view! { <span class="kv-note mono">{hash}</span> })}</span><span>{item.count}</span></li>
        }
    };
    let rows = screen.items.iter().cloned().map(row).collect_view();
    view! {
        <section class="card">
            <h2>{t("referral.items")}</h2>
            <ul class="delivery">{rows}</ul>
        </section>
    }
    .into_any()
}

fn papers(screen: &ReferralScreen) -> AnyView {
    let record = screen.record;
    let rows = screen.papers.iter().map(|(id, name)| {
        view! {
            <li><a class="card-link" href=format!("/desk/referrals/{record}/papers/{id}")>
                <Icon name="file-text"/><b class="grow">{name.clone()}</b><Icon name="chevron-right"/>
            </a></li>
        }
    });
    view! {
        <section class="card"><h2>{t("referral.papers")}</h2><ul class="card-list">{rows.collect_view()}</ul></section>
    }
    .into_any()
}

/// The steps with their words and the day that the papers have.
#[component]
fn Doing(
    /// The app.
    app: App,
    /// The referral.
    record: RecordId,
    /// The incident, which is told how far it is.
    about: Option<RecordId>,
    /// What may be done.
    steps: Vec<StepOption>,
) -> impl IntoView {
    let (typed, day) = (RwSignal::new(String::new()), RwSignal::new(None::<i64>));
    let problem = RwSignal::new(None::<Message>);
    let (is_missing, is_busy) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| app.state.form_open.set(typed.with(|typed| !typed.trim().is_empty())));
    on_cleanup(move || app.state.form_open.set(false));
    let take = move |step: StepOption| {
        let Some(entries) =
            step.entries(&typed.get_untracked(), day.get_untracked().unwrap_or_else(|| app.now_millis()))
        else {
            is_missing.set(true);
            return;
        };
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        app.run(async move {
            let saved = take_referral_step(app, record, about, &step, entries).await;
            is_busy.try_set(false);
            match saved {
                Ok(()) => {
                    typed.try_set(String::new());
                    app.state.say(tr("desk.step_saved", &[("step", &step.label)]));
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    };
    let picked = move |event| {
        let (date, now) = (event_target_value(&event), app.state.now.get_untracked());
        // Noon of that day: a day is meant, and no hour. The day of today is now.
        let noon = now.ends_of(&date).map(|(first, _)| first + 12 * 3_600_000);
        day.set(noon.filter(|noon| now.days_ago(*noon) != 0));
    };
    let buttons = steps.into_iter().enumerate().map(move |(index, step)| {
        let class = if index == 0 { "btn btn--primary" } else { "btn" };
        let (label, icon) = (step.label.clone(), step.icon);
        view! {
            <button class=class disabled=move || is_busy.get() on:click=move |_| take(step.clone())><Icon name=icon/>{label}</button>
        }
    });
    view! {
        <section class="card stack referral-doing">
            <div class="field">
                <label class="field-label" for="referral-words">{t("referral.step_words")}</label>
                <textarea class="textarea" id="referral-words" rows="2" maxlength=MOST_CHARS.to_string() prop:value=move || typed.get()
                    aria-invalid=move || is_missing.get().then_some("true")
                    aria-describedby=move || is_missing.get().then_some("referral-missing")
                    on:input=move |event| { is_missing.set(false); typed.set(event_target_value(&event)); }></textarea>
                {move || is_missing.get().then(|| view! {
                    <span class="field-error" id="referral-missing" role="alert"><Icon name="alert-triangle"/>{t("referral.words_missing")}</span>
                })}
            </div>
            <label class="field">
                <span class="field-label">{t("referral.step_day")}</span>
                <input class="input" type="date" on:change=picked/>
                <span class="field-hint">{t("referral.step_day_hint")}</span>
            </label>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <div class="row row--wrap">{buttons.collect_view()}</div>
        </section>
    }
}
