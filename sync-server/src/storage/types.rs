//! What goes in and comes out of the database.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    certificate::Role,
    envelope::Signed,
    id::{ActorId, BatchId, BlobId, ChangeHash, DeviceId, Digest, DossierId, EventId, PublicKey},
    state::Received,
    wire::{SignedReceipt, Waiting, repair::Sum},
};

/// An invitation as kept: whoever shows the token gets this role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// SHA-256 of the token.
    pub token_hash: Digest,
    /// The role it gives.
    pub role: Role,
    /// The unit it gives it for.
    pub unit: String,
    /// The person's name.
    pub name: String,
    /// Not to be taken up after this (Unix milliseconds).
    pub expires_ms: i64,
    /// The device that took it up.
    pub used_by: Option<DeviceId>,
}

/// What came of taking up an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolment {
    /// The device holds this certificate.
    Enrolled(Signed),
    /// Another device took it up.
    AlreadyUsed,
    /// There is no such invitation, or it expired.
    Unknown,
}

/// A device as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its key.
    pub key: PublicKey,
    /// Its certificates, oldest first.
    pub certificates: Vec<Signed>,
    /// How many receipts it was given.
    pub receipts: u64,
    /// The hash of the last one.
    pub last_receipt: Option<Digest>,
    /// When it last synced (Unix milliseconds).
    pub last_contact_ms: i64,
    /// What it said then that it still holds.
    pub waiting: Waiting,
    /// Since when it has always said that it holds something (Unix milliseconds).
    pub waiting_since_ms: Option<i64>,
    /// Whether an operator took it out of use.
    pub revocation: Option<Revocation>,
}

/// A device taken out of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// When (Unix milliseconds).
    pub at_ms: i64,
    /// Why, in the operator's words.
    pub reason: String,
}

/// What kind of thing an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// The making of a text object.
    Text {
        /// The field.
        field: String,
    },
    /// A change.
    Change {
        /// Who wrote it, within the dossier.
        actor: ActorId,
        /// The how-manieth of this actor.
        seq: u64,
        /// The number of its last operation.
        last_op: u64,
    },
    /// An event.
    Event {
        /// The device's counter.
        counter: u64,
        /// Not for citizens and postal workers.
        staff_only: bool,
    },
}

/// How far an item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Durable and receipted.
    Received,
    /// Decoded, applied, in the feed.
    Admitted,
    /// Durable and receipted, kept aside.
    Quarantined,
    /// Durable and receipted, kept aside because its device was revoked.
    Revoked,
}

/// One item as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The dossier.
    pub dossier: DossierId,
    /// Its place in the order of arrival within the dossier, from 1; given by `commit`.
    pub position: u64,
    /// Hash of the change or event; for a text, the hash of its deterministic change.
    pub hash: Digest,
    /// What it is.
    pub kind: ItemKind,
    /// The raw change chunk, or the CBOR of the `SignedEvent`; empty for a text.
    pub bytes: Vec<u8>,
    /// The device that sent it in a batch it signed (for events: that made it).
    pub author: DeviceId,
    /// When and with which clock difference.
    pub received: Received,
    /// How far it has come.
    pub state: ItemState,
}

/// What a group speaks of.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The sender.
    pub device: Option<DeviceId>,
    /// Every dossier, with the hashes of its items and of what they depend on.
    pub dossiers: BTreeMap<DossierId, DossierNeeds>,
}

/// What a group speaks of within one dossier.
#[derive(Debug, Clone, Default)]
pub struct DossierNeeds {
    /// Hashes of items, dependencies and events seen.
    pub hashes: BTreeSet<Digest>,
    /// Actors of changes.
    pub actors: BTreeSet<ActorId>,
}

/// What the database knows of it.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Per dossier that exists.
    pub dossiers: BTreeMap<DossierId, DossierFacts>,
    /// The head of the sender's receipt chain.
    pub receipts: u64,
    /// The hash of the last receipt.
    pub last_receipt: Option<Digest>,
}

/// What is known of one dossier.
#[derive(Debug, Clone, Default)]
pub struct DossierFacts {
    /// Which of the hashes are here; for changes with the number of their last operation.
    pub known: BTreeMap<Digest, Option<u64>>,
    /// Per actor: the device it belongs to, its highest sequence number, and the hash of that change.
    pub actors: BTreeMap<ActorId, ActorFacts>,
    /// How many changes, events and texts there are, for the limits.
    pub changes: u64,
    /// Events.
    pub events: u64,
    /// Text objects.
    pub texts: u64,
}

/// What is known of an actor within a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorFacts {
    /// The device that first wrote as this actor.
    pub device: DeviceId,
    /// Its highest sequence number here.
    pub seq: u64,
    /// The change of that number.
    pub hash: ChangeHash,
}

/// Items to be made durable together, with their receipt.
#[derive(Debug, Clone)]
pub struct Group {
    /// The sender; a device never seen before is created.
    pub device: PublicKey,
    /// Its batch.
    pub batch: BatchId,
    /// The hash of the signed batch.
    pub parcel_hash: Digest,
    /// New items in the order of the batch; their `position` is given by the database.
    pub items: Vec<ItemRow>,
    /// The receipt, signed, to be released once durable.
    pub receipt: SignedReceipt,
    /// Its number in the device's chain: `facts.receipts + 1`.
    pub receipt_number: u64,
    /// The Centre's clock, Unix milliseconds.
    pub now_ms: i64,
}

/// A party of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The device.
    pub device: DeviceId,
    /// The position of the first item it brought.
    pub since_position: u64,
}

