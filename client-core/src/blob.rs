//! Attachments on the device: laid down as a stream, named by their content.
//!
//! Content lies in parts under a random content id, because its name is known only at its end. A file of up to
//! [`STAGE_BYTES`] is one commit; a larger one is laid down in several, under a staging mark that the last commit
//! removes together with naming it. What a crash leaves under a staging mark goes when the device opens again.

use std::io::{Read, Write};

use dossier::{
    content::{ContentPath, FileNote, PathFault, Scalar},
    fault::{Code, Fault},
    id::{BlobId, DossierId},
    wire::limits::{MAX_BLOB_BYTES, MAX_BLOBS_PER_DOSSIER},
};
use ring::digest;
use serde::Serialize;

use crate::{
    card::effective,
    device::Device,
    draft::DraftFault,
    ledger::{Put, Read as _, key},
    pages::next_page,
    ports::draw,
    record::{BlobRecord, ChunkRecord, FileRecord, StagingRecord},
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
};

/// One part of an attachment in the store.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// How much of an attachment is held in memory before it is laid down: a phone's photograph fits.
pub const STAGE_BYTES: usize = 8 << 20;

/// A file to be attached.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Its name on the person's disk: only its ending is looked at, the name itself is never kept.
    pub name: &'a str,
    /// Its media type; guessed from the name's ending if absent.
    pub media: Option<&'a str>,
    /// Its size, if known: a file that is too large is then refused without being read.
    pub size_bytes: Option<u64>,
}

/// A file that is attached and durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// Its name: the hash of its content.
    pub blob: BlobId,
    /// Its size.
    pub bytes: u64,
    /// Its media type.
    pub media: String,
    /// Which page of the component it is.
    pub page: u32,
}

/// Why a file is not attached, or an attachment not read.
#[derive(Debug, thiserror::Error)]
pub enum BlobFault {
    /// The dossier or the component would not have it.
    #[error(transparent)]
    Draft(#[from] DraftFault),
    /// Larger than any may be.
    #[error("the file is larger than {MAX_BLOB_BYTES} bytes")]
    TooLarge,
    /// More files than a dossier may have.
    #[error("the dossier has {MAX_BLOBS_PER_DOSSIER} files already")]
    TooMany,
    /// The file cannot be read, is empty, or is not as long as was said.
    #[error("the file cannot be read")]
    Unreadable(#[source] Option<std::io::Error>),
    /// The content is not wholly here.
    #[error("the attachment is not wholly here")]
    NotHere,
}

impl From<StoreFault> for BlobFault {
    fn from(fault: StoreFault) -> Self {
        Self::Draft(fault.into())
    }
}

impl From<ShelfFault> for BlobFault {
    fn from(fault: ShelfFault) -> Self {
        Self::Draft(fault.into())
    }
}

impl From<BlobFault> for Fault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::Draft(fault) => fault.into(),
            BlobFault::TooLarge => Self::new(Code::AttachmentTooLarge).with("limit_bytes", MAX_BLOB_BYTES),
            BlobFault::TooMany => Self::new(Code::OverLimit).with("limit_files", MAX_BLOBS_PER_DOSSIER),
            BlobFault::Unreadable(_) => Code::FileUnreadable.into(),
            BlobFault::NotHere => Code::NotFound.into(),
        }
    }
}

/// A media type by a name's ending; what is unknown is plain bytes.
fn media_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "tif" | "tiff" => "image/tiff",
        "pdf" => "application/pdf",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

fn chunk_key(content: &[u8; 16], number: u32) -> Vec<u8> {
    key(&[content, &number.to_be_bytes()])
}

/// Content that has been read and partly laid down; the rest waits in the batch.
struct Laid {
    content: [u8; 16],
    blob: BlobId,
    bytes: u64,
    chunks: u32,
    staged: bool,
    rest: WriteBatch,
}

impl Device {
    pub(crate) fn attach_file(
        &mut self,
        dossier: &DossierId,
        component: &str,
        file: &NewFile<'_>,
        reader: &mut dyn Read,
    ) -> Result<Attached, BlobFault> {
        if file.size_bytes.is_some_and(|size| size > MAX_BLOB_BYTES) {
            return Err(BlobFault::TooLarge);
        }
        let mut folder = self.folder(dossier)?;
        self.check_component(&folder, component)?;
        let laid = self.lay_down(file.size_bytes, reader)?;
        let content = laid.content;
        let (staged, chunks) = (laid.staged, laid.chunks);
        match self.name_file(&mut folder, component, file, laid) {
            Ok(attached) => Ok(attached),
            Err(fault) => {
                self.discard(&content, if staged { chunks } else { 0 })?;
                Err(fault)
            }
        }
    }

