//! While a call for help runs, the position is watched, on whatever page the person is.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::actions::call_help::{Fix, FixWatch, tell_place, watch_fix};
use crate::actions::find_call::is_running;
use crate::context::App;
use crate::platform::timer;

/// How often the newest position is looked at.
const LOOK_MILLIS: u32 = 5_000;

pub(super) fn start(app: App) {
    app.run(async move {
        let newest = Rc::new(RefCell::new(None));
        let mut watch: Option<FixWatch> = None;
        loop {
            if app.state.sos.with_untracked(|row| row.as_ref().is_some_and(is_running)) {
                if watch.is_none() {
                    let newest = Rc::clone(&newest);
                    watch = Some(watch_fix(move |fix| {
                        if let Fix::Found(place) = fix {
                            *newest.borrow_mut() = Some(place);
                        }
                    }));
                }
                let place = newest.borrow_mut().take();
                if let Some(place) = place {
                    tell_place(app, place).await;
                }
            } else {
                watch = None;
            }
            timer::sleep(LOOK_MILLIS).await;
        }
    });
}
