//! The errand of a fetch: one attachment by ranges, resumable at the byte, checked against its name.

use dossier::{
    fault::Fault,
    id::{BlobId, DossierId},
    wire::limits::MAX_BLOB_BYTES,
};
use serde::Serialize;

use super::{
    Steps,
    attachment::{TravelFault, whole_of},
    told::fault_of,
};
use crate::{
    device::Device,
    ledger::{Put, Read},
    ports::{Progress, Stage, draw},
    record::{BlobRecord, DossierRecord},
    store::WriteBatch,
    transport::{Method, Request, Response, TransportFault},
};

/// How much of an attachment is asked for at once, in bytes.
const FETCH_BYTES: u64 = 4 << 20;

/// What a fetch did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FetchReport {
    /// Bytes of the attachment that are here.
    pub bytes: u64,
    /// Whether it is wholly here, and what its name says.
    pub whole: bool,
    /// Whether the shell stopped it.
    pub stopped: bool,
    /// Why it ended early, if it did. What came before stays.
    pub fault: Option<Fault>,
}

/// A fetch on its way.
#[derive(Debug)]
pub struct FetchErrand {
    dossier: DossierId,
    blob: BlobId,
    step: Step,
    stop: bool,
    /// The size, once the server told it.
    total_bytes: Option<u64>,
    report: FetchReport,
}

#[derive(Debug)]
enum Step {
    /// The next range is to be asked for.
    Ask,
    /// What comes from this offset on was asked for.
    Asked {
        from: u64,
    },
    Over,
}

impl FetchErrand {
    pub(super) fn report(&self) -> &FetchReport {
        &self.report
    }

    pub(super) fn into_report(self) -> FetchReport {
        self.report
    }

    fn note(&mut self, fault: TravelFault) -> Result<(), Fault> {
        self.step = Step::Over;
        match fault {
            TravelFault::Own(fault) => Err(fault.into()),
            other => {
                self.report.fault = Some(other.into());
                Ok(())
            }
        }
    }

    /// What is here of it, with its size if it is whole.
    fn here(&self, device: &Device) -> Result<Option<BlobRecord>, TravelFault> {
        if device.store.record::<DossierRecord>(self.dossier.as_bytes())?.is_none() {
            return Err(TravelFault::Unknown);
        }
        Ok(device.store.record(self.blob.as_bytes())?)
    }

    /// Ends it if the attachment is wholly here.
    fn is_whole(&mut self, here: Option<&BlobRecord>) -> bool {
        let Some(size) = here.and_then(|here| here.size_bytes) else { return false };
        (self.report.bytes, self.report.whole, self.step) = (size, true, Step::Over);
        true
    }

    fn ask(&mut self, device: &Device) -> Result<Option<Request>, TravelFault> {
        let here = self.here(device)?;
        if self.is_whole(here.as_ref()) {
            return Ok(None);
        }
        let from = here.map_or(0, |here| here.here_bytes);
        self.report.bytes = from;
        if self.stop {
            (self.report.stopped, self.step) = (true, Step::Over);
            return Ok(None);
        }
        let headers = vec![("range", format!("bytes={from}-{}", from + FETCH_BYTES - 1))];
        let path = format!("/v1/dossiers/{}/blobs/{}", self.dossier, self.blob);
        let request = device.authorised(Method::Get, &path, headers, Vec::new())?;
        self.step = Step::Asked { from };
        Ok(Some(request))
    }

