//! A device's medium: a log of commits, as bytes, that tears where the power fails.
//!
//! Each commit is one frame with its length and checksum. A device that dies inside a commit leaves the whole frame, none
//! of it, or its beginning; at the next opening a torn end is cut off. So what the device finds is always the state
//! before the commit or after it, which is what every [`Store`] promises.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use client_core::store::{Row, Space, Store, StoreFault, Write, WriteBatch};
use dossier::id::sha256;

use crate::bugs::Bug;

const HEAD_BYTES: usize = 12;

const SPACES: [Space; 24] = [
    Space::Settings,
    Space::Dossiers,
    Space::Journal,
    Space::Changes,
    Space::Texts,
    Space::Events,
    Space::Chain,
    Space::Cards,
    Space::Blobs,
    Space::Chunks,
    Space::Staging,
    Space::Files,
    Space::Uploads,
    Space::Outbox,
    Space::Proofs,
    Space::Receipts,
    Space::Directory,
    Space::Actors,
    Space::Writers,
    Space::Leases,
    Space::Cursors,
    Space::Memberships,
    Space::Provisional,
    Space::Notices,
];

/// What happens to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fate {
    /// It is made durable.
    #[default]
    Fine,
    /// The power fails before anything reaches the medium.
    DieBefore,
    /// The power fails with so many hundredths of it on the medium.
    DieTorn(usize),
    /// The power fails when all of it is on the medium, and nobody is told.
    DieAfter,
}

#[derive(Debug, Default)]
struct Contents {
    log: Vec<u8>,
    records: BTreeMap<(Space, Vec<u8>), Vec<u8>>,
    open: bool,
    dead: bool,
    commits_left: Option<usize>,
    fates: Option<(usize, Fate)>,
    bug: Option<Bug>,
    /// How many events the counter beside the log knows of.
    counted: usize,
}

/// What outlives a crash. Clones are the same medium.
#[derive(Debug, Clone, Default)]
pub struct LogDisk(Arc<Mutex<Contents>>);

/// The store on an open medium. Dropping it closes the medium.
#[derive(Debug)]
pub struct LogStore(LogDisk);

fn died() -> StoreFault {
    StoreFault::Io("the power failed".into())
}

fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn body_of(batch: &WriteBatch) -> Vec<u8> {
    let mut body = Vec::new();
    for write in batch.writes() {
        match write {
            Write::Put(space, key, value) => {
                body.extend_from_slice(&[1, *space as u8]);
                part(&mut body, key);
                part(&mut body, value);
            }
            Write::Delete(space, key) => {
                body.extend_from_slice(&[0, *space as u8]);
                part(&mut body, key);
            }
        }
    }
    body
}

fn take<'a>(left: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = left.split_at_checked(count)?;
    *left = rest;
    Some(taken)
}

fn take_part<'a>(left: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(left, 4)?.try_into().ok().map(u32::from_be_bytes)?;
    take(left, usize::try_from(length).ok()?)
}

fn take_write(left: &mut &[u8]) -> Option<Write> {
    let head = take(left, 2)?;
    let space = SPACES.into_iter().find(|space| Some(&(*space as u8)) == head.get(1))?;
    let key = take_part(left)?.to_vec();
    match head.first()? {
        0 => Some(Write::Delete(space, key)),
        _ => Some(Write::Put(space, key, take_part(left)?.to_vec())),
    }
}

impl Contents {
    fn apply(&mut self, body: &[u8]) {
        let mut left = body;
        while let Some(write) = take_write(&mut left) {
            match write {
                Write::Put(space, key, value) => _ = self.records.insert((space, key), value),
                Write::Delete(space, key) => _ = self.records.remove(&(space, key)),
            }
        }
    }

