//! Trainings and quizzes of whoever looks: a card on the first page, and all of them.

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use crate::context::{App, use_app};
use crate::state::quiz::{QuizLine, lines};
use crate::state::register::attendance::{invitation_words, invitations};
use crate::state::words::t;
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::{Shell, Tab};

/// What this person is asked to come to: record, title, kind and day.
fn invited(app: App) -> Memo<Vec<(RecordId, String, String)>> {
    Memo::new(move |_| {
        let (city, me, now) = (app.city(), app.state.me(), app.state.now.get());
        let rows = app.state.duties.with(|rows| invitations(&city, rows, me, now));
        let line = |row: &ListRow| {
            let (title, facts) = invitation_words(row, &city, now);
            (row.record, title, facts)
        };
        rows.iter().map(line).collect()
    })
}

/// Trainings and meetings that wait for this person; nothing when there are none.
#[component]
pub fn InvitedCard(
    /// The app.
    app: App,
) -> impl IntoView {
    let invited = invited(app);
    move || {
        let invited = invited.get();
        (!invited.is_empty()).then(|| {
            let lines = invited.into_iter().map(|(record, title, facts)| {
                view! {
                    <li>
                        <a class="card-link" href=format!("/records/{record}")>
                            <Icon name="id-badge-2"/>
                            <span class="grow"><b>{title}</b><br/><span class="muted">{facts}</span></span>
                            <Icon name="chevron-right"/>
                        </a>
                    </li>
                }
            });
            view! {
                <section class="card">
                    <h2>{t("attend.invited")}</h2>
                    <ul class="card-list">{lines.collect_view()}</ul>
                </section>
            }
        })
    }
}

/// The page 培训测验.
#[component]
pub fn TrainingPage() -> impl IntoView {
    let app = use_app();
    let quizzes = Memo::new(move |_| {
        let (city, me, now) = (app.city(), app.state.me(), app.state.now.get());
        app.state.duties.with(|rows| lines(&city, rows, &invitations(&city, rows, me, now), me, now))
    });
    view! {
        <Shell title=t("quiz.title") back="/me" tab=Tab::Me>
            <InvitedCard app/>
            {move || {
                let quizzes = quizzes.get();
                if quizzes.is_empty() {
                    return view! {
                        <div class="empty">
                            <Icon name="help" size="icon--xl"/>
                            <p class="empty-title">{t("quiz.none")}</p>
                            <p>{t("quiz.none_text")}</p>
                        </div>
                    }
                    .into_any();
                }
                view! {
                    <section class="card">
                        <h2>{t("quiz.list")}</h2>
                        <p class="muted">{t("quiz.list_text")}</p>
                        <ul class="card-list">{quizzes.into_iter().map(line).collect_view()}</ul>
                    </section>
                }
                .into_any()
            }}
        </Shell>
    }
}

fn line(quiz: QuizLine) -> impl IntoView {
    view! {
        <li>
            <a class="card-link" href=quiz.href>
                <Icon name="help"/>
                <span class="grow stack">
                    <span><b>{quiz.title}</b><br/><span class="muted">{quiz.facts}</span></span>
                    <span class="chips"><LampChip lamp=quiz.lamp/></span>
                </span>
                <Icon name="chevron-right"/>
            </a>
        </li>
    }
}
