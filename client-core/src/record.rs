//! What the store's values mean: one type per kind of record.
//!
//! A value is one byte, the record's version, and the CBOR of the record. Reading refuses a version from the future
//! ([`StoreFault::Newer`]) and bytes that are no such record ([`StoreFault::Damaged`]).

use dossier::{
    content::Scalar,
    envelope::{self, Signed},
    event::SignedEvent,
    id::{ActorId, DeviceId, Digest, DossierId, EventId, PublicKey, ScopeDigest},
    state::Received,
    wire::SignedReceipt,
};
use minicbor::{Decode, Encode};

use crate::{
    card::Card,
    store::{Space, StoreFault},
};

/// The version that this program writes, of every record.
pub const VERSION: u8 = 1;

/// A kind of record.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> {
    /// The space it lives in.
    const SPACE: Space;
    /// What it is called when it is damaged.
    const NAME: &'static str;

    /// The value as stored.
    fn to_value(&self) -> Vec<u8> {
        let mut value = vec![VERSION];
        minicbor::encode(self, &mut value).expect("writing CBOR to memory cannot fail");
        value
    }

    /// Reads a stored value.
    fn from_value(value: &[u8]) -> Result<Self, StoreFault> {
        match value.split_first() {
            Some((&VERSION, body)) => minicbor::decode(body).map_err(|_| StoreFault::Damaged(Self::NAME)),
            Some((version, _)) if *version > VERSION => Err(StoreFault::Newer),
            _ => Err(StoreFault::Damaged(Self::NAME)),
        }
    }
}

macro_rules! record {
    ($name:ident, $space:ident, $text:literal) => {
        impl Record for $name {
            const SPACE: Space = Space::$space;
            const NAME: &'static str = $text;
        }
    };
}

/// Who this device is. The seed is the private key.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct IdentityRecord {
    /// The key's seed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub seed: [u8; 32],
    /// Drawn once when the device was set up; part of every actor id's making.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub installation: [u8; 16],
    /// The server's address.
    #[n(2)]
    pub server_url: String,
}
record!(IdentityRecord, Settings, "identity");

impl IdentityRecord {
    /// Its key in the settings.
    pub const KEY: &'static [u8] = b"identity";
}

/// The Centre this device belongs to, and what it last said.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CentreRecord {
    /// Its key.
    #[n(0)]
    pub key: PublicKey,
    /// Its clock minus this device's at the last sync, in milliseconds.
    #[n(1)]
    pub clock_offset_ms: i64,
    /// The bearer token for attachments.
    #[n(2)]
    pub token: Option<String>,
    /// The catalogue in force there.
    #[n(3)]
    pub catalogue: Option<String>,
    /// When an answer of it was last whole, Unix milliseconds by this device's clock.
    #[n(4)]
    pub last_contact_ms: Option<i64>,
    /// When it revoked this device, by its own clock.
    #[n(5)]
    pub revoked_ms: Option<i64>,
}
record!(CentreRecord, Settings, "Centre");

impl CentreRecord {
    /// Its key in the settings.
    pub const KEY: &'static [u8] = b"centre";

    /// A Centre just met.
    #[must_use]
    pub fn met(key: PublicKey) -> Self {
        Self { key, clock_offset_ms: 0, token: None, catalogue: None, last_contact_ms: None, revoked_ms: None }
    }
}

/// How far this device's own events have gone into requests, whatever became of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct SentRecord {
    /// The highest counter of an own event that a request ever carried.
    #[n(0)]
    pub counter: u64,
}
record!(SentRecord, Settings, "mark of what was sent");

impl SentRecord {
    /// Its key in the settings.
    pub const KEY: &'static [u8] = b"sent";
}

/// The certificate this device acts under, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CertificateRecord {
    /// The certificate.
    #[n(0)]
    pub signed: Signed,
}
record!(CertificateRecord, Settings, "certificate");

impl CertificateRecord {
    /// Its key in the settings.
    pub const KEY: &'static [u8] = b"certificate";
}

