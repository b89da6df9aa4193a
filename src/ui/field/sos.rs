//! Calling for help: hold, five seconds to put it away, saved on this phone, and then what is true about it.

use std::time::Duration;

use greenshield_domain::incident::{Incident, Place};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::sos_numbers::Numbers;
use crate::actions::call_help::{Fix, call_help, forward_millis, say_safe, watch_fix};
use crate::actions::open_record::open_record;
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::record::place_words;
use crate::state::sos::{CallView, Input, Stage};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// How often the hold and the countdown move on.
const TICK: Duration = Duration::from_millis(100);

/// The page.
#[component]
pub fn SosPage() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let place: RwSignal<Option<Place>> = RwSignal::new(None);
    let fix = RwSignal::new(Fix::Searching);
    let watch = StoredValue::new_local(Some(watch_fix(move |found| {
        let _closed = fix.try_set(found);
        if let Fix::Found(found) = found {
            let _closed = place.try_set(Some(found));
        }
    })));
    on_cleanup(move || watch.set_value(None));
    let call = Memo::new(move |_| state.sos.with(|row| row.as_ref().map(|row| CallView::of(row, state.now.get()))));
    let is_running = Memo::new(move |_| call.with(|call| call.as_ref().is_some_and(|call| call.is_running)));
    view! {
        <Shell title=t("sos.title") back="/" is_sos=true>
            {move || if is_running.get() {
                view! { <Running app call/> }.into_any()
            } else {
                view! { <Ask app place/><Last call/> }.into_any()
            }}
            {move || (!is_running.get()).then(|| view! {
                <p class="muted" role="status">{move || fix_words(fix.get(), place.get())}</p>
            })}
            <Numbers app place/>
        </Shell>
    }
}

fn fix_words(fix: Fix, place: Option<Place>) -> String {
    match (place, fix) {
        (Some(place), _) => {
            let metres = (place.accuracy_cm / 100).max(1).to_string();
            tr("sos.place", &[("place", &place_words(&place)), ("m", &metres)])
        }
        (None, Fix::Denied) => t("sos.place_denied").to_owned(),
        (None, Fix::Unavailable) => t("sos.place_unavailable").to_owned(),
        (None, _) => t("sos.place_searching").to_owned(),
    }
}

/// The button that is held, and the seconds after it.
#[component]
fn Ask(
    /// The app.
    app: App,
    /// The best position so far.
    place: RwSignal<Option<Place>>,
) -> impl IntoView {
    let (stage, now) = (RwSignal::new(Stage::Ready), RwSignal::new(forward_millis(app)));
    let problem: RwSignal<Option<Message>> = RwSignal::new(None);
    let step = move |input: Input| {
        let millis = forward_millis(app);
        // A button that is taken away loses the focus when its page may be gone already.
        let Some(before) = stage.try_get_untracked() else { return };
        let after = before.next(input, millis);
        now.set(millis);
        stage.set(after);
        if after == Stage::Sending && before != after {
            app.run(async move {
                let outcome = call_help(app, place.try_get_untracked().flatten()).await;
                if let Err(message) = outcome {
                    let _closed = problem.try_set(Some(message));
                    let _closed = stage.try_set(Stage::Sending.next(Input::Failed, millis));
                }
            });
        }
    };
    let ticking = set_interval_with_handle(
        move || {
            if !matches!(stage.get_untracked(), Stage::Ready | Stage::Sending) {
                step(Input::Tick);
            }
        },
        TICK,
    );
    on_cleanup(move || ticking.into_iter().for_each(|ticking| ticking.clear()));
    // Made here, so that it outlives the button: taking that away tells it that the focus is lost.
    let held = Callback::new(step);
    let escaped = window_event_listener(leptos::ev::keydown, move |key| {
        if key.key() == "Escape" {
            step(Input::Cancel);
        }
    });
    on_cleanup(move || escaped.remove());
    let is_counting = Memo::new(move |_| matches!(stage.get(), Stage::Counting { .. }));
    let percent = move || stage.get().percent(now.get()).to_string();
    let words = Memo::new(move |_| stage.get().words(now.get()));
    view! {
        <section class="sos-ask">
            <p class="sos-words" role="status" aria-live="assertive">{words}</p>
            {move || if is_counting.get() {
                view! {
                    <button class="btn btn--wide sos-cancel" on:click=move |_| step(Input::Cancel)>
                        <Icon name="x"/>{t("sos.cancel")}
                    </button>
                }.into_any()
            } else {
                view! { <HoldButton step=held/> }.into_any()
            }}
            <progress class="bar sos-bar" max="100" value=percent aria-label=t("sos.progress")></progress>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            <p class="muted">{t("sos.what_happens")}</p>
        </section>
    }
}

