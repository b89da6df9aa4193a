//! One report as a text message: the code, and the button that opens the message program with it.

use leptos::prelude::*;

use super::record_of_address;
use crate::actions::copy_text::copy_text;
use crate::actions::open_record::open_record;
use crate::context::use_app;
use crate::state::message::Message;
use crate::state::sms::report_of;
use crate::state::sos::sms_href;
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn SmsPage() -> impl IntoView {
    let app = use_app();
    let record = record_of_address();
    let code: RwSignal<Option<Result<String, Message>>> = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(record) = record.get() else { return };
        app.run(async move {
            let read = match open_record(app, record).await {
                Ok(Some(view)) => Ok(report_of(&view).encode()),
                Ok(None) => Err(Message { title: t("record.missing").to_owned(), ..Message::of_code("not_found") }),
                Err(message) => Err(message),
            };
            let _closed = code.try_set(Some(read));
        });
    });
    let number = app.city().info.sms.clone();
    let content = move || {
        Some(match code.get()? {
            Err(message) => view! { <Problem message/> }.into_any(),
            Ok(code) => {
                let href = sms_href(number.as_deref(), &code);
                let text = code.clone();
                let copy = move |_| {
                    let text = text.clone();
                    app.run(async move {
                        if let Err(message) = copy_text(app, text, t("sms.copied")).await {
                            app.state.say(message.title);
                        }
                    });
                };
                view! {
                    <section class="card stack">
                        <p class="mono sms-code" translate="no">{code}</p>
                        <a class="btn btn--wide btn--primary" href=href><Icon name="message"/>{t("sms.send")}</a>
                        <button class="btn btn--wide btn--quiet" on:click=copy><Icon name="copy"/>{t("sms.copy")}</button>
                    </section>
                    <p class="muted">{t("sms.keeps")}</p>
                }
                .into_any()
            }
        })
    };
    let back = record.get_untracked().map_or("/records".to_owned(), |record| format!("/records/{record}"));
    view! {
        <Shell title=t("sms.title") back=back>
            <p>{t("sms.text")}</p>
            {content}
        </Shell>
    }
}
