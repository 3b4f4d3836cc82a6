use minicbor::{Decode, Encode};

use super::{
    columns::ColumnsFault,
    limits,
    repair::{Repair, Senseless},
};
use crate::{
    envelope::EnvelopeFault,
    event::SignedEvent,
    id::{BatchId, DossierId, PublicKey},
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

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Who asks.
    pub hello: Hello,
    /// What they bring.
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

impl Batch {
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
}

impl Hello {
    pub(super) fn check(&self) -> Result<(), BatchFault> {
        if self.protocol != super::PROTOCOL {
            return Err(BatchFault::Protocol(self.protocol));
        }
        if self.cursors.len() > limits::MAX_SCOPES || self.leases.len() > limits::MAX_SCOPES {
            return Err(BatchFault::OverLimit("scopes"));
        }
        if let Some(repair) = &self.repair {
            if repair.compare.len() > limits::MAX_SCOPES || repair.want.len() > limits::MAX_SCOPES {
                return Err(BatchFault::OverLimit("scopes"));
            }
            repair.check()?;
        }
        Ok(())
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
