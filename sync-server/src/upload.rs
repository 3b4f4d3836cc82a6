//! Uploads of attachments: who may open one, how it moves, when it is whole. HTTP is [`crate::http`]'s part.
//!
//! An upload's offset says how many bytes are on disk. It moves only after they are, so a server that is killed
//! resumes at the byte of the last durable part.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use dossier::{
    id::{BlobId, DossierId},
    wire::limits,
};
use futures::{Stream, StreamExt};
use ring::digest;
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    access::Reader,
    blob::{BlobFault, BlobStore, PART_BYTES, Published},
    port::{Clock, Entropy},
    storage::{Storage, StorageFault, UploadRow},
};

/// An upload that nobody touched for a week is forgotten: the attachment is still wanted, and can be begun anew.
pub const UPLOAD_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Locks that keep one upload from being moved twice at once by this process.
const STRIPES: usize = 64;

/// Why an upload does not move.
#[derive(Debug, thiserror::Error)]
pub enum UploadFault {
    /// There is no such upload or attachment, or it is not the asker's to know.
    #[error("not found")]
    NotFound,
    /// Larger than an attachment may be.
    #[error("the attachment is too large")]
    TooLarge,
    /// More bytes than were announced.
    #[error("more bytes than announced")]
    TooLong,
    /// The upload stands at another offset.
    #[error("the upload stands at {at}")]
    Offset {
        /// Where.
        at: u64,
    },
    /// The part does not fit its checksum; nothing of it was kept.
    #[error("the part does not fit its checksum")]
    Checksum,
    /// The whole is not what its id says; the upload is dropped.
    #[error("the content does not fit its id")]
    Mismatch,
    /// The connection broke; what was on disk is kept.
    #[error("the connection broke")]
    Broken,
    /// The attachment store failed.
    #[error("the attachment store failed")]
    Blob(#[from] BlobFault),
    /// The database failed.
    #[error("the database failed")]
    Storage(#[from] StorageFault),
}

/// A checksum announced for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// SHA-1, which tus asks every server to know. It guards against damage on the way, not against malice.
    Sha1(Vec<u8>),
    /// SHA-256.
    Sha256(Vec<u8>),
}

impl Checksum {
    fn context(&self) -> digest::Context {
        digest::Context::new(match self {
            Self::Sha1(_) => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256(_) => &digest::SHA256,
        })
    }

    fn expected(&self) -> &[u8] {
        match self {
            Self::Sha1(bytes) | Self::Sha256(bytes) => bytes,
        }
    }
}

/// All uploads of this process.
#[derive(Clone)]
pub struct Uploads {
    storage: Arc<dyn Storage>,
    blobs: BlobStore,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    locks: Arc<Vec<Mutex<()>>>,
}

impl Uploads {
    /// Uploads over these ports.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, blobs: BlobStore, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let locks = Arc::new((0..STRIPES).map(|_| Mutex::new(())).collect());
        Self { storage, blobs, clock, entropy, locks }
    }

