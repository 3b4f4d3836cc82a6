use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    envelope,
    id::{BatchId, Digest},
};

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn hash(&mut self) -> [u8; 32] {
        sha256(&[&self.next().to_be_bytes()])
    }

    fn dossier(&mut self) -> DossierId {
        let hash = self.hash();
        DossierId(hash[..16].try_into().unwrap())
    }
}

const SALT: BatchId = BatchId([9; 16]);

fn held(numbers: &mut Numbers, count: usize) -> BTreeMap<DossierId, Sum> {
    (0..count).map(|_| (numbers.dossier(), Sum::default().with_item(&numbers.hash()))).collect()
}

fn elements(held: &BTreeMap<DossierId, Sum>) -> Elements {
    Elements::of(held.iter().map(|(dossier, sum)| (*dossier, *sum)))
}

/// Which dossiers the device asks for, and which it holds alone; with the bytes of both messages and the asking.
fn reconcile(
    device: &BTreeMap<DossierId, Sum>,
    centre: &BTreeMap<DossierId, Sum>,
) -> (BTreeSet<DossierId>, BTreeSet<DossierId>, usize) {
    let (device, centre) = (elements(device), elements(centre));
    let comparison = device.compare("device:0123", &SALT);
    let differences = centre.differences(&comparison, &SALT).unwrap();
    let Found { wanted, only_here } = device.against(&differences, &SALT).unwrap();
    let wants = Wants { scope: "device:0123".into(), bits: differences.bits, ranges: wanted, doubts: vec![] };
    let asked = centre.named(&wants).unwrap();
    let bytes = envelope::encode(&comparison).len() + envelope::encode(&differences).len();
    let bytes = bytes + envelope::encode(&wants).len();
    (asked.into_iter().collect(), only_here.into_iter().collect(), bytes)
}

#[test]
fn sums_need_no_order_and_can_be_undone() {
    let mut numbers = Numbers(5);
    let (one, other) = (numbers.hash(), numbers.hash());
    let both = Sum::default().with_item(&one).with_item(&other);
    assert_eq!(both, Sum::default().with_item(&other).with_item(&one));
    assert_eq!(both.minus(Sum::default().with_item(&one)), Sum::default().with_item(&other));
    assert_eq!(Sum::from_bytes(both.to_bytes()), both);
    let dossier = numbers.dossier();
    assert_ne!(element(&dossier, both), element(&numbers.dossier(), both));
    assert_ne!(element(&dossier, both), element(&dossier, Sum::default()));
}

#[test]
fn twenty_of_two_thousand_are_found_for_two_and_a_half_thousand_bytes() {
    for seed in 1..=20 {
        let mut numbers = Numbers(seed);
        let mut device = held(&mut numbers, 2_000);
        let mut centre = device.clone();
        let all: Vec<DossierId> = device.keys().copied().collect();
        let (lost_here, lost_there): (BTreeSet<DossierId>, BTreeSet<DossierId>) =
            ((0..10).map(|n| all[n * 200 + 7]).collect(), (0..10).map(|n| all[n * 200 + 107]).collect());
        device.retain(|dossier, _| !lost_here.contains(dossier));
        centre.retain(|dossier, _| !lost_there.contains(dossier));
        let (asked, alone, bytes) = reconcile(&device, &centre);
        assert_eq!((asked, alone), (lost_here, lost_there));
        assert!(bytes <= 2_500, "{bytes}");
    }
}

#[test]
fn dossiers_that_are_on_both_ends_and_differ_are_asked_for() {
    let mut numbers = Numbers(77);
    let mut device = held(&mut numbers, 300);
    let centre = device.clone();
    let changed: Vec<DossierId> = device.keys().copied().step_by(60).collect();
    for dossier in &changed {
        let more = numbers.hash();
        device.entry(*dossier).and_modify(|sum| *sum = sum.with_item(&more));
    }
    let (asked, alone, _) = reconcile(&device, &centre);
    assert_eq!((asked, alone), (changed.into_iter().collect(), BTreeSet::new()));
}

