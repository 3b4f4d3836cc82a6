//! What a device holds: durable store, drafts, outbox, sync engine and search.
//!
//! A phone, a terminal and a browser tab are each a thin shell over one [`Device`]. The shell opens files, draws
//! screens and decides when to sync; every rule is in `dossier`, everything durable is here.
//!
//! ```text
//!            shell (terminal, phone, browser)
//!                       │
//!    new · set · attach · submit · act · show · search · sync · upload
//!                       ▼
//!  ┌──────────────────────────────────────────────────────────────────┐
//!  │ Device                                                           │
//!  │  draft ──▶ journal ──seal──▶ changes ─┐                          │
//!  │  act   ───────────────────▶ events  ──┼─▶ outbox ──▶ sync engine │
//!  │  attach ──▶ chunks ───────────────────┘                  │       │
//!  │  cards, search: caches, rebuilt from the rest            │       │
//!  └───┬───────────┬───────────────┬──────────────────────────┼───────┘
//!    Clock      Entropy          Store                     Transport
//! ```
//!
//! # Four ports
//!
//! The engine has no clock, no randomness, no files and no sockets. [`Clock`] says what time it is, [`Entropy`] brings
//! random bytes, [`Store`] makes records durable, [`Transport`] carries one request. So the same engine runs on a phone
//! and inside a deterministic simulator. Adapters for a machine with files and sockets are in
//! `native`, those for a browser in `browser`.
//!
//! # What is durable when
//!
//! Every method that writes ends in exactly one [`Store::commit`], one durable transaction: when it returns, the work
//! survives a dead battery; when it fails, nothing of it happened. (An attachment larger than a few megabytes is laid
//! down in several; the last makes it exist.) What a person types goes to the *journal*, cell by cell. Journal entries
//! become one *sealed* change per dossier when the dossier is submitted, acted on or synced, or before somebody else's
//! changes are applied, so that a conflict is a conflict between what people meant. What was typed and overwritten before
//! sealing leaves no trace.
//!
//! # Errands
//!
//! What goes to the Centre and back is an [`Errand`]: it says what to send, takes what came, and waits for nothing in
//! between. A shell that may block runs it to its end with [`Device::sync`], [`Device::upload`] or
//! [`Device::fetch_blob`]; one that may not, carries each request itself and goes on working meanwhile.
//!
//! # What counts as sent
//!
//! The outbox is whatever this device made and the Centre has not yet signed for. Only a verified
//! [`Receipt`](dossier::wire::Receipt) that names this device, this batch and this item takes an item out of it. A lost
//! answer therefore costs bytes, never work: everything is sent again and known again.
//!
//! # Caches
//!
//! Cards (what lists show) and the search index follow from changes and events; [`Device::rebuild`] makes them anew. A
//! document is made from its changes whenever a dossier is opened.
//!
//! # Lists
//!
//! A phone may hold thousands of dossiers and shows ten. [`Device::list`] answers the part that is on screen and what is to
//! be said of the whole, from cards that are decoded once and follow each commit. What belongs to which list, what is late
//! and in which order names stand is judged here; a shell only shows it.
//!
//! # A first dossier, with no network at all
//!
//! ```
//! use client_core::{Device, ListQuery, MemoryStore, ports::{FixedClock, SeededEntropy}};
//!
//! # fn main() -> Result<(), dossier::fault::Fault> {
//! let clock = FixedClock::at(1_795_000_000_000);
//! let mut device = Device::init(MemoryStore::new(), clock, SeededEntropy::new(7), "http://localhost:8080")?;
//! let started = device.new_dossier("1.001193", None)?;
//! device.set(&started.dossier, &[("child_name", "Nguyễn Thị Hòa")])?;
//! assert_eq!(device.list(&ListQuery::default())?.total, 1);
//! # Ok(())
//! # }
//! ```

mod act;
mod blob;
mod card;
#[cfg(test)]
mod centre;
mod chain;
mod device;
mod draft;
mod due;
mod errand;
mod evidence;
mod held;
mod ledger;
mod outbox;
mod pages;
pub mod ports;
mod read;
pub mod record;
mod seal;
mod setup;
mod shelf;
pub mod store;
mod summary;
mod sync;
pub mod transport;
mod truth;

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "native")]
pub mod native;

pub use act::{ActRequest, Done, Doubts, Submission, Submitted};
pub use blob::{Attached, NewFile};
pub use card::Card;
pub use device::{Device, Identity};
pub use draft::{SetWarning, Started};
pub use due::{Due, DueState};
pub use errand::{Errand, ErrandReport, FetchErrand, FetchReport, SyncErrand, UploadErrand, UploadReport};
pub use evidence::{Evidence, Proof, ProofView, ReceiptView, SignedFor};
pub use outbox::{OutboxItem, OutboxKind};
pub use ports::{Clock, Entropy, Proceed, Progress, Stage};
pub use read::{
    Attachments, Board, DossierConflicts, ListQuery, Listed, Order, ProcedureHere, ProcedureSheet, Shown, UnitHit,
    Unsealed,
};
pub use store::{MemoryStore, Space, Store, StoreFault, WriteBatch};
pub use summary::Summary;
pub use sync::{Exchange, NoticeTold, Outcome, Refusal, RepairReport, SyncReport};
pub use transport::{Method, Request, Response, Transport, TransportFault};
pub use truth::{PagesSent, Truth, TruthFlag, TruthStage};
