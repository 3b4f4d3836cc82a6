//! What every store must do, as tests that any store can be put through.

use super::{Row, Space, Store, StoreFault, WriteBatch};

/// One medium under test.
pub trait Bench {
    /// Opens the medium, again after an earlier store on it was dropped.
    fn open(&self) -> Result<Box<dyn Store>, StoreFault>;

    /// Opens it so that a few commits of 64 KiB fill it up.
    fn open_nearly_full(&self) -> Box<dyn Store>;

    /// Gives it room again.
    fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store>;
}

/// Runs everything, each part on a fresh medium.
pub fn suite<B: Bench>(fresh: impl Fn() -> B) {
    reads_back(&fresh());
    scans_in_order(&fresh());
    survives_reopening(&fresh());
    the_later_write_counts(&fresh());
    has_one_owner(&fresh());
    a_full_medium_takes_all_or_nothing(&fresh());
}

fn batch(rows: &[(Space, &[u8], &[u8])]) -> WriteBatch {
    let mut batch = WriteBatch::new();
    for (space, key, value) in rows {
        batch.put(*space, *key, *value);
    }
    batch
}

fn keys(rows: Vec<Row>) -> Vec<Vec<u8>> {
    rows.into_iter().map(|(key, _)| key).collect()
}

fn reads_back(bench: &impl Bench) {
    let mut store = bench.open().expect("a fresh medium opens");
    assert_eq!(store.get(Space::Cards, b"k").expect("reads"), None);
    store.commit(batch(&[(Space::Cards, b"k", b"v"), (Space::Journal, b"k", b"")])).expect("commits");
    assert_eq!(store.get(Space::Cards, b"k").expect("reads"), Some(b"v".to_vec()));
    assert_eq!(store.get(Space::Journal, b"k").expect("reads"), Some(Vec::new()), "an empty value is a value");
    assert_eq!(store.get(Space::Events, b"k").expect("reads"), None, "spaces are apart");
    store.commit(WriteBatch::new()).expect("an empty batch is fine");
    let mut gone = WriteBatch::new();
    gone.delete(Space::Cards, *b"k");
    gone.delete(Space::Cards, *b"never there");
    store.commit(gone).expect("commits");
    assert_eq!(store.get(Space::Cards, b"k").expect("reads"), None);
}

fn scans_in_order(bench: &impl Bench) {
    let mut store = bench.open().expect("a fresh medium opens");
    let all: [&[u8]; 6] = [&[1], &[1, 0], &[1, 255], &[1, 255, 255], &[2], &[255, 255]];
    let rows: Vec<(Space, &[u8], &[u8])> = all.iter().rev().map(|key| (Space::Changes, *key, *key)).collect();
    store.commit(batch(&rows)).expect("commits");
    store.commit(batch(&[(Space::Texts, &[0], b""), (Space::Journal, &[255], b"")])).expect("commits");
    let scan = |prefix: &[u8], after: Option<&[u8]>, limit| {
        keys(store.scan(Space::Changes, prefix, after, limit).expect("scans"))
    };
    assert_eq!(scan(&[], None, 100), all.map(<[u8]>::to_vec));
    assert_eq!(scan(&[1], None, 100), all[..4].iter().map(|key| key.to_vec()).collect::<Vec<_>>());
    assert_eq!(scan(&[1, 255], None, 100), [vec![1, 255], vec![1, 255, 255]]);
    assert_eq!(scan(&[255], None, 100), [vec![255, 255]]);
    assert_eq!(scan(&[1], Some(&[1, 0]), 1), [vec![1, 255]]);
    assert_eq!(scan(&[1], Some(&[0]), 1), [vec![1]], "before the prefix means from its beginning");
    assert!(scan(&[1], Some(&[2]), 9).is_empty(), "past the prefix means nothing");
    assert!(scan(&[3], None, 9).is_empty());
    assert!(scan(&[], None, 0).is_empty());
}

fn survives_reopening(bench: &impl Bench) {
    for round in 0..3u8 {
        let mut store = bench.open().expect("opens again");
        for earlier in 0..round {
            assert_eq!(store.get(Space::Settings, &[earlier]).expect("reads"), Some(vec![earlier; 10]));
        }
        store.commit(batch(&[(Space::Settings, &[round], &[round; 10])])).expect("commits");
    }
}

fn the_later_write_counts(bench: &impl Bench) {
    let mut store = bench.open().expect("a fresh medium opens");
    let mut mixed = batch(&[(Space::Cards, b"a", b"1"), (Space::Cards, b"b", b"1")]);
    mixed.delete(Space::Cards, *b"a");
    mixed.delete(Space::Cards, *b"b");
    mixed.put(Space::Cards, *b"b", *b"2");
    store.commit(mixed).expect("commits");
    assert_eq!(store.get(Space::Cards, b"a").expect("reads"), None);
    assert_eq!(store.get(Space::Cards, b"b").expect("reads"), Some(b"2".to_vec()));
}

fn has_one_owner(bench: &impl Bench) {
    let first = bench.open().expect("a fresh medium opens");
    assert!(matches!(bench.open(), Err(StoreFault::InUse)));
    drop(first);
    assert!(bench.open().is_ok(), "the lock goes with its owner");
}

fn a_full_medium_takes_all_or_nothing(bench: &impl Bench) {
    let mut store = bench.open_nearly_full();
    let piece = vec![7u8; 64 * 1024];
    let mut durable = 0u32;
    let full = loop {
        assert!(durable < 10_000, "the medium never filled up");
        let mut batch = WriteBatch::new();
        batch.put(Space::Chunks, durable.to_be_bytes(), piece.clone());
        batch.put(Space::Cards, durable.to_be_bytes(), *b"with it");
        match store.commit(batch) {
            Ok(()) => durable += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(full, StoreFault::Full), "{full:?}");
    assert_eq!(store.get(Space::Cards, &durable.to_be_bytes()).expect("reads"), None, "half a commit stayed");
    assert_eq!(store.scan(Space::Chunks, &[], None, usize::MAX).expect("scans").len(), durable as usize);
    let mut store = bench.make_room(store);
    store.commit(batch(&[(Space::Cards, b"after", b"x")])).expect("with room it works again");
    assert_eq!(store.get(Space::Cards, b"after").expect("reads"), Some(b"x".to_vec()));
}
