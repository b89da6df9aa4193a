//! The city package: which versions there are and from which day on each holds, and changing one.
//!
//! Owns: the page. What it shares is in `package/bench.rs`; the list of versions, the editor and its parts stand beside it.

pub mod bench;
pub mod editor;
pub mod keep;
pub mod lines;
pub mod outcome;
pub mod preview;
pub mod versions;

use leptos::prelude::*;

use crate::context::use_app;
use crate::state::package::may_bring;
use crate::state::words::t;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

use bench::Bench;
use editor::Editor;
use versions::Versions;

/// The page.
#[component]
pub fn PackagePage() -> impl IntoView {
    let app = use_app();
    let may = app.state.viewer().is_some_and(|viewer| may_bring(&app.city(), &viewer.role));
    let bench = Bench::new(app);
    if may {
        bench.load();
    }
    let is_editing = Memo::new(move |_| bench.editing.with(Option::is_some));
    let page = move || {
        if !may {
            return view! { <p class="muted">{t("package.not_you")}</p> }.into_any();
        }
        if is_editing.get() { view! { <Editor bench/> }.into_any() } else { view! { <Versions bench/> }.into_any() }
    };
    view! {
        <Shell title=t("package.title") back="/me">
            {move || bench.problem.get().map(|message| view! { <Problem message/> })}
            {page}
        </Shell>
    }
}
