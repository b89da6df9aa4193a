//! The form of a record: a new one, or what changes of one that is there.

use greenshield_domain::city::Kind;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::field::{Faults, field};
use super::{kind_of_address, role};
use crate::actions::keep_register::{keep_typed, save_form, typed_before};
use crate::actions::open_record::open_record;
use crate::context::{App, now, use_app};
use crate::state::message::Message;
use crate::state::register::form::{Typed, asked, entries, typed_of};
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// What the form begins with.
#[derive(Clone)]
struct Begun {
    kind: Kind,
    record: Option<RecordId>,
    /// What the record says now; `None` for a new one.
    before: Option<Typed>,
    typed: Typed,
}

/// The page.
#[component]
pub fn RegisterFormPage() -> impl IntoView {
    let app = use_app();
    let kind = kind_of_address(app);
    let params = use_params_map();
    let record = Memo::new(move |_| params.with(|params| RecordId::from_hex(&params.get("record")?).ok()));
    let begun: RwSignal<Option<Begun>> = RwSignal::new(None);
    let problem = RwSignal::new(None::<Message>);
    Effect::new(move |_| {
        let (Some(kind), record) = (kind.get(), record.get()) else { return };
        app.run(async move {
            match begin(app, kind, record).await {
                Ok(found) => drop(begun.try_set(found)),
                Err(message) => drop(problem.try_set(Some(message))),
            }
        });
    });
    let title = Signal::derive(move || {
        let label = kind.with(|kind| kind.as_ref().map_or("", |kind| words::of(&kind.label)).to_owned());
        if record.get().is_some() { label } else { tr("register.new", &[("kind", &label)]) }
    });
    let back = params.with_untracked(|params| match (params.get("record"), params.get("kind")) {
        (Some(record), _) => format!("/records/{record}"),
        (None, kind) => format!("/registers/{}", kind.unwrap_or_default()),
    });
    view! {
        <Shell title=title back=back>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {move || begun.get().map(|begun| view! { <Form app begun/> })}
        </Shell>
    }
}

async fn begin(app: App, kind: Kind, record: Option<RecordId>) -> Result<Option<Begun>, Message> {
    let before = match record {
        Some(record) => match open_record(app, record).await? {
            Some(view) => Some(typed_of(&kind, &view.merged, now())),
            None => return Err(Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") }),
        },
        None => None,
    };
    let kept = typed_before(app, &kind, record).await;
    let typed = kept.or_else(|| before.clone()).unwrap_or_default();
    Ok(Some(Begun { kind, record, before, typed }))
}

/// The fields and the one button.
#[component]
fn Form(
    /// The app.
    app: App,
    /// What it begins with.
    begun: Begun,
) -> impl IntoView {
    let Begun { kind, record, before, typed } = begun;
    let first = typed.clone();
    let typed = RwSignal::new(typed);
    let faults: Faults = RwSignal::new(Vec::new());
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    let fields = asked(&kind, record.is_none()).map(|def| field(app, def.clone(), typed, faults)).collect_view();
    let kind = StoredValue::new(kind);
    let is_changed = Memo::new(move |_| typed.with(|typed| *typed != first));
    Effect::new(move |_| app.state.form_open.set(is_changed.get()));
    on_cleanup(move || app.state.form_open.set(false));
    let keep = move || {
        let (kind, typed) = (kind.get_value(), typed.get_untracked());
        app.run(async move { keep_typed(app, &kind, record, &typed).await });
    };
    let navigate = StoredValue::new_local(use_navigate());
    let save = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        let kind = kind.get_value();
        let said = entries(&app.city(), &kind, &typed.get_untracked(), before.as_ref(), &role(app), now());
        let said = match said {
            Ok(said) => said,
            Err(wrong) => {
                faults.set(wrong);
                return;
            }
        };
        is_busy.set(true);
        app.run(async move {
            match save_form(app, &kind, record, said).await {
                Ok(saved) => {
                    let go = navigate.try_with_value(Clone::clone);
                    if let (Some(saved), Some(go)) = (saved, go) {
                        go(&format!("/records/{saved}"), Default::default());
                    }
                }
                Err(message) => drop((is_busy.try_set(false), problem.try_set(Some(message)))),
            }
        });
    };
    let told = move || {
        let n = faults.with(Vec::len);
        (n > 0).then(|| {
            view! { <p class="card card--warn" role="alert"><Icon name="alert-triangle"/>{tr("register.faults", &[("n", &n.to_string())])}</p> }
        })
    };
    view! {
        <div class="stack register-form" on:change=move |_| keep()>
            {fields}
            {told}
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <button class="btn btn--primary btn--wide" aria-busy=move || is_busy.get().then_some("true") on:click=save><Icon name="check"/>{t("register.save")}</button>
        </div>
    }
}
