//! Around every request: an id, a line in the log, a bound on how many run and how long.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use dossier::fault::Code;
use futures::FutureExt;
use tracing::Instrument;

use super::{App, refusal::Refusal};

/// From the first byte of a request to the head of its answer. A slow phone's largest attachment part fits.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(600);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, catches a panic of its handler, and notes how it ended.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut id = [0; 8];
    app.0.entropy.fill(&mut id);
    let id = HEXLOWER.encode(&id);
    let method = request.method().clone();
    // The template, not the path: paths hold codes and ids.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id, %method, route = %route);
    let started_ms = app.0.clock.now_ms();
    let mut response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_| Refusal::new(Code::Internal).into_response());
    let took_ms = app.0.clock.now_ms().saturating_sub(started_ms);
    let status = response.status().as_u16();
    // A visit fetches the apps' many files; they would drown what an operator looks for.
    if route == "none" && response.status().is_success() {
        span.in_scope(|| tracing::debug!(status, took_ms, "answered"));
    } else {
        span.in_scope(|| tracing::info!(status, took_ms, "answered"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Lets a bounded number of requests in, for a bounded time.
pub(super) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let Ok(_permit) = app.0.requests.try_acquire() else { return Refusal::new(Code::Busy).into_response() };
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(Code::Busy).into_response(),
    }
}
