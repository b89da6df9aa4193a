//! The documents of a record: what is there, and the way to add one.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use crate::actions::attach_document::{attach_document, take_document};
use crate::context::App;
use crate::state::message::Message;
use crate::state::register::documents::{Document, documents, takes_documents};
use crate::state::register::keeps;
use crate::state::rights::{Who, may_say};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;

/// All documents, for kinds that take some.
#[component]
pub fn Documents(
    /// The app.
    app: App,
    /// The record as it was read.
    view: Signal<Option<RecordView>>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<Message>);
    let shown = Memo::new(move |_| {
        let viewer = app.state.viewer()?;
        view.with(|view| {
            let view = view.as_ref()?;
            let city = app.city();
            let kind = city.kind(view.row.kind).filter(|kind| takes_documents(kind))?;
            let may = app.state.duties.with(|rows| {
                let who = Who::of(rows, (viewer.account, viewer.role.as_str()));
                may_say(&city, &view.row, &view.merged, who, "documents")
            });
            Some((view.row.kind, view.row.record, may && keeps(kind, &viewer.role), documents(view)))
        })
    });
    let line = move |record: RecordId, document: Document| {
        let label = tr("register.document_take", &[("name", &document.name)]);
        let (name, facts) = (document.name.clone(), document.facts.clone());
        let take = move |_| {
            let document = document.clone();
            app.run(async move { drop(problem.try_set(take_document(app, record, &document).await.err())) });
        };
        view! {
            <li><button class="card-link" type="button" aria-label=label on:click=take>
                <Icon name="file-text"/><span class="grow"><b>{name}</b><span class="register-fact">{facts}</span></span><Icon name="download"/>
            </button></li>
        }
    };
    move || {
        let (kind, record, is_keeper, documents) = shown.get()?;
        let picked = move |event| {
            attach_document(app, (kind, record), &event, move |result| {
                if result.is_ok() {
                    app.state.say(t("register.document_added"));
                }
                let _gone = problem.try_set(result.err());
            });
        };
        let add = is_keeper.then(|| {
            view! {
                <label class="btn file">
                    <Icon name="upload"/>{t("register.document_add")}
                    <input type="file" aria-label=t("register.document_add") on:change=picked/>
                </label>
            }
        });
        let is_shown = is_keeper || !documents.is_empty();
        let lines = documents.into_iter().map(|document| line(record, document)).collect_view();
        is_shown.then(|| {
            view! {
                <section class="card stack" aria-label=t("register.documents")>
                    <h2>{t("register.documents")}</h2>
                    {move || problem.get().map(|message| view! { <Problem message/> })}
                    <ul class="card-list">{lines}</ul>
                    {add}
                </section>
            }
        })
    }
}
