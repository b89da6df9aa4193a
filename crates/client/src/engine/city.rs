//! The versions of the city package, for those who bring them. Nothing of it is kept here: phones take the package that holds
//! with the app.

use greenshield_domain::wire::{CityCheckRequest, CityCheckResponse, CityKeepRequest, CityVersionsResponse};

use super::enrol::{json_request, read_reply};
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{HttpRequest, Ports};

/// A package is a few hundred kilobytes, in either direction.
const PACKAGE_TIMEOUT_MILLIS: u32 = 120_000;

impl<P: Ports> Engine<P> {
    /// All versions, the highest number first.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `forbidden` for those who bring none.
    pub async fn city_versions(&self) -> Result<CityVersionsResponse, EngineError> {
        read_reply(&self.send_signed(request("GET", "/v1/city/versions")).await?.body)
    }

    /// The bytes of a version.
    ///
    /// # Errors
    /// As [`Engine::city_versions`], and [`EngineError::ForeignReply`] for one that is no text.
    pub async fn city_package(&self, version: u32) -> Result<String, EngineError> {
        let asked = request("GET", format!("/v1/city/versions/{version}"));
        let reply = self.send_signed(HttpRequest { timeout_millis: PACKAGE_TIMEOUT_MILLIS, ..asked }).await?;
        String::from_utf8(reply.body).map_err(|_| EngineError::ForeignReply("package".to_owned()))
    }

    /// What is wrong with a package and what it would change.
    ///
    /// # Errors
    /// As [`Engine::city_versions`].
    pub async fn check_city(&self, package: String) -> Result<CityCheckResponse, EngineError> {
        let asked = json_request("/v1/city/check", &CityCheckRequest { package })?;
        read_reply(&self.send_signed(HttpRequest { timeout_millis: PACKAGE_TIMEOUT_MILLIS, ..asked }).await?.body)
    }

    /// Brings a version.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `city_faults`, `city_moved` or `bad_day`; then nothing was changed.
    pub async fn keep_city(&self, asked: &CityKeepRequest) -> Result<CityVersionsResponse, EngineError> {
        let post = json_request("/v1/city/versions", asked)?;
        read_reply(&self.send_signed(HttpRequest { timeout_millis: PACKAGE_TIMEOUT_MILLIS, ..post }).await?.body)
    }

    /// Withdraws a version whose day is to come.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `city_past` for one that holds or held.
    pub async fn withdraw_city(&self, version: u32) -> Result<CityVersionsResponse, EngineError> {
        let post = request("POST", format!("/v1/city/versions/{version}/withdraw"));
        read_reply(&self.send_signed(post).await?.body)
    }
}
