//! Attachments in: the tus protocol, version 1.0.0, with creation, checksum, termination and expiration.

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use data_encoding::BASE64;
use dossier::{
    fault::Code,
    id::{BlobId, DossierId},
    wire::limits,
};
use futures::Stream;

use super::{App, bearer::Bearer, body, refusal::Refusal};
use crate::{
    access::Reader,
    storage::UploadRow,
    upload::{Checksum, UPLOAD_LIFE_MS},
};

const VERSION: &str = "1.0.0";
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const PART_TYPE: &str = "application/offset+octet-stream";

/// Every tus answer says which version it speaks, refusals included.
pub(super) struct Tus<T>(T);

impl<T: IntoResponse> IntoResponse for Tus<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
        response
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Refusal> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| Refusal::new(Code::BadRequest).with("header", name))
}

/// Another version of the protocol is answered with 412 and the version spoken here.
fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.get(TUS_RESUMABLE).is_some_and(|value| value == VERSION) {
        Ok(())
    } else {
        Err(Refusal::new(Code::Protocol).status(StatusCode::PRECONDITION_FAILED).with("tus", VERSION))
    }
}

/// The dossier and the blob, from `Upload-Metadata: dossier <base64>,blob <base64>`.
fn metadata(headers: &HeaderMap) -> Result<(DossierId, BlobId), Refusal> {
    let wrong = || Refusal::new(Code::BadRequest).with("header", UPLOAD_METADATA);
    let text = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok()).ok_or_else(wrong)?;
    let value = |key: &str| {
        let pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, encoded) = pairs.into_iter().find(|(name, _)| *name == key)?;
        String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()
    };
    let dossier = value("dossier").and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
    let blob = value("blob").and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
    Ok((dossier, blob))
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Refusal> {
    let Some(value) = headers.get(UPLOAD_CHECKSUM) else { return Ok(None) };
    let wrong = || Refusal::new(Code::BadRequest).with("header", UPLOAD_CHECKSUM);
    let (algorithm, encoded) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(wrong)?;
    let bytes = BASE64.decode(encoded.trim().as_bytes()).map_err(|_| wrong())?;
    match algorithm {
        "sha1" => Ok(Some(Checksum::Sha1(bytes))),
        "sha256" => Ok(Some(Checksum::Sha256(bytes))),
        _ => Err(wrong()),
    }
}

fn state(upload: &UploadRow) -> [(HeaderName, String); 2] {
    let expires_ms = upload.touched_ms.saturating_add(UPLOAD_LIFE_MS);
    let expires = jiff::Timestamp::from_millisecond(expires_ms)
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default();
    [(UPLOAD_OFFSET, upload.offset_bytes.to_string()), (UPLOAD_EXPIRES, expires)]
}

/// What this server's tus can do.
#[utoipa::path(options, path = "/v1/uploads", tag = "attachments", responses(
    (status = 204, description = "Tus-Version, Tus-Max-Size, Tus-Extension, Tus-Checksum-Algorithm"),
))]
pub(super) async fn options() -> Tus<Response> {
    let headers = [
        (TUS_VERSION, VERSION.to_owned()),
        (TUS_MAX_SIZE, limits::MAX_BLOB_BYTES.to_string()),
        (TUS_EXTENSION, "creation,checksum,termination,expiration".to_owned()),
        (TUS_ALGORITHMS, "sha256,sha1".to_owned()),
    ];
    Tus((StatusCode::NO_CONTENT, headers).into_response())
}

/// Opens an upload for an attachment that a dossier in the caller's scopes names.
#[utoipa::path(post, path = "/v1/uploads", tag = "attachments", security(("token" = [])),
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = u64, Header, description = "Size in bytes"),
        ("Upload-Metadata" = String, Header, description = "dossier <base64 of the id>,blob <base64 of the hexadecimal SHA-256>"),
    ),
    responses(
        (status = 201, description = "Location of the upload"),
        (status = 404, description = "NOT_FOUND: no dossier in scope names it", body = super::openapi::FaultBody),
        (status = 412, description = "PROTOCOL_UNKNOWN", body = super::openapi::FaultBody),
        (status = 413, description = "ATTACHMENT_TOO_LARGE", body = super::openapi::FaultBody),
        (status = 460, description = "BLOB_MISMATCH: an empty file that is not the one announced", body = super::openapi::FaultBody),
    ))]
