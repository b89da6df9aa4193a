//! Handing the words of a record to others: copied for a chat, or by the system's sheet.

use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::copy_text::copy_text;
use crate::actions::share_text::{can_share, share_text};
use crate::context::App;
use crate::state::share::ShareFacts;
use crate::state::words::t;

/// The buttons; nothing while the record is not read.
#[component]
pub fn ShareBox(
    /// The app.
    app: App,
    /// What to tell.
    #[prop(into)]
    facts: Signal<Option<ShareFacts>>,
) -> impl IntoView {
    let text = move || facts.with_untracked(|facts| facts.as_ref().map(|f| f.text(app.state.now.get_untracked())));
    let copy = move |_| {
        let Some(text) = text() else { return };
        app.run(async move {
            if let Err(message) = copy_text(app, text, t("share.copied")).await {
                app.state.say(message.title);
            }
        });
    };
    let share = move |_| {
        let Some(text) = text() else { return };
        app.run(async move {
            if let Err(message) = share_text(text).await {
                app.state.say(message.title);
            }
        });
    };
    let is_read = Memo::new(move |_| facts.with(Option::is_some));
    move || {
        is_read.get().then(|| {
            view! {
                <div class="row row--wrap" role="group" aria-label=t("share.title")>
                    <button class="btn btn--quiet grow" on:click=copy><Icon name="copy"/>{t("share.copy")}</button>
                    {can_share().then(|| view! {
                        <button class="btn btn--quiet" on:click=share><Icon name="external-link"/>{t("share.send")}</button>
                    })}
                </div>
            }
        })
    }
}
