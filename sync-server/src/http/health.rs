//! Whether the server lives, and whether it can work.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, refusal::Refusal};

/// The server lives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `true`.
    alive: bool,
}

/// The server can work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ready {
    /// Always `true`; otherwise the answer is 503.
    ready: bool,
    /// The database behind it: `sqlite` or `postgres`.
    storage: String,
    /// The catalogue in force.
    catalogue: String,
    /// The Centre's public key, in hexadecimal.
    centre: String,
}

/// Answers as long as the process runs.
#[utoipa::path(get, path = "/v1/health", tag = "operation", responses((status = 200, body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { alive: true })
}

/// Answers if the database does.
#[utoipa::path(get, path = "/v1/ready", tag = "operation", responses(
    (status = 200, body = Ready),
    (status = 503, description = "The database does not answer", body = super::openapi::FaultBody),
))]
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Ready>, Refusal> {
    app.0.storage.setting("centre/epoch").await?;
    Ok(Json(Ready {
        ready: true,
        storage: app.0.storage.name().to_owned(),
        catalogue: app.0.catalogue.version().to_owned(),
        centre: app.0.centre.public().to_string(),
    }))
}
