//! A position to read out, to copy, to hand to another map.

use greenshield_domain::geo::Position;
use leptos::prelude::*;

use super::icon::Icon;
use crate::actions::copy_text::copy_text;
use crate::context::App;
use crate::state::place::{PlaceCardView, short_words};
use crate::state::words::{t, tr};

/// The card. Nothing is requested from elsewhere until somebody taps a link.
#[component]
pub fn PlaceCard(
    /// The app.
    app: App,
    /// Where.
    at: Position,
    /// Whether it is only the middle of a cell.
    #[prop(optional)]
    is_rough: bool,
) -> impl IntoView {
    let PlaceCardView { formats, links } = PlaceCardView::of(at);
    let on_map = short_words(at).replace(' ', "");
    let rows = formats.into_iter().map(|(label, words)| view! { <FormatRow app label words/> }).collect_view();
    let links = links.into_iter().map(|(name, href)| {
        view! {
            <a class="btn btn--quiet" href=href target="_blank" rel="external noopener noreferrer"
                aria-label=tr("place.new_window", &[("map", name)])>
                <Icon name="external-link"/><span>{name}</span>
            </a>
        }
    });
    let hint = move || {
        let is_connected = app.state.sync.with(|sync| sync.is_connected());
        if is_connected { t("place.open_hint") } else { t("place.offline") }
    };
    view! {
        <section class="card coords">
            <h2>{t("place.title")}</h2>
            {is_rough.then(|| view! { <p class="strong">{t("place.rough")}</p> })}
            <div class="coords-rows">{rows}</div>
            <a class="btn" href=format!("/map?at={}", on_map)><Icon name="map-2"/>{t("map.show")}</a>
            <h3>{t("place.open_in")}</h3>
            <p class="muted">{hint}</p>
            <div class="coords-links">{links.collect_view()}</div>
        </section>
    }
}

/// One way to write it, with a button that copies it.
#[component]
fn FormatRow(
    /// The app.
    app: App,
    /// What it is.
    label: String,
    /// The coordinates.
    words: String,
) -> impl IntoView {
    let name = tr("place.copy", &[("what", &label)]);
    let text = words.clone();
    let copy = move |_| {
        let text = text.clone();
        app.run(async move {
            if let Err(message) = copy_text(app, text, t("place.copied")).await {
                app.state.say(message.title);
            }
        });
    };
    view! {
        <div class="coords-row">
            <p><span class="muted">{label}</span><br/><span class="coords-value">{words}</span></p>
            <button class="btn btn--icon btn--quiet" aria-label=name on:click=copy><Icon name="copy"/></button>
        </div>
    }
}
