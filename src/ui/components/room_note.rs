//! What is kept of photos now, where that is less than all: said before the shutter is pressed, not after.

use leptos::prelude::*;

use super::icon::Icon;
use crate::context::App;

/// The note; nothing while there is room.
#[component]
pub fn RoomNote(
    /// The app.
    app: App,
) -> impl IntoView {
    let words = Memo::new(move |_| app.state.room_words());
    move || {
        words.get().map(|words| {
            view! { <p class="card card--warn row" role="status"><Icon name="database"/><span>{words}</span></p> }
        })
    }
}
