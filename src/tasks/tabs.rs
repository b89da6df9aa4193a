//! The tabs of this app tell each other what happened: `wake`, `identity`, `couriers`, `lock`, `pin`, `person`,
//! `changed` with the records or without.

use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use crate::actions::carry_package::refresh_couriers;
use crate::actions::lock_phone::{lock_too, look_for_pin, open_too};
use crate::actions::{apply_update, change_settings, load_first, load_records};
use crate::context::App;

pub(super) fn start(app: App) {
    app.hear_tabs(move |words| {
        let mut words = words.split(' ');
        match words.next() {
            Some("wake") => {
                app.push_bell().ring();
                app.pull_bell().ring();
            }
            Some("identity") => app.run(async move {
                // What does not read now is read at the next start.
                let _ = app.engine().reload().await;
                let was_known = app.state.identity.with_untracked(Option::is_some);
                app.state.identity.set(app.engine().identity());
                if was_known && app.engine().identity().is_none() {
                    // This phone was wiped: nothing of it stays in the memory of this tab either.
                    apply_update::reload();
                }
                change_settings::show(&app.state);
                // This tab may be the one that syncs; the wake that came with the news found it still nobody's.
                app.push_bell().ring();
                app.pull_bell().ring();
                load_first::load_first(app).await;
            }),
            Some("lock") => lock_too(app),
            Some("person") => open_too(app),
            Some("pin") => app.run(look_for_pin(app)),
            Some("couriers") => app.run(refresh_couriers(app)),
            Some("changed") => {
                let changed = words.filter_map(|hex| RecordId::from_hex(hex).ok()).collect();
                app.run(load_records::refresh(app, changed));
            }
            _ => {}
        }
    });
}