    /// Reads everything, laying it down as it comes. What is too long is cut and discarded.
    fn lay_down(&mut self, said: Option<u64>, reader: &mut dyn Read) -> Result<Laid, BlobFault> {
        let content: [u8; 16] = draw(self.entropy.as_mut());
        let most = said.unwrap_or(MAX_BLOB_BYTES);
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut laid =
            Laid { content, blob: BlobId([0; 32]), bytes: 0, chunks: 0, staged: false, rest: WriteBatch::new() };
        let mut waiting = 0;
        loop {
            let mut bytes = Vec::with_capacity(CHUNK_BYTES);
            let read = reader.take(CHUNK_BYTES as u64).read_to_end(&mut bytes);
            let ended = bytes.len() < CHUNK_BYTES;
            laid.bytes += bytes.len() as u64;
            let fault = match read {
                Err(error) => Some(BlobFault::Unreadable(Some(error))),
                Ok(_) if laid.bytes > MAX_BLOB_BYTES => Some(BlobFault::TooLarge),
                Ok(_)
                    if laid.bytes > most
                        || (ended && (laid.bytes == 0 || said.is_some_and(|said| said != laid.bytes))) =>
                {
                    Some(BlobFault::Unreadable(None))
                }
                Ok(_) => None,
            };
            if let Some(fault) = fault {
                self.discard(&content, if laid.staged { laid.chunks } else { 0 })?;
                return Err(fault);
            }
            if !bytes.is_empty() {
                hash.update(&bytes);
                waiting += bytes.len();
                laid.rest.record(&chunk_key(&content, laid.chunks), &ChunkRecord { bytes });
                laid.chunks += 1;
            }
            if ended {
                break;
            }
            if waiting >= STAGE_BYTES {
                laid.rest.record(&content, &StagingRecord { begun_ms: self.now_ms() });
                let batch = std::mem::take(&mut laid.rest);
                if let Err(fault) = self.store.commit(batch) {
                    self.discard(&content, if laid.staged { laid.chunks } else { 0 })?;
                    return Err(fault.into());
                }
                (laid.staged, waiting) = (true, 0);
            }
        }
        laid.blob.0.copy_from_slice(hash.finish().as_ref());
        Ok(laid)
    }