    /// Reads the log from its beginning and cuts off a torn end. Answers whether there was one.
    fn replay(&mut self) -> bool {
        self.records.clear();
        let log = std::mem::take(&mut self.log);
        let mut left = log.as_slice();
        let mut sound = 0;
        while let Some(head) = take(&mut left, HEAD_BYTES) {
            let length = head.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let accepts_torn = self.bug == Some(Bug::TornRecord);
            let body = match take(&mut left, length) {
                Some(body) => body,
                None if accepts_torn => std::mem::take(&mut left),
                None => break,
            };
            let whole = head.get(4..) == sha256(&[body]).get(..HEAD_BYTES - 4);
            if !whole && !accepts_torn {
                break;
            }
            self.apply(body);
            sound = log.len() - left.len();
        }
        self.log = log;
        let torn = sound < self.log.len();
        self.log.truncate(sound);
        torn
    }

    fn chain_length(&self) -> usize {
        self.records.range((Space::Chain, Vec::new())..).take_while(|((space, _), _)| *space == Space::Chain).count()
    }
}

impl LogDisk {
    /// An empty medium, whose store has this mistake.
    #[must_use]
    pub fn new(bug: Option<Bug>) -> Self {
        let disk = Self::default();
        disk.lock().bug = bug;
        disk
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Whoever panicked while holding it ends the run anyway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it, cutting off a torn end; [`StoreFault::InUse`] while another store has it open.
    pub fn open(&self) -> Result<(LogStore, bool), StoreFault> {
        let mut contents = self.lock();
        if contents.open {
            return Err(StoreFault::InUse);
        }
        let torn = contents.replay();
        (contents.open, contents.dead, contents.fates) = (true, false, None);
        Ok((LogStore(self.clone()), torn))
    }

    /// The program ends in good order.
    pub fn close_well(&self) {
        let mut contents = self.lock();
        contents.counted = contents.chain_length();
    }

    /// The power fails at the `after`-th next commit (1 is the very next), in this way.
    pub fn die_at(&self, after: usize, fate: Fate) {
        self.lock().fates = Some((after, fate));
    }

    /// The power fails no more.
    pub fn stay_on(&self) {
        self.lock().fates = None;
    }

    /// Whether the power failed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.lock().dead
    }

    /// Room for so many commits, from now on; `None`: for all.
    pub fn fill_up(&self, commits: Option<usize>) {
        self.lock().commits_left = commits;
    }

    /// All bytes, as a backup takes them.
    #[must_use]
    pub fn copy(&self) -> Vec<u8> {
        self.lock().log.clone()
    }

    /// Another medium with these bytes.
    #[must_use]
    pub fn from_copy(log: Vec<u8>, bug: Option<Bug>) -> Self {
        let disk = Self::new(bug);
        let mut contents = disk.lock();
        contents.log = log;
        contents.replay();
        contents.counted = contents.chain_length();
        drop(contents);
        disk
    }

