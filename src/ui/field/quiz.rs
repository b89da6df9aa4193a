//! A quiz: one question a screen, big answers, at once what is right and why, and at the end how it went.

use greenshield_domain::attempt::Outcome;
use greenshield_domain::city::Quiz;
use greenshield_domain::ids::RecordId;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::actions::do_quiz::{keep_run, resume_quiz, save_attempt};
use crate::actions::read_aloud::{be_quiet, read_aloud, wake_voices};
use crate::context::{App, use_app};
use crate::state::message::Message;
use crate::state::quiz::{Asked, Run, Told, passed_lamp, result_words, spoken, verdict_key};
use crate::state::words::{self, t};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem::Problem;
use crate::ui::components::shell::Shell;

/// The page.
#[component]
pub fn QuizPage() -> impl IntoView {
    let app = use_app();
    let number = use_params_map().with_untracked(|params| params.get("quiz")?.parse::<u32>().ok());
    let about = use_query_map().with_untracked(|query| RecordId::from_hex(query.get_str("about")?).ok());
    match number.and_then(|number| app.city().quizzes.get(number).cloned()) {
        Some(quiz) => view! { <Doing app quiz about/> }.into_any(),
        None => view! {
            <Shell title=t("error.not_found") back="/training">
                <p>{t("quiz.none_text")}</p>
            </Shell>
        }
        .into_any(),
    }
}

/// The quiz from the first question to the result.
#[component]
fn Doing(
    /// The app.
    app: App,
    /// The quiz.
    quiz: Quiz,
    /// The training that asks for it.
    about: Option<RecordId>,
) -> impl IntoView {
    let title = words::of(&quiz.title).to_owned();
    let quiz = StoredValue::new(quiz);
    // Until it is read what was answered before, nothing is asked.
    let run: RwSignal<Option<Run>> = RwSignal::new(None);
    let (problem, is_busy) = (RwSignal::new(None::<Message>), RwSignal::new(false));
    wake_voices();
    on_cleanup(be_quiet);
    app.run(async move {
        let found = resume_quiz(app, &quiz.get_value(), about).await;
        let _closed = run.try_set(Some(found));
    });
    let at = Memo::new(move |_| run.with(|run| run.as_ref().map(Run::at)));
    let asked = Memo::new(move |_| at.get().and_then(|at| quiz.with_value(|quiz| Asked::of(quiz, at))));
    let told = Memo::new(move |_| {
        let (at, answer) = run.with(|run| run.as_ref().and_then(|run| Some((run.at(), run.answered()?))))?;
        quiz.with_value(|quiz| quiz.questions.get(at).map(|question| Told::of(question, answer)))
    });
    let keep = move || {
        let Some(run) = run.get_untracked() else { return };
        app.run(async move { keep_run(app, &quiz.get_value(), &run).await });
    };
    let answer = Callback::new(move |answer: u32| {
        if told.with_untracked(Option::is_none) {
            be_quiet();
            run.update(|run| run.iter_mut().for_each(|run| quiz.with_value(|quiz| run.answer(quiz, answer))));
            keep();
        }
    });
    let next = move || run.update(|run| run.iter_mut().for_each(Run::go_on));
    let go_on = move |_| {
        be_quiet();
        let is_last = asked.with_untracked(|asked| asked.as_ref().is_some_and(|asked| asked.is_last));
        if !is_last {
            next();
            keep();
            return;
        }
        let Some(done) = run.get_untracked().filter(|_| !is_busy.get_untracked()) else { return };
        is_busy.set(true);
        app.run(async move {
            // Only what is saved is over.
            match save_attempt(app, &quiz.get_value(), &done).await {
                Ok(()) => {
                    if problem.try_set(None).is_none() {
                        next();
                    }
                }
                Err(message) => drop(problem.try_set(Some(message))),
            }
            is_busy.try_set(false);
        });
    };
    let aloud = move |_| {
        let words = asked.with_untracked(|asked| {
            told.with_untracked(|told| asked.as_ref().map(|asked| spoken(asked, told.as_ref())))
        });
        if let Some(words) = words {
            read_aloud(app, &words);
        }
    };
    let again = Callback::new(move |()| run.set(Some(quiz.with_value(|quiz| Run::begin(quiz, about)))));
    let back = about.map_or_else(|| "/training".to_owned(), |record| format!("/records/{record}"));
    let way_back = back.clone();
    let bar = move || {
        let is_last = asked.with(|asked| asked.as_ref().map(|asked| asked.is_last))?;
        let on = told.with(Option::is_some).then(|| {
            let words = if is_last { t("quiz.see_result") } else { t("quiz.next") };
            view! { <button class="btn btn--primary grow" aria-busy=move || is_busy.get().then_some("true") on:click=go_on>{words}<Icon name="chevron-right"/></button> }
        });
        Some(view! { <button class="btn" on:click=aloud><Icon name="volume"/>{t("quiz.aloud")}</button>{on} })
    };
    let screen = move || {
        at.get()?;
        Some(match asked.get() {
            Some(asked) => view! { <Question asked told on_answer=answer/> }.into_any(),
            None => {
                let answers = run.with_untracked(|run| run.as_ref().map(|run| run.answers.clone()).unwrap_or_default());
                let outcome = quiz.with_value(|quiz| Outcome::of(quiz, &answers));
                view! { <Ending outcome back=way_back.clone() again/> }.into_any()
            }
        })
    };
    view! {
        <Shell title=title back=back actionbar=move || view! { {bar} }>
            {move || problem.get().map(|message| view! { <Problem message/> })}
            {screen}
        </Shell>
    }
}

