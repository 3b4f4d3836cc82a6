//! The HTTP face: routes, and around them request ids, limits and one way of saying no.
//!
//! Handlers are thin: extract, ask the part of the server that knows, answer. The log gets the route's template, the
//! status and the time, never a path, a body or a name.

mod admin;
mod apps;
mod bearer;
mod blobs;
mod body;
mod catalogue;
mod dossiers;
mod guide;
mod health;
mod observe;
mod openapi;
mod pace;
mod pokes;
mod refusal;
mod sync;
mod track;
mod uploads;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, head, options, post},
};
use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

pub use openapi::document as openapi_document;
pub use pokes::MAX_LISTENERS;
pub use refusal::Refusal;

use crate::{
    blob::BlobStore,
    centre::Centre,
    exchange::Exchange,
    operating::Operating,
    port::{Clock, Entropy},
    reading::Reading,
    storage::Storage,
    upload::Uploads,
    web::Web,
};
use dossier::catalogue::Catalogue;
use pace::Pace;

/// Requests that run at once. Beyond it the answer is `503` with `Retry-After`.
const MAX_REQUESTS: usize = 512;
/// Syncs that are worked on at once; each may hold its body and its answer in memory.
const MAX_SYNCS: usize = 32;

/// What of the outside the handlers see.
#[derive(Debug)]
pub struct Face {
    /// The browser apps.
    pub web: Web,
    /// How many may listen for pokes at once.
    pub listeners: usize,
    /// Turns true when the server is asked to stop.
    pub stopped: watch::Receiver<bool>,
}

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
    pub operating: Operating,
    pub web: Web,
    pub lookups: Pace,
    pub questions: Pace,
    pub stopped: watch::Receiver<bool>,
    pub listeners: Arc<Semaphore>,
    pub requests: Arc<Semaphore>,
    pub syncs: Arc<Semaphore>,
}

impl App {
    /// The application over its parts.
    #[must_use]
    pub fn new(exchange: Exchange, uploads: Uploads, blobs: BlobStore, entropy: Arc<dyn Entropy>, face: Face) -> Self {
        let Face { web, listeners, stopped } = face;
        let Exchange { storage, centre, catalogue, clock, .. } = exchange.clone();
        let reading = Reading::new(Arc::clone(&storage), Arc::clone(&centre), catalogue, Arc::clone(&clock));
        let operating = Operating::new(
            Arc::clone(&storage),
            Arc::clone(&centre),
            catalogue,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        );
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
            operating,
            web,
            lookups: Pace::of(pace::MAX_LOOKUPS),
            questions: Pace::of(pace::MAX_QUESTIONS),
            stopped,
            listeners: Arc::new(Semaphore::new(listeners)),
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
        .route("/v1/guide/procedures", get(guide::procedures))
        .route("/v1/guide/procedures/{code}", get(guide::guide))
        .route("/v1/guide/sectors", get(guide::sectors))
        .route("/v1/guide/life-events", get(guide::life_events))
        .route("/v1/dossiers", get(dossiers::list))
        .route("/v1/dossiers/{name}", get(dossiers::show))
        .route("/v1/dossiers/{name}/history", get(dossiers::history))
        .route("/v1/dossiers/{name}/blobs/{blob}", get(blobs::blob))
        .route("/v1/pokes", get(pokes::pokes))
        .route("/v1/track/{code}", get(track::track))
        .route("/v1/admin/invitations", get(admin::invitations).post(admin::invite))
        .route("/v1/admin/devices", get(admin::devices))
        .route("/v1/admin/devices/{id}/revoke", post(admin::revoke))
        .route("/v1/admin/status", get(admin::status))
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
        .fallback(apps::apps)
        .method_not_allowed_fallback(refusal::no_such_method)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}
