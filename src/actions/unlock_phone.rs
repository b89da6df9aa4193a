//! Opening a locked phone by its PIN.

use leptos::prelude::*;

use crate::context::{Locked, now};
use crate::state::message::Message;
use crate::state::words::t;

/// Reads how long the next try has to wait, and what waits unsent.
pub async fn look(locked: Locked) {
    let wait = locked.phone().tries().await.unwrap_or_default().wait_millis(now().millis);
    locked.view.wait_until.set(now().millis + wait);
}

/// Tries what was typed.
pub async fn unlock(locked: Locked) {
    let view = locked.view;
    let Some(pin) = view.pad.try_update(|pad| pad.take()) else { return };
    view.is_busy.set(true);
    view.problem.set(None);
    let tried = locked.phone().unlock(&pin, now().millis).await;
    match tried {
        Ok(Some(ports)) => locked.open(ports),
        Ok(None) => {
            look(locked).await;
            view.problem.set(Some(t("lock.wrong").to_owned()));
        }
        Err(exception) => view.problem.set(Some(Message::of_code(&exception.name).title)),
    }
    // Not before the wait is known: the pad would take digits that do not count.
    view.is_busy.set(false);
}
