//! The errand of an upload: attachments that the Centre lacks, by tus 1.0, resumable at the byte.
//!
//! An upload's address is kept as soon as it is known, so that a phone that dies goes on where the server is. The server
//! alone knows the offset: it is asked before the first part, and believed.

use data_encoding::BASE64;
use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId, sha256},
};
use serde::Serialize;

use super::{
    Steps,
    attachment::{TravelFault, number, path_of},
    told::fault_of,
};
use crate::{
    device::Device,
    ledger::{Put, Read},
    ports::{Progress, Stage},
    record::{BlobRecord, FileRecord, UploadRecord},
    store::{StoreFault, WriteBatch},
    transport::{Method, Request, Response, TransportFault},
};

/// One part of an upload, in bytes: a second on a slow mobile network, and little to repeat when it breaks.
pub const PART_BYTES: usize = 512 * 1024;
/// How often one attachment's offset is asked anew after a part was not taken.
const TRIES_MAX: u32 = 3;

/// What an upload run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UploadReport {
    /// Attachments that are now wholly at the Centre.
    pub uploaded: usize,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Attachments still to be brought.
    pub pending: usize,
    /// Whether the shell stopped it.
    pub stopped: bool,
    /// Why an attachment did not go, or why it ended early; the last such.
    pub fault: Option<Fault>,
}

/// An upload on its way. What is attached after it began waits for the next.
#[derive(Debug)]
pub struct UploadErrand {
    plan: Vec<Load>,
    /// Which of the plan is being brought.
    at: usize,
    step: Step,
    tries: u32,
    stop: bool,
    /// Bytes of what is behind.
    done_bytes: u64,
    total_bytes: u64,
    report: UploadReport,
}

/// One attachment to be brought.
#[derive(Debug, Clone, Copy)]
struct Load {
    dossier: DossierId,
    blob: BlobId,
    size_bytes: u64,
}

#[derive(Debug)]
enum Step {
    /// The next attachment is to be looked at.
    Begin,
    /// The server is asked how far a remembered upload came.
    Ask {
        path: String,
    },
    /// A new upload is asked for.
    Make,
    /// The part from this offset on is to go.
    Part {
        path: String,
        offset: u64,
    },
    /// Nothing more is to be asked; the report is to be closed.
    Ended,
    Over,
}

impl UploadErrand {
    pub(super) fn report(&self) -> &UploadReport {
        &self.report
    }

    pub(super) fn into_report(self) -> UploadReport {
        self.report
    }

    /// Leaves the present attachment behind.
    fn pass(&mut self) {
        self.done_bytes += self.plan.get(self.at).map_or(0, |load| load.size_bytes);
        (self.at, self.tries, self.step) = (self.at + 1, 0, Step::Begin);
    }

    /// Ends or goes on after something other than the own store said no.
    fn note(&mut self, fault: TravelFault) -> Result<(), Fault> {
        match fault {
            TravelFault::Own(fault) => return Err(fault.into()),
            // The server's word on one attachment keeps no other back, unless it does not know this device.
            TravelFault::Told(fault) if !matches!(fault.code, Code::NotAuthenticated | Code::Busy) => {
                self.report.fault = Some(*fault);
                self.pass();
            }
            other => {
                self.report.fault = Some(other.into());
                self.step = Step::Ended;
            }
        }
        Ok(())
    }

    /// One move towards the next request: the request, or nothing when the step changed instead.
    fn advance(&mut self, device: &Device) -> Result<Option<Request>, TravelFault> {
        let Some(load) = self.plan.get(self.at).copied() else {
            self.step = Step::Ended;
            return Ok(None);
        };
        if self.stop {
            self.report.stopped = true;
            self.step = Step::Ended;
            return Ok(None);
        }
        let Some(record) = device.load_here(&load)? else {
            self.pass();
            return Ok(None);
        };
        let tus = ("tus-resumable", "1.0.0".to_owned());
        match &self.step {
            Step::Begin => {
                let at = Device::dossier_key(&load.dossier, load.blob.as_bytes());
                self.step = match device.store.record::<UploadRecord>(&at)? {
                    Some(UploadRecord { path }) => Step::Ask { path },
                    None => Step::Make,
                };
                Ok(None)
            }
            Step::Ask { path } => device.authorised(Method::Head, path, vec![tus], Vec::new()).map(Some),
            Step::Make => {
                let headers =
                    vec![tus, ("upload-length", load.size_bytes.to_string()), ("upload-metadata", metadata(&load))];
                device.authorised(Method::Post, "/v1/uploads", headers, Vec::new()).map(Some)
            }
            Step::Part { path, offset } => {
                let part = device.blob_part(&record, *offset, PART_BYTES)?;
                let headers = vec![
                    tus,
                    ("content-type", "application/offset+octet-stream".to_owned()),
                    ("upload-offset", offset.to_string()),
                    ("upload-checksum", format!("sha256 {}", BASE64.encode(&sha256(&[&part])))),
                ];
                device.authorised(Method::Patch, path, headers, part).map(Some)
            }
            Step::Ended | Step::Over => Ok(None),
        }
    }

