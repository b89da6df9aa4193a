//! The desk types in the code of a text message, reads what it says, and makes it a line of the inbox.

use greenshield_domain::sms::SmsReport;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::actions::enter_sms::enter_sms;
use crate::context::use_app;
use crate::state::message::Message;
use crate::state::sms::{error_words, facts};
use crate::state::words::t;
use crate::ui::components::facts::Facts;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn SmsDeskPage() -> impl IntoView {
    let app = use_app();
    let typed = RwSignal::new(String::new());
    let problem: RwSignal<Option<Message>> = RwSignal::new(None);
    let read = Memo::new(move |_| typed.with(|text| (!text.trim().is_empty()).then(|| SmsReport::decode(text))));
    let navigate = use_navigate();
    let keep = move |_| {
        let Some(Ok(report)) = read.get_untracked() else { return };
        let navigate = navigate.clone();
        app.run(async move {
            match enter_sms(app, report).await {
                Ok(record) => navigate(&format!("/desk?record={record}"), Default::default()),
                Err(message) => {
                    let _closed = problem.try_set(Some(message));
                }
            }
        });
    };
    let said = move || {
        match read.get()? {
        Ok(report) => {
            let facts = facts(&report, &app.city(), app.state.now.get());
            let keep = keep.clone();
            Some(view! {
                <section class="card stack">
                    <h2>{t("sms.says")}</h2>
                    <Facts facts/>
                    <button class="btn btn--primary" on:click=keep><Icon name="check"/>{t("sms.keep")}</button>
                </section>
            }
            .into_any())
        }
        Err(error) => Some(view! {
            <p class="field-error" id="sms-error" role="alert"><Icon name="alert-triangle"/>{error_words(&error)}</p>
        }
        .into_any()),
    }
    };
    let is_wrong = move || read.with(|read| matches!(read, Some(Err(_))));
    view! {
        <Shell title=t("sms.desk_title") back="/desk">
            <div class="field">
                <label class="field-label" for="sms-code">{t("sms.desk_label")}</label>
                <textarea class="textarea mono" id="sms-code" rows="3" autocomplete="off" spellcheck="false"
                    aria-invalid=move || is_wrong().then_some("true")
                    aria-describedby=move || if is_wrong() { "sms-error sms-hint" } else { "sms-hint" }
                    on:input=move |input| typed.set(event_target_value(&input))></textarea>
                <span class="field-hint" id="sms-hint">{t("sms.desk_hint")}</span>
            </div>
            {said}
            {move || problem.get().map(|message| view! { <Problem message/> })}
        </Shell>
    }
}
