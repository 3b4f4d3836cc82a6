//! The catalogue as one download.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::App;

/// The whole catalogue as one JSON bundle; `304` for whoever has it.
#[utoipa::path(get, path = "/v1/catalogue", tag = "catalogue", responses(
    (status = 200, description = "The bundle", body = serde_json::Value, content_type = "application/json"),
    (status = 304, description = "The caller's copy is the one in force"),
))]
pub(super) async fn catalogue(State(app): State<App>, headers: HeaderMap) -> Response {
    let tag = app.0.bundle_tag.as_str();
    let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let current = held.is_some_and(|held| held.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], app.0.bundle.clone()).into_response()
    };
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
