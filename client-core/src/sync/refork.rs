//! Writing changes again under a fresh actor, when the Centre knows the old one from another device or another life of
//! this one.
//!
//! A restored backup or a cloned phone writes under actor and number that the Centre has already. What was said is not
//! lost: the changes no receipt holds are read back as edits and sealed anew on the document without them. The old
//! changes stay in the store as evidence and count no more; own events that cite them and that no receipt holds are made
//! anew, too, on the new version.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    envelope::SigningKey,
    event::{Event, EventBody},
    id::{ChangeHash, DossierId},
    state::{Recorded, State},
};

use super::SyncFault;
use crate::{
    chain::Chain,
    device::Device,
    ledger::{Put, key},
    outbox::OutboxKind,
    record::{ChangeRecord, EventRecord, OutboxRecord, Standing},
    seal::{seal_edits, write_sealed},
    shelf::ShelfFault,
    store::WriteBatch,
};

impl Device {
    /// Answers whether there was anything to write again.
    pub(super) fn rewrite_under_fresh_actor(&mut self, dossier: &DossierId) -> Result<bool, SyncFault> {
        let old = self.unheld_changes(dossier)?;
        if old.is_empty() {
            return Ok(false);
        }
        let mut folder = self.folder(dossier)?;
        let before = folder.content.clone();
        let gone: BTreeSet<ChangeHash> = old.iter().map(|(change, _)| change.hash).collect();
        folder.content = self.content_from_changes(dossier, &gone)?;
        folder.moved = true;
        let mut batch = WriteBatch::new();
        let actor = self.fresh_actor(dossier, &mut batch);
        let mut became: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
        for (change, record) in old {
            let edits = before.edits_of(&change.hash);
            let sealed = seal_edits(&mut folder.content, &actor, &edits, change.time_s).map_err(ShelfFault::from)?;
            became.insert(change.hash, sealed.iter().map(|sealed| sealed.change.hash).collect());
            write_sealed(&mut batch, dossier, self.id(), sealed);
            batch.record(
                &key(&[dossier.as_bytes(), change.hash.as_bytes()]),
                &ChangeRecord { standing: Standing::Superseded, ..record },
            );
            batch.remove::<OutboxRecord>(&OutboxKind::Change.key(dossier, &change.hash.0));
        }
        let (records, chain) = self.events_made_anew(dossier, &became, &folder.content.heads(), &mut batch)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        self.chain = chain;
        Ok(true)
    }

    /// Own events that no receipt holds and that cite a change which counts no more, signed anew on the present version.
    fn events_made_anew(
        &self,
        dossier: &DossierId,
        became: &BTreeMap<ChangeHash, Vec<ChangeHash>>,
        heads: &[ChangeHash],
        batch: &mut WriteBatch,
    ) -> Result<(Vec<Recorded>, Chain), SyncFault> {
        let mut chain = self.chain.clone();
        let (mut stale, mut records): (Vec<Recorded>, Vec<Recorded>) =
            self.recorded(dossier)?.into_iter().partition(|record| {
                record.event.device() == self.id()
                    && record.received.is_none()
                    && record.event.body().heads.iter().any(|head| became.contains_key(head))
            });
        stale.sort_by_key(|record| record.event.body().counter);
        let mut renamed: BTreeMap<_, _> = BTreeMap::new();
        for Recorded { event, certificate, .. } in stale {
            let anew = self.made_anew(&event, heads, &renamed, &records, &chain, &self.key);
            renamed.insert(event.id(), anew.id());
            let at = key(&[dossier.as_bytes(), event.id().as_bytes()]);
            let kept = EventRecord { signed: event.signed().clone(), received: None, standing: Standing::Superseded };
            batch.record(&at, &kept);
            batch.remove::<OutboxRecord>(&OutboxKind::Event.key(dossier, &event.id().0));
            let code = match &anew.body().act {
                dossier::event::Act::Accepted { code, .. } => code.clone(),
                _ => None,
            };
            self.write_event(&anew, code.as_deref(), batch);
            chain.follow(anew.body().counter, anew.id(), code);
            records.push(Recorded { event: anew, certificate, received: None });
        }
        Ok((records, chain))
    }

    fn made_anew(
        &self,
        event: &Event,
        heads: &[ChangeHash],
        renamed: &BTreeMap<dossier::id::EventId, dossier::id::EventId>,
        records: &[Recorded],
        chain: &Chain,
        signing: &SigningKey,
    ) -> Event {
        let mut seen: Vec<_> = event.body().seen.iter().map(|seen| *renamed.get(seen).unwrap_or(seen)).collect();
        if seen.is_empty() {
            seen = State::frontier(records);
        }
        seen.sort_unstable();
        seen.dedup();
        let body = EventBody {
            heads: heads.to_vec(),
            seen,
            counter: chain.next(),
            previous: chain.previous(),
            ..event.body().clone()
        };
        body.sign(signing)
    }
}
