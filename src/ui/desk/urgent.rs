//! What of the highest urgency arrived: seen until somebody looked, and heard where somebody switched the sound on.

use leptos::ev;
use leptos::prelude::*;

use super::signals::Desk;
use crate::actions::change_settings::change_settings;
use crate::actions::signal_desk::{signal_desk, wake_speaker};
use crate::state::inbox::news::Urgent;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The card above the inbox.
#[component]
pub fn UrgentCard(
    /// The desk.
    desk: Desk,
    /// The newest arrival.
    #[prop(into)]
    urgent: Signal<Option<Urgent>>,
) -> impl IntoView {
    let state = desk.app.state;
    let seen: RwSignal<Option<Urgent>> = RwSignal::new(None);
    Effect::new(move |before: Option<Option<Urgent>>| {
        let now = urgent.get();
        if now.is_some()
            && before.is_some_and(|before| before != now)
            && state.settings.with_untracked(|s| s.desk_sound)
        {
            signal_desk(desk.app);
        }
        now
    });
    // Whoever opened it has seen it.
    let shown =
        move || urgent.get().filter(|now| seen.get().as_ref() != Some(now) && desk.chosen.get() != Some(now.record));
    let put_away = move |_| seen.set(urgent.get_untracked());
    move || {
        shown().map(|urgent| view! {
            <section class="card card--alarm desk-urgent" role="alert">
                <a class="card-link" href=format!("/desk?record={}", urgent.record) on:click=put_away>
                    <Icon name="flame"/><b class="grow">{tr("desk.urgent_new", &[("what", &urgent.title)])}</b><Icon name="chevron-right"/>
                </a>
                <button class="btn btn--s" on:click=put_away>{t("desk.urgent_seen")}</button>
            </section>
        })
    }
}

/// The switch of the sound. Browsers are silent until somebody clicked or pressed a key on the page.
#[component]
pub fn SoundSwitch(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let is_on = Memo::new(move |_| state.settings.with(|settings| settings.desk_sound));
    let wake = move || {
        if is_on.try_get_untracked() == Some(true) {
            wake_speaker(desk.app);
        }
    };
    let clicked = window_event_listener(ev::click, move |_| wake());
    let pressed = window_event_listener(ev::keydown, move |_| wake());
    on_cleanup(move || {
        clicked.remove();
        pressed.remove();
    });
    let toggle = move |_| {
        let to = !is_on.get_untracked();
        change_settings(desk.app, |settings| settings.desk_sound = to);
        if to {
            signal_desk(desk.app);
        }
    };
    view! {
        <button class="btn btn--s btn--quiet" aria-pressed=move || is_on.get().to_string() on:click=toggle>
            <Icon name="volume" size="icon--s"/>{move || if is_on.get() { t("desk.sound_on") } else { t("desk.sound_off") }}
        </button>
    }
}