    /// The records of a space whose keys begin so.
    #[must_use]
    pub fn records(&self, space: Space, prefix: &[u8]) -> Vec<Row> {
        let contents = self.lock();
        let from = contents.records.range((space, prefix.to_vec())..);
        from.take_while(|((of, key), _)| *of == space && key.starts_with(prefix))
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Loses the records of a space, as a mistaken program would.
    pub fn forget(&self, space: Space) {
        let mut contents = self.lock();
        contents.records.retain(|(of, _), _| *of != space);
        let mut batch = WriteBatch::new();
        contents.records.iter().for_each(|((space, key), value)| batch.put(*space, key.clone(), value.clone()));
        contents.log = frame(&body_of(&batch));
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    frame.extend_from_slice(sha256(&[body]).get(..HEAD_BYTES - 4).unwrap_or_default());
    frame.extend_from_slice(body);
    frame
}

impl Drop for LogStore {
    fn drop(&mut self) {
        self.0.lock().open = false;
    }
}

impl Store for LogStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        let contents = self.0.lock();
        if contents.dead { Err(died()) } else { Ok(contents.records.get(&(space, key.to_vec())).cloned()) }
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        let contents = self.0.lock();
        if contents.dead {
            return Err(died());
        }
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded((space, after.to_vec())),
            _ => Bound::Included((space, prefix.to_vec())),
        };
        let beside = space == Space::Chain && contents.bug == Some(Bug::CounterBesideLog);
        let limit = if beside { limit.min(contents.counted) } else { limit };
        let rows = contents.records.range((from, Bound::Unbounded));
        let rows = rows.take_while(|((of, key), _)| *of == space && key.starts_with(prefix)).take(limit);
        Ok(rows.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        let mut contents = self.0.lock();
        if contents.dead {
            return Err(died());
        }
        match &mut contents.commits_left {
            Some(0) => return Err(StoreFault::Full),
            Some(left) => *left -= 1,
            None => {}
        }
        let body = body_of(&batch);
        let bytes = frame(&body);
        let fate = match &mut contents.fates {
            Some((1, fate)) => *fate,
            Some((after, _)) => {
                *after -= 1;
                Fate::Fine
            }
            None => Fate::Fine,
        };
        let reaches = match fate {
            Fate::Fine | Fate::DieAfter => bytes.len(),
            Fate::DieBefore => 0,
            Fate::DieTorn(percent) => HEAD_BYTES + body.len().saturating_sub(1) * percent.min(100) / 100,
        };
        contents.log.extend_from_slice(bytes.get(..reaches).unwrap_or(&bytes));
        if fate == Fate::Fine {
            contents.apply(&body);
            return Ok(());
        }
        if reaches < bytes.len() && contents.bug == Some(Bug::CursorBeforeItems) {
            let early = batch.writes().iter().filter(|write| matches!(write, Write::Put(Space::Cursors, ..)));
            let mut first = WriteBatch::new();
            for write in early {
                if let Write::Put(space, key, value) = write {
                    first.put(*space, key.clone(), value.clone());
                }
            }
            let keep = contents.log.len() - reaches;
            contents.log.truncate(keep);
            contents.log.extend(frame(&body_of(&first)));
        }
        contents.dead = true;
        Err(died())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is not as expected")]
mod tests {
    use client_core::store::conformance::{self, Bench};

    use super::*;

    struct OnLog(LogDisk);

    impl Bench for OnLog {
        fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
            Ok(Box::new(self.0.open()?.0))
        }

        fn open_nearly_full(&self) -> Box<dyn Store> {
            let store = self.0.open().unwrap().0;
            self.0.fill_up(Some(3));
            Box::new(store)
        }

        fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
            self.0.fill_up(None);
            store
        }
    }

    #[test]
    fn the_medium_does_what_every_store_must() {
        conformance::suite(|| OnLog(LogDisk::new(None)));
    }

    fn two_cards(value: u8) -> WriteBatch {
        let mut batch = WriteBatch::new();
        batch.put(Space::Cards, [1], [value; 40]);
        batch.put(Space::Cards, [2], [value; 40]);
        batch
    }

    #[test]
    fn a_torn_commit_is_none_and_a_finished_one_is_whole() {
        for (fate, after) in [
            (Fate::DieBefore, 1),
            (Fate::DieTorn(0), 1),
            (Fate::DieTorn(60), 1),
            (Fate::DieTorn(100), 1),
            (Fate::DieAfter, 2),
        ] {
            let disk = LogDisk::new(None);
            let mut store = disk.open().unwrap().0;
            store.commit(two_cards(1)).unwrap();
            disk.die_at(1, fate);
            assert!(store.commit(two_cards(2)).is_err());
            assert!(store.get(Space::Cards, &[1]).is_err(), "a dead device reads nothing");
            drop(store);
            let store = disk.open().unwrap().0;
            for key in [1, 2] {
                assert_eq!(store.get(Space::Cards, &[key]).unwrap(), Some(vec![after; 40]), "{fate:?}");
            }
        }
    }
}
