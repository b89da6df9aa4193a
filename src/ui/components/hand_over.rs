//! The buttons that hand a file over: to another program where the browser can, else as a file to keep.

use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::hand_over::{Way, can_share};

/// One loud button, and where there are two ways a quiet one beside it.
#[component]
pub fn HandOver(
    /// Does it.
    give: Callback<Way>,
    /// Words for handing it over.
    share: &'static str,
    /// Words for keeping it as a file.
    save: &'static str,
) -> impl IntoView {
    let button = move |class, icon, words, way| {
        view! { <button class=class on:click=move |_| give.run(way)><Icon name=icon/>{words}</button> }
    };
    if can_share() {
        let share = button("btn btn--primary", "share", share, Way::Share);
        let save = button("btn btn--quiet", "download", save, Way::Save);
        view! { {save}{share} }.into_any()
    } else {
        button("btn btn--primary", "download", save, Way::Save).into_any()
    }
}
