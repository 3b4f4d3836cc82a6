//! The log under everything that happens to a phone's file.

mod disk;

use std::collections::BTreeMap;

use self::disk::{Dice, Disk};
use super::*;
use crate::store::conformance::{self, Bench};

/// So small that a few commits go through everything there is.
const SMALL: Sizes = Sizes { here: 16, in_log: 600, segment: 4096, slack: 2000, piece: 700 };
const SPACES: [Space; 2] = [Space::Journal, Space::Chunks];

type Contents = BTreeMap<(Space, Vec<u8>), Vec<u8>>;

fn small(disk: &Disk) -> Medium {
    Medium { sizes: SMALL, ..Medium::new(disk.clone()) }
}

fn open(disk: &Disk) -> Result<LogStore, StoreFault> {
    LogStore::open(&small(disk))
}

fn contents(store: &LogStore) -> Result<Contents, StoreFault> {
    let mut all = Contents::new();
    for space in SPACES {
        let rows = store.scan(space, &[], None, usize::MAX)?;
        all.extend(rows.into_iter().map(|(key, value)| ((space, key), value)));
    }
    Ok(all)
}

/// The `number`-th commit of a run: a few records of all sizes, put and deleted.
fn commit(number: u64) -> WriteBatch {
    let mut dice = Dice(number * 7919 + 1);
    let mut batch = WriteBatch::new();
    for _ in 0..=dice.below(3) {
        let space = SPACES[dice.below(2) as usize];
        let key = vec![dice.below(9) as u8; 1 + dice.below(2) as usize];
        let length = [9, 200, 590, 601, 5000][dice.below(5) as usize];
        match dice.below(4) {
            0 => batch.delete(space, key),
            _ => batch.put(space, key, vec![number as u8; length]),
        }
    }
    batch
}

fn applied(contents: &Contents, batch: &WriteBatch) -> Contents {
    let mut contents = contents.clone();
    for write in batch.writes() {
        match write {
            Write::Put(space, key, value) => _ = contents.insert((*space, key.clone()), value.clone()),
            Write::Delete(space, key) => _ = contents.remove(&(*space, key.clone())),
        }
    }
    contents
}

/// Commits these numbers, going on after failures. What is there then, and what may be there instead after a power cut
/// now: a commit that failed and could not be cleared away.
fn run(store: &mut LogStore, before: &Contents, numbers: std::ops::Range<u64>) -> (Contents, Vec<Contents>) {
    let (mut now, mut doubtful) = (before.clone(), Vec::new());
    for number in numbers {
        let batch = commit(number);
        let after = applied(&now, &batch);
        match store.commit(batch) {
            Ok(()) => now = after,
            Err(_) => doubtful.push(after),
        }
        if !store.unclear {
            doubtful.clear();
        }
    }
    (now, doubtful)
}

const COMMITS: u64 = 77;

fn steps_of_a_run() -> u64 {
    let disk = Disk::default();
    let mut store = open(&disk).unwrap();
    let (now, _) = run(&mut store, &Contents::new(), 0..COMMITS);
    assert!(contents(&store).unwrap() == now);
    assert!(store.root.generation > 5, "the log was lengthened and renewed {} times", store.root.generation);
    disk.done()
}

#[test]
fn what_was_committed_survives_a_power_cut_within_any_write_and_any_flush() {
    for at in 1..=steps_of_a_run() {
        let mut dice = Dice(at);
        let disk = Disk::default();
        disk.dies_at(at);
        let (mut now, mut doubtful) = (Contents::new(), Vec::new());
        if let Ok(mut store) = open(&disk) {
            (now, doubtful) = run(&mut store, &now, 0..COMMITS);
        }
        let mut disk = disk.after_the_power_cut(&mut dice);
        // The power goes again while it recovers, and while it goes on.
        for again in 0..3 {
            disk.dies_at(1 + dice.below(12) + 12 * again);
            if let Ok(mut store) = open(&disk) {
                let there = contents(&store).unwrap();
                assert!(there == now || doubtful.first() == Some(&there), "cut at {at}, and {again} times since");
                (now, doubtful) = run(&mut store, &there, 100 * (again + 1)..100 * (again + 1) + 20);
            }
            disk = disk.after_the_power_cut(&mut dice);
        }
        let there = contents(&open(&disk).unwrap()).unwrap();
        assert!(there == now || doubtful.first() == Some(&there), "cut at {at}");
    }
}

#[test]
fn a_write_that_fails_anywhere_undoes_its_commit_and_the_store_goes_on() {
    for at in 1..=steps_of_a_run() {
        let disk = Disk::default();
        let mut store = open(&disk).unwrap();
        disk.fails_at(at);
        let (now, doubtful) = run(&mut store, &Contents::new(), 0..COMMITS);
        assert!(contents(&store).unwrap() == now, "failed at {at}");
        assert!(doubtful.is_empty() || !store.unclear, "failed at {at}");
        let lost = disk.after_the_power_cut(&mut Dice(at));
        assert!(contents(&open(&lost).unwrap()).unwrap() == now, "failed at {at}, then the power went");
        drop(store);
        assert!(contents(&open(&disk).unwrap()).unwrap() == now, "failed at {at}, then opened again");
    }
}

#[test]
fn a_commit_that_failed_does_not_come_back_when_the_power_goes_soon_after() {
    for at in 1..=steps_of_a_run() {
        for soon in 1..=4 {
            let disk = Disk::default();
            let mut store = open(&disk).unwrap();
            disk.fails_at(at);
            disk.dies_at(at + soon);
            let (now, doubtful) = run(&mut store, &Contents::new(), 0..COMMITS);
            let disk = disk.after_the_power_cut(&mut Dice(at * 5 + soon));
            let there = contents(&open(&disk).unwrap()).unwrap();
            assert!(there == now || doubtful.contains(&there), "failed at {at}, cut {soon} later");
        }
    }
}

