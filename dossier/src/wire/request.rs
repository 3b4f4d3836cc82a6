use minicbor::{Decode, Encode};

use super::{
    columns::{self, ColumnsFault, Items},
    limits,
    repair::{Repair, Senseless},
};
use crate::{
    envelope::{self, EnvelopeFault, Namespace, Signature, SigningKey},
    event::SignedEvent,
    id::{BatchId, DeviceId, Digest, DossierId, PublicKey},
};

/// How far a device has read a scope; opaque to the device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ScopeCursor {
    /// The scope's name, as the Centre gave it.
    #[n(0)]
    pub scope: String,
    /// What the Centre gave, unchanged.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
}

/// What a device holds that the Centre has not got yet, this batch aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub struct Waiting {
    /// Changes, events and texts.
    #[n(0)]
    pub items: u32,
    /// Attachments.
    #[n(1)]
    pub files: u32,
}

/// Who asks, and how far they have read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// [`super::PROTOCOL`].
    #[n(0)]
    pub protocol: u16,
    /// This attempt. Replaying it returns the stored receipts.
    #[n(1)]
    pub batch: BatchId,
    /// The Centre this is meant for; `None` until the device has met it.
    #[n(2)]
    pub centre: Option<PublicKey>,
    /// The device's key.
    #[n(3)]
    pub device: PublicKey,
    /// The device's wall clock, Unix milliseconds.
    #[n(4)]
    pub now_ms: i64,
    /// The token of an invitation to take up.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub invitation: Option<Vec<u8>>,
    /// The catalogue on the device.
    #[n(6)]
    pub catalogue: String,
    /// How far each scope was read; scopes the device does not name are sent from their beginning.
    #[n(7)]
    pub cursors: Vec<ScopeCursor>,
    /// Local dates (`yyyy-mm-dd`) for which the device wants a block of dossier codes.
    #[n(8)]
    pub leases: Vec<String>,
    /// What stays behind on the device when this batch has gone.
    #[n(9)]
    pub waiting: Waiting,
    /// Scopes of which the device holds something else than it ought to.
    #[n(10)]
    pub repair: Option<Repair>,
}

/// One dossier's items, changes in causal order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DossierItems {
    /// The dossier.
    #[n(0)]
    pub dossier: DossierId,
    /// Fields of `texts` whose object exists; each end makes the change itself.
    #[n(1)]
    pub texts: Vec<String>,
    /// Raw Automerge change chunks, not yet believed.
    #[n(2)]
    pub changes: Vec<minicbor::bytes::ByteVec>,
    /// Events, not yet believed.
    #[n(3)]
    pub events: Vec<SignedEvent>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
    /// Who asks.
    #[n(0)]
    pub hello: Hello,
    /// What they bring.
    #[n(1)]
    pub dossiers: Vec<DossierItems>,
}

/// Which item of a batch a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemRef<'a> {
    /// The making of a text object.
    Text(&'a DossierId, &'a str),
    /// A change.
    Change(&'a DossierId, &'a [u8]),
    /// An event.
    Event(&'a DossierId, &'a SignedEvent),
}

/// Why a batch is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// Damaged, altered, or not signed by the device it names.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// What it says of repairs makes no sense.
    #[error(transparent)]
    Repair(#[from] Senseless),
    /// More of something than one batch may hold.
    #[error("the batch is over the limit of {0}")]
    OverLimit(&'static str),
    /// A newer protocol than this program speaks.
    #[error("protocol {0} is not spoken here")]
    Protocol(u16),
}

/// A batch as it travels (before compression).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBatch {
    bytes: Vec<u8>,
    hash: Digest,
}

/// How a batch is spelled: its items by columns. The signature is over the batch as it is, not over its spelling.
#[derive(Encode, Decode)]
struct Spelled {
    #[n(0)]
    hello: Hello,
    #[cbor(n(1), with = "minicbor::bytes")]
    items: Vec<u8>,
    #[n(2)]
    signature: Signature,
}

/// A batch whose signature fits the device it names: only [`SignedBatch::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedBatch {
    batch: Batch,
    hash: Digest,
}

impl Batch {
    /// Signs it with the device's key.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> SignedBatch {
        let body = envelope::encode(self);
        let spelled = Spelled {
            hello: self.hello.clone(),
            items: columns::write(&self.dossiers.iter().map(DossierItems::items).collect::<Vec<_>>()),
            signature: key.sign(Namespace::Batch, &body),
        };
        SignedBatch { bytes: envelope::encode(&spelled), hash: Digest(Namespace::Batch.digest(&body)) }
    }

    /// Every item in the order of their numbers.
    pub fn items(&self) -> impl Iterator<Item = ItemRef<'_>> {
        self.dossiers.iter().flat_map(|group| {
            let dossier = &group.dossier;
            let texts = group.texts.iter().map(move |field| ItemRef::Text(dossier, field));
            let changes = group.changes.iter().map(move |bytes| ItemRef::Change(dossier, bytes));
            let events = group.events.iter().map(move |event| ItemRef::Event(dossier, event));
            texts.chain(changes).chain(events)
        })
    }

    fn check(&self) -> Result<(), BatchFault> {
        if self.hello.protocol != super::PROTOCOL {
            return Err(BatchFault::Protocol(self.hello.protocol));
        }
        if self.hello.cursors.len() > limits::MAX_SCOPES || self.hello.leases.len() > limits::MAX_SCOPES {
            return Err(BatchFault::OverLimit("scopes"));
        }
        if let Some(repair) = &self.hello.repair {
            if repair.compare.len() > limits::MAX_SCOPES || repair.want.len() > limits::MAX_SCOPES {
                return Err(BatchFault::OverLimit("scopes"));
            }
            repair.check()?;
        }
        if self.dossiers.len() > limits::MAX_DOSSIERS {
            return Err(BatchFault::OverLimit("dossiers"));
        }
        if self.items().count() > limits::MAX_ITEMS {
            return Err(BatchFault::OverLimit("items"));
        }
        Ok(())
    }
}

impl SignedBatch {
    /// Reads bytes (already decompressed within bounds): bounds, verifies, checks.
    pub fn read(bytes: &[u8]) -> Result<VerifiedBatch, BatchFault> {
        if bytes.len() > limits::MAX_BODY_BYTES {
            return Err(BatchFault::OverLimit("bytes"));
        }
        let Spelled { hello, items, signature } = envelope::decode_unnamed(bytes)?;
        let batch = Batch { hello, dossiers: columns::read(&items, limits::MAX_ITEMS)? };
        let body = envelope::encode(&batch);
        signature.verify(&batch.hello.device, Namespace::Batch, &body)?;
        batch.check()?;
        Ok(VerifiedBatch { batch, hash: Digest(Namespace::Batch.digest(&body)) })
    }

    /// What travels.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name of this batch, as receipts cite it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }
}

impl DossierItems {
    fn items(&self) -> Items<'_> {
        Items {
            dossier: self.dossier,
            texts: &self.texts,
            changes: self.changes.iter().map(|bytes| &bytes[..]).collect(),
            events: self.events.iter().collect(),
        }
    }
}

impl From<ColumnsFault> for BatchFault {
    fn from(fault: ColumnsFault) -> Self {
        match fault {
            ColumnsFault::Damaged => Self::Envelope(EnvelopeFault::Malformed),
            ColumnsFault::OverLimit(what) => Self::OverLimit(what),
        }
    }
}

impl VerifiedBatch {
    /// The hash of the signed bytes.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The device that signed.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.batch.hello.device)
    }

    /// The content.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }
}
