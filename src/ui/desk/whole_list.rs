//! Pages whose lines may lie anywhere in the list read all of it.

use leptos::prelude::*;

use crate::actions::load_records::load_rest;
use crate::context::App;

/// Reads the rest of the list while the caller's page is there.
pub fn read_all(app: App) {
    let is_reading = StoredValue::new(false);
    Effect::new(move |_| {
        let is_whole = app.state.records.with(|list| list.next.is_none());
        if is_whole || is_reading.get_value() {
            return;
        }
        is_reading.set_value(true);
        app.run(async move {
            load_rest(app, || is_reading.try_get_value().is_some()).await;
            let _left = is_reading.try_set_value(false);
        });
    });
}
