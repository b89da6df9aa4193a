//! A long list that draws only what is seen: rows in flow between two spacers.
//!
//! Row heights may differ, because large type wraps; the spacers use the average of what was drawn.

use leptos::html;
use leptos::prelude::*;

/// Rows drawn above and below what is seen.
const OVERSCAN: usize = 8;
/// Height of a row before any was measured.
const GUESS_PIXELS: f64 = 126.0;

/// What is seen: first and last row, and the height of one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    first: usize,
    last: usize,
    pitch: f64,
}

/// The list. Rows are drawn by index; they are drawn anew when `version` changes.
#[component]
pub fn VirtualList<F, V>(
    /// How many rows there are.
    #[prop(into)]
    count: Signal<usize>,
    /// Draws a row.
    row: F,
    /// The element that scrolls.
    scroller: NodeRef<html::Main>,
    /// Grows while it scrolls.
    #[prop(into)]
    scrolled: Signal<u32>,
    /// Called when the end comes near.
    on_near_end: Callback<()>,
) -> impl IntoView
where
    F: Fn(usize) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let list = NodeRef::<html::Div>::new();
    let window = Memo::new(move |old: Option<&Window>| {
        let _moved = scrolled.get();
        let count = count.get();
        let old = old.copied().unwrap_or(Window { first: 0, last: 0, pitch: GUESS_PIXELS });
        let (Some(scroller), Some(list)) = (scroller.get(), list.get()) else {
            return Window { last: count.min(2 * OVERSCAN), ..old };
        };
        let drawn = old.last.saturating_sub(old.first);
        let spacers = old.pitch * (old.first + count.saturating_sub(old.last)) as f64;
        let measured = (f64::from(list.offset_height()) - spacers) / drawn.max(1) as f64;
        // Only a full window says anything about the average.
        let pitch = if drawn > OVERSCAN && measured > 40.0 && old.first == 0 { measured } else { old.pitch };
        let top = f64::from(scroller.scroll_top() - list.offset_top()).max(0.0);
        let first = ((top / pitch) as usize).saturating_sub(OVERSCAN).min(count);
        let seen = (f64::from(scroller.client_height()) / pitch).ceil() as usize;
        Window { first, last: (first + seen + 2 * OVERSCAN).min(count), pitch }
    });
    Effect::new(move |_| {
        if window.get().last + OVERSCAN >= count.get() {
            on_near_end.run(());
        }
    });
    let space = move |rows: usize| format!("{}px", (rows as f64 * window.get().pitch).round());
    let before = move || space(window.get().first);
    let after = move || space(count.get().saturating_sub(window.get().last));
    let rows = move || {
        let Window { first, last, .. } = window.get();
        (first..last).collect::<Vec<_>>()
    };
    view! {
        <div class="vlist" role="list" node_ref=list>
            <div class="vlist-space" style:height=before></div>
            <For each=rows key=|index| *index let:index>{row.clone()(index)}</For>
            <div class="vlist-space" style:height=after></div>
        </div>
    }
}
