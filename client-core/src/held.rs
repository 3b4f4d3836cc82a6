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
        ChangeRecord, EventRecord, MembershipRecord, NoticeRecord, OutboxRecord, ProofRecord, Record, Standing,
        TextRecord, name_of,
    },
    store::{Space, Store, StoreFault, Write, WriteBatch},
};

/// The sums of a dossier's items that the Centre admitted, as far as this device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Held {
    parties: Sum,
    staff: Sum,
    /// Whether a receipt holds something of it that this device made.
    is_proven: bool,
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
    /// Dossiers of which the Centre said, since the device was opened, that they are in none of its scopes.
    apart: BTreeSet<DossierId>,
}

impl Deref for WatchedStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.inner.as_ref()
    }
}

impl WatchedStore {
    pub fn new(inner: Box<dyn Store>) -> Self {
        Self { inner, sums: None, apart: BTreeSet::new() }
    }

    /// As [`Store::commit`].
    pub fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        if let Some(sums) = &mut self.sums {
            // Before it is known how the commit ends: reading anew what did not change does no harm.
            sums.stale.extend(batch.writes().iter().filter_map(touched));
        }
        self.inner.commit(batch)
    }

    /// The Centre knows that this device holds these, and shows them to it in no scope: they are compared no more. This is
    /// forgotten when the device closes, so that it asks again whether the Centre still has them.
    pub fn set_apart(&mut self, dossiers: impl IntoIterator<Item = DossierId>) {
        self.apart.extend(dossiers);
    }

    /// The Centre may be one that was put back: what was said of dossiers in no scope counts no more.
    pub fn ask_again(&mut self) {
        self.apart.clear();
    }

    /// The elements of a scope: of every dossier that came in it. A device's own scope counts besides what the device
    /// brought, has a receipt for, and was told in no scope: the answer may have broken off after the receipt, and then the
    /// receipt is all that tells that the Centre ought to hold it.
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
        // A device's own scope counts what is for the parties; staff verify the rest in the scopes of staff.
        let is_own = scope.starts_with("device:");
        let (name, mut dossiers, mut came) = (name_of(scope), Vec::new(), BTreeSet::new());
        for member in self.inner.keys::<MembershipRecord>(&[])? {
            let dossier = DossierId(part(&member, 0)?);
            if member.get(16..) == Some(&name[..]) {
                let held = sums.read.get(&dossier).copied().unwrap_or_default();
                dossiers.push((dossier, if is_own { held.parties } else { held.parties.plus(held.staff) }));
            }
            came.insert(dossier);
        }
        if is_own {
            let never_came = |dossier: &DossierId| !came.contains(dossier) && !self.apart.contains(dossier);
            let proven = sums.read.iter().filter(|(dossier, held)| held.is_proven && never_came(dossier));
            dossiers.extend(proven.map(|(dossier, held)| (*dossier, held.parties)));
        }
        self.sums = Some(sums);
        Ok(Elements::of(dossiers))
    }
}

/// The dossier whose sums a write changes.
fn touched(write: &Write) -> Option<DossierId> {
    let (Write::Put(space, key, _) | Write::Delete(space, key)) = write;
    let counts =
        matches!(space, Space::Changes | Space::Texts | Space::Events | Space::Outbox | Space::Notices | Space::Proofs);
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
    let proofs: BTreeSet<Vec<u8>> = store.keys::<ProofRecord>(prefix)?.into_iter().collect();
    let mut all = BTreeMap::<DossierId, Held>::new();
    let mut count = |key: &[u8], kind: OutboxKind, for_staff: bool| {
        let (dossier, hash) = (DossierId(part(key, 0)?), part(key, 16)?);
        let item = kind.key(&dossier, &hash);
        if !unsent.contains(&item) && !aside.contains(key) {
            let held = all.entry(dossier).or_default();
            let sum = if for_staff { &mut held.staff } else { &mut held.parties };
            *sum = sum.with_item(&hash);
            held.is_proven |= proofs.contains(&item);
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
