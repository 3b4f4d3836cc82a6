//! Dossier reads for staff.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use dossier::{
    id::DossierId,
    view::{DossierView, HistoryEntry},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{App, bearer::Bearer, refusal::Refusal};
use crate::{reading::MAX_LISTED, storage::Projection};

/// Which rows of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only this national status, 1 to 10.
    #[param(minimum = 1, maximum = 10)]
    status: Option<u8>,
    /// At most so many rows, up to 200.
    limit: Option<u32>,
    /// For the next page: the `updated_ms` of the last row.
    before_ms: Option<i64>,
    /// For the next page: the `dossier` of the last row.
    #[param(value_type = Option<String>)]
    before_dossier: Option<DossierId>,
}

/// One row of a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    /// The dossier's id.
    dossier: String,
    /// The official code.
    code: Option<String>,
    /// A provisional code.
    provisional_code: Option<String>,
    /// The procedure's code.
    procedure: Option<String>,
    /// The national status, 1 to 10; none for a draft.
    status: Option<u8>,
    /// The unit that handles it.
    unit: Option<String>,
    /// The channel, 1 to 3.
    channel: Option<u8>,
    /// When it was submitted (Unix milliseconds).
    submitted_ms: Option<i64>,
    /// When it was accepted (Unix milliseconds).
    accepted_ms: Option<i64>,
    /// When it is due (local, ISO 8601).
    due_at: Option<String>,
    /// How many cells are in conflict.
    conflicts: u32,
    /// Whether official acts contradict each other.
    disputed: bool,
    /// Whether the content moved on from the accepted version.
    pending_amendment: bool,
    /// When anything last arrived (Unix milliseconds).
    updated_ms: i64,
}

/// A page of a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Queue {
    /// Newest first.
    dossiers: Vec<Listed>,
}

impl From<Projection> for Listed {
    fn from(row: Projection) -> Self {
        let Projection {
            dossier,
            code,
            provisional_code,
            procedure,
            status,
            unit,
            channel,
            submitted_ms,
            accepted_ms,
            due_at,
            conflicts,
            disputed,
            pending_amendment,
            updated_ms,
        } = row;
        Self {
            dossier: dossier.to_string(),
            code,
            provisional_code,
            procedure,
            status,
            unit,
            channel,
            submitted_ms,
            accepted_ms,
            due_at,
            conflicts,
            disputed,
            pending_amendment,
            updated_ms,
        }
    }
}

/// The queues of the caller's unit.
#[utoipa::path(get, path = "/v1/dossiers", tag = "dossiers", params(Which), security(("token" = [])), responses(
    (status = 200, body = Queue),
    (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
    (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED", body = super::openapi::FaultBody),
))]
pub(super) async fn list(
    State(app): State<App>,
    Bearer(reader): Bearer,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Queue>, Refusal> {
    let Query(Which { status, limit, before_ms, before_dossier }) =
        which.map_err(|_| Refusal::new(dossier::fault::Code::BadRequest))?;
    let before = before_ms.map(|at_ms| (at_ms, before_dossier));
    let rows = app.0.reading.list(&reader, status, limit.unwrap_or(MAX_LISTED), before).await?;
    Ok(Json(Queue { dossiers: rows.into_iter().map(Listed::from).collect() }))
}

/// One dossier, by id or by any of its codes.
#[utoipa::path(get, path = "/v1/dossiers/{name}", tag = "dossiers", security(("token" = [])),
    params(("name" = String, Path, description = "Id, official code or provisional code")),
    responses(
        (status = 200, description = "The dossier as people look at it", body = serde_json::Value),
        (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
        (status = 404, description = "NOT_FOUND, also if it is out of scope", body = super::openapi::FaultBody),
    ))]
pub(super) async fn show(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path(name): Path<String>,
) -> Result<Json<DossierView>, Refusal> {
    Ok(Json(app.0.reading.show(&reader, &name).await?))
}

/// Everything that was ever sealed or done in a dossier, in causal order.
#[utoipa::path(get, path = "/v1/dossiers/{name}/history", tag = "dossiers", security(("token" = [])),
    params(("name" = String, Path, description = "Id, official code or provisional code")),
    responses(
        (status = 200, description = "Entries in causal order", body = Vec<serde_json::Value>),
        (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
        (status = 404, description = "NOT_FOUND, also if it is out of scope", body = super::openapi::FaultBody),
    ))]
pub(super) async fn history(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path(name): Path<String>,
) -> Result<Json<Vec<HistoryEntry>>, Refusal> {
    Ok(Json(app.0.reading.history(&reader, &name).await?))
}
