//! The device's half of sync: pack what the Centre has not signed for, take in what it answers.
//!
//! ```text
//! begin ──▶ Exchange{body, items} ── POST /v1/sync ──▶ answer bytes
//!                                                        │ decompressed within bounds, frame by frame
//! receive ◀──────────────────────────────────────────────┘
//!   Receipt   verified, fits this device and batch → items leave the outbox, proof and receipt stay
//!   Welcome   verified against the pinned Centre   → certificate
//!   Directory verified                             → who the feed speaks of
//!   Feed      journal sealed, then applied         → documents, events, cards, cursor
//!   End       names the Centre                     → clock, token, leases, notices
//! ```
//!
//! Nothing here waits or opens a socket: [`Device::sync_begin`] makes bytes, [`Device::sync_receive`] takes bytes, and
//! [`Device::errand_sync`] takes one step after another over both. Each frame's effects are one commit, so what came
//! before a cut stands. An item leaves the outbox only through a receipt that holds its number.

mod end;
mod feed;
mod pack;
mod receive;
mod refork;
mod repair;

use std::collections::BTreeSet;

use dossier::{
    fault::{Code, Fault},
    id::{BatchId, Digest, DossierId},
};
use serde::Serialize;

use dossier::wire::{ParcelName, limits, repair::Repair};

pub(crate) use repair::Repairs;

use crate::{outbox::ItemKey, shelf::ShelfFault, store::StoreFault};

/// Bytes of items in one request. Half of what a body may hold leaves room for names and lengths.
pub(crate) const REQUEST_BYTES: usize = limits::MAX_BODY_BYTES / 2;
/// Bytes of items in one request over the worst of lines: two hundred dossiers, which take seconds at 256 kbit/s.
const SMALLEST_REQUEST_BYTES: usize = 256 * 1024;

/// Dossiers in a parcel on a line that breaks: a second's worth at 256 kbit/s.
const SMALL_PARCEL_DOSSIERS: usize = 64;

/// One request on its way: its body, and which of its numbered items is which.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The body of `POST /v1/sync`: a zstd frame of the batch's parcels.
    pub body: Vec<u8>,
    pub(crate) batch: BatchId,
    pub(crate) parcels: Vec<ParcelName>,
    pub(crate) items: Vec<ItemKey>,
    /// What the items weigh before they are compressed.
    pub(crate) item_bytes: usize,
    /// Whether the outbox holds more than fitted in.
    pub(crate) more: bool,
    pub(crate) began_ms: i64,
    /// What it says of scopes that differ.
    pub(crate) repair: Option<Repair>,
    /// The secret of the invitation that it takes up.
    pub(crate) invitation: Option<Vec<u8>>,
}

impl Exchange {
    /// How many items it carries.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// Whether the outbox holds more than fitted into this request.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }
}

/// An item that the Centre did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The dossier.
    pub dossier: DossierId,
    /// The item's hash, in hexadecimal.
    pub item: String,
    /// A stable code.
    pub code: String,
    /// What it is about.
    pub detail: String,
}

/// What became of an item after its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeTold {
    /// The dossier.
    pub dossier: DossierId,
    /// The hash of the change or event.
    pub item: Digest,
    /// A stable code.
    pub code: String,
}

/// What came of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Items the Centre signed for, those it held before among them.
    pub accepted: usize,
    /// Items it did not take and that stay in the outbox.
    pub refused: Vec<Refusal>,
    /// Changes and events that are new here.
    pub received: usize,
    /// Things in the feed that were not sound and were left out.
    pub skipped: usize,
    /// Dossiers that left this device's scope and were removed.
    pub removed: Vec<DossierId>,
    /// Dossiers that left this device's scope and stay because they hold work the Centre does not have.
    pub kept: Vec<DossierId>,
    /// Dossiers whose changes were written again under a fresh actor; they are in the outbox.
    pub rewritten: Vec<DossierId>,
    /// Dossiers whose items all go again, because the Centre missed something.
    pub resent: Vec<DossierId>,
    /// What the Centre said of earlier items.
    pub notices: Vec<NoticeTold>,
    /// Whether the device got its certificate.
    pub enrolled: bool,
    /// Dossiers in which this device and the Centre differed: what was missing came, or goes again.
    pub repaired: BTreeSet<DossierId>,
    /// Bytes in which the Centre told of differences.
    pub repair_bytes: u64,
    /// Whether there is more to compare or to ask for.
    pub repairing: bool,
    /// Whether the Centre has more to tell.
    pub more: bool,
    /// The Centre's clock minus this device's, in milliseconds, if the answer was whole.
    pub clock_offset_ms: Option<i64>,
    /// Why reading ended before the end.
    pub fault: Option<Fault>,
}

