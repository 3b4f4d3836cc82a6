//! Attachments on disk (or in any object store): parts while an upload runs, whole files by dossier and hash after it.
//!
//! ```text
//! uploads/<upload>/<offset>    one durable part, named by where it begins
//! blobs/<dossier>/<blob>       the whole, published at once, only if its SHA-256 is its name
//! ```
//!
//! The parts of an upload form a chain: each begins where the one before it ended. A part that was written and never
//! acknowledged is overwritten or left out of the chain, so what counts is only what the database says is durable.

use std::{ops::Range, path::Path as FilePath, sync::Arc};

use bytes::Bytes;
use dossier::id::{BlobId, DossierId};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use ring::digest;

/// The bytes of a part: small enough to lose little when a connection breaks, large enough for one fsync each.
pub const PART_BYTES: usize = 1 << 20;

/// Why attachments cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("the attachment store failed")]
pub struct BlobFault(#[from] object_store::Error);

/// What became of an upload that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is what it was announced to be, and stands under its name.
    Whole,
    /// It is something else.
    Mismatch,
}

/// The attachment store.
#[derive(Debug, Clone)]
pub struct BlobStore(Arc<dyn ObjectStore>);

fn part(upload: &str, offset: u64) -> Path {
    Path::from(format!("uploads/{upload}/{offset:020}"))
}

fn whole(dossier: &DossierId, blob: &BlobId) -> Path {
    Path::from(format!("blobs/{dossier}/{blob}"))
}

impl BlobStore {
    /// A store in a directory, made if need be. What is written is on disk when the call returns.
    pub fn in_directory(directory: &FilePath) -> Result<Self, BlobFault> {
        let store = LocalFileSystem::new_with_prefix(directory)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self(Arc::new(store)))
    }

    /// Writes one part of an upload durably.
    pub async fn put_part(&self, upload: &str, offset: u64, bytes: Bytes) -> Result<(), BlobFault> {
        self.0.put(&part(upload, offset), bytes.into()).await?;
        Ok(())
    }

    /// Joins the parts of an upload, checks them against the blob's id, and publishes the whole if it fits.
    pub async fn publish(
        &self,
        upload: &str,
        length_bytes: u64,
        dossier: &DossierId,
        blob: &BlobId,
    ) -> Result<Published, BlobFault> {
        let mut target = self.0.put_multipart(&whole(dossier, blob)).await?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut at = 0;
        while at < length_bytes {
            let bytes = match self.0.get(&part(upload, at)).await {
                Ok(found) => found.bytes().await?,
                Err(object_store::Error::NotFound { .. }) => break,
                Err(fault) => return Err(fault.into()),
            };
            if bytes.is_empty() {
                break;
            }
            hash.update(&bytes);
            at += bytes.len() as u64;
            target.put_part(bytes.into()).await?;
        }
        if at != length_bytes || hash.finish().as_ref() != blob.as_bytes() {
            target.abort().await?;
            return Ok(Published::Mismatch);
        }
        target.complete().await?;
        Ok(Published::Whole)
    }

    /// Removes the parts of an upload.
    pub async fn drop_parts(&self, upload: &str) -> Result<(), BlobFault> {
        let prefix = Path::from(format!("uploads/{upload}"));
        let found: Vec<Path> = self.0.list(Some(&prefix)).map_ok(|object| object.location).try_collect().await?;
        for location in found {
            match self.0.delete(&location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(())
    }

    /// A stretch of a published attachment.
    pub async fn read(
        &self,
        dossier: &DossierId,
        blob: &BlobId,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobFault>>, BlobFault> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = self.0.get_opts(&whole(dossier, blob), options).await?;
        Ok(found.into_stream().map_err(BlobFault).boxed())
    }
}
