//! The acceptance core: pure judgement over a group of items and what the database knows.
//!
//! An item is new, known, or an exception with a stable code. An exception stands for that item alone: honest items
//! beside it are taken, and only what rests on it waits for it. Nothing here decodes content; that is admission's part.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    content::{chunk::Scanned, genesis},
    envelope,
    event::{Audience, Event},
    fault::Code,
    id::{ActorId, ChangeHash, DeviceId, Digest, DossierId},
    state::Received,
    wire::{Exception, limits},
};

use super::group::{ReadDossier, ReadGroup, ReadItem, Refusal};
use crate::storage::{ActorFacts, DossierFacts, Facts, ItemKind, ItemRow, ItemState};

/// The number of the last operation of a text's making: it stands right on the skeleton.
const TEXT_LAST_OP: u64 = genesis::SKELETON_OPS + 1;
/// How many missing hashes an exception names; the client looks for them one round at a time anyway.
const NAMED_HASHES: usize = 16;

/// How much one dossier may hold, and which fields are long texts.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Changes in all.
    pub changes: u64,
    /// Events in all.
    pub events: u64,
    /// Text objects in all.
    pub texts: u64,
    /// Fields of `texts` that the catalogue's forms have. Nobody may write as the actor that makes one of them.
    pub text_fields: BTreeSet<String>,
}

impl Rules {
    /// The advertised limits, with the long-text fields of a catalogue.
    #[must_use]
    pub fn with_text_fields(text_fields: BTreeSet<String>) -> Self {
        Self {
            changes: limits::MAX_CHANGES_PER_DOSSIER as u64,
            events: limits::MAX_EVENTS_PER_DOSSIER as u64,
            texts: limits::MAX_TEXTS_PER_DOSSIER as u64,
            text_fields,
        }
    }
}

/// What is to be done with a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Items to make durable, in the order of the batch.
    pub new: Vec<ItemRow>,
    /// How many items were known before.
    pub known: u32,
    /// What is not taken, by ascending number.
    pub exceptions: Vec<Exception>,
}

enum Verdict {
    New(ItemKind, Digest, Vec<u8>),
    Known,
    Refused(Refusal),
}

/// Judges a group that `device` sent, received as said.
#[must_use]
pub fn judge(group: &ReadGroup, facts: &Facts, rules: &Rules, device: &DeviceId, received: Received) -> Judgement {
    let mut judgement = Judgement { new: Vec::new(), known: 0, exceptions: Vec::new() };
    let mut ledgers: BTreeMap<DossierId, Ledger> = BTreeMap::new();
    let mut number = group.first;
    for read in &group.dossiers {
        let ledger = ledgers
            .entry(read.dossier)
            .or_insert_with(|| Ledger::of(read, facts.dossiers.get(&read.dossier), device, rules));
        for item in &read.items {
            match ledger.judge(item, rules) {
                Verdict::New(kind, hash, bytes) => judgement.new.push(ItemRow {
                    dossier: read.dossier,
                    position: 0,
                    hash,
                    kind,
                    bytes,
                    author: author_of(item).unwrap_or(*device),
                    received,
                    state: ItemState::Received,
                }),
                Verdict::Known => judgement.known += 1,
                Verdict::Refused(Refusal { code, detail }) => {
                    judgement.exceptions.push(Exception { item: number, code: code.as_str().to_owned(), detail });
                }
            }
            number = number.saturating_add(1);
        }
    }
    judgement
}

/// Who made an item, where that is not the sender for certain.
fn author_of(item: &ReadItem) -> Option<DeviceId> {
    if let ReadItem::Event(event) = item { Some(event.device()) } else { None }
}

/// What is known of one dossier: by the database, and by this batch so far.
struct Ledger {
    device: DeviceId,
    skeleton: ChangeHash,
    /// Items by hash; for changes with the number of their last operation.
    known: BTreeMap<Digest, Option<u64>>,
    actors: BTreeMap<ActorId, ActorFacts>,
    /// Actors that only the deterministic changes may use.
    reserved: BTreeSet<ActorId>,
    changes: u64,
    events: u64,
    texts: u64,
}

impl Ledger {
    fn of(read: &ReadDossier, facts: Option<&DossierFacts>, device: &DeviceId, rules: &Rules) -> Self {
        let facts = facts.cloned().unwrap_or_default();
        let mut reserved: BTreeSet<ActorId> =
            rules.text_fields.iter().map(|field| genesis::text_actor(&read.dossier, field)).collect();
        reserved.insert(genesis::skeleton_actor(&read.dossier));
        let DossierFacts { known, actors, changes, events, texts } = facts;
        Self { device: *device, skeleton: read.skeleton, known, actors, reserved, changes, events, texts }
    }

    fn judge(&mut self, item: &ReadItem, rules: &Rules) -> Verdict {
        match item {
            ReadItem::Refused(refusal) => Verdict::Refused(refusal.clone()),
            ReadItem::Text { field, hash, actor } => self.text(field, hash, actor, rules),
            ReadItem::Change(change) => match self.change(change, rules) {
                Ok(verdict) => verdict,
                Err(refusal) => Verdict::Refused(refusal),
            },
            ReadItem::Event(event) => self.event(event, rules),
        }
    }

