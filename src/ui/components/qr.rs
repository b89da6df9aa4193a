//! A link for the camera of another phone.

use leptos::prelude::*;

use crate::state::qr::QrPath;

/// The picture; dark on white in every theme, because readers want it so.
#[component]
pub fn Qr(
    /// What to draw.
    qr: QrPath,
    /// What it is, for those who do not see it.
    label: String,
) -> impl IntoView {
    let (size, view_box) = (qr.size.to_string(), format!("0 0 {0} {0}", qr.size));
    view! {
        <svg class="qr" viewBox=view_box role="img" aria-label=label shape-rendering="crispEdges">
            <rect class="qr-paper" width=size.clone() height=size></rect>
            <path class="qr-ink" d=qr.path></path>
        </svg>
    }
}
