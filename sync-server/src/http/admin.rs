//! The operator's doors. Everybody else is told no before anything is looked at.

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Path, State},
    http::{HeaderName, header, request::Parts},
};
use dossier::{certificate::Role, fault::Code};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{App, bearer::Bearer, body, refusal::Refusal};
use crate::{
    access::Standing,
    operating::{DeviceLine, Figures, INVITATION_DAYS, OpenInvitation},
};

/// More than any request here needs.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Invitations and people's names are in no cache.
const PRIVATE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

type Answer<T> = Result<([(HeaderName, &'static str); 1], Json<T>), Refusal>;

/// A device of an operator whose certificate is valid now.
pub(super) struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Bearer(reader) = Bearer::from_request_parts(parts, app).await?;
        match reader.standing {
            Standing::Certified(certificate) if certificate.role == Role::Operator => Ok(Self),
            Standing::Lapsed => Err(Refusal::new(Code::CertificateRefused)),
            Standing::Bare | Standing::Revoked | Standing::Certified(_) => Err(Refusal::new(Code::NotAllowed)),
        }
    }
}

async fn asked<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = body::read(body, MAX_BODY_BYTES).await?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::new(Code::BadRequest))
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    /// `citizen`, `postal`, `officer`, `head` or `operator`.
    role: String,
    /// A commune code, a unit id or an organisation id.
    unit: String,
    /// The person's name, 1 to 120 characters.
    name: String,
}

/// An invitation just made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Made {
    /// The one word for the person; it is told this once.
    invitation: String,
    /// Not to be taken up after this (Unix milliseconds).
    expires_ms: i64,
}

/// Makes a one-time invitation for 14 days.
#[utoipa::path(post, path = "/v1/admin/invitations", tag = "administration", security(("token" = [])),
    request_body = Invite,
    responses(
        (status = 200, body = Made),
        (status = 400, description = "BAD_REQUEST; details.field names role, unit or name", body = super::openapi::FaultBody),
        (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
        (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED, DEVICE_REVOKED", body = super::openapi::FaultBody),
    ))]
pub(super) async fn invite(State(app): State<App>, _operator: Operator, body: Body) -> Answer<Made> {
    let Invite { role, unit, name } = asked(body).await?;
    let made = app.0.operating.invite(&role, &unit, &name, INVITATION_DAYS).await?;
    Ok((PRIVATE, Json(Made { invitation: made.invitation.to_string(), expires_ms: made.row.expires_ms })))
}

/// Invitations whose time is not over, without their words.
#[utoipa::path(get, path = "/v1/admin/invitations", tag = "administration", security(("token" = [])), responses(
    (status = 200, body = Vec<OpenInvitation>),
    (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
    (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED, DEVICE_REVOKED", body = super::openapi::FaultBody),
))]
pub(super) async fn invitations(State(app): State<App>, _operator: Operator) -> Answer<Vec<OpenInvitation>> {
    Ok((PRIVATE, Json(app.0.operating.invitations().await?)))
}

/// All devices that hold a certificate.
#[utoipa::path(get, path = "/v1/admin/devices", tag = "administration", security(("token" = [])), responses(
    (status = 200, body = Vec<DeviceLine>),
    (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
    (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED, DEVICE_REVOKED", body = super::openapi::FaultBody),
))]
pub(super) async fn devices(State(app): State<App>, _operator: Operator) -> Answer<Vec<DeviceLine>> {
    Ok((PRIVATE, Json(app.0.operating.devices().await?)))
}

/// Why a device is taken out of use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoke {
    /// In the operator's words, 1 to 500 characters.
    reason: String,
}

/// A device taken out of use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Revoked {
    /// The device, in hexadecimal.
    device: String,
    /// Since when (Unix milliseconds).
    revoked_ms: i64,
    /// Why.
    reason: String,
}

/// Takes a device out of use. The first time and reason stand.
#[utoipa::path(post, path = "/v1/admin/devices/{id}/revoke", tag = "administration", security(("token" = [])),
    params(("id" = String, Path, description = "The device, hexadecimal")),
    request_body = Revoke,
    responses(
        (status = 200, body = Revoked),
        (status = 400, description = "BAD_REQUEST; details.field names reason", body = super::openapi::FaultBody),
        (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
        (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED, DEVICE_REVOKED", body = super::openapi::FaultBody),
        (status = 404, description = "NOT_FOUND: no such device was ever seen", body = super::openapi::FaultBody),
    ))]
pub(super) async fn revoke(
    State(app): State<App>,
    _operator: Operator,
    Path(device): Path<String>,
    body: Body,
) -> Answer<Revoked> {
    let Revoke { reason } = asked(body).await?;
    let revoked = app.0.operating.revoke(&device, &reason).await?;
    Ok((PRIVATE, Json(Revoked { device, revoked_ms: revoked.at_ms, reason: revoked.reason })))
}

/// What the database holds.
#[utoipa::path(get, path = "/v1/admin/status", tag = "administration", security(("token" = [])), responses(
    (status = 200, body = Figures),
    (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
    (status = 403, description = "NOT_ALLOWED, CERTIFICATE_REFUSED, DEVICE_REVOKED", body = super::openapi::FaultBody),
))]
pub(super) async fn status(State(app): State<App>, _operator: Operator) -> Answer<Figures> {
    Ok((PRIVATE, Json(app.0.operating.figures().await?)))
}