    /// What an answer means for the present attachment.
    fn answered(
        &mut self,
        device: &mut Device,
        load: &Load,
        answer: Result<Response, TransportFault>,
    ) -> Result<(), TravelFault> {
        let response = answer?;
        let refused = || TravelFault::Told(Box::new(fault_of(&response)));
        let (path, offset) = match (std::mem::replace(&mut self.step, Step::Begin), response.status) {
            (Step::Ask { path }, 200 | 204) => {
                (path, number(&response, "upload-offset").ok_or(TravelFault::Protocol("upload offset"))?)
            }
            (Step::Ask { .. }, 404 | 410) => {
                self.step = Step::Make;
                return Ok(());
            }
            (Step::Make, 201) => {
                let path = response.header("location").and_then(path_of).ok_or(TravelFault::Protocol("location"))?;
                device.remember_upload(load, &path)?;
                (path, number(&response, "upload-offset").unwrap_or(0))
            }
            (Step::Part { path, offset }, 200 | 204) => {
                self.tries = 0;
                (path, number(&response, "upload-offset").unwrap_or(offset + part_bytes(load, offset)))
            }
            // Another offset than thought, a part damaged on its way, or an upload cleaned up meanwhile.
            (Step::Part { .. }, 404 | 409 | 410 | 460) if self.tries < TRIES_MAX => {
                self.tries += 1;
                return Ok(());
            }
            _ => return Err(refused()),
        };
        if offset > load.size_bytes {
            return Err(TravelFault::Protocol("upload offset"));
        }
        if offset < load.size_bytes {
            self.step = Step::Part { path, offset };
            return Ok(());
        }
        if device.note_arrived(load)? {
            self.report.uploaded += 1;
        }
        self.pass();
        Ok(())
    }
}

fn part_bytes(load: &Load, offset: u64) -> u64 {
    load.size_bytes.saturating_sub(offset).min(PART_BYTES as u64)
}

fn metadata(load: &Load) -> String {
    format!(
        "dossier {},blob {}",
        BASE64.encode(load.dossier.to_string().as_bytes()),
        BASE64.encode(load.blob.to_string().as_bytes())
    )
}

impl Steps for UploadErrand {
    fn next(&mut self, device: &mut Device) -> Result<Option<Request>, Fault> {
        loop {
            match &self.step {
                Step::Over => return Ok(None),
                Step::Ended => {
                    self.report.pending = device.files_to_bring()?.len();
                    self.step = Step::Over;
                }
                _ => match self.advance(device) {
                    Ok(Some(request)) => return Ok(Some(request)),
                    Ok(None) => {}
                    Err(fault) => self.note(fault)?,
                },
            }
        }
    }

    fn take(&mut self, device: &mut Device, answer: Result<Response, TransportFault>) -> Result<(), Fault> {
        let waits = matches!(self.step, Step::Ask { .. } | Step::Make | Step::Part { .. });
        let Some(load) = self.plan.get(self.at).copied().filter(|_| waits) else { return Ok(()) };
        if let Step::Part { offset, .. } = &self.step {
            self.report.sent_bytes += part_bytes(&load, *offset);
        }
        match self.answered(device, &load, answer) {
            Ok(()) => Ok(()),
            Err(fault) => self.note(fault),
        }
    }

    fn fail(&mut self, device: &Device, fault: Fault) {
        self.report.fault = Some(fault);
        // A store that failed may fail again; the fault that ended the errand is the one to tell.
        self.report.pending = device.files_to_bring().map_or(self.report.pending, |files| files.len());
        self.step = Step::Over;
    }

    fn progress(&self) -> Progress {
        let offset = match &self.step {
            Step::Part { offset, .. } => *offset,
            _ => 0,
        };
        Progress { stage: Stage::Upload, done: self.done_bytes + offset, total: self.total_bytes }
    }

    fn stop(&mut self) {
        self.stop = true;
    }
}

impl Device {
    pub(crate) fn begin_upload(&self) -> UploadErrand {
        let (plan, fault) = match self.loads() {
            Ok(plan) => (plan, None),
            Err(fault) => (Vec::new(), Some(Fault::from(fault))),
        };
        UploadErrand {
            at: 0,
            step: Step::Begin,
            tries: 0,
            stop: false,
            done_bytes: 0,
            total_bytes: plan.iter().map(|load| load.size_bytes).sum(),
            plan,
            report: UploadReport { fault, ..UploadReport::default() },
        }
    }

    fn loads(&self) -> Result<Vec<Load>, StoreFault> {
        let mut plan = Vec::new();
        for (dossier, blob) in self.files_to_bring()? {
            if let Some(BlobRecord { size_bytes: Some(size_bytes), .. }) = self.store.record(blob.as_bytes())? {
                plan.push(Load { dossier, blob, size_bytes });
            }
        }
        Ok(plan)
    }

    /// The content of an attachment that is still to be brought; `None` if it is not, or not any more.
    fn load_here(&self, load: &Load) -> Result<Option<BlobRecord>, StoreFault> {
        let wanted = self.file_mark(&load.dossier, &load.blob)?.is_some_and(|file| file.ours && !file.arrived);
        if !wanted {
            return Ok(None);
        }
        let record = self.store.record::<BlobRecord>(load.blob.as_bytes())?;
        Ok(record.filter(|record| record.size_bytes == Some(load.size_bytes)))
    }

    fn remember_upload(&mut self, load: &Load, path: &str) -> Result<(), StoreFault> {
        if self.file_mark(&load.dossier, &load.blob)?.is_none() {
            return Ok(());
        }
        let mut batch = WriteBatch::new();
        let at = Self::dossier_key(&load.dossier, load.blob.as_bytes());
        batch.record(&at, &UploadRecord { path: path.to_owned() });
        self.store.commit(batch)
    }

    /// Notes that the Centre holds an attachment; answers whether it is still one of the dossier's.
    fn note_arrived(&mut self, load: &Load) -> Result<bool, TravelFault> {
        let Some(mark) = self.file_mark(&load.dossier, &load.blob)? else { return Ok(false) };
        let at = Self::dossier_key(&load.dossier, load.blob.as_bytes());
        let mut batch = WriteBatch::new();
        batch.record(&at, &FileRecord { arrived: true, ..mark });
        batch.remove::<UploadRecord>(&at);
        let mut folder = self.folder(&load.dossier)?;
        let records = self.recorded(&load.dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        Ok(true)
    }
}
