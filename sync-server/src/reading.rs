//! Dossier reads for staff: within scope, each one logged.

use std::sync::Arc;

use dossier::{
    catalogue::Catalogue,
    code::{DossierCode, MAX_CODE_BYTES, ProvisionalCode},
    fault::Code,
    id::DossierId,
    view::{self, DossierView, HistoryEntry},
};

use crate::{
    access::{Reader, Standing},
    admission::{
        people,
        rebuild::{Include, Rebuilt},
    },
    centre::Centre,
    port::Clock,
    storage::{Projection, ProjectionQuery, Storage, StorageFault},
};

/// Rows in one page of a list.
pub const MAX_LISTED: u32 = 200;

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// It does not exist, or it is not the reader's to know.
    #[error("not found")]
    NotFound,
    /// The reader's role has no lists to read.
    #[error("not a desk")]
    NotADesk,
    /// The reader's certificate is not valid now.
    #[error("the certificate is not valid now")]
    Lapsed,
    /// The dossier cannot be composed.
    #[error("the dossier cannot be composed")]
    CutDown(#[from] tokio::task::JoinError),
    /// The database failed.
    #[error("the database failed")]
    Storage(#[from] StorageFault),
}

impl ReadFault {
    /// The code for the reader.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::NotADesk => Code::NotAllowed,
            Self::Lapsed => Code::CertificateRefused,
            Self::CutDown(_) => Code::Internal,
            Self::Storage(_) => Code::Busy,
        }
    }
}

/// Reads over these ports.
#[derive(Clone)]
pub struct Reading {
    storage: Arc<dyn Storage>,
    centre: Arc<Centre>,
    catalogue: &'static Catalogue,
    clock: Arc<dyn Clock>,
}

impl Reading {
    /// Reads over these ports.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        centre: Arc<Centre>,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { storage, centre, catalogue, clock }
    }

    /// Rows of the reader's queues, newest first; `before` is the moment and the id of the last row that was read.
    pub async fn list(
        &self,
        reader: &Reader,
        status: Option<u8>,
        limit: u32,
        before: Option<(i64, Option<DossierId>)>,
    ) -> Result<Vec<Projection>, ReadFault> {
        desk(reader)?;
        let limit = limit.clamp(1, MAX_LISTED);
        let (before_ms, before_dossier) = before.map_or((None, None), |(at_ms, dossier)| (Some(at_ms), dossier));
        let query = ProjectionQuery { scopes: reader.scopes.clone(), status, limit, before_ms, before_dossier };
        Ok(self.storage.projections(&query).await?)
    }

    /// One dossier as people look at it.
    pub async fn show(&self, reader: &Reader, name: &str) -> Result<DossierView, ReadFault> {
        self.compose(reader, name, view::compose).await
    }

    /// Everything that was ever sealed or done in a dossier.
    pub async fn history(&self, reader: &Reader, name: &str) -> Result<Vec<HistoryEntry>, ReadFault> {
        self.compose(reader, name, view::history).await
    }

    /// The dossier of an id or code, if it is in the reader's scopes.
    pub async fn find(&self, reader: &Reader, name: &str) -> Result<DossierId, ReadFault> {
        let dossier = match name.parse::<DossierId>() {
            Ok(dossier) => Some(dossier),
            Err(_) => self.storage.dossier_by_code(name).await?,
        };
        let dossier = dossier.ok_or(ReadFault::NotFound)?;
        if reader.sees(self.storage.as_ref(), &dossier).await? { Ok(dossier) } else { Err(ReadFault::NotFound) }
    }

    /// Notes that staff read a dossier. The note comes first: what cannot be logged is not shown.
    pub async fn note(&self, reader: &Reader, dossier: &DossierId) -> Result<(), ReadFault> {
        Ok(self.storage.log_read(dossier, &reader.device, self.clock.now_ms()).await?)
    }

    /// The dossier of an official or provisional code, as people write it, for whoever asks: what of it may be told to
    /// everybody is for the asker to choose. It is no read by staff, and is not logged.
    pub async fn track(&self, code: &str) -> Result<DossierView, ReadFault> {
        for name in spellings(code) {
            if let Some(dossier) = self.storage.dossier_by_code(&name).await? {
                return self.composed(dossier, view::compose).await;
            }
        }
        Err(ReadFault::NotFound)
    }

    async fn compose<T: Send + 'static>(
        &self,
        reader: &Reader,
        name: &str,
        compose: impl FnOnce(&view::Sources<'_>) -> T + Send + 'static,
    ) -> Result<T, ReadFault> {
        if reader.standing.desk().is_none() {
            return Err(ReadFault::NotFound);
        }
        let dossier = self.find(reader, name).await?;
        self.note(reader, &dossier).await?;
        self.composed(dossier, compose).await
    }

    async fn composed<T: Send + 'static>(
        &self,
        dossier: DossierId,
        compose: impl FnOnce(&view::Sources<'_>) -> T + Send + 'static,
    ) -> Result<T, ReadFault> {
        let record = self.storage.record(&dossier).await?.ok_or(ReadFault::NotFound)?;
        let people = people(self.storage.as_ref(), &self.centre, &record).await?;
        let catalogue = self.catalogue;
        let work = tokio::task::spawn_blocking(move || {
            let rebuilt = Rebuilt::of(dossier, &record, &people, Include::Admitted);
            compose(&rebuilt.sources(&record.arrived, catalogue))
        });
        Ok(work.await?)
    }
}

/// How a code that a person wrote may stand in the record: as it is, without blanks, in capitals, in its proper form.
fn spellings(code: &str) -> Vec<String> {
    if code.len() > MAX_CODE_BYTES {
        return Vec::new();
    }
    let close: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let official = DossierCode::parse(&close).ok().map(|code| code.to_string());
    let provisional = ProvisionalCode::parse(&close).ok().map(|code| code.to_string());
    let mut spellings: Vec<String> = [official, provisional].into_iter().flatten().collect();
    spellings.extend([close.to_uppercase(), close]);
    spellings.dedup();
    spellings
}

fn desk(reader: &Reader) -> Result<(), ReadFault> {
    match &reader.standing {
        Standing::Lapsed => Err(ReadFault::Lapsed),
        standing if standing.desk().is_some() => Ok(()),
        Standing::Bare | Standing::Revoked | Standing::Certified(_) => Err(ReadFault::NotADesk),
    }
}
