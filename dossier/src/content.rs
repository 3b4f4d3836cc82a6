//! What people write together: one Automerge document per dossier.
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
//! Bytes from outside pass [`chunk::scan`] before Automerge sees them.

pub mod chunk;
mod document;
pub mod genesis;
mod path;
mod scalar;

pub use document::{ChangeNote, Content, ContentFault, Edit, FieldState, SealedChange, Version};
pub use path::{ContentPath, FileNote, PathFault, Root};
pub use scalar::Scalar;
