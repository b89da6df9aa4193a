//! `POST /v1/city/versions/{version}/withdraw`: a version of the city package whose day is to come will not hold.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;

use super::city;
use crate::app::Shared;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::CityStore as _;
use crate::versions;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    version: Result<Path<u32>, PathRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Package)?;
    let Ok(Path(version)) = version else { return Err(ApiError::NotFound) };
    versions::may_withdraw(&app.store.city_versions().await?, version, app.clock.now_millis())?;
    audit::note(&app, &caller, Deed::PackageWithdrawn, None).await?;
    versions::withdraw(&app.store, version, app.clock.now_millis()).await?;
    city::list(&app).await
}
