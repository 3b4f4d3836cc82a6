//! What anybody may know of procedures, one question at a time: for a first visitor, whose device is still on its way.
//!
//! The answers are those of a device, made by the same code from the same catalogue. They hold for a day: which version
//! of a procedure is in force depends on it.

use axum::{
    Json,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use dossier::{
    catalogue::{FormLookupError, ProcedureQuery},
    deadline::local,
    fault::Code,
};
use serde::Serialize;

use super::{App, openapi, pace, refusal::Refusal};

/// How long a copy is good without asking again. A newer catalogue is seen this much later.
const CACHING: HeaderValue = HeaderValue::from_static("public, max-age=600");

/// Counts a question of whoever asks.
fn admit(app: &App, request: &Request) -> Result<(), Refusal> {
    let peer = pace::peer(request.extensions(), request.headers());
    let too_many = |seconds| Refusal::new(Code::Busy).status(StatusCode::TOO_MANY_REQUESTS).retry_after(seconds);
    app.0.questions.count(peer, app.0.clock.now_ms()).map_err(too_many)
}

/// An answer under the tag of the catalogue and the day; `304` for whoever has it.
fn answer(app: &App, headers: &HeaderMap, content: impl Serialize) -> Response {
    let tag = format!("\"{}.{}\"", app.0.bundle_tag.trim_matches('"'), local(app.0.clock.now_ms()).date());
    let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let current = held.is_some_and(|held| held.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if current { StatusCode::NOT_MODIFIED.into_response() } else { Json(content).into_response() };
    response.headers_mut().insert(header::CACHE_CONTROL, CACHING);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Procedures that answer words, with or without diacritics, best first; all of them, by code, without words. 1,200
/// questions a minute for each address, over all of `/v1/guide`.
#[utoipa::path(get, path = "/v1/guide/procedures", tag = "guide",
    params(
        ("query" = Option<String>, Query, description = "Words, or a code"),
        ("sector" = Option<String>, Query, description = "Only of this sector"),
        ("life_event" = Option<String>, Query, description = "Only under this event of life"),
    ),
    responses(
        (status = 200, description = "Procedures, best first", body = Vec<openapi::ProcedureHit>),
        (status = 304, description = "The caller's copy is the one in force"),
        (status = 400, description = "BAD_REQUEST", body = openapi::FaultBody),
        (status = 429, description = "BUSY: too many questions, with Retry-After", body = openapi::FaultBody),
    ))]
pub(super) async fn procedures(
    State(app): State<App>,
    query: Result<Query<ProcedureQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    admit(&app, &request)?;
    let Query(query) = query.map_err(|_| Refusal::new(Code::BadRequest))?;
    Ok(answer(&app, request.headers(), app.0.catalogue.find(&query)))
}

/// Sectors with how many procedures each has.
#[utoipa::path(get, path = "/v1/guide/sectors", tag = "guide", responses(
    (status = 200, description = "Sectors in order", body = Vec<openapi::Counted>),
    (status = 304, description = "The caller's copy is the one in force"),
    (status = 429, description = "BUSY: too many questions, with Retry-After", body = openapi::FaultBody),
))]
pub(super) async fn sectors(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    admit(&app, &request)?;
    Ok(answer(&app, request.headers(), app.0.catalogue.count_sectors()))
}

/// Events of life with how many procedures each has.
#[utoipa::path(get, path = "/v1/guide/life-events", tag = "guide", responses(
    (status = 200, description = "Events of life in order", body = Vec<openapi::Counted>),
    (status = 304, description = "The caller's copy is the one in force"),
    (status = 429, description = "BUSY: too many questions, with Retry-After", body = openapi::FaultBody),
))]
pub(super) async fn life_events(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    admit(&app, &request)?;
    Ok(answer(&app, request.headers(), app.0.catalogue.count_life_events()))
}

/// What a person wants to know of a procedure before they begin, by the version in force today: ways, terms, fees,
/// papers, legal bases.
#[utoipa::path(get, path = "/v1/guide/procedures/{code}", tag = "guide",
    params(("code" = String, Path, description = "The procedure's code")),
    responses(
        (status = 200, description = "The guide, as a device shows it", body = serde_json::Value),
        (status = 304, description = "The caller's copy is the one in force"),
        (status = 404, description = "UNKNOWN_PROCEDURE, with details.did_you_mean", body = openapi::FaultBody),
        (status = 429, description = "BUSY: too many questions, with Retry-After", body = openapi::FaultBody),
    ))]
pub(super) async fn guide(
    State(app): State<App>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    admit(&app, &request)?;
    let today = local(app.0.clock.now_ms()).date();
    let guide = app.0.catalogue.guide_of(&code, today).map_err(unknown)?;
    Ok(answer(&app, request.headers(), guide))
}

fn unknown(error: FormLookupError) -> Refusal {
    let refusal = Refusal::new(Code::UnknownProcedure).status(StatusCode::NOT_FOUND);
    match error {
        FormLookupError::Unknown(unknown) => {
            let refusal = refusal.with("procedure", unknown.asked);
            match unknown.did_you_mean {
                Some(code) => refusal.with("did_you_mean", code),
                None => refusal,
            }
        }
        FormLookupError::Form(_) => refusal.with("reason", "form"),
    }
}
