//! Room on the phone, the promise of the browser, and whether the app opens without a signal.

use leptos::prelude::*;

use crate::actions::check_storage::{ask_to_persist, check_shell, check_storage, install_facts};
use crate::context::App;
use crate::state::storage::Keep;
use crate::state::unsent::size_words;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The storage card.
#[component]
pub fn StorageCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let shell: RwSignal<Option<Option<(u32, usize)>>> = RwSignal::new(None);
    app.run(async move {
        check_storage(app).await;
        let checked = check_shell().await;
        let _ = shell.try_set(Some(checked));
    });
    let storage = app.state.storage;
    let (_, is_installed) = install_facts();
    let files = move || match shell.get() {
        None => String::new(),
        Some(Some((files, 0))) if files > 0 => tr("me.app_complete", &[("n", &files.to_string())]),
        Some(Some((_, missing))) if missing > 0 => tr("me.app_missing", &[("n", &missing.to_string())]),
        Some(_) => t("me.app_not_ready").to_owned(),
    };
    view! {
        <section class="card stack">
            {move || storage.get().map(|facts| {
                let photos = facts.photos_in_step().min(9_999).to_string();
                let less = app.state.room_words();
            // A store that refused a photo knows better than the browser's numbers.
            let is_counted = app.state.room_learned.get() == Keep::Original;
            let left = is_counted.then(|| tr("me.storage_photos", &[("n", &photos)]));
                let total = facts.used_bytes.saturating_add(facts.free_bytes).max(1);
                let used = facts.used_bytes.saturating_mul(100) / total;
                let text = tr("me.storage_text", &[("used", &size_words(facts.used_bytes)), ("free", &size_words(facts.free_bytes))]);
                let kept = if facts.is_persisted { t("me.storage_kept") } else { t("me.storage_not_kept") };
                view! {
                    <div class="meter-head"><h2>{t("me.storage")}</h2><b>{left}</b></div>
                    <progress class="bar" max="100" value=used.to_string() aria-label=t("me.storage")></progress>
                    <p class="muted">{text}</p>
                    {less.map(|words| view! { <p class="row"><Icon name="alert-triangle"/><span>{words}</span></p> })}
                    <p class="row"><Icon name=if facts.is_persisted { "shield-check" } else { "alert-triangle" }/><span>{kept}</span></p>
                    {(!facts.is_persisted).then(|| view! {
                        <p class="muted">{t("enrol.persist_no")}</p>
                        <button class="btn btn--quiet" on:click=move |_| app.run(ask_to_persist(app))>{t("me.storage_ask")}</button>
                    })}
                }
            })}
            <p class="muted" role="status">{files}</p>
            <p class="muted">{if is_installed { t("me.installed") } else { t("me.not_installed") }}</p>
        </section>
    }
}