    fn text(&mut self, field: &str, hash: &ChangeHash, actor: &ActorId, rules: &Rules) -> Verdict {
        let hash = Digest(hash.0);
        if self.known.contains_key(&hash) {
            return Verdict::Known;
        }
        if self.texts >= rules.texts {
            return Verdict::Refused(Refusal::new(Code::OverLimit, "texts of one dossier"));
        }
        if self.actors.contains_key(actor) {
            return Verdict::Refused(Refusal::new(Code::ChangeRefused, "somebody writes as this text's maker"));
        }
        self.texts += 1;
        self.reserved.insert(*actor);
        self.known.insert(hash, Some(TEXT_LAST_OP));
        Verdict::New(ItemKind::Text { field: field.to_owned() }, hash, Vec::new())
    }

    fn change(&mut self, change: &Scanned, rules: &Rules) -> Result<Verdict, Refusal> {
        let hash = Digest(change.hash.0);
        if self.known.contains_key(&hash) {
            return Ok(Verdict::Known);
        }
        if self.reserved.contains(&change.actor) {
            return Err(Refusal::new(Code::ChangeRefused, "the actor is the dossier's own"));
        }
        self.check_place(change)?;
        self.check_steps(change)?;
        if self.changes >= rules.changes {
            return Err(Refusal::new(Code::OverLimit, "changes of one dossier"));
        }
        self.changes += 1;
        self.known.insert(hash, Some(change.last_op()));
        self.actors.insert(change.actor, ActorFacts { device: self.device, seq: change.seq, hash: change.hash });
        let kind = ItemKind::Change { actor: change.actor, seq: change.seq, last_op: change.last_op() };
        Ok(Verdict::New(kind, hash, change.bytes().to_vec()))
    }

    /// The actor's own line: one device, numbers without a gap, one change for each number.
    fn check_place(&self, change: &Scanned) -> Result<(), Refusal> {
        let (device, seq) = match self.actors.get(&change.actor) {
            Some(actor) => (actor.device, actor.seq),
            None => (self.device, 0),
        };
        if device != self.device {
            return Err(Refusal::new(Code::ActorTaken, change.actor));
        }
        if change.seq <= seq {
            return Err(Refusal::new(Code::ActorFork, change.actor));
        }
        if change.seq > seq + 1 {
            return Err(Refusal::new(Code::DependencyMissing, format!("{} after {seq}", change.actor)));
        }
        Ok(())
    }

    /// Everything it rests on is here, and its operation numbers continue it.
    fn check_steps(&self, change: &Scanned) -> Result<(), Refusal> {
        if change.deps.is_empty() {
            return Err(Refusal::new(Code::ChangeRefused, "it does not rest on the skeleton"));
        }
        let last_ops: Vec<Option<u64>> = change.deps.iter().map(|dep| self.last_op(dep)).collect();
        self.require(change.deps.iter().zip(&last_ops).filter(|(_, last)| last.is_none()).map(|(dep, _)| *dep))?;
        let highest = last_ops.into_iter().flatten().max().unwrap_or(0);
        if change.start_op != highest + 1 {
            return Err(Refusal::new(Code::ChangeRefused, "its operation numbers do not continue its dependencies"));
        }
        Ok(())
    }

    fn last_op(&self, dep: &ChangeHash) -> Option<u64> {
        if *dep == self.skeleton {
            return Some(genesis::SKELETON_OPS);
        }
        // A text is kept without a number: it has one operation, right after the skeleton's.
        self.known.get(&Digest(dep.0)).map(|last| last.unwrap_or(TEXT_LAST_OP))
    }

    fn require(&self, missing: impl Iterator<Item = ChangeHash>) -> Result<(), Refusal> {
        let named: Vec<String> = missing.take(NAMED_HASHES).map(|hash| hash.to_string()).collect();
        if named.is_empty() { Ok(()) } else { Err(Refusal::new(Code::DependencyMissing, named.join(" "))) }
    }

    /// An event's heads must be here: an official act names the version it was made on. The events it has seen may
    /// still be on their way, on a phone that nobody has met yet.
    fn event(&mut self, event: &Event, rules: &Rules) -> Verdict {
        let hash = Digest(event.id().0);
        if self.known.contains_key(&hash) {
            return Verdict::Known;
        }
        let missing = event.body().heads.iter().filter(|head| self.last_op(head).is_none()).copied();
        if let Err(refusal) = self.require(missing) {
            return Verdict::Refused(refusal);
        }
        if self.events >= rules.events {
            return Verdict::Refused(Refusal::new(Code::OverLimit, "events of one dossier"));
        }
        self.events += 1;
        self.known.insert(hash, None);
        let kind =
            ItemKind::Event { counter: event.body().counter, staff_only: event.body().audience == Audience::Staff };
        Verdict::New(kind, hash, envelope::encode(event.signed()))
    }
}

#[cfg(test)]
mod tests;