/// An invitation that waits for the next sync.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct InvitationRecord {
    /// The Centre it names.
    #[n(0)]
    pub centre: PublicKey,
    /// Its one-time secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub token: Vec<u8>,
}
record!(InvitationRecord, Settings, "invitation");

impl InvitationRecord {
    /// Its key in the settings.
    pub const KEY: &'static [u8] = b"invitation";
}

/// A dossier that is here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DossierRecord {
    /// The provisional code this device gave it.
    #[n(0)]
    pub provisional_code: Option<String>,
    /// Whether changes are kept that wait for others before they can be applied.
    #[n(1)]
    pub has_waiting: bool,
    /// When it was last touched here, Unix milliseconds by this device's clock.
    #[n(2)]
    pub touched_ms: i64,
}
record!(DossierRecord, Dossiers, "dossier");

/// One cell as typed and not yet sealed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct JournalRecord {
    /// The cell, such as `answers/child_name`.
    #[n(0)]
    pub path: String,
    /// The value; `None` clears the cell.
    #[n(1)]
    pub value: Option<Scalar>,
    /// When it was typed, Unix milliseconds by this device's clock.
    #[n(2)]
    pub at_ms: i64,
}
record!(JournalRecord, Journal, "journal entry");

/// How an item stands in this device's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    /// It counts.
    #[n(0)]
    Counts,
    /// A change that waits for others before it can be applied.
    #[n(1)]
    Waits,
    /// It was made anew under another name, because the Centre would never take this one. Kept as evidence.
    #[n(2)]
    Superseded,
}

/// A content change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ChangeRecord {
    /// The raw chunk.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// The device that made it.
    #[n(1)]
    pub author: DeviceId,
    /// When the Centre received it, as the feed said; for own changes the proof says it.
    #[n(2)]
    pub received: Option<Received>,
    /// How it stands.
    #[n(3)]
    pub standing: Standing,
}
record!(ChangeRecord, Changes, "change");

/// A text object that exists.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TextRecord {
    /// Its field.
    #[n(0)]
    pub field: String,
}
record!(TextRecord, Texts, "text");

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EventRecord {
    /// As signed.
    #[n(0)]
    pub signed: SignedEvent,
    /// When the Centre received it, as the feed said; for own events the proof says it.
    #[n(1)]
    pub received: Option<Received>,
    /// How it stands.
    #[n(2)]
    pub standing: Standing,
}
record!(EventRecord, Events, "event");

/// One of this device's own events, in the order of its chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ChainRecord {
    /// The event.
    #[n(0)]
    pub event: EventId,
    /// Its dossier.
    #[n(1)]
    pub dossier: DossierId,
    /// The official code it used up; kept even if the dossier's copy goes.
    #[n(2)]
    pub code: Option<String>,
}
record!(ChainRecord, Chain, "chain link");

/// An attachment's content.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct BlobRecord {
    /// Under which id its parts are kept.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub content: [u8; 16],
    /// How many bytes are here.
    #[n(1)]
    pub here_bytes: u64,
    /// Its size, once it is wholly here and fits its name.
    #[n(2)]
    pub size_bytes: Option<u64>,
}
record!(BlobRecord, Blobs, "attachment");

/// A part of an attachment's content.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ChunkRecord {
    /// The bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}
record!(ChunkRecord, Chunks, "part of an attachment");

/// Content that is being laid down and that nothing names yet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct StagingRecord {
    /// When it was begun, Unix milliseconds by this device's clock.
    #[n(0)]
    pub begun_ms: i64,
}
record!(StagingRecord, Staging, "staging mark");

/// An attachment that a dossier names.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct FileRecord {
    /// Whether the Centre holds it.
    #[n(0)]
    pub arrived: bool,
    /// Whether this device is to bring it.
    #[n(1)]
    pub ours: bool,
}
record!(FileRecord, Files, "file mark");