pub(super) async fn create(
    State(app): State<App>,
    Bearer(reader): Bearer,
    headers: HeaderMap,
) -> Tus<Result<Response, Refusal>> {
    Tus(async {
        check_version(&headers)?;
        let length = number(&headers, &UPLOAD_LENGTH)?;
        let (dossier, blob) = metadata(&headers)?;
        let upload = app.0.uploads.create(&reader, dossier, blob, length).await?;
        let location = [(header::LOCATION, format!("/v1/uploads/{}", upload.id))];
        Ok((StatusCode::CREATED, location, state(&upload)).into_response())
    }
    .await)
}

/// Where an upload stands.
#[utoipa::path(head, path = "/v1/uploads/{id}", tag = "attachments", security(("token" = [])),
    params(("id" = String, Path, description = "As in Location")),
    responses(
        (status = 200, description = "Upload-Offset, Upload-Length, Upload-Expires"),
        (status = 404, description = "NOT_FOUND, also if another device opened it"),
    ))]
pub(super) async fn head(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Tus<Result<Response, Refusal>> {
    Tus(async {
        check_version(&headers)?;
        let upload = app.0.uploads.find(&reader, &id).await?;
        let more = [(UPLOAD_LENGTH, upload.length_bytes.to_string()), (header::CACHE_CONTROL, "no-store".to_owned())];
        Ok((StatusCode::OK, more, state(&upload)).into_response())
    }
    .await)
}

/// Appends bytes at the offset where the upload stands.
#[utoipa::path(patch, path = "/v1/uploads/{id}", tag = "attachments", security(("token" = [])),
    params(
        ("id" = String, Path, description = "As in Location"),
        ("Upload-Offset" = u64, Header, description = "Where the upload stands"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha256 or sha1, then base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "Upload-Offset after the bytes"),
        (status = 404, description = "NOT_FOUND", body = super::openapi::FaultBody),
        (status = 409, description = "UPLOAD_OFFSET", body = super::openapi::FaultBody),
        (status = 413, description = "OVER_LIMIT: more than announced", body = super::openapi::FaultBody),
        (status = 415, description = "Another media type", body = super::openapi::FaultBody),
        (status = 460, description = "DAMAGED: the part does not fit its checksum; BLOB_MISMATCH: the whole does not fit its id, and the upload is dropped", body = super::openapi::FaultBody),
    ))]
pub(super) async fn append(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path(id): Path<String>,
    request: Request,
) -> Tus<Result<Response, Refusal>> {
    let (parts, body) = request.into_parts();
    let mut pieces = body::pieces(body);
    let outcome = append_pieces(&app, &reader, &id, &parts.headers, &mut pieces).await;
    if outcome.is_err() {
        body::drain(&mut pieces).await;
    }
    Tus(outcome)
}

async fn append_pieces(
    app: &App,
    reader: &Reader,
    id: &str,
    headers: &HeaderMap,
    pieces: &mut (impl Stream<Item = Option<Bytes>> + Send + Unpin),
) -> Result<Response, Refusal> {
    check_version(headers)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|value| value != PART_TYPE) {
        return Err(Refusal::new(Code::BadRequest).status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset = number(headers, &UPLOAD_OFFSET)?;
    let checksum = checksum(headers)?;
    let upload = app.0.uploads.append(reader, id, offset, checksum, pieces).await?;
    Ok((StatusCode::NO_CONTENT, state(&upload)).into_response())
}

/// Gives an upload up.
#[utoipa::path(delete, path = "/v1/uploads/{id}", tag = "attachments", security(("token" = [])),
    params(("id" = String, Path, description = "As in Location")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 404, description = "NOT_FOUND", body = super::openapi::FaultBody),
    ))]
pub(super) async fn terminate(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Tus<Result<Response, Refusal>> {
    Tus(async {
        check_version(&headers)?;
        app.0.uploads.terminate(&reader, &id).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }
    .await)
}
