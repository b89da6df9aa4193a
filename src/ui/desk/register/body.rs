//! A record of a register as the body of its page: what is known, what is next, what belongs to it.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use leptos::prelude::*;

use super::attendance::SignIn;
use super::documents::Documents;
use super::field::{Faults, field};
use crate::actions::add_photo::attach_picked;
use crate::actions::edit_record::edit_record;
use crate::actions::keep_register::take_step;
use crate::context::{App, now};
use crate::state::lamp::{Lamp, Tone};
use crate::state::message::Message;
use crate::state::record::RecordScreen;
use crate::state::register::attendance::has_sign_in;
use crate::state::register::form::{Typed, step_entries};
use crate::state::register::parts::Part;
use crate::state::register::{Screen, Step};
use crate::state::share::ShareFacts;
use crate::state::task::due_lamp;
use crate::state::time::Now;
use crate::state::words::{t, tr};
use crate::ui::components::conflicts::Conflicts;
use crate::ui::components::delivery::Delivery;
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::photo_grid::PhotoGrid;
use crate::ui::components::problem::Problem;
use crate::ui::components::story::Story;

/// The record.
#[component]
pub fn RegisterBody(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
    /// What every record page shows.
    screen: Memo<Option<RecordScreen>>,
    /// What a page has to say of it besides, before its fields.
    #[prop(into)]
    first: ViewFn,
) -> impl IntoView {
    let own = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        let (city, people, now) = (app.city(), app.state.people.get(), app.state.now.get());
        let who = (viewer.account, viewer.role.as_str());
        app.state.duties.with(|rows| view.with(|view| Screen::of(view.as_ref()?, &city, rows, &people, who, now)))
    });
    let common = move |of: fn(&RecordScreen) -> AnyView| move || screen.with(|screen| screen.as_ref().map(of));
    let photos = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|s| (s.record, s.photos.clone()))));
    let told = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(ShareFacts::of)));
    let grid = move || {
        let (record, photos) = photos.get()?;
        (!photos.is_empty()).then(|| view! { <PhotoGrid app record photos facts=told/> })
    };
    let conflicts = Memo::new(move |_| screen.with(|s| s.as_ref().map(|s| (s.record, s.conflicts.clone()))));
    let keeps = Memo::new(move |_| own.with(|own| own.as_ref().is_some_and(|own| own.is_keeper)));
    let disputed = move || {
        let (record, conflicts) = conflicts.get()?;
        let may_choose = keeps.get();
        let choose = Callback::new(move |entry: Entry| {
            app.run(async move {
                if let Err(message) = edit_record(app, record, vec![entry]).await {
                    app.state.say(message.title);
                }
            });
        });
        Some(view! { <Conflicts conflicts on_choose=choose may_choose/> })
    };
    // Drawn once for each way to go on, so that nobody's words are drawn anew while they are typed.
    let steps = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| (own.record, own.steps.clone()))));
    let doing = move || {
        let (record, steps) = steps.get()?;
        let kind = view.with_untracked(|view| view.as_ref().map(|view| view.row.kind))?;
        (!steps.is_empty()).then(|| view! { <Doing app kind record steps/> })
    };
    let signs_in = Memo::new(move |_| {
        view.with(|view| view.as_ref().and_then(|view| app.city().kind(view.row.kind).map(has_sign_in))) == Some(true)
    });
    let rest = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| Screen { steps: Vec::new(), ..own.clone() })));
    let delivery = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(|s| (s.record, s.delivery.clone()))));
    view! {
        {move || rest.get().map(|own| head(own, now()))}
        {disputed}
        {move || signs_in.get().then(|| view! { <SignIn app view/> })}
        {doing}
        {grid}
        {first.run()}
        {move || rest.get().map(|own| known(app, own))}
        <Documents app view/>
        <section class="card"><h2>{t("record.history")}</h2>{common(|screen| view! { <Story steps=screen.story.clone()/> }.into_any())}</section>
        <section class="card">
            <h2>{t("record.delivery")}</h2>
            {move || delivery.get().map(|(record, items)| view! { <Delivery app record items/> })}
        </section>
    }
}

