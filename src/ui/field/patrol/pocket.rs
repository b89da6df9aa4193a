//! Pocket mode: the screen stays on, black and dead to touches, so that the track goes on in a pocket.

use leptos::prelude::*;

use crate::actions::signal_patrol::signal_patrol;
use crate::actions::stay_awake::{Awake, stay_awake};
use crate::context::use_app;
use crate::state::patrol::pulse::pulse;
use crate::state::patrol::screen::LiveView;
use crate::state::words::t;
use crate::ui::components::hold_button::HoldButton;
use crate::ui::components::icon::Icon;

/// The black screen.
#[component]
pub fn Pocket(
    /// What is recorded.
    live: Memo<Option<LiveView>>,
    /// Whether it shows.
    is_pocket: RwSignal<bool>,
) -> impl IntoView {
    let app = use_app();
    let awake = RwSignal::new_local(Awake::Asking);
    let _watch = StoredValue::new_local(stay_awake(app, awake));
    let figures = move || {
        live.get().map(|live| {
            let class = if live.is_lost { "pocket-lamp pocket-lamp--lost" } else { "pocket-lamp" };
            view! {
                <p class="pocket-time">{app.state.now.get().clock(app.state.now.get().millis)}</p>
                <p class=class role="status"><Icon name=live.lamp.icon/>{live.lamp.words}</p>
                <p>{live.way}" · "{live.lasting}</p>
            }
        })
    };
    let felt = StoredValue::new(app.now_millis());
    // The recording renews the time every few seconds, whatever page is open.
    Effect::new(move |_| {
        let now = app.state.now.get().millis;
        let every = app.state.settings.with_untracked(|settings| settings.pulse_minutes());
        let due = app.state.patrol.with_untracked(|walk| {
            let walk = walk.as_ref()?;
            pulse(walk, every, felt.get_value(), now)
        });
        if let Some(due) = due {
            felt.set_value(now);
            signal_patrol(app, due);
        }
    });
    let can_not = move || awake.with(|awake| matches!(awake, Awake::Refused));
    view! {
        <div class="pocket" role="dialog" aria-modal="true" aria-label=t("patrol.pocket")>
            {figures}
            <p class="pocket-text">{move || if can_not() { t("patrol.pocket_no_lock") } else { t("patrol.pocket_text") }}</p>
            <HoldButton label=t("patrol.pocket_unlock") hint="" icon="lock" class="btn pocket-unlock" on_held=Callback::new(move |()| is_pocket.set(false))/>
        </div>
    }
}
