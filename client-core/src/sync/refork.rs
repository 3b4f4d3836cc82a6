//! Writing changes again under a fresh actor, when the Centre knows the old one from another device or another life of
//! this one.
//!
//! A restored backup or a cloned phone writes under actor and number that the Centre has already. What was said is not
//! lost: the refused changes, and own ones built on them, are read back as edits and sealed anew on the document without
//! them. The old changes stay in the store as evidence and count no more. Own events that cite them are made anew, too,
//! once the Centre has *refused* them: an event whose receipt is merely not here yet may well be held, and making it
//! anew would make it two.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    envelope::SigningKey,
    event::{Event, EventBody},
    id::{ActorId, ChangeHash, DossierId, EventId},
    state::{Recorded, State},
};

use super::SyncFault;
use crate::{
    chain::Chain,
    device::Device,
    ledger::{Put, Read, key},
    outbox::{ItemKey, OutboxKind},
    record::{ChangeRecord, EventRecord, OutboxRecord, Standing},
    seal::{seal_edits, write_sealed},
    shelf::ShelfFault,
    store::WriteBatch,
};

impl Device {
    /// Writes again what the Centre refused because of its actor, and events that rest on what was written again before.
    /// Answers whether there was anything.
    pub(super) fn write_refused_again(&mut self, dossier: &DossierId) -> Result<bool, SyncFault> {
        let mut refused = BTreeSet::new();
        for (key, entry) in self.store.records::<OutboxRecord>(dossier.as_bytes())? {
            let item = ItemKey::read(&key)?;
            let because = entry.refused.is_some_and(|why| matches!(why.code.as_str(), "ACTOR_FORK" | "ACTOR_TAKEN"));
            if because && item.kind == OutboxKind::Change {
                refused.insert(ChangeHash(item.hash));
            }
        }
        self.write_again(dossier, &refused)
    }

    /// Writes these own changes again, and those built on them.
    pub(super) fn write_again(
        &mut self,
        dossier: &DossierId,
        refused: &BTreeSet<ChangeHash>,
    ) -> Result<bool, SyncFault> {
        let mut gone = refused.clone();
        let mut old = self.unheld_changes(dossier)?;
        // They come in causal order, so one pass finds everything built on what goes.
        old.retain(|(change, _)| {
            let goes = gone.contains(&change.hash) || change.deps.iter().any(|dep| gone.contains(dep));
            if goes {
                gone.insert(change.hash);
            }
            goes
        });
        if old.is_empty() && self.stale_events(dossier, &gone)?.is_empty() {
            return Ok(false);
        }
        let mut folder = self.folder(dossier)?;
        let before = folder.content.clone();
        let mut batch = WriteBatch::new();
        let mut actor = ActorId([0; 16]);
        if !old.is_empty() {
            folder.content = self.content(dossier, &gone)?;
            actor = self.fresh_actor(dossier, &mut batch);
        }
        for (change, record) in old {
            let edits = before.edits_of(&change.hash);
            let sealed = seal_edits(&mut folder.content, &actor, &edits, change.time_s).map_err(ShelfFault::from)?;
            write_sealed(&mut batch, dossier, self.id(), sealed);
            batch.record(
                &key(&[dossier.as_bytes(), change.hash.as_bytes()]),
                &ChangeRecord { standing: Standing::Superseded, ..record },
            );
            batch.remove::<OutboxRecord>(&OutboxKind::Change.key(dossier, &change.hash.0));
        }
        let (records, chain) = self.events_made_anew(dossier, &gone, &folder.content.heads(), &mut batch)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        self.chain = chain;
        Ok(true)
    }

    /// Own events that the Centre refused and that rest on a change or event which counts no more, in their order.
    fn stale_events(&self, dossier: &DossierId, gone: &BTreeSet<ChangeHash>) -> Result<Vec<EventId>, SyncFault> {
        let mut stale: BTreeSet<EventId> = BTreeSet::new();
        let mut own: Vec<Recorded> = self.recorded(dossier)?;
        own.retain(|record| record.event.device() == self.id() && record.received.is_none());
        own.sort_by_key(|record| record.event.body().counter);
        let mut ordered = Vec::new();
        for Recorded { event, .. } in own {
            let item = OutboxKind::Event.key(dossier, &event.id().0);
            if self.store.record::<OutboxRecord>(&item)?.is_none_or(|entry| entry.refused.is_none()) {
                continue;
            }
            let mut rests = event.body().heads.iter().any(|head| gone.contains(head))
                || event.body().seen.iter().any(|seen| stale.contains(seen));
            for head in &event.body().heads {
                let known = self.store.record::<ChangeRecord>(&key(&[dossier.as_bytes(), head.as_bytes()]))?;
                rests |= known.is_some_and(|known| known.standing == Standing::Superseded);
            }
            for seen in &event.body().seen {
                let known = self.store.record::<EventRecord>(&key(&[dossier.as_bytes(), seen.as_bytes()]))?;
                rests |= known.is_some_and(|known| known.standing == Standing::Superseded);
            }
            if rests {
                stale.insert(event.id());
                ordered.push(event.id());
            }
        }
        Ok(ordered)
    }

    /// The stale events signed anew on the present version.
    fn events_made_anew(
        &self,
        dossier: &DossierId,
        gone: &BTreeSet<ChangeHash>,
        heads: &[ChangeHash],
        batch: &mut WriteBatch,
    ) -> Result<(Vec<Recorded>, Chain), SyncFault> {
        let mut chain = self.chain.clone();
        let names = self.stale_events(dossier, gone)?;
        let (mut stale, mut records): (Vec<Recorded>, Vec<Recorded>) =
            self.recorded(dossier)?.into_iter().partition(|record| names.contains(&record.event.id()));
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
        renamed: &BTreeMap<EventId, EventId>,
        records: &[Recorded],
        chain: &Chain,
        signing: &SigningKey,
    ) -> Event {
        // An event that was made anew goes by its new name; one that counts no more was not seen.
        let counts = |id: &EventId| records.iter().any(|record| record.event.id() == *id);
        let named = event.body().seen.iter().map(|seen| *renamed.get(seen).unwrap_or(seen));
        let mut seen: Vec<EventId> = named.filter(counts).collect();
        if seen.is_empty() {
            seen = State::frontier(records, event.body().audience);
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