fn head(own: Screen, now: crate::state::time::Now) -> impl IntoView {
    let lamp = |words| Lamp { tone: Tone::Plain, icon: "inbox", words };
    let state = own.state.map(|words| view! { <LampChip lamp=lamp(words)/> });
    let due = due_lamp(None, own.due_millis, now).map(|lamp| view! { <LampChip lamp/> });
    view! {
        <h2 class="detail-title">{own.title}</h2>
        <div class="chips"><a class="chip" href=format!("/registers/{}", own.kind)><Icon name="list-details"/><span>{own.label}</span></a>{state}{due}</div>
    }
}

fn known(app: App, own: Screen) -> impl IntoView {
    let record = own.record;
    let link = |(record, kind, title, state): (RecordId, String, String, String)| {
        view! {
            <li><a class="card-link" href=format!("/records/{record}")>
                <span class="grow"><b>{title}</b><span class="register-fact">{kind}" · "{state}</span></span><Icon name="chevron-right"/>
            </a></li>
        }
    };
    let links = (!own.links.is_empty()).then(|| {
        view! { <section class="card"><h2>{t("register.links")}</h2><ul class="card-list">{own.links.into_iter().map(link).collect_view()}</ul></section> }
    });
    let open = own.parts.iter().filter(|part| part.is_missing()).count();
    let hidden = own.parts.iter().filter(|part| !part.is_known).count();
    let shared = (!own.parts.is_empty()).then(|| {
        let words = match (open, hidden) {
            (0, 0) => t("register.parts_done").to_owned(),
            (0, n) => tr("register.parts_hidden", &[("n", &n.to_string())]),
            (n, _) => tr("register.parts_open", &[("n", &n.to_string())]),
        };
        let now = app.state.now.get_untracked();
        let lines = own.parts.iter().map(|part| part_line(record, part, own.is_keeper, now)).collect_view();
        view! {
            <section class="card stack"><h2>{t("register.parts")}</h2><p class="muted">{words}</p><ul class="card-list">{lines}</ul></section>
        }
    });
    let without = (!own.without.is_empty()).then(|| {
        let names = own.without.join(t("list.comma"));
        view! { <section class="card card--warn stack"><h2>{t("register.without")}</h2><p>{names}</p></section> }
    });
    let moved = (!own.deadlines.is_empty()).then(|| {
        view! { <section class="card"><h2>{t("deadline.title")}</h2><Facts facts=own.deadlines/></section> }
    });
    let photo = own.takes_photos.then(|| {
        let picked = move |event| {
            attach_picked(app, record, &event, move |result| match result {
                Ok(()) => app.state.say(t("edit.photo_added")),
                Err(message) => app.state.say(message.title),
            });
        };
        view! {
            <label class="btn file">
                <Icon name="camera"/>{t("register.photo")}
                <input type="file" accept="image/*" aria-label=t("register.photo") on:change=picked/>
            </label>
        }
    });
    let keeping = own.is_keeper.then(|| {
        view! {
            <a class="btn" href=format!("/registers/{}/{record}/edit", own.kind)><Icon name="edit"/>{t("register.edit")}</a>
            <a class="btn" href=format!("/desk/tasks/new?record={record}")><Icon name="flag"/>{t("register.give_task")}</a>
        }
    });
    let ways =
        (keeping.is_some() || photo.is_some()).then(|| view! { <div class="row row--wrap">{keeping}{photo}</div> });
    view! {
        <section class="card"><Facts facts=own.facts/></section>
        {moved}
        {shared}
        {without}
        {links}
        {ways}
    }
}

