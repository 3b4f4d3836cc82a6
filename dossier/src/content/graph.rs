//! The changes of a document and what each of them knew of.

use std::collections::BTreeMap;

use super::chunk::Scanned;
use crate::id::{ActorId, ChangeHash};

/// A change by its place in the order in which this document took it; causes come before effects.
pub type ChangeNo = u32;
/// A writer by its place in the order in which this document met it.
pub type AuthorNo = u32;

/// What a writer does. The makers of the skeleton and of texts have a place of their own, so that nobody who writes
/// under their name can stand in theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hand {
    /// Makes the skeleton or a text.
    Maker,
    /// Writes in it.
    Writer,
}

/// A change in its place.
#[derive(Debug, Clone)]
pub struct Taken {
    pub change: Scanned,
    pub author: AuthorNo,
    deps: Vec<ChangeNo>,
}

#[derive(Debug, Clone)]
struct Author {
    actor: ActorId,
    hand: Hand,
    /// By sequence number, from 1.
    changes: Vec<ChangeNo>,
}

/// The changes of a document.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    taken: Vec<Taken>,
    by_hash: BTreeMap<ChangeHash, ChangeNo>,
    authors: Vec<Author>,
    author_of: BTreeMap<(ActorId, Hand), AuthorNo>,
    /// Sorted by hash.
    heads: Vec<ChangeNo>,
}

/// A moment of the document: which changes it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// All of them.
    Now,
    /// Some of them, by number.
    Then(Vec<bool>),
}

impl Moment {
    pub fn holds(&self, change: ChangeNo) -> bool {
        match self {
            Self::Now => true,
            Self::Then(held) => held.get(change as usize).copied().unwrap_or(false),
        }
    }
}

impl Taken {
    /// The changes that it was made on.
    pub fn deps(&self) -> &[ChangeNo] {
        &self.deps
    }
}

impl Graph {
    pub fn number(&self, hash: &ChangeHash) -> Option<ChangeNo> {
        self.by_hash.get(hash).copied()
    }

    pub fn taken(&self, change: ChangeNo) -> &Taken {
        &self.taken[change as usize]
    }

    pub fn all(&self) -> &[Taken] {
        &self.taken
    }

    pub fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().map(|head| self.taken(*head).change.hash).collect()
    }

    pub fn actor(&self, author: AuthorNo) -> ActorId {
        self.authors[author as usize].actor
    }

    pub fn author(&self, actor: &ActorId, hand: Hand) -> Option<AuthorNo> {
        self.author_of.get(&(*actor, hand)).copied()
    }

    /// The author that a writer is, or will be when its first change is added.
    pub fn author_to_be(&self, actor: &ActorId) -> AuthorNo {
        self.author(actor, Hand::Writer).unwrap_or(self.authors.len() as AuthorNo)
    }

    pub fn is_by(&self, change: ChangeNo, hand: Hand) -> bool {
        self.authors[self.taken(change).author as usize].hand == hand
    }

    /// The change of a writer with that sequence number.
    pub fn change_of(&self, author: AuthorNo, seq: u64) -> Option<ChangeNo> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.authors.get(author as usize)?.changes.get(place).copied()
    }

    /// How many changes a writer has made.
    pub fn seq_of(&self, author: AuthorNo) -> u64 {
        self.authors.get(author as usize).map_or(0, |author| author.changes.len() as u64)
    }

    /// The greatest operation number.
    pub fn last_op(&self) -> u64 {
        self.heads.iter().map(|head| self.taken(*head).change.last_op()).max().unwrap_or(0)
    }

    /// The moment that a change with these dependencies was made on.
    pub fn moment(&self, deps: &[ChangeNo]) -> Moment {
        if self.heads.iter().all(|head| deps.contains(head)) {
            return Moment::Now;
        }
        let mut held = vec![false; self.taken.len()];
        let mut left = deps.to_vec();
        while let Some(change) = left.pop() {
            if !std::mem::replace(&mut held[change as usize], true) {
                left.extend_from_slice(&self.taken(change).deps);
            }
        }
        Moment::Then(held)
    }

    /// The moment that a change was made on.
    pub fn moment_before(&self, change: ChangeNo) -> Moment {
        self.moment(&self.taken(change).deps)
    }

    /// Adds a change whose dependencies are here and whose sequence number is its author's next.
    pub fn add(&mut self, change: Scanned, hand: Hand) -> ChangeNo {
        let number = self.taken.len() as ChangeNo;
        let deps: Vec<ChangeNo> = change.deps.iter().filter_map(|dep| self.number(dep)).collect();
        let author = *self.author_of.entry((change.actor, hand)).or_insert_with(|| {
            self.authors.push(Author { actor: change.actor, hand, changes: Vec::new() });
            (self.authors.len() - 1) as AuthorNo
        });
        self.authors[author as usize].changes.push(number);
        self.by_hash.insert(change.hash, number);
        self.heads.retain(|head| !deps.contains(head));
        let at = self.heads.partition_point(|head| self.taken[*head as usize].change.hash < change.hash);
        self.heads.insert(at, number);
        self.taken.push(Taken { change, author, deps });
        number
    }
}
