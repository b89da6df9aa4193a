//! Trying now: a person does not want to wait for the next try.

use crate::context::App;

/// Makes everything due and wakes the sync.
pub async fn retry_now(app: App) {
    if let Err(error) = app.engine().retry_now().await {
        super::load_records::note_trouble(app, &error);
    }
    app.wake_sync();
}
