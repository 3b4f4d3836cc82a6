//! Events in causal order, with the ancestors of each.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use super::{EventTime, Recorded};
use crate::{
    event::{Act, EventBody},
    id::EventId,
};

/// A set of positions in the order, as bits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set(Vec<u64>);

impl Set {
    pub fn insert(&mut self, position: usize) {
        let word = position / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (position % 64);
    }

    pub fn contains(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| index * 64 + bit)
        })
    }
}

/// The events of one dossier, parents before children; among the unrelated, by id.
pub struct Order<'a> {
    pub records: Vec<&'a Recorded>,
    pub ancestors: Vec<Set>,
    pub missing: Vec<EventId>,
}

impl<'a> Order<'a> {
    pub fn of(records: &'a [Recorded]) -> Self {
        let by_id: BTreeMap<EventId, &Recorded> = records.iter().map(|record| (record.event.id(), record)).collect();
        let mut children: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
        let mut waiting: BTreeMap<EventId, usize> = BTreeMap::new();
        let mut missing = BTreeSet::new();
        for (id, record) in &by_id {
            let mut parents = 0;
            for parent in parents_of(record.event.body()) {
                if by_id.contains_key(&parent) {
                    children.entry(parent).or_default().push(*id);
                    parents += 1;
                } else if record.event.body().seen.contains(&parent) {
                    missing.insert(parent);
                }
            }
            waiting.insert(*id, parents);
        }
        let mut ready: BinaryHeap<Reverse<EventId>> =
            waiting.iter().filter(|(_, parents)| **parents == 0).map(|(id, _)| Reverse(*id)).collect();
        let mut order = Self { records: Vec::new(), ancestors: Vec::new(), missing: missing.into_iter().collect() };
        let mut position: BTreeMap<EventId, usize> = BTreeMap::new();
        while let Some(Reverse(id)) = ready.pop() {
            let record = by_id[&id];
            let mut ancestors = Set::default();
            for parent in parents_of(record.event.body()) {
                if let Some(at) = position.get(&parent) {
                    ancestors.extend(&order.ancestors[*at]);
                    ancestors.insert(*at);
                }
            }
            position.insert(id, order.records.len());
            order.records.push(record);
            order.ancestors.push(ancestors);
            for child in children.remove(&id).unwrap_or_default() {
                if let Some(parents) = waiting.get_mut(&child) {
                    *parents -= 1;
                    if *parents == 0 {
                        ready.push(Reverse(child));
                    }
                }
            }
        }
        order
    }

    pub fn everything(&self) -> Set {
        let mut all = Set::default();
        (0..self.records.len()).for_each(|position| all.insert(position));
        all
    }

    pub fn position(&self, id: &EventId) -> Option<usize> {
        self.records.iter().position(|record| record.event.id() == *id)
    }

    pub fn id(&self, position: usize) -> EventId {
        self.records[position].event.id()
    }

    pub fn body(&self, position: usize) -> &'a EventBody {
        self.records[position].event.body()
    }

    pub fn act(&self, position: usize) -> &'a Act {
        &self.records[position].event.body().act
    }

    pub fn time(&self, position: usize) -> EventTime {
        let record = self.records[position];
        EventTime::of(record.event.body().at_ms, record.received.as_ref())
    }
}

/// What an event knew of: what it names as seen, and its device's own previous event.
fn parents_of(body: &EventBody) -> BTreeSet<EventId> {
    body.seen.iter().copied().chain(body.previous).collect()
}
