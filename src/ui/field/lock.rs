//! The PIN of this phone: setting one, another one, none; and after how much rest the phone locks itself.

use leptos::prelude::*;

use crate::actions::change_settings::change_settings;
use crate::actions::lock_phone::{can_lock, check_pin, lock, remove_pin, set_pin};
use crate::context::{App, use_app};
use crate::state::lock::{AFTER_MINUTES, Pad, is_simple};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::pin_pad::PinPad;
use crate::ui::components::shell::Shell;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Nothing: what can be done.
    Choose,
    /// The PIN that holds, before it is changed or taken away.
    Old { removes: bool },
    /// A new one.
    New,
    /// The new one again.
    Again(String),
}

/// The page.
#[component]
pub fn LockPage() -> impl IntoView {
    let app = use_app();
    let step = RwSignal::new(Step::Choose);
    let page = move || match step.get() {
        Step::Choose => choices(app, step).into_any(),
        asked => ask(app, step, asked).into_any(),
    };
    view! { <Shell title=t("lock.page") back="/me">{page}</Shell> }
}

fn choices(app: App, step: RwSignal<Step>) -> impl IntoView {
    let has_pin = app.state.has_pin;
    let after = move |minutes: u8| {
        let words =
            if minutes == 0 { t("lock.never").to_owned() } else { tr("lock.minutes", &[("n", &minutes.to_string())]) };
        view! {
            <label>
                <input class="visually-hidden" type="radio" name="lock_after" prop:checked=move || app.state.settings.get().lock_minutes() == minutes
                    on:change=move |_| change_settings(app, |settings| settings.lock_after = Some(minutes))/>
                <span class="segment">{words}</span>
            </label>
        }
    };
    let set = move || {
        view! {
            <section class="card stack">
                <p class="lead">{t("lock.what")}</p>
                <p class="muted">{t("lock.what_not")}</p>
                <button class="btn btn--primary btn--wide" on:click=move |_| step.set(Step::New)><Icon name="lock"/>{t("lock.set")}</button>
            </section>
        }
    };
    let has = move || {
        view! {
            <button class="btn btn--primary btn--wide" on:click=move |_| app.run(lock(app))><Icon name="lock"/>{t("lock.now")}</button>
            <section class="card settings">
                <div class="setting">
                    <span class="setting-label">{t("lock.after")}</span>
                    <div class="segments segments--4" role="radiogroup" aria-label=t("lock.after")>{AFTER_MINUTES.map(after)}</div>
                    <span class="muted">{t("lock.after_hint")}</span>
                </div>
            </section>
            <section class="card stack">
                <button class="btn btn--quiet btn--wide" on:click=move |_| step.set(Step::Old { removes: false })><Icon name="edit"/>{t("lock.change")}</button>
                <button class="btn btn--quiet btn--wide" on:click=move |_| step.set(Step::Old { removes: true })><Icon name="x"/>{t("lock.remove")}</button>
            </section>
        }
    };
    move || {
        if !can_lock(app) {
            view! { <p class="row"><Icon name="alert-triangle"/><span>{t("me.unsealed")}</span></p> }.into_any()
        } else if has_pin.get() {
            has().into_any()
        } else {
            set().into_any()
        }
    }
}

fn ask(app: App, step: RwSignal<Step>, asked: Step) -> impl IntoView {
    let pad = RwSignal::new(Pad::default());
    let is_busy = RwSignal::new(false);
    let problem: RwSignal<Option<String>> = RwSignal::new(None);
    let (title, done) = match asked {
        Step::Again(_) => (t("lock.again"), t("lock.set")),
        Step::Old { .. } => (t("lock.old"), t("lock.next")),
        _ => (t("lock.new"), t("lock.next")),
    };
    let said = move || match (is_busy.get(), problem.get()) {
        (true, _) => (false, t("lock.checking").to_owned()),
        (false, Some(problem)) => (true, problem),
        (false, None) => (false, title.to_owned()),
    };
    let ready = Callback::new(move |()| {
        let Some(pin) = pad.try_update(Pad::take) else { return };
        let asked = asked.clone();
        is_busy.set(true);
        app.run(async move {
            let next = next(app, asked, pin).await;
            // The person may have left the page.
            let _ = is_busy.try_set(false);
            match next {
                Ok(next) => drop(step.try_set(next)),
                Err(words) => drop(problem.try_set(Some(words))),
            }
        });
    });
    view! {
        <p class=move || if said().0 { "lock-said lock-said--bad" } else { "lock-said" } role="status">{move || said().1}</p>
        <PinPad pad is_off=is_busy done on_ready=ready/>
        <p class="muted center">{t("lock.rule")}</p>
        <button class="btn btn--quiet btn--wide" on:click=move |_| step.set(Step::Choose)>{t("action.cancel")}</button>
    }
}

/// What follows what was typed.
async fn next(app: App, asked: Step, pin: String) -> Result<Step, String> {
    match asked {
        Step::Choose => Ok(Step::Choose),
        Step::Old { removes } => {
            check_pin(app, pin).await?;
            if removes {
                remove_pin(app).await?;
            }
            Ok(if removes { Step::Choose } else { Step::New })
        }
        Step::New if is_simple(&pin) => Err(t("lock.simple").to_owned()),
        Step::New => Ok(Step::Again(pin)),
        Step::Again(first) if first != pin => Err(t("lock.differs").to_owned()),
        Step::Again(_) => {
            set_pin(app, pin).await?;
            Ok(Step::Choose)
        }
    }
}