    fn answered(
        &mut self,
        device: &mut Device,
        from: u64,
        answer: Result<Response, TransportFault>,
    ) -> Result<(), TravelFault> {
        let (response, cut) = match answer {
            Ok(response) => (response, None),
            Err(TransportFault::CutOff { status: Some(status @ (200 | 206)), received }) => {
                let fault = TransportFault::CutOff { status: Some(status), received: Vec::new() };
                (Response { status, headers: Vec::new(), body: received }, Some(fault))
            }
            Err(fault) => return Err(fault.into()),
        };
        let (skip, whole) = match response.status {
            // The whole: what is here already is passed over.
            200 => (usize::try_from(from).unwrap_or(usize::MAX), true),
            206 => (0, whole_of(&response).is_none_or(|whole| whole <= from + response.body.len() as u64)),
            416 if from > 0 => (0, true),
            _ => return Err(TravelFault::Told(Box::new(fault_of(&response)))),
        };
        self.total_bytes = whole_of(&response).or(self.total_bytes);
        let here = self.here(device)?;
        if self.is_whole(here.as_ref()) {
            return Ok(());
        }
        if here.as_ref().map_or(0, |here| here.here_bytes) != from {
            // Somebody else fetched on, or what was here is gone: these bytes fit nowhere, and the next request asks
            // for those that do.
            return Ok(());
        }
        let mut record = match here {
            Some(here) => here,
            None => BlobRecord { content: draw(device.entropy.as_mut()), here_bytes: 0, size_bytes: None },
        };
        let bytes = if response.status == 416 { &[] } else { response.body.get(skip..).unwrap_or(&[]) };
        if record.here_bytes + bytes.len() as u64 > MAX_BLOB_BYTES {
            return Err(TravelFault::Mismatch);
        }
        let mut batch = WriteBatch::new();
        device.grow_blob(&mut record, bytes, &mut batch)?;
        batch.record(self.blob.as_bytes(), &record);
        device.store.commit(batch)?;
        self.report.bytes = record.here_bytes;
        match cut {
            Some(fault) => Err(fault.into()),
            None if whole || bytes.is_empty() => self.finish(device, record),
            None => Ok(()),
        }
    }

    /// Checks what came against its name. What does not fit goes, so that the next try starts clean.
    fn finish(&mut self, device: &mut Device, mut record: BlobRecord) -> Result<(), TravelFault> {
        let mut batch = WriteBatch::new();
        if device.blob_hash(&record)? == self.blob {
            record.size_bytes = Some(record.here_bytes);
            batch.record(self.blob.as_bytes(), &record);
            device.store.commit(batch)?;
            self.is_whole(Some(&record));
            return Ok(());
        }
        device.drop_content(&record, &mut batch)?;
        batch.remove::<BlobRecord>(self.blob.as_bytes());
        device.store.commit(batch)?;
        self.report.bytes = 0;
        Err(TravelFault::Mismatch)
    }
}

impl Steps for FetchErrand {
    fn next(&mut self, device: &mut Device) -> Result<Option<Request>, Fault> {
        if matches!(self.step, Step::Over) {
            return Ok(None);
        }
        match self.ask(device) {
            Ok(request) => Ok(request),
            Err(fault) => self.note(fault).map(|()| None),
        }
    }

    fn take(&mut self, device: &mut Device, answer: Result<Response, TransportFault>) -> Result<(), Fault> {
        let Step::Asked { from } = self.step else { return Ok(()) };
        self.step = Step::Ask;
        match self.answered(device, from, answer) {
            Ok(()) => Ok(()),
            Err(fault) => self.note(fault),
        }
    }

    fn fail(&mut self, _: &Device, fault: Fault) {
        self.report.fault = Some(fault);
        self.step = Step::Over;
    }

    fn progress(&self) -> Progress {
        let done = self.report.bytes;
        Progress { stage: Stage::Fetch, done, total: self.total_bytes.unwrap_or(done).max(1) }
    }

    fn stop(&mut self) {
        self.stop = true;
    }
}

impl Device {
    pub(crate) fn begin_fetch(&self, dossier: &DossierId, blob: &BlobId) -> FetchErrand {
        // What cannot be read here fails at the first step, which tells it.
        let here = self.store.record::<BlobRecord>(blob.as_bytes()).ok().flatten();
        FetchErrand {
            dossier: *dossier,
            blob: *blob,
            step: Step::Ask,
            stop: false,
            total_bytes: None,
            report: FetchReport { bytes: here.map_or(0, |here| here.here_bytes), ..FetchReport::default() },
        }
    }
}
