//! The browser apps: whatever no other route answers.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use super::{App, refusal};
use crate::web::{Coding, Found, WebFile};

/// Nothing is run, fetched, framed or sent elsewhere that this server did not give out itself.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    media-src 'self' blob:; frame-src blob:; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What every answer says.
const ALWAYS: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// What can run: pages, workers, drawings. For the rest no browser reads a policy, and a first visit has thirty files.
const OF_WHAT_RUNS: [(HeaderName, &str); 2] =
    [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];

/// What a browser reads of pages only.
const OF_PAGES: [(HeaderName, &str); 2] = [
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Said where an app would stand if one had been built.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"vi\">
<meta charset=\"utf-8\">
<title>Trạm</title>
<p>Máy chủ đang chạy, nhưng chưa có ứng dụng web. Hãy dựng bằng lệnh <code>cargo xtask web</code>, \
rồi dựng lại máy chủ hoặc khởi động với <code>--web mobile/web/dist</code>.</p>
<p lang=\"en\">The server runs, but has no web app. Build it with <code>cargo xtask web</code>, \
then build the server again or start it with <code>--web mobile/web/dist</code>.</p>
</html>
";

/// The API's addresses, where a mistyped one is refused in the API's own way.
fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// A file of the apps, their page, or a refusal.
pub(super) async fn apps(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if is_api(path) || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refusal::no_such_address().await.into_response();
    }
    let mut response = match app.0.web.at(path) {
        Found::File(found) => file(found, request.headers()),
        Found::NotBuilt => {
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
            (headers, NOT_BUILT).into_response()
        }
        Found::Nothing => return refusal::no_such_address().await.into_response(),
    };
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // An answer without content says nothing of its kind; it may stand for a page.
    let is_page = media.is_empty() || media.starts_with("text/html");
    let runs = is_page || media.starts_with("text/javascript") || media.starts_with("image/svg");
    let said = [ALWAYS].into_iter();
    let said = said.chain(OF_WHAT_RUNS.into_iter().filter(|_| runs)).chain(OF_PAGES.into_iter().filter(|_| is_page));
    for (name, value) in said {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file(file: &WebFile, headers: &HeaderMap) -> Response {
    let (coding, bytes) = file.form(accepts(headers, "br"), accepts(headers, "gzip"));
    // Each form has its own tag: they differ byte by byte.
    let tag = match coding {
        Some(coding) => format!("\"{}-{}\"", file.tag, coding.name()),
        None => format!("\"{}\"", file.tag),
    };
    let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_held = held.is_some_and(|held| held.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if is_held { StatusCode::NOT_MODIFIED.into_response() } else { content(file, coding, bytes) };
    let out = response.headers_mut();
    let caching = if file.is_immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if file.has_forms() {
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

fn content(file: &WebFile, coding: Option<Coding>, bytes: &Bytes) -> Response {
    let mut response = ([(header::CONTENT_TYPE, file.media)], bytes.clone()).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if let Some(coding) = coding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    response
}

/// Whether the asker takes a coding, by RFC 9110 §12.5.3; what is not named is not sent.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty()));
        named && !refused
    })
}
