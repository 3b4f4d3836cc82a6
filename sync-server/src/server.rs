//! Putting the parts together, and running them until somebody says stop.

mod connections;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dossier::{catalogue::Catalogue, form::Form};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    admission::Admissions,
    blob::{BlobFault, BlobStore},
    centre::Centre,
    exchange::{Exchange, judge::Rules},
    http::{App, Face, MAX_LISTENERS, router},
    port::{Clock, Entropy, Work},
    storage::{PostgresStorage, SqliteStorage, Storage, StorageFault},
    upload::Uploads,
    web::{Web, WebFault},
};

/// How often what another process left behind is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long running requests may take to finish after the stop signal.
const DRAIN: Duration = Duration::from_secs(30);

/// Why the server does not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServerFault {
    /// The data directory cannot be made or opened.
    #[error("the data directory cannot be used")]
    Directory(#[source] std::io::Error),
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Storage(#[from] StorageFault),
    /// The attachment store cannot be opened.
    #[error("the attachment directory cannot be used")]
    Blobs(#[from] BlobFault),
    /// The database URL is of no kind that is known here.
    #[error("a database URL begins with postgres:// or sqlite:")]
    DatabaseUrl,
    /// The web apps cannot be served.
    #[error(transparent)]
    Web(WebFault),
    /// The network failed.
    #[error("the network failed")]
    Network(#[source] std::io::Error),
}

/// Where the Centre keeps its things.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data directory: attachments, and the embedded database unless another is named.
    pub data: PathBuf,
    /// `postgres://…`, or `sqlite:PATH`; the embedded database in `data` if absent.
    pub database_url: Option<String>,
}

impl Place {
    /// Makes the directory if need be and opens the database. Several processes may do so at once.
    pub async fn open_storage(&self) -> Result<Arc<dyn Storage>, ServerFault> {
        std::fs::create_dir_all(&self.data).map_err(ServerFault::Directory)?;
        match self.database_url.as_deref() {
            None => Ok(Arc::new(SqliteStorage::open(&self.data.join("tram.sqlite")).await?)),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Arc::new(PostgresStorage::connect(url).await?))
            }
            Some(url) => {
                let path = url.strip_prefix("sqlite:").ok_or(ServerFault::DatabaseUrl)?;
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() {
                    return Err(ServerFault::DatabaseUrl);
                }
                Ok(Arc::new(SqliteStorage::open(Path::new(path)).await?))
            }
        }
    }

    fn open_blobs(&self) -> Result<BlobStore, ServerFault> {
        let directory = self.data.join("blobs");
        std::fs::create_dir_all(&directory).map_err(ServerFault::Directory)?;
        Ok(BlobStore::in_directory(&directory)?)
    }
}

/// A server that is ready to answer.
pub struct Server {
    exchange: Exchange,
    uploads: Uploads,
    blobs: BlobStore,
    entropy: Arc<dyn Entropy>,
    web: Web,
    listeners: usize,
}

impl Server {
    /// Opens everything at a place.
    pub async fn open(
        place: &Place,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ServerFault> {
        let storage = place.open_storage().await?;
        let blobs = place.open_blobs()?;
        Self::over(storage, blobs, catalogue, clock, entropy).await
    }

    /// The same over a database and an attachment store that are open already.
    pub async fn over(
        storage: Arc<dyn Storage>,
        blobs: BlobStore,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ServerFault> {
        let centre = Arc::new(Centre::open(storage.as_ref(), entropy.as_ref(), catalogue, clock.now_ms()).await?);
        let work = Work::Apart;
        let admissions =
            Admissions::new(Arc::clone(&storage), Arc::clone(&centre), catalogue, Arc::clone(&clock), work);
        let uploads = Uploads::new(Arc::clone(&storage), blobs.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let rules = Arc::new(Rules::with_text_fields(text_fields(catalogue)));
        let exchange = Exchange { storage, centre, catalogue, clock, admissions, rules, work };
        let (web, listeners) = (Web::embedded(), MAX_LISTENERS);
        Ok(Self { exchange, uploads, blobs, entropy, web, listeners })
    }

    /// Serves these apps instead of those inside the program.
    #[must_use]
    pub fn with_web(mut self, web: Web) -> Self {
        self.web = web;
        self
    }

    /// Lets so many listen for pokes at once, instead of [`MAX_LISTENERS`].
    #[must_use]
    pub fn with_listeners(mut self, listeners: usize) -> Self {
        self.listeners = listeners;
        self
    }

    /// The acceptance of syncs, for whoever drives it without HTTP.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Answers on a listener until `stop` resolves, then finishes the requests that run.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerFault> {
        let Self { exchange, uploads, blobs, entropy, web, listeners } = self;
        let upkeep = tokio::spawn(upkeep(exchange.admissions.clone(), uploads.clone()));
        let (stopping, mut stopped) = watch::channel(false);
        let face = Face { web, listeners, stopped: stopped.clone() };
        let router = router(App::new(exchange, uploads, blobs, entropy, face));
        let signal = async move {
            stop.await;
            tracing::info!("stopping");
            let _ = stopping.send(true);
        };
        let serving = connections::serve(listener, router, signal);
        let overdue = async {
            // A channel that closes means that serving ended by itself.
            if stopped.wait_for(|stopping| *stopping).await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            () = serving => {}
            () = overdue => tracing::warn!("some requests did not finish in time"),
        }
        upkeep.abort();
        Ok(())
    }
}

/// At start what a crash left, and now and then what another process did.
async fn upkeep(admissions: Admissions, uploads: Uploads) {
    loop {
        match admissions.sweep().await {
            Ok(0) => {}
            Ok(dossiers) => tracing::info!(dossiers, "admitted what was left"),
            Err(fault) => tracing::error!(error = &fault as &dyn std::error::Error, "the sweep failed"),
        }
        if let Err(fault) = uploads.clean().await {
            tracing::error!(error = &fault as &dyn std::error::Error, "the cleaning of uploads failed");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// The long-text fields of all forms; rows of repeated groups have no texts of their own.
#[must_use]
pub fn text_fields(catalogue: &Catalogue) -> BTreeSet<String> {
    catalogue
        .procedures()
        .flat_map(|procedure| &procedure.forms)
        .filter_map(|definition| Form::from_definition(definition, Arc::clone(catalogue.units())).ok())
        .flat_map(|form| {
            let texts = form.fields().iter().filter(|field| field.long_text && field.repeated.is_none());
            texts.map(|field| field.id.clone()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests;
