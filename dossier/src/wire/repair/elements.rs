use std::collections::{BTreeMap, BTreeSet};

use super::{
    MARK_BYTES, MAX_BITS, NAME_BYTES, PRINT_BYTES, Sum, element,
    said::{Comparison, Differences, Range, Senseless, Wants, check_ranges},
};
use crate::id::{BatchId, DossierId, sha256};

/// In which dossiers two ends differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Names of what the other end holds differently or alone.
    pub wanted: Vec<Range>,
    /// What the other end has nothing of.
    pub only_here: Vec<DossierId>,
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
