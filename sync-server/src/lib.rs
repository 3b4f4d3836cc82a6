//! What the Centre runs: it takes what devices collected, keeps it, and tells everybody what is theirs to know.
//!
//! # The model
//!
//! A device brings *items*: changes to a dossier's content, events that people did. The Centre does two things with
//! them, and keeps the two apart:
//!
//! ```text
//!            ┌────────────────────────── one sync ───────────────────────────┐
//!  device ──▶│ open ▶ judge ▶ commit ▶ receipt │ admission │ feed ▶ end       │──▶ device
//!            └──────────────────┬──────────────┴─────┬─────┴────────▲─────────┘
//!                               ▼                    ▼              │
//!                        received items  ──▶  admitted items, projections, feed rows per scope
//! ```
//!
//! * **Reception** ([`exchange`]) promises that bytes are safe: bounded, signed, causally complete, durable. Its proof is
//!   a signed receipt, and only the witness of a durable commit ([`storage::Committed`]) gives one out. It never decodes
//!   content, so proof of deposit never waits for a decoder, nor dies with one.
//! * **Admission** ([`admission`]) looks at what was received: decodes, applies, folds, projects, and decides which
//!   [scopes](admission) the dossier is in. What fails there is kept aside, and its author is told. After a crash
//!   it simply runs again over what was received and not admitted.
//!
//! A *scope* is a feed: `device:<id>` for what a device took part in, `unit:<code>` for a unit's queue, `unit:*` for
//! submissions that name no unit, `centre` for the Centre's overview. What a device may read follows from its
//! certificate at that moment ([`access`]), never from what it says.
//!
//! Attachments come later and separately ([`upload`], [`blob`]); staff read single dossiers through [`reading`], and
//! every such read is logged.
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`port`] | time and randomness, from outside |
//! | [`storage`] | the one seam to the database; SQLite and PostgreSQL behind it |
//! | [`centre`] | the Centre's key, certificate, cursors, tokens; units as scopes |
//! | [`exchange`] | `POST /v1/sync` without HTTP; decisions pure in [`exchange::judge`] |
//! | [`admission`] | from received to admitted; official codes; notices |
//! | [`operating`] | what operators do: invitations, devices, revocation, figures |
//! | [`web`] | the browser apps as files |
//! | [`http`] | routes, limits, refusals, the OpenAPI document |
//! | [`server`] | the parts put together, and run until told to stop |
//! | [`command`] | the command line |
//!
//! # What is promised, and by what
//!
//! 1. *Nothing acknowledged is lost*: a receipt is released by the commit alone; both databases flush before they answer.
//! 2. *Nobody's work is overwritten*: items are only ever added, `(dossier, actor, seq)` is unique, a fork is refused by
//!    name, and an exception for one item never blocks an honest other.
//! 3. *Everybody can prove what they did*: receipts are signed and chained per device; events carry their author's own
//!    signature and chain, the Centre's included.
//! 4. *A sync is one round trip*: one request brings everything, one answer tells everything, codes for acceptances just
//!    made included.
//! 5. *Nobody sees what is not theirs*: feeds, reads and attachments all go through scopes, and what is out of scope is
//!    answered as what does not exist.
//!
//! The exact bytes are described in `docs/protocol.md`.

pub mod access;
pub mod admission;
pub mod blob;
pub mod centre;
pub mod command;
pub mod exchange;
pub mod http;
pub mod operating;
pub mod port;
pub mod reading;
pub mod server;
pub mod storage;
pub mod upload;
pub mod web;