#[test]
fn a_changed_bit_is_damage_and_never_a_loss_in_silence() {
    let disk = Disk::default();
    let mut store = open(&disk).unwrap();
    let (before, _) = run(&mut store, &Contents::new(), 0..COMMITS - 1);
    let last_frame = store.at;
    let (now, _) = run(&mut store, &before, COMMITS - 1..COMMITS);
    assert!(last_frame < store.at, "the last commit stands behind the others");
    let last_frame = last_frame..store.at;
    drop(store);
    let bytes = disk.bytes();
    let mut damaged = 0;
    for at in (0..bytes.len()).step_by(3) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        match open(&Disk::holding(changed)).and_then(|store| contents(&store)) {
            Ok(there) if there == now => {}
            // The end of the log is where a power cut may have been.
            Ok(there) => assert!(there == before && last_frame.contains(&(at as u64)), "byte {at}"),
            Err(StoreFault::Damaged(_)) => damaged += 1,
            Err(other) => panic!("byte {at}: {other:?}"),
        }
    }
    assert!(damaged > bytes.len() / 12, "{damaged} of {}", bytes.len());
}

#[test]
fn a_file_cut_short_or_emptied_in_part_is_damage() {
    let disk = Disk::default();
    let mut store = open(&disk).unwrap();
    let mut states = vec![Contents::new()];
    for number in 0..COMMITS {
        let (now, _) = run(&mut store, &states[states.len() - 1], number..number + 1);
        states.push(now);
    }
    let now = &states[states.len() - 1];
    let last = store.root.segments[store.root.segments.len() - 1].range();
    drop(store);
    let bytes = disk.bytes();
    for block in 0..bytes.len() / 4096 {
        let mut emptied = bytes.clone();
        emptied[block * 4096..(block + 1) * 4096].fill(0);
        for held in [emptied, bytes[..block * 4096].to_vec()] {
            let nothing = held.iter().all(|byte| *byte == 0);
            match open(&Disk::holding(held)).and_then(|store| contents(&store)) {
                Ok(there) if nothing => assert!(there.is_empty(), "nothing is a new file"),
                // An end of the log that is all zeros looks as if it had never been written.
                Ok(there) if last.contains(&block) => {
                    assert!(states.contains(&there), "block {block}");
                }
                Ok(there) => assert!(there == *now, "block {block}"),
                Err(fault) => assert!(matches!(fault, StoreFault::Damaged(_)), "block {block}: {fault:?}"),
            }
        }
    }
}

#[test]
fn a_newer_layout_is_left_alone() {
    let disk = Disk::default();
    drop(open(&disk).unwrap());
    let mut bytes = disk.bytes();
    let root = &mut bytes[4096..8192];
    root[8] += 1;
    let sum = checksum(&root[..4092]);
    root[4092..].copy_from_slice(&sum.to_le_bytes());
    let newer = Disk::holding(bytes.clone());
    assert!(matches!(open(&newer), Err(StoreFault::Newer)));
    assert_eq!(newer.bytes(), bytes);
}

#[test]
fn a_small_commit_is_one_write_and_one_flush_and_the_file_stays_small() {
    let disk = Disk::default();
    let mut store = LogStore::open(&Medium::new(disk.clone())).unwrap();
    let (done, flushes) = (disk.done(), disk.flushes());
    for round in 0..100u8 {
        let mut batch = WriteBatch::new();
        batch.put(Space::Journal, [1], [round; 300]);
        store.commit(batch).unwrap();
    }
    assert_eq!((disk.done() - done, disk.flushes() - flushes), (200, 100));
    for round in 0..4_000u32 {
        let mut batch = WriteBatch::new();
        batch.put(Space::Journal, (round % 50).to_be_bytes(), round.to_be_bytes().repeat(75));
        batch.put(Space::Chunks, [7], vec![round as u8; 20_000]);
        store.commit(batch).unwrap();
    }
    assert!(disk.bytes().len() < 3 << 20, "{} bytes for 35 kB", disk.bytes().len());
}

struct Memory {
    disk: Disk,
    medium: Medium,
}

impl Memory {
    fn of(sizes: Sizes) -> Self {
        let disk = Disk::default();
        Self { medium: Medium { sizes, ..Medium::new(disk.clone()) }, disk }
    }
}

impl Bench for Memory {
    fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
        Ok(Box::new(LogStore::open(&self.medium)?))
    }

    fn open_nearly_full(&self) -> Box<dyn Store> {
        let store = self.open().unwrap();
        self.disk.room(Some(1 << 20));
        store
    }

    fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        self.disk.room(None);
        store
    }
}

#[test]
fn the_log_does_what_every_store_must() {
    conformance::suite(|| Memory::of(SIZES));
    conformance::suite(|| Memory::of(SMALL));
}

#[test]
fn no_room_at_any_size_leaves_the_store_as_it_was() {
    for room in (0..60_000).step_by(611) {
        let disk = Disk::default();
        let mut store = open(&disk).unwrap();
        disk.room(Some(room));
        let (now, _) = run(&mut store, &Contents::new(), 0..COMMITS);
        assert!(contents(&store).unwrap() == now, "{room}");
        disk.room(None);
        let (now, _) = run(&mut store, &now, COMMITS..COMMITS + 5);
        drop(store);
        assert!(contents(&open(&disk).unwrap()).unwrap() == now, "{room}");
    }
}
