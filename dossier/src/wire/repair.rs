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

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use crate::id::{BatchId, Digest, DossierId, ScopeDigest, sha256};

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

/// In which dossiers two ends differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Names of what the other end holds differently or alone.
    pub wanted: Vec<Range>,
    /// What the other end has nothing of.
    pub only_here: Vec<DossierId>,
}

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

fn check_ranges(bits: u8, ranges: &[Range], entry_bytes: usize) -> Result<(), Senseless> {
    let sound = bits <= MAX_BITS
        && ranges.iter().all(|range| u32::from(range.index) >> bits == 0 && range.entries.len() % entry_bytes == 0)
        && ranges.is_sorted_by(|one, next| one.index < next.index);
    if sound { Ok(()) } else { Err(Senseless) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    place: u64,
    dossier: DossierId,
    element: u128,
}

impl Placed {
    fn index(&self, bits: u8) -> u16 {
        u16::try_from(self.place.checked_shr(64 - u32::from(bits)).unwrap_or(0)).unwrap_or(u16::MAX)
    }

    fn name(&self, bits: u8) -> [u8; NAME_BYTES] {
        let [first, second, third, ..] = (self.place << bits).to_be_bytes();
        [first, second, third]
    }

    fn mark(&self, salt: &BatchId) -> [u8; MARK_BYTES] {
        let [first, second, third, ..] = sha256(&[b"tram/mark/v1\0", salt.as_bytes(), &self.element.to_be_bytes()]);
        [first, second, third]
    }
}

/// The elements of a scope, by their places.
#[derive(Debug, Clone, Default)]
pub struct Elements(Vec<Placed>);

impl Elements {
    /// Of the dossiers of a scope, each with the sum of its items.
    #[must_use]
    pub fn of(dossiers: impl IntoIterator<Item = (DossierId, Sum)>) -> Self {
        let mut placed: Vec<Placed> = dossiers
            .into_iter()
            .map(|(dossier, items)| {
                let element = element(&dossier, items).0;
                Placed { place: place(&dossier), dossier, element }
            })
            .collect();
        placed.sort_unstable();
        Self(placed)
    }

    /// The sum of all elements: the scope's digest.
    #[must_use]
    pub fn digest(&self) -> Sum {
        self.0.iter().fold(Sum::default(), |sum, placed| sum.plus(Sum(placed.element)))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// So many ranges that ranges and listed elements cost the least together if about twenty dossiers differ: the square
    /// root of thirty times the dossiers.
    fn bits(&self) -> u8 {
        let ranges = (self.0.len() * 30).isqrt().max(1).next_power_of_two();
        u8::try_from(ranges.ilog2()).unwrap_or(MAX_BITS).min(MAX_BITS)
    }

    fn range(&self, bits: u8, index: u16) -> &[Placed] {
        let begin = self.0.partition_point(|placed| placed.index(bits) < index);
        let end = self.0.partition_point(|placed| placed.index(bits) <= index);
        self.0.get(begin..end).unwrap_or_default()
    }

    fn print(&self, bits: u8, index: u16, salt: &BatchId) -> [u8; PRINT_BYTES] {
        let range = self.range(bits, index);
        let sum = range.iter().fold(Sum::default(), |sum, placed| sum.plus(Sum(placed.element)));
        let [first, second, third, fourth, ..] = sha256(&[b"tram/range/v1\0", salt.as_bytes(), &sum.to_bytes()]);
        [first, second, third, fourth]
    }

    /// What this end holds, in brief.
    #[must_use]
    pub fn compare(&self, scope: &str, salt: &BatchId) -> Comparison {
        let bits = self.bits();
        let prints = (0..1u16 << bits).flat_map(|index| self.print(bits, index, salt)).collect();
        Comparison { scope: scope.to_owned(), bits, prints }
    }

    /// This end's elements of those ranges in which the other end's differ.
    pub fn differences(&self, comparison: &Comparison, salt: &BatchId) -> Result<Differences, Senseless> {
        let Comparison { scope, bits, prints } = comparison;
        if *bits > MAX_BITS || prints.len() != PRINT_BYTES << bits {
            return Err(Senseless);
        }
        let differing = (0u16..).zip(prints.chunks_exact(PRINT_BYTES));
        let differing = differing.filter(|(index, print)| self.print(*bits, *index, salt) != **print);
        let listed = differing.map(|(index, _)| {
            let entry = |placed: &Placed| [placed.name(*bits), placed.mark(salt)].concat();
            Range { index, entries: self.range(*bits, index).iter().flat_map(entry).collect() }
        });
        Ok(Differences { scope: scope.clone(), bits: *bits, ranges: listed.collect() })
    }

    /// What follows from the other end's elements.
    pub fn against(&self, differences: &Differences, salt: &BatchId) -> Result<Found, Senseless> {
        let Differences { bits, ranges, .. } = differences;
        check_ranges(*bits, ranges, NAME_BYTES + MARK_BYTES)?;
        let mut found = Found::default();
        for Range { index, entries } in ranges {
            let mut here: BTreeMap<[u8; NAME_BYTES], BTreeSet<[u8; MARK_BYTES]>> = BTreeMap::new();
            let mut there: BTreeSet<&[u8]> = BTreeSet::new();
            let own = self.range(*bits, *index);
            for placed in own {
                here.entry(placed.name(*bits)).or_default().insert(placed.mark(salt));
            }
            let mut wanted: BTreeSet<&[u8]> = BTreeSet::new();
            for entry in entries.chunks_exact(NAME_BYTES + MARK_BYTES) {
                let (name, mark) = entry.split_at(NAME_BYTES);
                there.insert(name);
                if !here.get(name).is_some_and(|marks| marks.contains(mark)) {
                    wanted.insert(name);
                }
            }
            let alone = own.iter().filter(|placed| !there.contains(&placed.name(*bits)[..]));
            found.only_here.extend(alone.map(|placed| placed.dossier));
            if !wanted.is_empty() {
                found.wanted.push(Range { index: *index, entries: wanted.into_iter().flatten().copied().collect() });
            }
        }
        Ok(found)
    }

    /// The dossiers of this end that bear these names; more than one if names are the same by chance.
    pub fn named(&self, wants: &Wants) -> Result<Vec<DossierId>, Senseless> {
        let Wants { bits, ranges, .. } = wants;
        check_ranges(*bits, ranges, NAME_BYTES)?;
        let mut named = Vec::new();
        for Range { index, entries } in ranges {
            let asked: BTreeSet<&[u8]> = entries.chunks_exact(NAME_BYTES).collect();
            let range = self.range(*bits, *index).iter();
            named.extend(range.filter(|placed| asked.contains(&placed.name(*bits)[..])).map(|placed| placed.dossier));
        }
        Ok(named)
    }
}

/// Where a dossier stands among all, whatever is in it.
fn place(dossier: &DossierId) -> u64 {
    let mut place = [0; 8];
    place.copy_from_slice(&sha256(&[b"tram/place/v1\0", dossier.as_bytes()])[..8]);
    u64::from_be_bytes(place)
}

#[cfg(test)]
mod tests;