/// One question.
#[component]
fn Question(
    /// The question.
    asked: Asked,
    /// What is said after the answer.
    told: Memo<Option<Told>>,
    /// Called with the answer, counted from 1.
    on_answer: Callback<u32>,
) -> impl IntoView {
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // A heading that can not take the focus is no harm.
            let _ = heading.focus();
        }
    });
    let answer = move |(number, words, picture): (u32, String, Option<String>)| {
        let mark = Memo::new(move |_| told.with(|told| told.as_ref().and_then(|told| told.mark(number))));
        let shown =
            move || mark.get().map(|mark| view! { <span class="quiz-mark"><Icon name=mark.icon/>{t(mark.key)}</span> });
        view! {
            <button class="option quiz-answer" type="button" data-mark=move || mark.get().map(|mark| mark.word)
                aria-disabled=move || told.with(Option::is_some).then_some("true") on:click=move |_| on_answer.run(number)>
                {picture.map(|icon| view! { <Icon name=icon size="icon--xl"/> })}<span class="grow">{words}</span>{shown}
            </button>
        }
    };
    let why = move || {
        told.get().map(|told| {
            let (class, icon) = if told.is_right {
                ("card card--pine stack", "circle-check")
            } else {
                ("card card--warn stack", "info-circle")
            };
            view! {
                <section class=class>
                    <p class="row"><Icon name=icon/><b>{t(verdict_key(told.is_right))}</b></p>
                    <p>{told.why}</p>
                    <p class="muted">{told.source}</p>
                </section>
            }
        })
    };
    view! {
        <p class="muted">{asked.which}</p>
        {asked.icon.map(|icon| view! { <div class="quiz-picture"><Icon name=icon size="icon--xl"/></div> })}
        <h2 class="quiz-question" tabindex="-1" node_ref=heading>{asked.text}</h2>
        <div class="quiz-answers">{asked.answers.into_iter().map(answer).collect_view()}</div>
        <div aria-live="polite">{why}</div>
    }
}

/// How it went.
#[component]
fn Ending(
    /// What came of it.
    outcome: Outcome,
    /// Where it leads back.
    back: String,
    /// Once more.
    again: Callback<()>,
) -> impl IntoView {
    let lamp = passed_lamp(Some(outcome.passed));
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // A heading that can not take the focus is no harm.
            let _ = heading.focus();
        }
    });
    let text = if outcome.passed { t("quiz.passed_text") } else { t("quiz.not_passed_text") };
    let (lead, other) = if outcome.passed { ("btn", "btn btn--primary") } else { ("btn btn--primary", "btn") };
    view! {
        <div class="saved">
            <div class="saved-lamp"><Icon name=lamp.icon/></div>
            <h2 class="saved-title" tabindex="-1" node_ref=heading>{result_words(outcome)}</h2>
            <p class="saved-text"><b>{lamp.words}</b>" "{text}</p>
            <p class="muted">{t("quiz.kept")}</p>
            <button class=lead on:click=move |_| again.run(())><Icon name="refresh"/>{t("quiz.again")}</button>
            <a class=other href=back><Icon name="check"/>{t("quiz.done")}</a>
        </div>
    }
}