    async fn lock(&self, id: &str) -> Option<MutexGuard<'_, ()>> {
        let stripe = id.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        match self.locks.get(stripe % STRIPES) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }

    /// Opens an upload for an attachment that a dossier within the reader's scopes names.
    pub async fn create(
        &self,
        reader: &Reader,
        dossier: DossierId,
        blob: BlobId,
        length_bytes: u64,
    ) -> Result<UploadRow, UploadFault> {
        if length_bytes > limits::MAX_BLOB_BYTES {
            return Err(UploadFault::TooLarge);
        }
        let named = self.storage.blob(&dossier, &blob).await?.ok_or(UploadFault::NotFound)?;
        if !reader.sees(self.storage.as_ref(), &dossier).await? {
            return Err(UploadFault::NotFound);
        }
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let upload = UploadRow {
            id: HEXLOWER.encode(&id),
            dossier,
            blob,
            device: reader.device,
            length_bytes,
            // What is here already needs no second journey.
            offset_bytes: if named.arrived_ms.is_some() { length_bytes } else { 0 },
            touched_ms: self.clock.now_ms(),
        };
        self.storage.create_upload(&upload).await?;
        self.settle(upload).await
    }

    /// An upload that this reader's device opened. One that was whole when the server was killed is finished now.
    pub async fn find(&self, reader: &Reader, id: &str) -> Result<UploadRow, UploadFault> {
        let _lock = self.lock(id).await;
        let upload = self.own(reader, id).await?;
        self.settle(upload).await
    }

    async fn own(&self, reader: &Reader, id: &str) -> Result<UploadRow, UploadFault> {
        let upload = self.storage.upload(id).await?.ok_or(UploadFault::NotFound)?;
        if upload.device == reader.device { Ok(upload) } else { Err(UploadFault::NotFound) }
    }

    /// Appends bytes. Without a checksum every full part counts as soon as it is on disk; with one, all or nothing.
    pub async fn append(
        &self,
        reader: &Reader,
        id: &str,
        offset: u64,
        checksum: Option<Checksum>,
        body: &mut (impl Stream<Item = Option<Bytes>> + Send + Unpin),
    ) -> Result<UploadRow, UploadFault> {
        let _lock = self.lock(id).await;
        let upload = self.own(reader, id).await?;
        if upload.offset_bytes != offset {
            return Err(UploadFault::Offset { at: upload.offset_bytes });
        }
        let upload = Appending { uploads: self, upload, checksum }.run(body).await?;
        self.settle(upload).await
    }

    /// Forgets an upload at its owner's wish.
    pub async fn terminate(&self, reader: &Reader, id: &str) -> Result<(), UploadFault> {
        let _lock = self.lock(id).await;
        let upload = self.own(reader, id).await?;
        self.forget(&upload.id).await
    }

    async fn forget(&self, id: &str) -> Result<(), UploadFault> {
        self.blobs.drop_parts(id).await?;
        self.storage.delete_upload(id).await?;
        Ok(())
    }

    /// Publishes an upload that is whole. Its row stays until it expires, so that a client which missed the last answer
    /// finds it complete.
    async fn settle(&self, upload: UploadRow) -> Result<UploadRow, UploadFault> {
        if upload.offset_bytes != upload.length_bytes {
            return Ok(upload);
        }
        let UploadRow { id, dossier, blob, length_bytes, .. } = &upload;
        let arrived = self.storage.blob(dossier, blob).await?.is_some_and(|row| row.arrived_ms.is_some());
        if !arrived {
            match self.blobs.publish(id, *length_bytes, dossier, blob).await? {
                Published::Whole => {
                    self.storage.blob_arrived(dossier, blob, *length_bytes, self.clock.now_ms()).await?;
                }
                Published::Mismatch => {
                    self.forget(id).await?;
                    return Err(UploadFault::Mismatch);
                }
            }
        }
        self.blobs.drop_parts(id).await?;
        Ok(upload)
    }

    /// Forgets uploads that nobody touched for long. Answers how many.
    pub async fn clean(&self) -> Result<usize, UploadFault> {
        let before = self.clock.now_ms().saturating_sub(UPLOAD_LIFE_MS);
        let stale = self.storage.stale_uploads(before).await?;
        for upload in &stale {
            self.forget(&upload.id).await?;
        }
        Ok(stale.len())
    }
}

/// One PATCH on its way to the disk.
struct Appending<'a> {
    uploads: &'a Uploads,
    upload: UploadRow,
    checksum: Option<Checksum>,
}

impl Appending<'_> {
    async fn run(
        mut self,
        body: &mut (impl Stream<Item = Option<Bytes>> + Send + Unpin),
    ) -> Result<UploadRow, UploadFault> {
        let mut digest = self.checksum.as_ref().map(Checksum::context);
        let mut buffer = BytesMut::new();
        let mut written = self.upload.offset_bytes;
        let mut broken = false;
        while let Some(next) = body.next().await {
            let Some(bytes) = next else {
                broken = true;
                break;
            };
            if written + (buffer.len() + bytes.len()) as u64 > self.upload.length_bytes {
                return Err(UploadFault::TooLong);
            }
            if let Some(digest) = &mut digest {
                digest.update(&bytes);
            }
            buffer.extend_from_slice(&bytes);
            while buffer.len() >= PART_BYTES {
                let part = buffer.split_to(PART_BYTES).freeze();
                written = self.write(written, part).await?;
            }
        }
        if broken && self.checksum.is_some() {
            return Err(UploadFault::Broken);
        }
        if !buffer.is_empty() {
            written = self.write(written, buffer.freeze()).await?;
        }
        if broken {
            return Err(UploadFault::Broken);
        }
        if let (Some(checksum), Some(digest)) = (&self.checksum, digest) {
            if digest.finish().as_ref() != checksum.expected() {
                return Err(UploadFault::Checksum);
            }
            self.advance(written).await?;
        }
        Ok(self.upload)
    }

    async fn write(&mut self, at: u64, part: Bytes) -> Result<u64, UploadFault> {
        let end = at + part.len() as u64;
        self.uploads.blobs.put_part(&self.upload.id, at, part).await?;
        if self.checksum.is_none() {
            self.advance(end).await?;
        }
        Ok(end)
    }

    async fn advance(&mut self, to: u64) -> Result<(), UploadFault> {
        let from = self.upload.offset_bytes;
        let Uploads { storage, clock, .. } = self.uploads;
        let now_ms = clock.now_ms();
        if from != to && !storage.advance_upload(&self.upload.id, from, to, now_ms).await? {
            let at = storage.upload(&self.upload.id).await?.map_or(0, |upload| upload.offset_bytes);
            return Err(UploadFault::Offset { at });
        }
        self.upload.offset_bytes = to;
        self.upload.touched_ms = now_ms;
        Ok(())
    }
}
