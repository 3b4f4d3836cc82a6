//! What devices and the Centre say to each other.
//!
//! ```text
//! device ── POST /v1/sync ─ zstd( parcel… ) ─────────────────────────────▶ Centre
//!        ◀─ zstd( frame… ) ─ Receipt … Directory · Feed … · End ──────────
//! ```
//!
//! A request is one batch: who I am, how far I have read, and the items I made, cut into signed parcels. The answer is a
//! sequence of frames: a signed receipt for each parcel as soon as it is durable, then what is new in the device's scopes.
//! Everything signed is canonical CBOR ([`crate::envelope`]); on the line items are spelled by columns ([`columns`]), and the whole
//! body is compressed at once, never item by item.
//!
//! An *item* is a change, an event, or the making of a text object. Items of a batch are numbered from 0 in the order
//! in which they stand: for each dossier its texts, then its changes, then its events. Receipts name items by number.

pub mod columns;
mod feed;
mod frame;
mod invitation;
pub mod limits;
mod parcel;
mod receipt;
pub mod repair;
mod request;

pub use frame::{
    ArrivedBlob, DeviceEntry, Directory, End, Feed, FeedChange, FeedDossier, FeedEvent, Frame, FrameFault, Notice,
    WantedBlob, Welcome, Whole, read_frames, write_frame,
};
pub use invitation::{Invitation, NotAnInvitation};
pub use parcel::{Intake, ParcelName, SignedBatch, VerifiedBatch, VerifiedParcel};
pub use receipt::{Exception, Receipt, SignedReceipt};
pub use request::{Batch, BatchFault, DossierItems, Hello, ItemRef, ScopeCursor, Waiting};

/// The media type of `POST /v1/sync`, both ways.
pub const MEDIA_TYPE: &str = "application/vnd.tram.sync+zstd";

/// The protocol's version, in every hello.
pub const PROTOCOL: u16 = 1;

#[cfg(test)]
mod tests;
