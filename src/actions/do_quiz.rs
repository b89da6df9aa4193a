//! Doing a quiz: what was answered survives a closed page, and the end of it is a record.

use greenshield_client::engine::Save;
use greenshield_domain::attempt;
use greenshield_domain::city::Quiz;
use greenshield_domain::ids::RecordId;

use super::add_record::add_records;
use super::load_records;
use crate::context::App;
use crate::state::message::Message;
use crate::state::quiz::Run;

fn draft_of(quiz: &Quiz) -> String {
    format!("quiz-{}", quiz.number)
}

/// Goes on where the page was closed, or begins.
pub async fn resume_quiz(app: App, quiz: &Quiz, about: Option<RecordId>) -> Run {
    let kept = match app.engine().draft(&draft_of(quiz)).await {
        Ok(kept) => kept,
        Err(error) => {
            load_records::note_trouble(app, &error);
            None
        }
    };
    Run::resume(kept.as_deref(), quiz, about)
}

/// Keeps what was answered so far.
pub async fn keep_run(app: App, quiz: &Quiz, run: &Run) {
    if let Err(error) = app.engine().keep_draft(&draft_of(quiz), run.to_bytes(), Vec::new()).await {
        load_records::note_trouble(app, &error);
    }
}

/// Saves the attempt and sends it; what was kept of it on the way goes.
///
/// # Errors
/// Words for the page; nothing was saved then, and what was answered is still there.
pub async fn save_attempt(app: App, quiz: &Quiz, run: &Run) -> Result<(), Message> {
    let entries = attempt::entries(quiz, &run.answers, run.about, app.now_millis());
    let save = Save { record: None, kind: attempt::KIND, entries, draft: Some(draft_of(quiz)) };
    add_records(app, &[save]).await.map(|_| ())
}