/// The button. A finger, Space or Enter holds it; a tool that can only press starts the countdown at once.
#[component]
fn HoldButton(
    /// Takes what is done with it.
    step: Callback<Input>,
) -> impl IntoView {
    let tell = move |input| {
        let _gone = step.try_run(input);
    };
    let is_key = |key: &KeyboardEvent| matches!(key.key().as_str(), " " | "Enter");
    let down = move |key: KeyboardEvent| {
        if is_key(&key) {
            key.prevent_default();
            if !key.repeat() {
                tell(Input::Press);
            }
        }
    };
    let up = move |key: KeyboardEvent| {
        if is_key(&key) {
            key.prevent_default();
            tell(Input::Release);
        }
    };
    view! {
        <button class="sos-button"
            on:pointerdown=move |_| tell(Input::Press)
            on:pointerup=move |_| tell(Input::Release)
            on:pointerleave=move |_| tell(Input::Release)
            on:pointercancel=move |_| tell(Input::Release)
            on:contextmenu=move |menu| menu.prevent_default()
            on:keydown=down on:keyup=up
            on:blur=move |_| tell(Input::Release)
            on:click=move |click| if click.detail() == 0 { tell(Input::Activate) }>
            <Icon name="lifebuoy" size="icon--xl"/>
            <span>{t("sos.hold")}</span>
        </button>
    }
}

/// How the running call stands, the answer, and "I am safe".
#[component]
fn Running(
    /// The app.
    app: App,
    /// How it stands.
    call: Memo<Option<CallView>>,
) -> impl IntoView {
    let shown = RwSignal::new((None::<String>, None::<Place>));
    Effect::new(move |_| {
        let Some(record) = app.state.sos.with(|row| row.as_ref().map(|row| row.record)) else { return };
        app.run(async move {
            // What does not read now shows nothing; the state above is from the list.
            if let Ok(Some(view)) = open_record(app, record).await {
                let incident = Incident(&view.merged);
                let answer = incident.text(greenshield_domain::incident::field::ANSWER).map(str::to_owned);
                let _closed = shown.try_set((answer, incident.place()));
            }
        });
    });
    let problem: RwSignal<Option<Message>> = RwSignal::new(None);
    let safe = move |_| {
        app.run(async move {
            let _closed = problem.try_set(say_safe(app).await.err());
        });
    };
    let again = move |_| {
        app.run(async move {
            let _closed = problem.try_set(call_help(app, None).await.err());
        });
    };
    let is_safe = Memo::new(move |_| call.with(|call| call.as_ref().is_some_and(|call| call.is_safe)));
    view! {
        {move || call.get().map(|call| view! { <Card call/> })}
        {move || shown.get().0.map(|words| view! {
            <section class="card card--saved stack">
                <h2 class="row"><Icon name="message"/>{t("record.answer")}</h2><p>{words}</p>
            </section>
        })}
        {move || problem.get().map(|message| view! { <Problem message/> })}
        {move || if is_safe.get() {
            view! { <button class="btn btn--wide btn--danger" on:click=again><Icon name="lifebuoy"/>{t("sos.again")}</button> }.into_any()
        } else {
            view! { <button class="btn btn--wide" on:click=safe><Icon name="shield-check"/>{t("sos.safe")}</button> }.into_any()
        }}
        {move || shown.get().1.map(|place| {
            let metres = (place.accuracy_cm / 100).max(1).to_string();
            view! { <p class="muted">{tr("sos.place_told", &[("place", &place_words(&place)), ("m", &metres)])}</p> }
        })}
    }
}

/// What is true about a call.
#[component]
fn Card(
    /// How it stands.
    call: CallView,
) -> impl IntoView {
    use crate::state::lamp::Tone;
    let class = match call.tone {
        Tone::Alarm => "card card--alarm stack",
        Tone::Warn => "card card--warn stack",
        Tone::Saved => "card card--saved stack",
        _ => "card card--pine stack",
    };
    view! {
        <section class=class role="status" aria-live="assertive">
            <h2 class="row sos-state"><Icon name=call.icon size="icon--l"/>{call.title}</h2>
            <p>{call.text}</p>
        </section>
    }
}

/// The last call, when it is over.
#[component]
fn Last(
    /// How it stands.
    call: Memo<Option<CallView>>,
) -> impl IntoView {
    move || call.get().map(|call| view! { <Card call/> })
}