/// Everything about one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierRecord {
    /// Items by position.
    pub items: Vec<ItemRow>,
    /// Devices that brought items, in order of their first.
    pub participants: Vec<Participant>,
    /// Scopes it is in.
    pub scopes: Vec<ScopeRow>,
    /// Attachments that have arrived for it. One that arrived stays, though the content may name it no longer.
    pub arrived: BTreeSet<BlobId>,
}

/// A scope that a dossier is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopeRow {
    /// `device:<hex>` or `unit:<code>`.
    pub scope: String,
    /// Whether staff-only events go there.
    pub staff: bool,
}

/// The outcome of admission.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The dossier.
    pub dossier: DossierId,
    /// The highest item position that was looked at.
    pub upto: u64,
    /// What became of items that were only received: by hash.
    pub outcomes: BTreeMap<Digest, ItemState>,
    /// Scopes that it belongs to from now on.
    pub scopes: BTreeSet<ScopeRow>,
    /// Attachments it names: component and declared size.
    pub blobs: BTreeMap<BlobId, u64>,
    /// What lists show.
    pub projection: Projection,
    /// Official and provisional codes, all of them.
    pub codes: BTreeSet<String>,
}

/// What lists show of a dossier, without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// The dossier.
    pub dossier: DossierId,
    /// The official code.
    pub code: Option<String>,
    /// One provisional code.
    pub provisional_code: Option<String>,
    /// The procedure's code.
    pub procedure: Option<String>,
    /// The national status code, 1–10; `None` for a draft.
    pub status: Option<u8>,
    /// The unit that handles it.
    pub unit: Option<String>,
    /// The channel, 1–3.
    pub channel: Option<u8>,
    /// When it was submitted (Unix milliseconds).
    pub submitted_ms: Option<i64>,
    /// When it was accepted (Unix milliseconds).
    pub accepted_ms: Option<i64>,
    /// When it is due (local date and time, ISO 8601).
    pub due_at: Option<String>,
    /// How many cells are in conflict.
    pub conflicts: u32,
    /// Whether official acts contradict each other.
    pub disputed: bool,
    /// Whether content moved on from the accepted version.
    pub pending_amendment: bool,
    /// When anything last arrived (Unix milliseconds).
    pub updated_ms: i64,
}

/// Which projected rows.
#[derive(Debug, Clone, Default)]
pub struct ProjectionQuery {
    /// Within any of these scopes.
    pub scopes: Vec<String>,
    /// Only this status.
    pub status: Option<u8>,
    /// At most so many.
    pub limit: u32,
    /// Only rows updated before this (Unix milliseconds), for paging.
    pub before_ms: Option<i64>,
    /// With `before_ms`: also rows updated in that very millisecond whose id is lower. A page ends at a row, so the next
    /// one begins with that row's `updated_ms` and id, and nothing that shares a millisecond is passed over.
    pub before_dossier: Option<DossierId>,
}

/// One row of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedRow {
    /// The dossier came into the scope.
    Enter(DossierId),
    /// The dossier left the scope.
    Leave(DossierId),
    /// An item.
    Item(Box<ItemRow>),
    /// An attachment arrived.
    Blob {
        /// The dossier that names it.
        dossier: DossierId,
        /// The attachment.
        blob: BlobId,
        /// Its size.
        size_bytes: u64,
    },
}

/// A stretch of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// The rows.
    pub rows: Vec<FeedRow>,
    /// The sequence number up to which the scope was read.
    pub upto: u64,
    /// Whether there is more.
    pub more: bool,
    /// The number of the scope's last row.
    pub head: u64,
    /// What a device ought to hold of the scope that has read up to that row.
    pub digest: Sum,
}

/// What a reader of a feed need not be told.
///
/// It is what this very request carried, not all that its device ever made: a device restored from a backup, or one of
/// two with the same key, lacks what its other life brought, and one whose copy was purged lacks its own work, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The reader.
    pub device: DeviceId,
    /// The hashes of what it just brought.
    pub carried: BTreeSet<Digest>,
}

/// Counts of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Dossiers.
    pub dossiers: u64,
    /// Changes.
    pub changes: u64,
    /// Events.
    pub events: u64,
    /// Attachments that are here.
    pub blobs: u64,
    /// Devices.
    pub devices: u64,
    /// Receipts given.
    pub receipts: u64,
    /// Items received and not admitted.
    pub awaiting: u64,
    /// Items kept aside because they could not be taken in.
    pub quarantined: u64,
    /// Items kept aside because their device was revoked.
    pub revoked: u64,
}

/// What is known of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// The dossier that names it.
    pub dossier: DossierId,
    /// The attachment.
    pub blob: BlobId,
    /// Its size, as declared by whoever names it, or as it is.
    pub size_bytes: u64,
    /// When it arrived (Unix milliseconds); `None` while it has not.
    pub arrived_ms: Option<i64>,
}

/// An upload in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// Its id, unguessable.
    pub id: String,
    /// The dossier that names the attachment.
    pub dossier: DossierId,
    /// The attachment it is to become.
    pub blob: BlobId,
    /// The device that opened it.
    pub device: DeviceId,
    /// Its size when whole.
    pub length_bytes: u64,
    /// How much is durable.
    pub offset_bytes: u64,
    /// When it was last touched (Unix milliseconds).
    pub touched_ms: i64,
}

/// One reading of a dossier by staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// Who read.
    pub device: DeviceId,
    /// When (Unix milliseconds).
    pub at_ms: i64,
}

impl ItemRow {
    /// The item as an event's name, if it is one.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        matches!(self.kind, ItemKind::Event { .. }).then_some(EventId(self.hash.0))
    }
}
