use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::*;
use crate::store::conformance::{self, Bench};

struct InFile(tempfile::TempDir);

impl InFile {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("device.tram")
    }
}

impl Bench for InFile {
    fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
        Ok(Box::new(SqliteStore::open_waiting(&self.path(), Duration::from_millis(20))?))
    }

    fn open_nearly_full(&self) -> Box<dyn Store> {
        let store = SqliteStore::open(&self.path()).unwrap();
        store.limit_pages(Some(store.pages().unwrap() + 60)).unwrap();
        Box::new(store)
    }

    fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        Box::new(SqliteStore::open(&self.path()).unwrap())
    }
}

fn in_file() -> InFile {
    InFile(tempfile::tempdir().unwrap())
}

#[test]
fn the_sqlite_store_does_what_every_store_must() {
    conformance::suite(in_file);
}

#[test]
fn a_newer_layout_is_left_alone() {
    let bench = in_file();
    drop(bench.open().unwrap());
    Connection::open(bench.path()).unwrap().pragma_update(None, "user_version", LAYOUT + 1).unwrap();
    assert!(matches!(bench.open(), Err(StoreFault::Newer)));
    let after: i64 =
        Connection::open(bench.path()).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(after, LAYOUT + 1);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test plays the person who put something else there")]
fn a_file_that_is_no_store_is_called_damaged() {
    let bench = in_file();
    std::fs::write(bench.path(), vec![b'x'; 5000]).unwrap();
    assert!(matches!(bench.open(), Err(StoreFault::Damaged(_))));
}

/// The child's part of the next test: commits and acknowledges until it is killed.
#[test]
fn kill_child() {
    let Some(path) = std::env::var_os("TRAM_KILL_STORE") else { return };
    let mut store = SqliteStore::open(Path::new(&path)).unwrap();
    let first = store.scan(Space::Journal, &[], None, usize::MAX).unwrap().len() as u32;
    for number in first.. {
        let mut batch = WriteBatch::new();
        batch.put(Space::Journal, number.to_be_bytes(), vec![number as u8; 100 + number as usize % 9000]);
        batch.put(Space::Outbox, number.to_be_bytes(), *b"with it");
        store.commit(batch).unwrap();
        println!("\nacknowledged {number}");
    }
}

/// Kills a committing process at twenty different moments: what it acknowledged is there, and nothing is there by half.
#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let bench = in_file();
    let mut acknowledged: Option<u32> = None;
    for round in 0..20u32 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "native::sqlite::tests::kill_child", "--nocapture"])
            .env("TRAM_KILL_STORE", bench.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is chosen by how much the child did, plus what it does while the kill is on its way.
        let enough = 1 + round * 7 % 31;
        let mut heard = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut note = |line: &str| {
            if let Some(number) = line.strip_prefix("acknowledged ") {
                acknowledged = acknowledged.max(Some(number.parse().unwrap()));
                heard += 1;
            }
            heard
        };
        while note(&lines.next().expect("the child lives until it is killed").unwrap()) < enough {}
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            note(&line);
        }
        let store = bench.open().unwrap();
        let journal = store.scan(Space::Journal, &[], None, usize::MAX).unwrap();
        let outbox = store.scan(Space::Outbox, &[], None, usize::MAX).unwrap();
        assert_eq!(journal.len(), outbox.len(), "a commit was torn");
        assert!(journal.len() as u32 > acknowledged.unwrap(), "an acknowledged commit is missing");
        for (number, (key, value)) in journal.iter().enumerate() {
            assert_eq!((key.as_slice(), value[0]), (&(number as u32).to_be_bytes()[..], number as u8));
        }
    }
}
