//! From received to admitted: decode, apply, fold, project, and tell every scope.
//!
//! Reception promised only that bytes are safe. Here they are looked at, one dossier at a time, apart from the request
//! that brought them: a change on which the decoder dies takes nothing down but itself, and is kept aside. What was
//! received and not yet admitted is in the database, so a crash at any point only means that it is done again.

pub mod codes;
pub mod notices;
mod outcome;
pub mod rebuild;
mod scopes;

use std::{collections::BTreeSet, sync::Arc};

use dossier::{
    catalogue::Catalogue,
    id::{DeviceId, DossierId},
};
use futures::{StreamExt, stream};
use tokio::sync::Mutex;

use crate::{
    centre::Centre,
    port::{Clock, Work},
    storage::{Admission, DossierRecord, Storage, StorageFault},
};
use outcome::Outcome;
use rebuild::People;

/// Dossiers that are looked at at once by one process.
const AT_ONCE: usize = 8;
/// Dossiers whose outcomes are written together. One flush to disk for all; and nobody else waits longer than for these.
const TOGETHER: usize = 64;
/// How often a dossier is looked at anew because items arrived meanwhile, or its code was just issued.
const MAX_ROUNDS: u32 = 64;
/// Dossiers read from the database at once by the sweep.
const SWEEP: u32 = 1024;

/// Why a dossier was not admitted now. Its items are safe and will be looked at again.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionFault {
    /// The database failed.
    #[error("the database failed")]
    Storage(#[from] StorageFault),
    /// Items kept arriving, or others kept writing.
    #[error("the dossier did not come to rest")]
    Restless,
    /// The rules themselves failed on this dossier, even without what is new.
    #[error("the dossier cannot be composed")]
    Unreadable,
    /// A background task was cut down.
    #[error("a task was cut down")]
    CutDown(#[from] tokio::task::JoinError),
}

struct Parts {
    storage: Arc<dyn Storage>,
    centre: Arc<Centre>,
    catalogue: &'static Catalogue,
    clock: Arc<dyn Clock>,
    work: Work,
    /// One set of dossiers at a time, in the order of asking: a dossier is never admitted twice at once by this process,
    /// and the Centre's own events form one chain.
    turn: Mutex<()>,
}

/// Admission, shared by everybody who brings items.
#[derive(Clone)]
pub struct Admissions(Arc<Parts>);

impl Admissions {
    /// Admission over these ports.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        centre: Arc<Centre>,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
        work: Work,
    ) -> Self {
        Self(Arc::new(Parts { storage, centre, catalogue, clock, work, turn: Mutex::new(()) }))
    }

    /// Admits these dossiers and returns when each is done or failed. The work goes on if nobody waits for it.
    pub async fn admit_all(&self, dossiers: BTreeSet<DossierId>) {
        if dossiers.is_empty() {
            return;
        }
        let this = self.clone();
        let work = self.0.work.onward(async move {
            let all: Vec<DossierId> = dossiers.into_iter().collect();
            for set in all.chunks(TOGETHER) {
                this.admit_set(set).await;
            }
        });
        if let Err(fault) = work.await {
            tracing::error!(error = &fault as &dyn std::error::Error, "admission was cut down");
        }
    }

    /// Admits everything that a crash, another process or a failing database left behind. Answers how many dossiers
    /// were waiting.
    pub async fn sweep(&self) -> Result<usize, StorageFault> {
        let mut done = BTreeSet::new();
        loop {
            let waiting = self.0.storage.awaiting_admission(SWEEP).await?;
            let fresh: BTreeSet<DossierId> = waiting.into_iter().filter(|dossier| !done.contains(dossier)).collect();
            // What comes up again could not be admitted now; it is tried at the next sweep.
            if fresh.is_empty() {
                return Ok(done.len());
            }
            done.extend(fresh.iter().copied());
            self.admit_all(fresh).await;
        }
    }

    async fn admit_set(&self, dossiers: &[DossierId]) {
        let _turn = self.0.turn.lock().await;
        let mut waiting: BTreeSet<DossierId> = dossiers.iter().copied().collect();
        for _ in 0..MAX_ROUNDS {
            if waiting.is_empty() {
                return;
            }
            let looked: Vec<(DossierId, Result<Option<Admission>, AdmissionFault>)> = stream::iter(waiting.clone())
                .map(|dossier| async move { (dossier, self.look(dossier).await) })
                .buffered(AT_ONCE)
                .collect()
                .await;
            let mut ready = Vec::new();
            for (dossier, outcome) in looked {
                match outcome {
                    Ok(Some(admission)) => ready.push(admission),
                    // Its code was just issued, or it is gone: look again.
                    Ok(None) => {}
                    Err(fault) => {
                        waiting.remove(&dossier);
                        report(&dossier, &fault);
                    }
                }
            }
            for dossier in self.write(ready).await {
                waiting.remove(&dossier);
            }
        }
        for dossier in waiting {
            report(&dossier, &AdmissionFault::Restless);
        }
    }

    /// Writes outcomes; answers which dossiers are done with, well or not. The rest have newer items.
    async fn write(&self, ready: Vec<Admission>) -> Vec<DossierId> {
        let storage = self.0.storage.as_ref();
        if let Ok(answers) = storage.admit_all(&ready).await {
            let done = ready.iter().zip(answers).filter(|(_, written)| *written);
            return done.map(|(admission, _)| admission.dossier).collect();
        }
        // One of them may be what the database chokes on: each for itself, so that it holds up nobody else.
        let mut done = Vec::new();
        for admission in ready {
            match storage.admit(&admission).await {
                Ok(true) => done.push(admission.dossier),
                Ok(false) => {}
                Err(fault) => {
                    report(&admission.dossier, &fault.into());
                    done.push(admission.dossier);
                }
            }
        }
        done
    }

    /// Looks at one dossier. `None` if it must be looked at again, because its code was just issued.
    async fn look(&self, dossier: DossierId) -> Result<Option<Admission>, AdmissionFault> {
        let Parts { storage, centre, catalogue, clock, work, .. } = self.0.as_ref();
        let (storage, catalogue) = (storage.as_ref(), *catalogue);
        let record = storage.record(&dossier).await?.ok_or(AdmissionFault::Unreadable)?;
        let people = people(storage, centre, &record).await?;
        let (now_ms, own) = (clock.now_ms(), centre.device());
        let work = work.heavy(move || outcome::of(dossier, &record, &people, catalogue, &own, now_ms));
        let Outcome { admission, notices, code_wanted } = work.await?.ok_or(AdmissionFault::Unreadable)?;
        // The code before the admission: a crash in between leaves the dossier waiting, so nothing is forgotten.
        if let Some(wanted) = code_wanted {
            codes::issue(storage, centre, catalogue, &wanted, now_ms).await?;
            return Ok(None);
        }
        notices::keep(storage, &notices).await?;
        Ok(Some(admission))
    }
}

fn report(dossier: &DossierId, fault: &AdmissionFault) {
    tracing::error!(%dossier, error = fault as &dyn std::error::Error, "not admitted");
}

/// Everybody who wrote in a dossier, with their certificates.
pub async fn people(storage: &dyn Storage, centre: &Centre, record: &DossierRecord) -> Result<People, StorageFault> {
    let devices: BTreeSet<DeviceId> = record.items.iter().map(|item| item.author).collect();
    let rows = storage.devices(&devices.into_iter().collect::<Vec<_>>()).await?;
    Ok(People::of(centre, &rows))
}