/// The part of one unit: its task, or the way to give it one.
fn part_line(record: RecordId, part: &Part, is_keeper: bool, now: Now) -> AnyView {
    let name = part.name.clone();
    if !part.is_known {
        return view! { <li class="part-line"><span class="grow"><b>{name}</b><span class="register-fact">{t("register.part_hidden")}</span></span></li> }
            .into_any();
    }
    let Some(task) = &part.task else {
        let give = is_keeper.then(|| {
            let label = tr("register.part_give_label", &[("unit", &name)]);
            let href = format!("/desk/tasks/new?record={record}&unit={}", part.unit);
            view! { <a class="btn btn--s" href=href aria-label=label><Icon name="flag" size="icon--s"/>{t("register.part_give")}</a> }
        });
        return view! { <li class="part-line"><span class="grow"><b>{name}</b><span class="register-fact">{t("register.part_none")}</span></span>{give}</li> }
            .into_any();
    };
    let due = task.due_millis.map(|due| tr("register.part_due", &[("day", &now.day(due))])).unwrap_or_default();
    let (class, icon) = if task.is_open { ("chip chip--warn", "clock") } else { ("chip", "check") };
    view! {
        <li><a class="card-link" href=format!("/records/{}", task.record)>
            <span class="grow"><b>{name}</b><span class="register-fact">{due}</span></span>
            <span class=class><Icon name=icon/><span>{task.state.clone()}</span></span>
        </a></li>
    }
    .into_any()
}

/// The steps that may be taken. One that needs something shows its fields first.
#[component]
fn Doing(
    /// The app.
    app: App,
    /// The kind of the record.
    kind: u32,
    /// The record.
    record: RecordId,
    /// What may be done.
    steps: Vec<Step>,
) -> impl IntoView {
    let chosen: RwSignal<Option<Step>> = RwSignal::new(None);
    let typed = RwSignal::new(Typed::new());
    let faults: Faults = RwSignal::new(Vec::new());
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    Effect::new(move |_| app.state.form_open.set(typed.with(|typed| !typed.is_empty())));
    on_cleanup(move || app.state.form_open.set(false));
    let take = move |step: Step| {
        if is_busy.get_untracked() {
            return;
        }
        match step_entries(&app.city(), (step.to.as_str(), step.needs.as_slice()), &typed.get_untracked(), now()) {
            Err(wrong) => faults.set(wrong),
            Ok(entries) => {
                is_busy.set(true);
                app.run(async move {
                    if let Err(message) = take_step(app, kind, record, entries).await {
                        problem.try_set(Some(message));
                    }
                    is_busy.try_set(false);
                });
            }
        }
    };
    let is_waiting = steps.iter().any(|step| step.is_for_another);
    let mine = steps.into_iter().filter(|step| !step.is_for_another);
    let buttons = mine.enumerate().map(move |(index, step)| {
        let class = if index == 0 { "btn btn--primary btn--wide" } else { "btn btn--wide" };
        let label = step.label.clone();
        let own = step.to.clone();
        let expanded = move || chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.to == own)).to_string();
        let needs = !step.needs.is_empty();
        let click = move |_| {
            if step.needs.is_empty() {
                take(step.clone());
            } else {
                faults.set(Vec::new());
                chosen.set(Some(step.clone()));
            }
        };
        view! { <button class=class aria-expanded=move || needs.then(&expanded) disabled=move || is_busy.get() on:click=click>{label}</button> }
    });
    let buttons = buttons.collect_view();
    let form = move || {
        let step = chosen.get()?;
        let fields = step.needs.iter().map(|def| field(app, def.clone(), typed, faults)).collect_view();
        let label = step.label.clone();
        Some(view! {
            <div class="stack">
                {fields}
                <button class="btn btn--primary btn--wide" disabled=move || is_busy.get() on:click=move |_| take(step.clone())><Icon name="check"/>{tr("register.step_do", &[("step", &label)])}</button>
            </div>
        })
    };
    view! {
        <section class="card stack" aria-label=t("register.do")>
            <h2>{t("register.do")}</h2>
            {is_waiting.then(|| view! { <p class="muted row"><Icon name="users"/>{t("register.other_hand")}</p> })}
            {buttons}
            {form}
            {move || problem.get().map(|message| view! { <Problem message/> })}
        </section>
    }
}
