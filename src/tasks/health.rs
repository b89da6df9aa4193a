//! At each contact of the push loop the server may be told how this phone is; one report at a time, beside everything else.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::actions::tell_health::{Told, tell_health};
use crate::context::App;

/// Remembers what was told last.
#[derive(Clone, Default)]
pub(super) struct Teller {
    told: Rc<RefCell<Option<Told>>>,
    is_busy: Rc<Cell<bool>>,
}

impl Teller {
    /// There was a contact.
    pub(super) fn note_contact(&self, app: App) {
        if self.is_busy.replace(true) {
            return;
        }
        let teller = self.clone();
        app.run(async move {
            let last = teller.told.borrow().clone();
            if let Some(told) = tell_health(app, last).await {
                teller.told.replace(Some(told));
            }
            teller.is_busy.set(false);
        });
    }
}
