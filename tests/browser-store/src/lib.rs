//! The browser's store under test, to be called in a worker with a file of the origin.
//!
//! A failed check stops the module, which the caller sees as a thrown error.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use client_core::{
    Space, Store, StoreFault, WriteBatch,
    browser::{File, LogStore, Medium, OriginFile},
    store::conformance::{self, Bench},
};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::FileSystemSyncAccessHandle;

/// A file of the origin that takes no more than it is told to.
#[derive(Debug)]
struct Bounded {
    file: OriginFile,
    most_bytes: Arc<AtomicU64>,
}

impl File for Bounded {
    fn size_bytes(&self) -> io::Result<u64> {
        self.file.size_bytes()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset + data.len() as u64 > self.most_bytes.load(Ordering::SeqCst).max(self.file.size_bytes()?) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write(offset, data)
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.file.cut(size_bytes)
    }

    fn flush(&self) -> io::Result<()> {
        self.file.flush()
    }
}

struct OnFile {
    handle: FileSystemSyncAccessHandle,
    medium: Medium,
    most_bytes: Arc<AtomicU64>,
}

impl OnFile {
    fn empty(handle: &FileSystemSyncAccessHandle) -> Self {
        handle.truncate_with_f64(0.0).expect("the file can be emptied");
        let most_bytes = Arc::new(AtomicU64::new(u64::MAX));
        let file = Bounded { file: OriginFile::new(handle.clone()), most_bytes: Arc::clone(&most_bytes) };
        Self { handle: handle.clone(), medium: Medium::new(file), most_bytes }
    }
}

impl Bench for OnFile {
    fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
        Ok(Box::new(LogStore::open(&self.medium)?))
    }

    fn open_nearly_full(&self) -> Box<dyn Store> {
        let store = self.open().expect("an empty file opens");
        let size = OriginFile::new(self.handle.clone()).size_bytes().expect("the file tells its size");
        self.most_bytes.store(size + (1 << 20), Ordering::SeqCst);
        store
    }

    fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        self.most_bytes.store(u64::MAX, Ordering::SeqCst);
        store
    }
}

/// Everything that a store must do, on this file, whose content goes. Throws if anything does not hold.
#[wasm_bindgen]
pub fn suite(handle: &FileSystemSyncAccessHandle) {
    conformance::suite(|| OnFile::empty(handle));
}

fn value(step: u8) -> Vec<u8> {
    vec![step; 1 + 97 * usize::from(step)]
}

/// Commits the step-th of a run (from 1 to 250) and leaves the file open, as a page does that is reloaded.
#[wasm_bindgen]
pub fn step(handle: &FileSystemSyncAccessHandle, step: u8) {
    let mut store = LogStore::open(&Medium::new(OriginFile::new(handle.clone()))).expect("the file opens");
    let mut batch = WriteBatch::new();
    batch.put(Space::Journal, [step], value(step));
    batch.put(Space::Settings, *b"last", [step]);
    batch.delete(Space::Journal, [step.wrapping_sub(3)]);
    store.commit(batch).expect("a step commits");
    // A page that is reloaded closes nothing.
    std::mem::forget(store);
}

/// Looks whether exactly the first `steps` steps are there. Throws if not.
#[wasm_bindgen]
pub fn check(handle: &FileSystemSyncAccessHandle, steps: u8) {
    let store = LogStore::open(&Medium::new(OriginFile::new(handle.clone()))).expect("the file opens");
    let last = store.get(Space::Settings, b"last").expect("it reads");
    assert_eq!(last, (steps > 0).then(|| vec![steps]));
    let kept = store.scan(Space::Journal, &[], None, 300).expect("it reads");
    let wanted: Vec<_> = (steps.saturating_sub(2).max(1)..=steps).map(|step| (vec![step], value(step))).collect();
    assert_eq!(kept, wanted);
}
