use minicbor::{Decode, Encode};

use super::{limits, receipt::SignedReceipt, repair::Differences, request::ScopeCursor};
use crate::{
    envelope::{self, EnvelopeFault, Signed},
    event::SignedEvent,
    id::{BlobId, DeviceId, Digest, DossierId, PublicKey, ScopeDigest},
    state::Received,
};

/// A device that made something in the feed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DeviceEntry {
    /// Its key.
    #[n(0)]
    pub key: PublicKey,
    /// Its certificates, oldest first; none for a citizen's bare key.
    #[n(1)]
    pub certificates: Vec<Signed>,
}

/// The devices that the following feed speaks of; feed rows name them by position.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Directory {
    /// In the order of first mention.
    #[n(0)]
    pub devices: Vec<DeviceEntry>,
}

/// A change in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedChange {
    /// The raw chunk.
    pub bytes: Vec<u8>,
    /// Who made it: a position in the directory.
    pub author: u32,
    /// When it was received.
    pub received: Received,
}

/// An event in the feed. Its author is in its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// The event.
    pub event: SignedEvent,
    /// When it was received.
    pub received: Received,
}

/// An attachment that the Centre now holds whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ArrivedBlob {
    /// The attachment.
    #[n(0)]
    pub blob: BlobId,
    /// Its size.
    #[n(1)]
    pub size_bytes: u64,
}

/// An attachment that the Centre lacks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WantedBlob {
    /// The dossier that names it.
    #[n(0)]
    pub dossier: DossierId,
    /// The attachment.
    #[n(1)]
    pub blob: BlobId,
}

/// What is new about one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedDossier {
    /// The dossier.
    pub dossier: DossierId,
    /// `Some(true)`: it came into the scope, everything about it follows. `Some(false)`: it left, the copy is to go.
    pub enters: Option<bool>,
    /// Fields of `texts` whose object exists.
    pub texts: Vec<String>,
    /// Changes in causal order.
    pub changes: Vec<FeedChange>,
    /// Events.
    pub events: Vec<FeedEvent>,
    /// Attachments that arrived.
    pub blobs: Vec<ArrivedBlob>,
}

/// A stretch of one scope's feed. Its cursor counts once all of it is durable on the device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Feed {
    /// How far this goes.
    #[n(0)]
    pub cursor: ScopeCursor,
    /// The dossiers, each once.
    #[cbor(n(1), with = "super::feed")]
    pub dossiers: Vec<FeedDossier>,
    /// What the device ought to hold of the scope when it holds this; `None` if there is more to read first.
    #[n(2)]
    pub digest: Option<ScopeDigest>,
}

/// Dossiers of a scope that the device asked for by [`super::Wants`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Whole {
    /// The scope.
    #[n(0)]
    pub scope: String,
    /// Each with everything about it; `enters` is `Some(false)` where the Centre holds it and it is not in the scope.
    #[cbor(n(1), with = "super::feed")]
    pub dossiers: Vec<FeedDossier>,
}

/// Something that happened to an item after it was receipted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// The dossier.
    #[n(0)]
    pub dossier: DossierId,
    /// The hash of the change or event.
    #[n(1)]
    pub item: Digest,
    /// A stable code of [`crate::fault::Code`].
    #[n(2)]
    pub code: String,
}

/// What an invitation brought.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// The device's new certificate.
    #[n(0)]
    pub certificate: Signed,
}

/// The last frame: nothing was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct End {
    /// The Centre's clock, Unix milliseconds.
    #[n(0)]
    pub now_ms: i64,
    /// The Centre's key.
    #[n(1)]
    pub centre: PublicKey,
    /// The Centre's own certificate, under which it issues codes.
    #[n(2)]
    pub centre_certificate: Signed,
    /// The catalogue in force at the Centre.
    #[n(3)]
    pub catalogue: String,
    /// Whether there is more to read.
    #[n(4)]
    pub more: bool,
    /// Attachments of this device's dossiers that the Centre lacks.
    #[n(5)]
    pub wanted: Vec<WantedBlob>,
    /// What became of items received earlier.
    #[n(6)]
    pub notices: Vec<Notice>,
    /// Blocks of dossier codes, signed.
    #[n(7)]
    pub leases: Vec<Signed>,
    /// A bearer token for attachments and reads, valid until the device's next sync and for a day after it. None for a
    /// device that was revoked.
    #[n(8)]
    pub token: Option<String>,
    /// When the device was revoked, by the Centre's clock (Unix milliseconds). What it sends is then received and kept
    /// aside, and it is told nothing more.
    #[n(9)]
    pub revoked_ms: Option<i64>,
}

/// One frame of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Frame {
    /// Items made durable.
    #[n(0)]
    Receipt(#[n(0)] SignedReceipt),
    /// A certificate.
    #[n(1)]
    Welcome(#[n(0)] Welcome),
    /// The devices that the following feed speaks of.
    #[n(2)]
    Directory(#[n(0)] Directory),
    /// What is new in a scope.
    #[n(3)]
    Feed(#[n(0)] Feed),
    /// The end.
    #[n(4)]
    End(#[n(0)] End),
    /// What the Centre holds where the device's digest differs.
    #[n(5)]
    Differences(#[n(0)] Differences),
    /// What the device asked for.
    #[n(6)]
    Whole(#[n(0)] Whole),
}

/// Why an answer is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Damaged or altered.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// The connection broke before [`Frame::End`]; what was read stands.
    #[error("the answer was cut off")]
    CutOff,
    /// A frame is larger than any may be.
    #[error("a frame is too large")]
    OverLimit,
}

/// Appends a frame: its length in four bytes, big-endian, then its CBOR.
pub fn write_frame(out: &mut Vec<u8>, frame: &Frame) {
    let bytes = envelope::encode(frame);
    let length = u32::try_from(bytes.len()).expect("a frame is bounded far below 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes);
}

/// Reads frames until the end, handing each to `each` as soon as it is whole. Frames before a cut stand.
pub fn read_frames<E: From<FrameFault>>(
    mut bytes: &[u8],
    mut each: impl FnMut(Frame) -> Result<(), E>,
) -> Result<(), E> {
    loop {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Err(FrameFault::CutOff.into()) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > limits::MAX_BODY_BYTES {
            return Err(FrameFault::OverLimit.into());
        }
        let Some((body, rest)) = rest.split_at_checked(length) else { return Err(FrameFault::CutOff.into()) };
        let frame: Frame = envelope::decode_unnamed(body).map_err(FrameFault::from)?;
        let last = matches!(frame, Frame::End(_));
        each(frame)?;
        if last {
            return Ok(());
        }
        bytes = rest;
    }
}

impl DeviceEntry {
    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.key)
    }
}
