//! Attachments on their way: tus 1.0 uploads and ranged downloads, resumable at the byte.
//!
//! An upload's address is kept as soon as it is known, so that a phone that dies goes on where the server is. The server
//! alone knows the offset: it is asked before the first part, and believed.

use data_encoding::BASE64;
use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId, sha256},
    wire::limits::MAX_BLOB_BYTES,
};
use serde::Serialize;

use crate::{
    device::Device,
    ledger::{Put, Read},
    ports::{Proceed, Progress, Stage, draw},
    record::{BlobRecord, FileRecord, UploadRecord},
    shelf::ShelfFault,
    store::{StoreFault, WriteBatch},
    sync::{fault_of, fault_of_transport},
    transport::{Method, Request, Response, Transport, TransportFault},
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

/// Why an attachment does not travel.
#[derive(Debug, thiserror::Error)]
pub enum TravelFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The dossier is not here.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// Nobody was reached, or the connection broke.
    #[error(transparent)]
    Transport(#[from] TransportFault),
    /// The server said no.
    #[error("the server refused: {0}")]
    Told(Box<Fault>),
    /// The server's answer makes no sense.
    #[error("the server's answer is not what the protocol says: {0}")]
    Protocol(&'static str),
    /// The content that came is not what its name says.
    #[error("the content does not fit its id")]
    Mismatch,
    /// The device has no token: it must sync first.
    #[error("the device has no token yet")]
    NoToken,
    /// The shell said stop.
    #[error("stopped by the shell")]
    Stopped,
}

impl From<TravelFault> for Fault {
    fn from(fault: TravelFault) -> Self {
        match fault {
            TravelFault::Store(fault) => fault.into(),
            TravelFault::Shelf(fault) => fault.into(),
            TravelFault::Transport(fault) => fault_of_transport(&fault),
            TravelFault::Told(fault) => *fault,
            TravelFault::Protocol(what) => Self::new(Code::Damaged).with("what", what),
            TravelFault::Mismatch => Code::BlobMismatch.into(),
            TravelFault::NoToken => Code::NotAuthenticated.into(),
            TravelFault::Stopped => Code::CutOff.into(),
        }
    }
}

type Watch<'a> = &'a mut dyn FnMut(Progress) -> Proceed;

impl Device {
    pub(crate) fn drive_upload(&mut self, transport: &dyn Transport, progress: Watch<'_>) -> UploadReport {
        let mut report = UploadReport::default();
        if let Err(fault) = self.upload_all(transport, progress, &mut report) {
            report.fault = Some(fault.into());
        }
        match self.files_to_bring() {
            Ok(files) => report.pending = files.len(),
            Err(fault) => report.fault = Some(fault.into()),
        }
        report
    }

    fn upload_all(
        &mut self,
        transport: &dyn Transport,
        progress: Watch<'_>,
        report: &mut UploadReport,
    ) -> Result<(), TravelFault> {
        let mut plan = Vec::new();
        for (dossier, blob) in self.files_to_bring()? {
            if let Some(record) = self.store.record::<BlobRecord>(blob.as_bytes())?
                && let Some(size) = record.size_bytes
            {
                plan.push((dossier, blob, record, size));
            }
        }
        let total = plan.iter().map(|(.., size)| size).sum();
        let mut done = 0;
        for (dossier, blob, record, size) in plan {
            let mut tell = |offset: u64| progress(Progress { stage: Stage::Upload, done: done + offset, total });
            match self.upload_one(&dossier, &blob, &record, size, transport, &mut tell, &mut report.sent_bytes) {
                Ok(()) => report.uploaded += 1,
                Err(TravelFault::Stopped) => {
                    report.stopped = true;
                    return Ok(());
                }
                // The server's word on one attachment keeps no other back, unless it does not know this device.
                Err(TravelFault::Told(fault)) if !matches!(fault.code, Code::NotAuthenticated | Code::Busy) => {
                    report.fault = Some(*fault);
                }
                Err(fault) => return Err(fault),
            }
            done += size;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one attachment with everything its journey needs")]
    fn upload_one(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        record: &BlobRecord,
        size: u64,
        transport: &dyn Transport,
        tell: &mut dyn FnMut(u64) -> Proceed,
        sent_bytes: &mut u64,
    ) -> Result<(), TravelFault> {
        let mut tries = 0;
        let (mut path, mut offset) = self.upload_place(dossier, blob, size, transport)?;
        while offset < size {
            if tell(offset) == Proceed::Stop {
                return Err(TravelFault::Stopped);
            }
            let part = self.blob_part(record, offset, PART_BYTES)?;
            let length = part.len() as u64;
            *sent_bytes += length;
            let response = transport.send(self.authorised(
                Method::Patch,
                &path,
                vec![
                    ("tus-resumable", "1.0.0".to_owned()),
                    ("content-type", "application/offset+octet-stream".to_owned()),
                    ("upload-offset", offset.to_string()),
                    ("upload-checksum", format!("sha256 {}", BASE64.encode(&sha256(&[&part])))),
                ],
                part,
            )?)?;
            match response.status {
                204 | 200 => {
                    offset = number(&response, "upload-offset").unwrap_or(offset + length);
                    tries = 0;
                }
                // Another offset than thought, a part damaged on its way, or an upload cleaned up meanwhile.
                404 | 409 | 410 | 460 if tries < TRIES_MAX => {
                    tries += 1;
                    (path, offset) = self.upload_place(dossier, blob, size, transport)?;
                }
                _ => return Err(TravelFault::Told(Box::new(fault_of(&response)))),
            }
            if offset > size {
                return Err(TravelFault::Protocol("upload offset"));
            }
        }
        tell(offset);
        self.note_arrived(dossier, blob)
    }

    /// Where to upload and from which byte on: the remembered upload if the server still knows it, else a new one.
    fn upload_place(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        size: u64,
        transport: &dyn Transport,
    ) -> Result<(String, u64), TravelFault> {
        let at = Self::dossier_key(dossier, blob.as_bytes());
        if let Some(UploadRecord { path }) = self.store.record::<UploadRecord>(&at)? {
            let tus = vec![("tus-resumable", "1.0.0".to_owned())];
            let response = transport.send(self.authorised(Method::Head, &path, tus, Vec::new())?)?;
            match response.status {
                200 | 204 => {
                    let offset = number(&response, "upload-offset").ok_or(TravelFault::Protocol("upload offset"))?;
                    return Ok((path, offset));
                }
                404 | 410 => {}
                _ => return Err(TravelFault::Told(Box::new(fault_of(&response)))),
            }
        }
        let metadata = format!(
            "dossier {},blob {}",
            BASE64.encode(dossier.to_string().as_bytes()),
            BASE64.encode(blob.to_string().as_bytes())
        );
        let headers = vec![
            ("tus-resumable", "1.0.0".to_owned()),
            ("upload-length", size.to_string()),
            ("upload-metadata", metadata),
        ];
        let response = transport.send(self.authorised(Method::Post, "/v1/uploads", headers, Vec::new())?)?;
        if response.status != 201 {
            return Err(TravelFault::Told(Box::new(fault_of(&response))));
        }
        let path = response.header("location").and_then(path_of).ok_or(TravelFault::Protocol("location"))?;
        let mut batch = WriteBatch::new();
        batch.record(&at, &UploadRecord { path: path.clone() });
        self.store.commit(batch)?;
        Ok((path, number(&response, "upload-offset").unwrap_or(0)))
    }

    fn note_arrived(&mut self, dossier: &DossierId, blob: &BlobId) -> Result<(), TravelFault> {
        let at = Self::dossier_key(dossier, blob.as_bytes());
        let mut batch = WriteBatch::new();
        batch.record(&at, &FileRecord { arrived: true, ours: true });
        batch.remove::<UploadRecord>(&at);
        let mut folder = self.folder(dossier)?;
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        Ok(self.commit(batch, vec![card])?)
    }

    fn authorised(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&str, String)>,
        body: Vec<u8>,
    ) -> Result<Request, TravelFault> {
        let token = self.token.as_ref().ok_or(TravelFault::NoToken)?;
        let mut headers: Vec<(String, String)> =
            headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        Ok(Request { method, path: path.to_owned(), headers, body })
    }

    pub(crate) fn drive_fetch(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        transport: &dyn Transport,
        progress: Watch<'_>,
    ) -> Result<u64, TravelFault> {
        self.folder(dossier)?;
        let mut record = match self.store.record::<BlobRecord>(blob.as_bytes())? {
            Some(BlobRecord { size_bytes: Some(size), .. }) => return Ok(size),
            Some(partial) => partial,
            None => BlobRecord { content: draw(self.entropy.as_mut()), here_bytes: 0, size_bytes: None },
        };
        let path = format!("/v1/dossiers/{dossier}/blobs/{blob}");
        loop {
            let from = record.here_bytes;
            let total = from.max(1);
            if progress(Progress { stage: Stage::Fetch, done: from, total }) == Proceed::Stop {
                return Err(TravelFault::Stopped);
            }
            let last = from + FETCH_BYTES - 1;
            let headers = vec![("range", format!("bytes={from}-{last}"))];
            let (response, cut) = match transport.send(self.authorised(Method::Get, &path, headers, Vec::new())?) {
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
            let bytes = if response.status == 416 { &[] } else { response.body.get(skip..).unwrap_or(&[]) };
            if record.here_bytes + bytes.len() as u64 > MAX_BLOB_BYTES {
                return Err(TravelFault::Mismatch);
            }
            let grew = !bytes.is_empty();
            let mut batch = WriteBatch::new();
            self.grow_blob(&mut record, bytes, &mut batch)?;
            batch.record(blob.as_bytes(), &record);
            self.store.commit(batch)?;
            match cut {
                Some(fault) => return Err(fault.into()),
                None if whole || !grew => return self.finish_fetch(blob, record),
                None => {}
            }
        }
    }

    /// Checks what came against its name. What does not fit goes, so that the next try starts clean.
    fn finish_fetch(&mut self, blob: &BlobId, mut record: BlobRecord) -> Result<u64, TravelFault> {
        let mut batch = WriteBatch::new();
        if self.blob_hash(&record)? == *blob {
            record.size_bytes = Some(record.here_bytes);
            batch.record(blob.as_bytes(), &record);
            self.store.commit(batch)?;
            return Ok(record.here_bytes);
        }
        self.drop_content(&record, &mut batch)?;
        batch.remove::<BlobRecord>(blob.as_bytes());
        self.store.commit(batch)?;
        Err(TravelFault::Mismatch)
    }
}

/// How much of an attachment is asked for at once, in bytes.
const FETCH_BYTES: u64 = 4 << 20;

fn number(response: &Response, header: &str) -> Option<u64> {
    response.header(header)?.trim().parse().ok()
}

/// The whole length that a `content-range` tells.
fn whole_of(response: &Response) -> Option<u64> {
    response.header("content-range")?.rsplit_once('/')?.1.trim().parse().ok()
}

/// The path of an upload's address, whether the server told all of it or only the path.
fn path_of(location: &str) -> Option<String> {
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| format!("/{path}"))?,
        None => location.to_owned(),
    };
    let sound = path.starts_with('/') && path.len() <= 512 && path.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then_some(path)
}

#[cfg(test)]
mod tests;
