//! Finding out in which dossiers of a scope two ends differ, and how that is said.
//!
//! ```text
//! item hashes ─add─▶ Sum of a dossier ─hash─▶ element ─add─▶ digest of the scope
//!
//! device                                     Centre
//!   digest differs
//!   Comparison: 4 bytes for each range ─────▶ its own elements of those ranges that differ
//!   what to ask for, what to send again ◀──── Differences
//!   Wants: names ───────────────────────────▶ those dossiers, whole
//! ```
//!
//! An element speaks for one dossier: its place follows from the dossier alone and is spread evenly, so a range is a
//! prefix of places and its bounds need no bytes. Everything is shortened, and salted with the batch's id: what two ends
//! take for equal by chance in one attempt they do not in the next, which the digest tells. Sums need no order, so either
//! end keeps them by adding what is new.
//!
//! Nothing here trusts the other end: a message that makes no sense is [`Senseless`], and what a message costs is bounded
//! by its length and by what this end holds itself.

mod elements;
mod said;

pub use elements::{Elements, Found};
pub use said::{Comparison, Differences, Doubt, Range, Repair, Senseless, Wants};

use crate::id::{DossierId, ScopeDigest, sha256};

/// How many bytes tell of a range.
pub const PRINT_BYTES: usize = 4;
/// How many bytes of its place, after the range's own bits, name an element.
pub const NAME_BYTES: usize = 3;
/// How many bytes tell of an element, after its name.
pub const MARK_BYTES: usize = 3;
/// Ranges are at most 2 to this power.
pub const MAX_BITS: u8 = 13;
/// Dossiers in one [`Wants`] that a device is unsure of.
pub const MAX_DOUBTS: usize = 1_000;

/// A sum of hashes, modulo 2¹²⁸. The order of adding is of no matter, and what was added can be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum(u128);

impl Sum {
    /// With an item added: the hash of a change, of an event, or of the change that makes a text.
    #[must_use]
    pub fn with_item(self, hash: &[u8; 32]) -> Self {
        Self(self.0.wrapping_add(head(hash)))
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    /// This one without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    /// As kept.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// As kept by [`Sum::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// A scope's sum of elements, as it is told.
    #[must_use]
    pub fn told(self) -> ScopeDigest {
        let mut told = [0; 8];
        told.copy_from_slice(&self.to_bytes()[8..]);
        ScopeDigest(told)
    }
}

/// What one dossier adds to the digest of a scope in which its items have this sum.
#[must_use]
pub fn element(dossier: &DossierId, items: Sum) -> Sum {
    Sum(head(&sha256(&[b"tram/element/v1\0", dossier.as_bytes(), &items.to_bytes()])))
}

fn head(hash: &[u8; 32]) -> u128 {
    let mut out = [0; 16];
    out.copy_from_slice(&hash[..16]);
    u128::from_be_bytes(out)
}

#[cfg(test)]
mod tests;
