//! The HTTP face: routes, and around them request ids, limits and one way of saying no.
//!
//! Handlers are thin: extract, ask the part of the server that knows, answer. The log gets the route's template, the
//! status and the time, never a path, a body or a name.

mod bearer;
mod blobs;
mod body;
mod catalogue;
mod dossiers;
mod health;
mod observe;
mod openapi;
mod refusal;
mod sync;
mod uploads;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, head, options, post},
};
use bytes::Bytes;
use tokio::sync::Semaphore;

pub use openapi::document as openapi_document;
pub use refusal::Refusal;

use crate::{
    blob::BlobStore,
    centre::Centre,
    exchange::Exchange,
    port::{Clock, Entropy},
    reading::Reading,
    storage::Storage,
    upload::Uploads,
};
use dossier::catalogue::Catalogue;

/// Requests that run at once. Beyond it the answer is `503` with `Retry-After`.
const MAX_REQUESTS: usize = 512;
/// Syncs that are worked on at once; each may hold its body and its answer in memory.
const MAX_SYNCS: usize = 32;

/// Everything the handlers need.
#[derive(Clone)]
pub struct App(pub(crate) Arc<AppParts>);

/// What stands behind [`App`].
pub(crate) struct AppParts {
    pub exchange: Exchange,
    pub reading: Reading,
    pub uploads: Uploads,
    pub blobs: BlobStore,
    pub storage: Arc<dyn Storage>,
    pub centre: Arc<Centre>,
    pub catalogue: &'static Catalogue,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub bundle: Bytes,
    pub bundle_tag: String,
    pub requests: Arc<Semaphore>,
    pub syncs: Arc<Semaphore>,
}

impl App {
    /// The application over its parts.
    #[must_use]
    pub fn new(exchange: Exchange, uploads: Uploads, blobs: BlobStore, entropy: Arc<dyn Entropy>) -> Self {
        let Exchange { storage, centre, catalogue, clock, .. } = exchange.clone();
        let reading = Reading::new(Arc::clone(&storage), Arc::clone(&centre), catalogue, Arc::clone(&clock));
        let hash = catalogue.hash().to_string();
        Self(Arc::new(AppParts {
            exchange,
            reading,
            uploads,
            blobs,
            storage,
            centre,
            catalogue,
            clock,
            entropy,
            bundle: Bytes::from(catalogue.to_bundle()),
            // The version is for people; two sets under one version are told apart by their hash.
            bundle_tag: format!("\"{}-{}\"", catalogue.version(), hash.get(..16).unwrap_or(&hash)),
            requests: Arc::new(Semaphore::new(MAX_REQUESTS)),
            syncs: Arc::new(Semaphore::new(MAX_SYNCS)),
        }))
    }
}

/// The table of contents.
pub fn router(app: App) -> Router {
    let limited = Router::new()
        .route("/v1/sync", post(sync::sync))
        .route("/v1/catalogue", get(catalogue::catalogue))
        .route("/v1/dossiers", get(dossiers::list))
        .route("/v1/dossiers/{name}", get(dossiers::show))
        .route("/v1/dossiers/{name}/history", get(dossiers::history))
        .route("/v1/dossiers/{name}/blobs/{blob}", get(blobs::blob))
        .route("/v1/uploads", options(uploads::options).post(uploads::create))
        .route(
            "/v1/uploads/{id}",
            head(uploads::head).patch(uploads::append).delete(uploads::terminate).options(uploads::options),
        )
        .route_layer(middleware::from_fn_with_state(app.clone(), observe::limit));
    Router::new()
        .route("/v1/health", get(health::health))
        .route("/v1/ready", get(health::ready))
        .route("/v1/openapi.json", get(openapi::openapi))
        .merge(limited)
        .fallback(refusal::no_such_address)
        .method_not_allowed_fallback(refusal::no_such_method)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}
