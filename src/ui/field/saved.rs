//! After saving: what is true, what happens next. The lamp turns when the receipt comes.

use leptos::prelude::*;

use super::record::opened;
use super::record_of_address;
use crate::actions::load_records::rows_of;
use crate::actions::look_near::sighting_of;
use crate::context::use_app;
use crate::state::item::ItemView;
use crate::state::lamp::{Lamp, Tone};
use crate::state::record::{RecordScreen, number};
use crate::state::share::ShareFacts;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::near_hint::NearHint;
use crate::ui::components::share_box::ShareBox;
use crate::ui::components::shell::Shell;
use crate::ui::components::thumb::Thumb;
use greenshield_client::rows::ListRow;

/// The page after 保存.
#[component]
pub fn SavedPage() -> impl IntoView {
    let app = use_app();
    let record = record_of_address();
    let known = record.get_untracked().and_then(|id| app.state.records.with_untracked(|list| list.row(id).cloned()));
    let row: RwSignal<Option<ListRow>> = RwSignal::new(known);
    Effect::new(move |_| {
        let changed = app.state.changed.get();
        let Some(record) = record.get() else { return };
        if row.with_untracked(Option::is_some) && (changed.serial == 0 || !changed.touches(record)) {
            return;
        }
        app.run(async move {
            let found = rows_of(app, vec![record]).await.pop();
            let _ = row.try_set(found);
        });
    });
    let opened = opened(app);
    let told = Memo::new(move |_| {
        let (me, now) = (app.state.me(), app.state.now.get());
        let people = app.state.people.get();
        opened.with(|opened| match opened {
            Some(Ok(Some(view))) => Some(ShareFacts::of(&RecordScreen::of(view, &app.city(), &people, me, now))),
            _ => None,
        })
    });
    let sighting = Memo::new(move |_| {
        opened.with(|opened| match opened {
            Some(Ok(Some(view))) => sighting_of(view),
            _ => None,
        })
    });
    let tone = Memo::new(move |_| {
        let now = app.state.now.get();
        row.with(|row| row.as_ref().and_then(|row| Lamp::of_delivery(row, now)).map(|lamp| lamp.tone))
    });
    let words = move || match tone.get() {
        Some(Tone::Sent) => ("circle-check", t("saved.delivered_title"), t("saved.delivered_text")),
        Some(Tone::Warn) => ("device-mobile", t("saved.title"), t("saved.partial_text")),
        _ => ("device-mobile", t("saved.title"), t("saved.text")),
    };
    let is_sent = move || tone.get() == Some(Tone::Sent);
    let href = move |end: &str| record.get().map(|record| format!("/records/{record}{end}")).unwrap_or_default();
    view! {
        <Shell title=t("saved.title") is_full=true actionbar=move || view! {
            <a class="btn btn--quiet" href="/report">{t("saved.another")}</a>
            <a class="btn btn--primary" href="/">{t("action.home")}</a>
        }>
            <div class="saved" role="status" aria-live="polite">
                <span class="saved-lamp" class=("saved-lamp--sent", is_sent)>{move || view! { <Icon name=words().0 size="icon--xl"/> }}</span>
                <h1 class="saved-title" class=("saved-title--sent", is_sent) tabindex="-1">{move || words().1}</h1>
                <p class="saved-text">{move || words().2}</p>
                <Show when=is_sent><LampChip lamp=Lamp::saved()/></Show>
                {move || row.get().map(|row| {
                    let item = app.state.people.with(|people| ItemView::of(&row, &app.city(), people, app.state.me(), app.state.now.get()));
                    view! {
                        <section class="card row">
                            <Thumb app record=item.record blob=item.thumb icon=item.icon is_urgent=item.is_urgent/>
                            <div class="grow">
                                <b>{item.title}</b>
                                <div class="muted">{item.facts}<br/>{tr("saved.number", &[("number", &number(item.record))])}</div>
                            </div>
                        </section>
                    }
                })}
                <NearHint app of=sighting/>
                <ShareBox app facts=told/>
                <a class="btn btn--wide btn--quiet" href=move || href("/edit")><Icon name="edit"/>{t("action.add")}</a>
                <Show when=move || !is_sent()>
                    <a class="btn btn--wide btn--quiet" href=move || href("/sms")><Icon name="message"/>{t("sms.open")}</a>
                </Show>
                <a class="btn btn--wide btn--plain" href=move || href("")>{t("saved.see")}</a>
            </div>
        </Shell>
    }
}
