//! What this device holds that the Centre ought to hold, too: the sums of each dossier's items, following every commit.
//!
//! The sums are read from the records, never kept beside them: all at once when they are first asked for, and then only
//! those of dossiers that a commit touched. Every commit passes through [`WatchedStore`], so none is missed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use dossier::{
    envelope,
    event::{Audience, EventBody},
    id::DossierId,
    wire::repair::{Elements, Sum},
};

use crate::{
    ledger::{Read, part},
    outbox::OutboxKind,
    record::{
        ChangeRecord, EventRecord, MembershipRecord, NoticeRecord, OutboxRecord, Record, Standing, TextRecord, name_of,
    },
    store::{Space, Store, StoreFault, Write, WriteBatch},
};

/// The sums of a dossier's items that the Centre admitted, as far as this device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Held {
    parties: Sum,
    staff: Sum,
}

/// Sums that were read, and those that a commit made stale.
#[derive(Debug, Default)]
struct Sums {
    read: BTreeMap<DossierId, Held>,
    stale: BTreeSet<DossierId>,
}

/// A store that notices what is written. It can be read as it is; what is written goes through it.
pub struct WatchedStore {
    inner: Box<dyn Store>,
    sums: Option<Sums>,
}

impl Deref for WatchedStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.inner.as_ref()
    }
}

impl WatchedStore {
    pub fn new(inner: Box<dyn Store>) -> Self {
        Self { inner, sums: None }
    }

    /// As [`Store::commit`].
    pub fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        if let Some(sums) = &mut self.sums {
            // Before it is known how the commit ends: reading anew what did not change does no harm.
            sums.stale.extend(batch.writes().iter().filter_map(touched));
        }
        self.inner.commit(batch)
    }

    /// The elements of a scope: of every dossier that came in it.
    pub fn elements(&mut self, scope: &str) -> Result<Elements, StoreFault> {
        let sums = match self.sums.take() {
            None => Sums { read: read(self.inner.as_ref(), &[])?, stale: BTreeSet::new() },
            Some(mut sums) => {
                while let Some(dossier) = sums.stale.pop_first() {
                    let fresh = read(self.inner.as_ref(), dossier.as_bytes())?;
                    sums.read.remove(&dossier);
                    sums.read.extend(fresh);
                }
                sums
            }
        };
        let (name, mut dossiers) = (name_of(scope), Vec::new());
        for member in self.inner.keys::<MembershipRecord>(&[])? {
            if member.get(16..) == Some(&name[..]) {
                let dossier = DossierId(part(&member, 0)?);
                let held = sums.read.get(&dossier).copied().unwrap_or_default();
                // A device's own scope counts what is for the parties; staff verify the rest in the scopes of staff.
                let is_own = scope.starts_with("device:");
                dossiers.push((dossier, if is_own { held.parties } else { held.parties.plus(held.staff) }));
            }
        }
        self.sums = Some(sums);
        Ok(Elements::of(dossiers))
    }
}

/// The dossier whose sums a write changes.
fn touched(write: &Write) -> Option<DossierId> {
    let (Write::Put(space, key, _) | Write::Delete(space, key)) = write;
    let counts = matches!(space, Space::Changes | Space::Texts | Space::Events | Space::Outbox | Space::Notices);
    counts.then(|| key.get(..16)?.try_into().ok().map(DossierId)).flatten()
}

/// Whether an item of this standing is one that the Centre holds: an own one that was made anew is, if it came back.
fn stands(standing: Standing, came: bool) -> bool {
    match standing {
        Standing::Counts | Standing::Waits => true,
        Standing::Superseded => came,
    }
}

/// The sums of all dossiers whose keys begin so: what is unsent is left out, and what the Centre keeps aside.
fn read(store: &dyn Store, prefix: &[u8]) -> Result<BTreeMap<DossierId, Held>, StoreFault> {
    let unsent: BTreeSet<Vec<u8>> = store.keys::<OutboxRecord>(prefix)?.into_iter().collect();
    let aside: BTreeSet<Vec<u8>> = store.keys::<NoticeRecord>(prefix)?.into_iter().collect();
    let mut all = BTreeMap::<DossierId, Held>::new();
    let mut count = |key: &[u8], kind: OutboxKind, for_staff: bool| {
        let (dossier, hash) = (DossierId(part(key, 0)?), part(key, 16)?);
        if !unsent.contains(&kind.key(&dossier, &hash)) && !aside.contains(key) {
            let held = all.entry(dossier).or_default();
            let sum = if for_staff { &mut held.staff } else { &mut held.parties };
            *sum = sum.with_item(&hash);
        }
        Ok::<(), StoreFault>(())
    };
    for key in store.keys::<TextRecord>(prefix)? {
        count(&key, OutboxKind::Text, false)?;
    }
    store.each::<ChangeRecord>(prefix, &mut |key, record| {
        let came = record.received.is_some();
        if stands(record.standing, came) { count(key, OutboxKind::Change, false) } else { Ok(()) }
    })?;
    store.each::<EventRecord>(prefix, &mut |key, record| {
        if !stands(record.standing, record.received.is_some()) {
            return Ok(());
        }
        let body: EventBody =
            envelope::decode(&record.signed.0.body).map_err(|_| StoreFault::Damaged(EventRecord::NAME))?;
        count(key, OutboxKind::Event, body.audience == Audience::Staff)
    })?;
    Ok(all)
}
