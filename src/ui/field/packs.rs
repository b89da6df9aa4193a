//! Maps to take along: what there is, what is on this phone, fetching and throwing away.

use leptos::prelude::*;

use crate::actions::manage_packs::{PackDesk, fetch_pack, pause_pack, read_packs, remove_pack, take_pack};
use crate::context::{App, use_app};
use crate::state::packs::{PackStage, PackView};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn PacksPage() -> impl IntoView {
    let app = use_app();
    let desk = PackDesk::new();
    app.run(read_packs(app, desk));
    let list = move || {
        match desk.packs.get() {
        None => view! { <p role="status">{t("app.loading")}</p> }.into_any(),
        Some(packs) if packs.is_empty() => view! {
            <div class="empty"><Icon name="map-2" size="icon--xl"/><p class="empty-title">{t("packs.none")}</p><p>{t("packs.none_text")}</p></div>
        }
        .into_any(),
        Some(packs) => {
            let items = packs.into_iter().map(|pack| view! { <li><Pack app desk pack/></li> });
            view! { <ul class="list">{items.collect_view()}</ul> }.into_any()
        }
    }
    };
    view! {
        <Shell title=t("packs.title") back="/map">
            {move || desk.problem.get().map(|message| view! { <Problem message/> })}
            <section class="card">
                <p class="row"><Icon name="map-2"/><b>{t("packs.base")}</b></p>
                <p class="muted">{t("packs.base_text")}</p>
            </section>
            {list}
            <label class="btn btn--quiet file">
                <Icon name="inbox"/>{t("packs.from_file")}
                <input type="file" accept=".pmtiles" aria-label=t("packs.from_file") on:change=move |event| take_pack(app, desk, &event)/>
            </label>
            <p class="muted">{t("packs.from_file_text")}</p>
        </Shell>
    }
}

/// One pack.
#[component]
fn Pack(
    /// The app.
    app: App,
    /// The page.
    desk: PackDesk,
    /// The pack.
    pack: PackView,
) -> impl IntoView {
    let (row, sha256) = (pack.row.clone(), pack.row.sha256.clone());
    let is_fetching = Memo::new(move |_| desk.fetching.with(|fetching| fetching.as_ref() == Some(&sha256)));
    let stage = pack.stage();
    let percent = match stage {
        PackStage::Part(percent) => Some(percent.to_string()),
        _ => None,
    };
    let fetch_words = match stage {
        PackStage::Part(_) => t("packs.go_on").to_owned(),
        _ => tr("packs.fetch", &[("size", &pack.size())]),
    };
    let action = {
        let row = row.clone();
        move || {
            let row = row.clone();
            match stage {
                _ if is_fetching.get() => view! { <button class="btn" on:click=move |_| pause_pack(desk)><Icon name="player-pause"/>{t("packs.pause")}</button> }.into_any(),
                PackStage::Absent | PackStage::Part(_) => view! {
                    <button class="btn btn--primary" on:click=move |_| app.run(fetch_pack(app, desk, row.clone()))>
                        <Icon name="download"/>{fetch_words.clone()}
                    </button>
                }
                .into_any(),
                PackStage::Ready | PackStage::Old => ().into_any(),
            }
        }
    };
    let label = pack.name().to_owned();
    let bar =
        percent.map(|percent| view! { <progress class="bar" max="100" value=percent aria-label=label></progress> });
    let remove = (stage != PackStage::Absent).then(|| {
        let row = row.clone();
        view! {
            <details class="fold">
                <summary>{t("packs.remove")}</summary>
                <p>{t("packs.remove_text")}</p>
                <button class="btn btn--quiet" on:click=move |_| app.run(remove_pack(desk, row.clone()))><Icon name="trash"/>{t("packs.remove_yes")}</button>
            </details>
        }
    });
    view! {
        <section class="card">
            <h2>{pack.name().to_owned()}</h2>
            <p><LampChip lamp=pack.lamp()/>" "<span class="muted">{pack.size()}</span></p>
            {bar}
            {action}
            <p class="muted">{row.attribution}</p>
            {remove}
        </section>
    }
}
