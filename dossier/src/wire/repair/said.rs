use minicbor::{Decode, Encode};

use super::{MAX_BITS, MAX_DOUBTS, NAME_BYTES, PRINT_BYTES};
use crate::id::{Digest, DossierId};

/// What a device holds of a scope: a few bytes for each of 2^`bits` ranges.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Comparison {
    /// The scope.
    #[n(0)]
    pub scope: String,
    /// How many ranges, as a power of two.
    #[n(1)]
    pub bits: u8,
    /// [`PRINT_BYTES`] for each range.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub prints: Vec<u8>,
}

/// Elements of one range.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Range {
    /// Which range, from 0.
    #[n(0)]
    pub index: u16,
    /// Its elements: [`NAME_BYTES`] each, in [`Differences`] each followed by [`MARK_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub entries: Vec<u8>,
}

/// What the Centre holds in those ranges that differ.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Differences {
    /// The scope.
    #[n(0)]
    pub scope: String,
    /// As in the [`Comparison`].
    #[n(1)]
    pub bits: u8,
    /// By ascending index.
    #[n(2)]
    pub ranges: Vec<Range>,
}

/// A dossier that the device holds and the Centre did not name, with an item of it: whoever knows one has a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Doubt {
    /// The dossier.
    #[n(0)]
    pub dossier: DossierId,
    /// The hash of one of its items.
    #[n(1)]
    pub item: Digest,
}

/// What a device asks for after it read [`Differences`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wants {
    /// The scope.
    #[n(0)]
    pub scope: String,
    /// As in the [`Differences`].
    #[n(1)]
    pub bits: u8,
    /// The dossiers to be told whole, by their names.
    #[n(2)]
    pub ranges: Vec<Range>,
    /// Dossiers of which it is to be said whether they left the scope.
    #[n(3)]
    pub doubts: Vec<Doubt>,
}

/// What a request says of repairs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Repair {
    /// Scopes whose digest differs.
    #[n(0)]
    pub compare: Vec<Comparison>,
    /// Scopes of which it is known where.
    #[n(1)]
    pub want: Vec<Wants>,
}

/// A message about ranges that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ranges make no sense")]
pub struct Senseless;

impl Repair {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.compare.is_empty() && self.want.is_empty()
    }

    /// Checks what can be checked without knowing what anybody holds.
    pub fn check(&self) -> Result<(), Senseless> {
        let sound =
            self.compare.iter().all(|comparison| {
                comparison.bits <= MAX_BITS && comparison.prints.len() == PRINT_BYTES << comparison.bits
            }) && self.want.iter().all(|wants| {
                wants.doubts.len() <= MAX_DOUBTS && check_ranges(wants.bits, &wants.ranges, NAME_BYTES).is_ok()
            });
        if sound { Ok(()) } else { Err(Senseless) }
    }
}

/// Whether ranges lie within bounds, in order, with whole entries.
pub(super) fn check_ranges(bits: u8, ranges: &[Range], entry_bytes: usize) -> Result<(), Senseless> {
    let sound = bits <= MAX_BITS
        && ranges
            .iter()
            .all(|range| u32::from(range.index) >> bits == 0 && range.entries.len().is_multiple_of(entry_bytes))
        && ranges.is_sorted_by(|one, next| one.index < next.index);
    if sound { Ok(()) } else { Err(Senseless) }
}