    /// Removes what was laid down and is not to be named. If even that fails, the next opening does it.
    fn discard(&mut self, content: &[u8; 16], chunks: u32) -> Result<(), StoreFault> {
        if chunks == 0 {
            return Ok(());
        }
        let mut batch = WriteBatch::new();
        (0..chunks).for_each(|number| batch.remove::<ChunkRecord>(&chunk_key(content, number)));
        batch.remove::<StagingRecord>(content);
        match self.store.commit(batch) {
            Ok(()) | Err(StoreFault::Full | StoreFault::Io(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// The commit that makes the attachment exist: content named, cell journalled.
    fn name_file(
        &mut self,
        folder: &mut Folder,
        component: &str,
        file: &NewFile<'_>,
        laid: Laid,
    ) -> Result<Attached, BlobFault> {
        let media = file.media.unwrap_or_else(|| media_of(file.name)).to_owned();
        let path = ContentPath::file(component, &laid.blob).map_err(|PathFault| BlobFault::Unreadable(None))?;
        let cells = effective(&folder.content, &folder.journal);
        let files = cells.keys().filter_map(ContentPath::as_file).count();
        if files >= MAX_BLOBS_PER_DOSSIER && !cells.contains_key(&path) {
            return Err(BlobFault::TooMany);
        }
        let before = cells.get(&path).and_then(|cell| FileNote::from_text(&cell.to_string()));
        let page = match &before {
            Some(note) => note.page,
            None => next_page(&cells, component),
        };
        let note = before.unwrap_or(FileNote { bytes: laid.bytes, media, page });
        let mut batch = laid.rest;
        let here = self.store.record::<BlobRecord>(laid.blob.as_bytes())?;
        if here.is_some_and(|here| here.size_bytes.is_some()) {
            // The same content is here already: what was just laid down goes again.
            batch = WriteBatch::new();
            if laid.staged {
                (0..laid.chunks).for_each(|number| batch.remove::<ChunkRecord>(&chunk_key(&laid.content, number)));
            }
        } else {
            let record = BlobRecord { content: laid.content, here_bytes: laid.bytes, size_bytes: Some(laid.bytes) };
            batch.record(laid.blob.as_bytes(), &record);
        }
        if laid.staged {
            batch.remove::<StagingRecord>(&laid.content);
        }
        let file_key = Self::dossier_key(&folder.dossier, laid.blob.as_bytes());
        let arrived = self.store.record::<FileRecord>(&file_key)?.is_some_and(|known| known.arrived);
        batch.record(&file_key, &FileRecord { arrived, ours: true });
        self.journal(folder, path, Some(Scalar::Text(note.to_text())), &mut batch);
        let records = self.recorded(&folder.dossier)?;
        let card = self.put_back(folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        Ok(Attached { blob: laid.blob, bytes: note.bytes, media: note.media, page: note.page })
    }

    /// Up to `limit` bytes of an attachment that is here, from an offset.
    pub(crate) fn blob_part(&self, blob: &BlobRecord, from: u64, limit: usize) -> Result<Vec<u8>, StoreFault> {
        let mut out = Vec::new();
        let mut at = from;
        while out.len() < limit && at < blob.here_bytes {
            let number = u32::try_from(at / CHUNK_BYTES as u64).map_err(|_| StoreFault::Damaged("attachment"))?;
            let skip = usize::try_from(at % CHUNK_BYTES as u64).map_err(|_| StoreFault::Damaged("attachment"))?;
            let chunk = self
                .store
                .record::<ChunkRecord>(&chunk_key(&blob.content, number))?
                .ok_or(StoreFault::Damaged("attachment"))?;
            let bytes = chunk.bytes.get(skip..).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or(StoreFault::Damaged("attachment"))?;
            let take = bytes.len().min(limit - out.len());
            out.extend_from_slice(&bytes[..take]);
            at += take as u64;
        }
        Ok(out)
    }

    /// Adds bytes at the end of a partial attachment, into the batch. Parts stay full but the last.
    pub(crate) fn grow_blob(
        &self,
        blob: &mut BlobRecord,
        mut bytes: &[u8],
        batch: &mut WriteBatch,
    ) -> Result<(), StoreFault> {
        let chunk_bytes = CHUNK_BYTES as u64;
        let number = blob.here_bytes / chunk_bytes;
        let mut open = self.blob_part(blob, number * chunk_bytes, CHUNK_BYTES)?;
        let mut number = u32::try_from(number).map_err(|_| StoreFault::Damaged("attachment"))?;
        while !bytes.is_empty() {
            let take = bytes.len().min(CHUNK_BYTES - open.len());
            let (now, later) = bytes.split_at(take);
            open.extend_from_slice(now);
            bytes = later;
            blob.here_bytes += take as u64;
            batch.record(&chunk_key(&blob.content, number), &ChunkRecord { bytes: open.clone() });
            if open.len() == CHUNK_BYTES {
                open.clear();
                number += 1;
            }
        }
        Ok(())
    }

    /// The hash of everything that is here of an attachment.
    pub(crate) fn blob_hash(&self, blob: &BlobRecord) -> Result<BlobId, StoreFault> {
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut at = 0;
        while at < blob.here_bytes {
            let part = self.blob_part(blob, at, CHUNK_BYTES)?;
            at += part.len() as u64;
            hash.update(&part);
        }
        let mut id = BlobId([0; 32]);
        id.0.copy_from_slice(hash.finish().as_ref());
        Ok(id)
    }

    /// Removes the content of an attachment, into the batch.
    pub(crate) fn drop_content(&self, blob: &BlobRecord, batch: &mut WriteBatch) -> Result<(), StoreFault> {
        for chunk in self.store.keys::<ChunkRecord>(&blob.content)? {
            batch.remove::<ChunkRecord>(&chunk);
        }
        Ok(())
    }

    pub(crate) fn write_blob_to(&self, blob: &BlobId, out: &mut dyn Write) -> Result<u64, BlobFault> {
        let record = self.store.record::<BlobRecord>(blob.as_bytes())?.ok_or(BlobFault::NotHere)?;
        let size = record.size_bytes.ok_or(BlobFault::NotHere)?;
        let mut at = 0;
        while at < size {
            let part = self.blob_part(&record, at, CHUNK_BYTES)?;
            out.write_all(&part).map_err(|error| BlobFault::Unreadable(Some(error)))?;
            at += part.len() as u64;
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
