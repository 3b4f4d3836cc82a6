//! Errands: work that goes to the Centre and back, one request at a time, with nobody waiting inside.
//!
//! ```text
//!  errand_sync · errand_upload · errand_fetch
//!        │
//!        ▼
//!  errand_next ──▶ Some(request) ──▶ carried by whatever carries it ──▶ errand_take
//!     ▲      └───▶ None: over, the report is whole                           │
//!     └──────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Between a request and its answer the device is free: everything else may be asked of it. So nothing that was read
//! before the request is believed after it. An exchange receipts only the items that it carried, and a file or dossier
//! that is gone when an answer comes is passed over. An errand holds no promise of the store: it may be dropped at any
//! point, and what it did until then stands.

mod attachment;
mod fetch;
mod sync;
mod told;
mod upload;

pub use fetch::{FetchErrand, FetchReport};
pub use sync::SyncErrand;
pub use upload::{UploadErrand, UploadReport};

use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId},
};
use serde::Serialize;

use crate::{
    device::Device,
    ports::{Proceed, Progress},
    sync::SyncReport,
    transport::{Request, Response, Transport, TransportFault},
};

/// One errand on its way.
#[derive(Debug)]
pub enum Errand {
    /// Exchanging changes and events.
    Sync(Box<SyncErrand>),
    /// Bringing attachments.
    Upload(UploadErrand),
    /// Fetching one attachment.
    Fetch(FetchErrand),
}

/// What came of an errand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ErrandReport {
    /// Of a sync.
    Sync(SyncReport),
    /// Of an upload.
    Upload(UploadReport),
    /// Of a fetch.
    Fetch(FetchReport),
}

/// The steps that every errand takes. An `Err` is a fault of the device's own store.
trait Steps {
    /// The next request, the same one until its answer is taken; `None` when it is over.
    fn next(&mut self, device: &mut Device) -> Result<Option<Request>, Fault>;
    /// Takes the answer to the request last given out.
    fn take(&mut self, device: &mut Device, answer: Result<Response, TransportFault>) -> Result<(), Fault>;
    /// Ends it because of a fault of the device's own.
    fn fail(&mut self, device: &Device, fault: Fault);
    fn progress(&self) -> Progress;
    fn stop(&mut self);
}

impl Errand {
    fn steps(&mut self) -> &mut dyn Steps {
        match self {
            Self::Sync(errand) => errand.as_mut(),
            Self::Upload(errand) => errand,
            Self::Fetch(errand) => errand,
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match self {
            Self::Sync(errand) => errand.progress(),
            Self::Upload(errand) => errand.progress(),
            Self::Fetch(errand) => errand.progress(),
        }
    }

    /// Lets it end at the next safe point: an answer under way is still taken, no further request is made.
    pub fn stop(&mut self) {
        self.steps().stop();
    }

    /// What came of it so far. It is whole once [`Device::errand_next`] said `None` or failed.
    #[must_use]
    pub fn report(&self) -> ErrandReport {
        match self {
            Self::Sync(errand) => ErrandReport::Sync(errand.report().clone()),
            Self::Upload(errand) => ErrandReport::Upload(errand.report().clone()),
            Self::Fetch(errand) => ErrandReport::Fetch(errand.report().clone()),
        }
    }
}

impl Device {
    /// The next request of an errand, or `None` when it is over. Asked again before the answer is taken, it tells the
    /// same request again.
    ///
    /// What the Centre or the network refuses stands in the report. An `Err` is a fault of this device's own store
    /// (`NOT_SAVED`, `DISK_FULL`, `STORE_UNREADABLE`); the errand is over then, and its report tells the same fault.
    pub fn errand_next(&mut self, errand: &mut Errand) -> Result<Option<Request>, Fault> {
        self.step_out(errand.steps())
    }

    /// Takes the answer to the request last given out, or why there is none. An answer that nobody waits for is
    /// ignored. Faults as [`Device::errand_next`].
    pub fn errand_take(&mut self, errand: &mut Errand, answer: Result<Response, TransportFault>) -> Result<(), Fault> {
        self.step_home(errand.steps(), answer)
    }

    fn step_out(&mut self, steps: &mut dyn Steps) -> Result<Option<Request>, Fault> {
        steps.next(self).inspect_err(|fault| steps.fail(self, fault.clone()))
    }

    fn step_home(&mut self, steps: &mut dyn Steps, answer: Result<Response, TransportFault>) -> Result<(), Fault> {
        steps.take(self, answer).inspect_err(|fault| steps.fail(self, fault.clone()))
    }

    /// Runs an errand over a transport that blocks. The report tells how it ended.
    fn run(&mut self, steps: &mut dyn Steps, transport: &dyn Transport, progress: &mut dyn FnMut(Progress) -> Proceed) {
        let mut told = None;
        let mut tell = |steps: &mut dyn Steps| {
            let now = steps.progress();
            if told.replace(now) != Some(now) && progress(now) == Proceed::Stop {
                steps.stop();
            }
        };
        loop {
            tell(steps);
            let Ok(Some(request)) = self.step_out(steps) else { return };
            tell(steps);
            if self.step_home(steps, transport.send(request)).is_err() {
                return;
            }
        }
    }

    pub(crate) fn run_sync(
        &mut self,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
    ) -> SyncReport {
        let mut errand = self.begin_sync();
        self.run(&mut errand, transport, progress);
        errand.into_report()
    }

    pub(crate) fn run_upload(
        &mut self,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
    ) -> UploadReport {
        let mut errand = self.begin_upload();
        self.run(&mut errand, transport, progress);
        errand.into_report()
    }

    pub(crate) fn run_fetch(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
    ) -> Result<u64, Fault> {
        let mut errand = self.begin_fetch(dossier, blob);
        self.run(&mut errand, transport, progress);
        match errand.into_report() {
            FetchReport { fault: Some(fault), .. } => Err(fault),
            FetchReport { whole: true, bytes, .. } => Ok(bytes),
            FetchReport { .. } => Err(Code::CutOff.into()),
        }
    }
}

#[cfg(test)]
mod tests;
