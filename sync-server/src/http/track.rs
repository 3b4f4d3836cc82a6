//! Where a dossier stands, for whoever holds its code: no account, and nothing about a person.

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use dossier::{
    deadline::local,
    fault::Code,
    view::{DossierView, Moment, StatusView},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, pace, refusal::Refusal};

/// Where a dossier stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tracked {
    /// The official code, once there is one.
    code: Option<String>,
    /// Every other code it is or was known by, provisional ones included.
    aliases: Vec<String>,
    /// The procedure's code.
    procedure: Option<String>,
    /// The procedure's name.
    procedure_name: Option<Names>,
    /// The business status.
    status: Standing,
    /// The channel, 1 to 3.
    channel: Option<u8>,
    /// The unit that handles it.
    unit: Option<String>,
    /// That unit's name.
    unit_name: Option<String>,
    /// When it was first submitted (local, ISO 8601 with +07:00).
    submitted_at: Option<String>,
    /// When it was accepted.
    accepted_at: Option<String>,
    /// When the result is due.
    due_at: Option<String>,
    /// Whether that date may still change.
    due_provisional: bool,
    /// When the result was there, or it ended otherwise.
    finished_at: Option<String>,
    /// How many of its papers' pages have arrived.
    pages: Pages,
    /// When this was true.
    as_of: String,
}

/// A name in two languages.
#[derive(Debug, Serialize, ToSchema)]
struct Names {
    /// Vietnamese.
    vi: String,
    /// English.
    en: String,
}

/// The business status with its names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrackedStatus)]
struct Standing {
    /// The national code, 1 to 10; none for a draft.
    business: Option<u8>,
    /// The exact national name.
    name: &'static str,
    /// In English.
    name_en: &'static str,
}

/// Pages of papers.
#[derive(Debug, Serialize, ToSchema)]
struct Pages {
    /// Here.
    arrived: usize,
    /// Named.
    total: usize,
}

/// The status of a dossier by its official or provisional code, upper or lower case, with or without blanks. 60 look-ups
/// a minute for each address.
#[utoipa::path(get, path = "/v1/track/{code}", tag = "tracking",
    params(("code" = String, Path, description = "Official or provisional code")),
    responses(
        (status = 200, description = "Where it stands; nothing about a person", body = Tracked),
        (status = 404, description = "NOT_FOUND", body = super::openapi::FaultBody),
        (status = 429, description = "BUSY: too many look-ups, with Retry-After", body = super::openapi::FaultBody),
    ))]
pub(super) async fn track(
    State(app): State<App>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let now_ms = app.0.clock.now_ms();
    let peer = pace::peer(request.extensions(), request.headers());
    app.0
        .lookups
        .count(peer, now_ms)
        .map_err(|seconds| Refusal::new(Code::Busy).status(StatusCode::TOO_MANY_REQUESTS).retry_after(seconds))?;
    let view = app.0.reading.track(&code).await?;
    let tracked = tracked(&app, view, now_ms);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(tracked)).into_response())
}

fn tracked(app: &App, view: DossierView, now_ms: i64) -> Tracked {
    let StatusView { business, name, name_en } = view.status;
    let at = |moment: Option<Moment>| moment.map(|moment| moment.at);
    let files = || view.components.iter().flat_map(|component| &component.files);
    let pages = Pages { arrived: files().filter(|file| file.arrived).count(), total: files().count() };
    let unit_name =
        view.unit.as_deref().and_then(|unit| app.0.catalogue.units().get(unit)).map(|unit| unit.full_name());
    Tracked {
        code: view.code,
        aliases: view.aliases,
        procedure: view.procedure,
        procedure_name: view.procedure_name.map(|name| Names { vi: name.vi, en: name.en }),
        status: Standing { business, name, name_en },
        channel: view.channel,
        unit: view.unit,
        unit_name,
        submitted_at: at(view.submitted_at),
        accepted_at: at(view.accepted_at),
        due_at: view.due_at,
        due_provisional: view.due_provisional,
        finished_at: at(view.finished_at),
        pages,
        as_of: format!("{}+07:00", local(now_ms).strftime("%Y-%m-%dT%H:%M:%S")),
    }
}
