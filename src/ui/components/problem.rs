//! What went wrong, in words.

use leptos::prelude::*;

use super::icon::Icon;
use crate::state::message::Message;
use crate::state::words::{t, tr};

/// A problem: what happened, that the data is safe, what to do.
#[component]
pub fn Problem(
    /// The words.
    message: Message,
) -> impl IntoView {
    let code = tr("error.code", &[("code", &message.code)]);
    view! {
        <section class="card card--alarm row row--top" role="alert">
            <Icon name="alert-triangle"/>
            <div class="grow">
                <b>{message.title}</b>
                <p>{message.advice}</p>
                <p class="muted">{t("error.safe")}" "<span class="mono">{code}</span></p>
            </div>
        </section>
    }
}