/// What it took to make good what this device and the Centre held differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RepairReport {
    /// Requests that spoke of it, those counted that also brought or asked for content.
    pub round_trips: u32,
    /// Bytes of what this device said of it.
    pub sent_bytes: u64,
    /// Bytes of what the Centre said of it, without the dossiers themselves.
    pub received_bytes: u64,
    /// In how many dossiers they differed.
    pub dossiers: usize,
}

impl RepairReport {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Requests to `/v1/sync` that were answered.
    pub round_trips: u32,
    /// Bytes of request bodies.
    pub sent_bytes: u64,
    /// Bytes of answer bodies.
    pub received_bytes: u64,
    /// Items the Centre signed for.
    pub accepted: usize,
    /// Items it did not take and that stay in the outbox.
    pub refused: Vec<Refusal>,
    /// Changes and events that are new here.
    pub received: usize,
    /// Things in the feed that were not sound and were left out.
    pub skipped: usize,
    /// Items that the Centre has not signed for, refused ones among them.
    pub pending: usize,
    /// Dossiers that left this device's scope and were removed.
    pub removed: Vec<DossierId>,
    /// Dossiers that left this device's scope and stay because they hold unsent work.
    pub kept: Vec<DossierId>,
    /// What the Centre said of earlier items.
    pub notices: Vec<NoticeTold>,
    /// What differed and was made good.
    #[serde(skip_serializing_if = "RepairReport::is_nothing")]
    pub repair: RepairReport,
    /// Whether the device got its certificate in this sync.
    pub enrolled: bool,
    /// The Centre's clock minus this device's in milliseconds, if they are further apart than the rules tolerate.
    pub clock_off_ms: Option<i64>,
    /// What the person should know though nothing failed: `CLOCK_OFF` (`off_ms`).
    pub warnings: Vec<Fault>,
    /// Whether the shell stopped it.
    pub stopped: bool,
    /// Why it ended early, if it did.
    pub fault: Option<Fault>,
}

/// Why an answer is not read on, or a request not made.
#[derive(Debug, thiserror::Error)]
pub enum SyncFault {
    /// A dossier cannot be worked on.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// What the Centre sent is not taken.
    #[error(transparent)]
    Centre(#[from] CentreFault),
}

/// What was wrong with the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CentreFault {
    /// The answer broke off.
    #[error("the answer was cut off")]
    CutOff,
    /// Damaged, or over what may be decompressed.
    #[error("the answer is damaged: {0}")]
    Damaged(&'static str),
    /// Another Centre than the device's.
    #[error("another Centre answered")]
    WrongCentre,
    /// A signature does not fit, or a receipt is for something else.
    #[error("a signature does not fit: {0}")]
    BadSignature(&'static str),
    /// A certificate that is forged, for another device, or not the Centre's.
    #[error("the certificate is not valid")]
    Certificate,
}

impl From<StoreFault> for SyncFault {
    fn from(fault: StoreFault) -> Self {
        Self::Shelf(fault.into())
    }
}

impl From<CentreFault> for Fault {
    fn from(fault: CentreFault) -> Self {
        match fault {
            CentreFault::CutOff => Code::CutOff.into(),
            CentreFault::Damaged(what) => Self::new(Code::Damaged).with("what", what),
            CentreFault::WrongCentre => Code::WrongCentre.into(),
            CentreFault::BadSignature(what) => Self::new(Code::BadSignature).with("what", what),
            CentreFault::Certificate => Code::CertificateRefused.into(),
        }
    }
}

impl From<SyncFault> for Fault {
    fn from(fault: SyncFault) -> Self {
        match fault {
            SyncFault::Shelf(fault) => fault.into(),
            SyncFault::Centre(fault) => fault.into(),
        }
    }
}

impl crate::device::Device {
    /// A request broke off before anything came back: the next one is half as large, so that it gets through a line that
    /// never holds for long.
    pub(crate) fn ask_for_less(&mut self, sent_bytes: usize) {
        self.request_bytes = (sent_bytes / 2).max(SMALLEST_REQUEST_BYTES);
    }

    /// Makes parcels of no more than so many dossiers, for lines that break often.
    pub fn cut_parcels(&mut self, most_dossiers: usize) {
        self.most_parcel_dossiers = most_dossiers;
    }

    /// How many dossiers go into a parcel: what a line that breaks in the middle of one loses.
    fn parcel_dossiers(&self) -> usize {
        let most = if self.request_bytes < REQUEST_BYTES { SMALL_PARCEL_DOSSIERS } else { limits::PARCEL_DOSSIERS };
        most.min(self.most_parcel_dossiers)
    }

    /// The outbox got through: the next request may be as large as any.
    pub(crate) fn ask_for_all(&mut self) {
        self.request_bytes = REQUEST_BYTES;
    }
}

#[cfg(test)]
mod tests;
