//! Saving: from which day on the version holds, what it is about, and the one button.

use greenshield_domain::city::Date;
use greenshield_domain::wire::{CityKeepRequest, MAX_CITY_NOTE_BYTES};
use leptos::prelude::*;

use super::bench::{Bench, Checked};
use crate::actions::bring_city::keep_version;
use crate::actions::draft_city::discard_draft;
use crate::state::message::Message;
use crate::state::package::draft::Editing;
use crate::state::time::Now;
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The form.
#[component]
pub fn Keep(
    /// What the page shares.
    bench: Bench,
) -> impl IntoView {
    let app = bench.app;
    let (is_later, day, note) = (RwSignal::new(false), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let is_missing = RwSignal::new(false);
    let is_good =
        Memo::new(move |_| bench.checked.with(|checked| matches!(checked, Checked::Done(reply) if reply.is_good())));
    let today = {
        let now = app.state.now.get_untracked();
        let zone_minutes =
            bench.list.with_untracked(|list| list.as_ref().map_or(now.zone_minutes, |list| list.zone_minutes));
        Now { zone_minutes, ..now }.iso_day(now.millis)
    };
    let save = move |_| {
        let from = is_later.get_untracked().then(|| Date::try_from(day.get_untracked()));
        is_missing.set(matches!(from, Some(Err(_))));
        let (Ok(from), true) = (from.transpose(), is_good.get_untracked()) else { return };
        let asked = bench.editing.with_untracked(|editing| {
            let note = note.get_untracked();
            editing.as_ref().map(|editing| {
                (editing.version(), CityKeepRequest { package: editing.text(), after: editing.after, from, note })
            })
        });
        let Some((version, asked)) = asked else { return };
        bench.do_once(async move {
            let list = keep_version(app, &asked).await?;
            let _left = bench.list.try_set(Some(list));
            bench.close();
            let n = version.to_string();
            app.state.say(match asked.from {
                Some(from) => tr("package.kept_later", &[("n", &n), ("day", &String::from(from))]),
                None => tr("package.kept", &[("n", &n)]),
            });
            forget(bench).await
        });
    };
    let choose = move |event| {
        is_missing.set(false);
        is_later.set(event_target_value(&event) == "later");
    };
    let version = bench.editing.with_untracked(|editing| editing.as_ref().map(Editing::version).unwrap_or_default());
    let label = tr("package.keep", &[("n", &version.to_string())]);
    let when = move || {
        is_later.get().then(|| view! {
            <label class="field grow">
                <span class="field-label">{t("package.day")}</span>
                <input class="input" type="date" min=today.clone() prop:value=day aria-invalid=move || is_missing.get().then_some("true")
                    on:change=move |event| { is_missing.set(false); day.set(event_target_value(&event)); }/>
            </label>
        })
    };
    view! {
        <section class="card stack" aria-label=t("package.save")>
            <h2>{t("package.save")}</h2>
            <p class="muted">{t("package.save_text")}</p>
            <div class="pair">
                <label class="field grow">
                    <span class="field-label">{t("package.when")}</span>
                    <select class="input" aria-label=t("package.when") on:change=choose>
                        <option value="now">{t("package.at_once")}</option>
                        <option value="later">{t("package.from_day")}</option>
                    </select>
                </label>
                {when}
            </div>
            {move || is_missing.get().then(|| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{t("package.day_missing")}</span> })}
            <label class="field">
                <span class="field-label">{t("package.note")}</span>
                <input class="input" autocomplete="off" maxlength=(MAX_CITY_NOTE_BYTES / 3).to_string() prop:value=note on:input=move |event| note.set(event_target_value(&event))/>
            </label>
            <button class="btn btn--primary" disabled=move || !is_good.get() aria-busy=move || bench.is_busy.get().then_some("true") on:click=save><Icon name="check"/>{label}</button>
            {move || (!is_good.get()).then(|| view! { <p class="muted">{t("package.not_yet")}</p> })}
        </section>
    }
}

/// What was saved is no draft any more.
async fn forget(bench: Bench) -> Result<(), Message> {
    discard_draft(bench.app).await?;
    let _left = bench.draft.try_set(None);
    Ok(())
}
