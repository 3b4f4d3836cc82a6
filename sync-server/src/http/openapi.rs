//! The API as an OpenAPI document.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Every refusal has this shape.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fault)]
#[allow(dead_code, reason = "describes the shape of `dossier::fault::Fault`, which knows nothing of OpenAPI")]
pub(super) struct FaultBody {
    /// The stable code, such as `NOT_FOUND`.
    code: String,
    /// What happened, that the work is safe (or not), and what to do.
    message: Sentence,
    /// Limits, hashes and numbers. Never personal data.
    details: BTreeMap<String, String>,
    /// `never`, `later` or `after_action`.
    retry: String,
}

/// A sentence in two languages.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes the shape of `dossier::fault::Sentence`")]
struct Sentence {
    /// Vietnamese.
    vi: String,
    /// English.
    en: String,
}

/// A procedure found.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes the shape of `dossier::catalogue::ProcedureHit`")]
pub(super) struct ProcedureHit {
    /// Its code.
    code: String,
    /// Its name.
    name: Sentence,
    /// Its sector's id.
    sector: String,
    /// Its sector's name.
    sector_name: Sentence,
    /// Ids of the events of life under which it is found.
    life_events: Vec<String>,
    /// Level that decides.
    level: String,
}

/// A sector, or an event of life, with its procedures counted.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes the shape of `dossier::catalogue::SectorCount` and `LifeEventCount`")]
pub(super) struct Counted {
    /// Its id, which the search takes.
    id: String,
    /// Its name.
    name: Sentence,
    /// How many procedures it has.
    procedures: usize,
}

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token of the last sync's end frame; valid for a day"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Trạm", description = "The Centre's API. What travels through /v1/sync is described in docs/protocol.md."),
    paths(
        super::sync::sync, super::health::health, super::health::ready, super::catalogue::catalogue,
        super::guide::procedures, super::guide::guide, super::guide::sectors, super::guide::life_events,
        super::dossiers::list, super::dossiers::show, super::dossiers::history, super::blobs::blob,
        super::uploads::options, super::uploads::create, super::uploads::head, super::uploads::append,
        super::uploads::terminate, super::pokes::pokes, super::track::track, super::admin::invite,
        super::admin::invitations, super::admin::devices, super::admin::revoke, super::admin::status, openapi,
    ),
    components(schemas(FaultBody, Sentence)),
    modifiers(&Token),
)]
struct Api;

/// The document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "operation", responses((status = 200, body = serde_json::Value)))]
pub(super) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