/// An upload begun.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct UploadRecord {
    /// Its path at the server.
    #[n(0)]
    pub path: String,
}
record!(UploadRecord, Uploads, "upload");

/// An own item without a receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct OutboxRecord {
    /// What the Centre said instead of taking it.
    #[n(0)]
    pub refused: Option<RefusedRecord>,
    /// How often its dossier was sent again as a whole because something was missing.
    #[n(1)]
    pub resends: u32,
}
record!(OutboxRecord, Outbox, "outbox entry");

/// Why an item was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RefusedRecord {
    /// A stable code.
    #[n(0)]
    pub code: String,
    /// What it is about.
    #[n(1)]
    pub detail: String,
}

/// Which receipt holds an own item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ProofRecord {
    /// The receipt.
    #[n(0)]
    pub receipt: Digest,
    /// The item's number in the receipt's batch.
    #[n(1)]
    pub item: u32,
    /// When the Centre received it.
    #[n(2)]
    pub received: Received,
}
record!(ProofRecord, Proofs, "proof");

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptRecord {
    /// As signed.
    #[n(0)]
    pub signed: SignedReceipt,
}
record!(ReceiptRecord, Receipts, "receipt");

/// Another device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DeviceRecord {
    /// Its key.
    #[n(0)]
    pub key: PublicKey,
    /// Its certificates, oldest first, as signed and checked.
    #[n(1)]
    pub certificates: Vec<Signed>,
}
record!(DeviceRecord, Directory, "device");

/// As which actor this device writes in a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ActorRecord {
    /// The actor.
    #[n(0)]
    pub actor: ActorId,
    /// The installation that minted it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub installation: [u8; 16],
}
record!(ActorRecord, Actors, "actor");

/// Which device stands behind an actor.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WriterRecord {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
}
record!(WriterRecord, Writers, "writer");

/// A block of official codes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LeaseRecord {
    /// As signed.
    #[n(0)]
    pub signed: Signed,
}
record!(LeaseRecord, Leases, "lease");

/// How far a scope was read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CursorRecord {
    /// The scope.
    #[n(0)]
    pub scope: String,
    /// What the Centre gave.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
    /// What this device ought to hold of the scope, as the Centre said with the cursor; `None` in the middle of a feed.
    #[n(2)]
    pub digest: Option<ScopeDigest>,
    /// A difference about which nothing can be done.
    #[n(3)]
    pub settled: Option<Settled>,
}
record!(CursorRecord, Cursors, "cursor");

/// How the Centre and this device stood when nothing more could be done about their difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Settled {
    /// What the Centre told.
    #[n(0)]
    pub told: ScopeDigest,
    /// What this device holds.
    #[n(1)]
    pub own: ScopeDigest,
}

/// That a dossier came in a scope.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MembershipRecord {
    /// The scope.
    #[n(0)]
    pub scope: String,
}
record!(MembershipRecord, Memberships, "membership");

/// A provisional code given here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ProvisionalRecord {
    /// To which dossier.
    #[n(0)]
    pub dossier: DossierId,
}
record!(ProvisionalRecord, Provisional, "provisional code");

/// What the Centre said of an item after its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct NoticeRecord {
    /// A stable code.
    #[n(0)]
    pub code: String,
    /// When this device was told, Unix milliseconds by its clock.
    #[n(1)]
    pub told_ms: i64,
}
record!(NoticeRecord, Notices, "notice");

record!(Card, Cards, "card");

/// A name for text in keys, where the text itself must not stand.
#[must_use]
pub fn name_of(text: &str) -> [u8; 16] {
    let mut name = [0; 16];
    name.copy_from_slice(&dossier::id::sha256(&[b"tram/key\0", text.as_bytes()])[..16]);
    name
}

/// The CBOR of what is signed, for keys that are hashes of it.
#[must_use]
pub(crate) fn hash_of(signed: &Signed) -> [u8; 32] {
    dossier::id::sha256(&[&envelope::encode(signed)])
}

#[cfg(test)]
mod tests;
