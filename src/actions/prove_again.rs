//! Asks for the PIN once more before something that reaches far: a desk that somebody left open erases nothing, takes nothing
//! out and makes nobody a chief.

use leptos::prelude::*;

use super::lock_phone::check_pin;
use crate::context::App;
use crate::state::message::Message;
use crate::state::prove::holds;

/// Waits until the person at the device typed its PIN. A device without one, and one where that was just done, goes on.
///
/// # Errors
/// Words for the page, when the question was closed without an answer; nothing was done.
pub async fn prove_again(app: App) -> Result<(), Message> {
    let prove = app.state.prove;
    let is_proved = || holds(prove.proved_millis.get_untracked(), app.now_millis());
    if !app.state.has_pin.get_untracked() || is_proved() {
        return Ok(());
    }
    if !prove.asks.get_untracked() {
        prove.asks.set(true);
        app.prove_bell().rung().await;
    }
    if is_proved() { Ok(()) } else { Err(Message::of_code("not_proved")) }
}

/// Takes a typed PIN as the answer.
///
/// # Errors
/// Words for the question, which stays open.
pub async fn answer_proof(app: App, pin: String) -> Result<(), String> {
    check_pin(app, pin).await?;
    app.state.prove.proved_millis.set(Some(app.now_millis()));
    end_question(app);
    Ok(())
}

/// Closes the question; without an answer, nothing is done.
pub fn end_question(app: App) {
    if app.state.prove.asks.get_untracked() {
        app.state.prove.asks.set(false);
        app.prove_bell().ring();
    }
}
