//! `GET /v1/city/versions`: the versions of the city package, for those with the action `package`.

use axum::extract::State;
use axum::response::Response;
use greenshield_domain::policy::Action;

use super::city;
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Package)?;
    app.follow_city().await?;
    city::list(&app).await
}
