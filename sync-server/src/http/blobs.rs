//! Attachments out, whole or in part.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use dossier::{fault::Code, id::BlobId};
use futures::StreamExt;

use super::{
    App,
    bearer::Bearer,
    body::{Outgoing, streamed},
    refusal::Refusal,
};

/// An attachment of a dossier within the caller's scopes. One `bytes` range is honoured.
#[utoipa::path(get, path = "/v1/dossiers/{name}/blobs/{blob}", tag = "attachments", security(("token" = [])),
    params(
        ("name" = String, Path, description = "Id or code of the dossier"),
        ("blob" = String, Path, description = "SHA-256 of the content, hexadecimal"),
    ),
    responses(
        (status = 200, description = "The content", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The asked-for range", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
        (status = 404, description = "NOT_FOUND, also if it is out of scope or has not arrived", body = super::openapi::FaultBody),
        (status = 416, description = "The range lies outside the content", body = super::openapi::FaultBody),
    ))]
pub(super) async fn blob(
    State(app): State<App>,
    Bearer(reader): Bearer,
    Path((name, blob)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let missing = || Refusal::new(Code::NotFound);
    let blob: BlobId = blob.parse().map_err(|_| missing())?;
    let dossier = app.0.reading.find(&reader, &name).await?;
    let row = app.0.storage.blob(&dossier, &blob).await?.filter(|row| row.arrived_ms.is_some());
    let size = row.ok_or_else(missing)?.size_bytes;
    if reader.standing.desk().is_some() {
        app.0.reading.note(&reader, &dossier).await?;
    }
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|text| range(text, size));
    let (status, from, to) = match asked {
        None => (StatusCode::OK, 0, size),
        Some(Some((from, to))) => (StatusCode::PARTIAL_CONTENT, from, to),
        Some(None) => {
            let refusal = Refusal::new(Code::BadRequest).status(StatusCode::RANGE_NOT_SATISFIABLE);
            return Ok(([(header::CONTENT_RANGE, format!("bytes */{size}"))], refusal).into_response());
        }
    };
    let mut response = status.into_response();
    if from < to {
        let mut stream = app.0.blobs.read(&dossier, &blob, from..to).await.map_err(crate::upload::UploadFault::Blob)?;
        let (outgoing, receiver) = Outgoing::new();
        tokio::spawn(async move {
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) => {
                        if outgoing.send(piece).await.is_err() {
                            return;
                        }
                    }
                    Err(fault) => {
                        tracing::error!(error = &fault as &dyn std::error::Error, "an attachment broke off");
                        return outgoing.cut().await;
                    }
                }
            }
        });
        *response.body_mut() = streamed(receiver);
    }
    let out = response.headers_mut();
    out.insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // What is named by its content never changes; but it is a person's paper, so no shared cache keeps it.
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, immutable"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{blob}\"")) {
        out.insert(header::ETAG, tag);
    }
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = HeaderValue::from_str(&format!("bytes {from}-{}/{size}", to.saturating_sub(1)))
    {
        out.insert(header::CONTENT_RANGE, value);
    }
    Ok(response)
}

/// One range of RFC 9110 §14: outer `None` if there is none that is understood (then the whole is sent), inner `None`
/// if it cannot be satisfied.
fn range(text: &str, size: u64) -> Option<Option<(u64, u64)>> {
    let (from, to) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
    if from.is_empty() {
        let suffix: u64 = to.parse().ok()?;
        return Some((suffix > 0 && size > 0).then(|| (size.saturating_sub(suffix), size)));
    }
    let from: u64 = from.parse().ok()?;
    let end = if to.is_empty() { size } else { to.parse::<u64>().ok()?.saturating_add(1).min(size) };
    Some((from < size && from < end).then_some((from, end)))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(range("bytes=0-0", 10), Some(Some((0, 1))));
        assert_eq!(range("bytes=4-", 10), Some(Some((4, 10))));
        assert_eq!(range("bytes=4-99", 10), Some(Some((4, 10))));
        assert_eq!(range("bytes=-3", 10), Some(Some((7, 10))));
        assert_eq!(range("bytes=-99", 10), Some(Some((0, 10))));
        assert_eq!(range("bytes=10-", 10), Some(None));
        assert_eq!(range("bytes=-0", 10), Some(None));
        assert_eq!(range("bytes=0-1,3-4", 10), None);
        assert_eq!(range("lines=0-1", 10), None);
    }
}
