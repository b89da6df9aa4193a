//! The drawing of a track: where the way went, dashed where nobody knows.

use leptos::prelude::*;

use crate::state::patrol::screen::{DRAWING, Drawing};

/// A square with the line, its begin and its end.
#[component]
pub fn TrackDrawing(
    /// What is drawn.
    drawing: Drawing,
    /// The same in words.
    label: String,
) -> impl IntoView {
    let strokes = drawing.strokes.into_iter().map(|stroke| {
        let class = if stroke.is_gap { "track-gap" } else { "track-line" };
        view! { <polyline class=class points=stroke.points/> }
    });
    let squares = drawing.squares.into_iter().map(|square| {
        let ((x, y), (width, height)) = (square.at, square.size);
        view! { <rect class="track-cell" x=to_string(x) y=to_string(y) width=to_string(width) height=to_string(height)/> }
    });
    let ends = drawing.ends.map(|((x, y), (to_x, to_y))| {
        let square = 40;
        view! {
            <rect class="track-begin" x=to_string(x - square / 2) y=to_string(y - square / 2) width=square.to_string() height=square.to_string()/>
            <circle class="track-end" cx=to_string(to_x) cy=to_string(to_y) r="24"/>
        }
    });
    view! {
        <svg class="track" viewBox=format!("0 0 {DRAWING} {DRAWING}") role="img" aria-label=label>
            {squares.collect_view()}{strokes.collect_view()}{ends}
        </svg>
    }
}

fn to_string(number: i64) -> String {
    number.to_string()
}
