//! What people write together: one document per dossier.
//!
//! ```text
//! ROOT ─ procedure  { code, version }
//!      ├ answers    { field path → scalar }          rows of a repeated group have their id in the path
//!      ├ components { id/originals, id/copies, id/files/<blob> → scalar }
//!      └ texts      { field path → Text }             long free text, spliced
//! ```
//!
//! The skeleton comes from [`genesis`], a pure function of the dossier's id, so that two phones that start the same
//! dossier without ever having met share every object. People's changes only put and delete scalars and splice text:
//! no object is ever made by two people under one key, where one would hide the other.
//!
//! The format of a change and what it means are Automerge's, as far as dossiers use them, so that any Automerge tool can
//! read what is kept; the engine is our own (`docs/decisions/0017-content-engine-of-our-own.md`) and in tests is held
//! against Automerge.
//!
//! ```text
//! bytes ── chunk::scan ──► Scanned ── Content::apply ──► graph (who knew what)  ──► cells, texts: now or at any version
//!                             ▲                            │
//!                             └── Content::seal ◄── edits ─┘
//! ```
//!
//! A change is believed in two steps: [`chunk`] reads it alone, [`Content::apply`] holds it against its past.

mod cell;
pub mod chunk;
mod document;
pub mod genesis;
mod graph;
mod path;
mod scalar;
mod text;
mod wording;

pub use document::{ChangeNote, Content, ContentFault, Edit, FieldState, Misfit, SealedChange, Version};
pub use path::{ContentPath, FileNote, PathFault, Root};
pub use scalar::Scalar;