#[test]
fn an_empty_end_gets_everything_and_an_equal_one_nothing() {
    let mut numbers = Numbers(3);
    let full = held(&mut numbers, 50);
    let none = BTreeMap::new();
    let all: BTreeSet<DossierId> = full.keys().copied().collect();
    assert_eq!(reconcile(&none, &full).0, all);
    assert_eq!(reconcile(&full, &none).1, all);
    let (asked, alone, _) = reconcile(&full, &full);
    assert!(asked.is_empty() && alone.is_empty());
    assert_eq!(elements(&full).digest(), elements(&full).digest());
    assert!(elements(&none).is_empty() && elements(&none).digest() == Sum::default());
}

#[test]
fn whatever_comes_is_refused_or_answered() {
    let mut numbers = Numbers(4_711);
    let (device, mut centre) = (held(&mut numbers, 200), held(&mut numbers, 150));
    centre.extend(device.iter().take(100).map(|(dossier, sum)| (*dossier, *sum)));
    let (device, centre) = (elements(&device), elements(&centre));
    let comparison = device.compare("unit:1", &SALT);
    let differences = centre.differences(&comparison, &SALT).unwrap();
    let found = device.against(&differences, &SALT).unwrap();
    let doubts = vec![Doubt { dossier: DossierId([1; 16]), item: Digest([2; 32]) }];
    let wants = Wants { scope: "unit:1".into(), bits: differences.bits, ranges: found.wanted, doubts };
    let repair = Repair { compare: vec![comparison], want: vec![wants] };
    let (asking, answering) = (envelope::encode(&repair), envelope::encode(&differences));
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = if numbers.below(2) == 0 { asking.clone() } else { answering.clone() };
        for _ in 0..=numbers.below(6) {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] = numbers.next().to_be_bytes()[0],
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, 0xff),
                _ => bytes[at] ^= 1 << numbers.below(8),
            }
        }
        if let Ok(repair) = envelope::decode::<Repair>(&bytes) {
            match repair.check() {
                Ok(()) => read += 1,
                Err(Senseless) => refused += 1,
            }
            // What is refused is harmless all the same.
            repair.compare.iter().for_each(|comparison| _ = centre.differences(comparison, &SALT));
            repair.want.iter().for_each(|wants| _ = centre.named(wants));
        }
        if let Ok(differences) = envelope::decode::<Differences>(&bytes) {
            match device.against(&differences, &SALT) {
                Ok(found) => {
                    read += 1;
                    assert!(found.only_here.len() <= device.len());
                }
                Err(Senseless) => refused += 1,
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn ranges_out_of_bounds_or_order_are_senseless() {
    let held = held(&mut Numbers(8), 10);
    let own = elements(&held);
    let range = |index, bytes| Range { index, entries: vec![0; bytes] };
    let told = |bits, ranges| Differences { scope: String::new(), bits, ranges };
    for (bits, ranges) in [
        (MAX_BITS + 1, vec![]),
        (255, vec![]),
        (2, vec![range(4, 6)]),
        (2, vec![range(1, 5)]),
        (2, vec![range(1, 6), range(1, 6)]),
        (2, vec![range(2, 6), range(1, 6)]),
    ] {
        assert_eq!(own.against(&told(bits, ranges.clone()), &SALT), Err(Senseless), "{bits} {ranges:?}");
        let wants = Wants { scope: String::new(), bits, ranges, doubts: vec![] };
        let fits = bits == 2 && wants.ranges.len() == 1 && wants.ranges[0].entries.len().is_multiple_of(NAME_BYTES);
        assert_eq!(own.named(&wants).is_err(), !fits || wants.ranges[0].index > 3);
    }
    let short = Comparison { scope: String::new(), bits: 3, prints: vec![0; 31] };
    assert_eq!(own.differences(&short, &SALT), Err(Senseless));
    assert!(own.against(&told(0, vec![range(0, 6)]), &SALT).is_ok());
}

#[test]
fn the_bytes_are_frozen() {
    let own = Elements::of([(DossierId([1; 16]), Sum::default().with_item(&[2; 32]))]);
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&envelope::encode(&own.compare("unit:1", &SALT))));
    insta::assert_snapshot!(own.digest().told().to_string());
}
