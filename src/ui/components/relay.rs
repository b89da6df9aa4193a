//! The way of a rescue package as a picture: from phone to phone to the server, and back.

use leptos::prelude::*;

use super::icon::Icon;
use crate::state::words::t;

/// Three stations; the one that this phone is stands out.
#[component]
pub fn Relay(
    /// Which station this phone is: 0 made the package, 1 carries it.
    here: usize,
) -> impl IntoView {
    let stations =
        [("device-mobile", t("relay.maker")), ("truck", t("relay.courier")), ("cloud-check", t("relay.server"))];
    let station = move |(at, (icon, words)): (usize, (&'static str, &'static str))| {
        let current = (at == here).then_some("step");
        view! { <li class="relay-stop" aria-current=current><Icon name=icon size="icon--l"/><span>{words}</span></li> }
    };
    view! { <ol class="relay">{stations.into_iter().enumerate().map(station).collect_view()}</ol> }
}
