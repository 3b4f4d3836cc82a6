//! The document itself: one dossier's content.

mod history;
mod intake;
mod reading;
mod sealing;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    cell::Cell,
    chunk::Scanned,
    genesis,
    graph::{AuthorNo, ChangeNo, Graph, Hand, Moment},
    path::{ContentPath, Root},
    scalar::Scalar,
    text::Text,
};
use crate::id::{ActorId, ChangeHash, DossierId};

/// Why changes could not be taken into a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentFault {
    /// Changes refer to others that are not here.
    #[error("{} earlier changes are missing", .0.len())]
    Missing(Vec<ChangeHash>),
    /// A change speaks for the skeleton or for a text's making, but is not that deterministic change.
    #[error("a change claims to be part of the dossier's skeleton")]
    Impostor,
    /// Operation numbers do not continue those of the dependencies.
    #[error("a change's operation numbers do not continue its dependencies")]
    OutOfStep,
    /// It says something of what its author cannot have seen.
    #[error("the change cannot be applied: {0}")]
    NotApplicable(Misfit),
    /// Edits are more than one change may hold.
    #[error("the edits are more than one change may hold")]
    TooMuch,
}

/// How a change that is sound by itself does not fit the document that it names as its past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Another change of its author has its number, or the one before is not in its past.
    #[error("its number does not continue its author's")]
    Sequence,
    /// It writes in a map or text that is not in its past.
    #[error("what it writes in was not there")]
    Object,
    /// It types after or removes a character that is not in its past.
    #[error("a character it names was not there")]
    Element,
    /// A write does not name the values that stood in the cell, all of them unless it clears it.
    #[error("it writes over other values than those that stood")]
    Predecessors,
    /// It writes in a cell twice.
    #[error("it writes in a cell twice")]
    Twice,
}

/// One thing that a person set or cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub path: ContentPath,
    /// The new value; `None` clears the cell.
    pub value: Option<Scalar>,
}

/// One value of a cell, with who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The value.
    pub value: Scalar,
    /// The change that set it.
    pub change: ChangeHash,
    /// The actor of that change.
    pub actor: ActorId,
    /// When the author's device said it was, in Unix seconds.
    pub time_s: i64,
    /// What the author saw in the cell before; `None` if it was empty.
    pub base: Option<Scalar>,
}

/// A cell: usually one value, several where people wrote without knowing of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// Different values; the first is the one that is shown, here and by Automerge.
    pub versions: Vec<Version>,
}

impl FieldState {
    /// Whether people disagree.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.versions.len() > 1
    }
}

/// A change as history names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNote {
    /// The change.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: ActorId,
    /// The how-manieth of that actor.
    pub seq: u64,
    /// When the author's device said it was, in Unix seconds.
    pub time_s: i64,
}

/// Edits turned into one change.
#[derive(Debug, Clone)]
pub struct SealedChange {
    /// The change.
    pub change: Scanned,
    /// Fields of `texts` whose object was made for this change.
    pub texts: Vec<String>,
}

/// One dossier's content.
///
/// What a change does to it is Automerge's: a write in a cell sets aside the values that its author saw, and values that
/// nobody saw together stand side by side; the characters of a text stand in the order of [`super::text`]. What Automerge
/// would let a crafted change do beyond that is refused: see [`ContentFault`].
#[derive(Clone)]
pub struct Content {
    dossier: DossierId,
    graph: Graph,
    /// By root map, in the order of [`Root::ALL`]; the last one, of the texts, stays empty.
    cells: [BTreeMap<String, Cell>; Root::ALL.len()],
    /// By the actor that made them.
    texts: BTreeMap<ActorId, Text>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {:?})", self.dossier, self.heads())
    }
}

impl Content {
    /// The empty dossier of that id.
    #[must_use]
    pub fn new(dossier: DossierId) -> Self {
        let mut graph = Graph::default();
        graph.add(genesis::skeleton(&dossier), Hand::Maker);
        Self { dossier, graph, cells: Default::default(), texts: BTreeMap::new() }
    }

    /// The dossier.
    #[must_use]
    pub fn dossier(&self) -> DossierId {
        self.dossier
    }

    /// The latest changes, sorted: the name of this version.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.graph.heads()
    }

    /// Whether this change is in the document.
    #[must_use]
    pub fn contains(&self, change: &ChangeHash) -> bool {
        self.graph.number(change).is_some()
    }

    /// Whether all of these changes are in the document.
    #[must_use]
    pub fn contains_all(&self, heads: &[ChangeHash]) -> bool {
        heads.iter().all(|head| self.contains(head))
    }

    fn skeleton(&self) -> &Scanned {
        &self.graph.taken(0).change
    }

    /// Makes the text objects of these fields, if they are not there yet.
    pub fn make_texts<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) {
        for field in fields {
            let actor = genesis::text_actor(&self.dossier, field);
            if !self.texts.contains_key(&actor) {
                let change = genesis::text_on(self.skeleton(), &self.dossier, field);
                let made = self.graph.add(change, Hand::Maker);
                self.texts.insert(actor, Text::new(field, made));
            }
        }
    }

    /// The moment that these changes name; `None` if one of them is not here.
    fn moment_of(&self, heads: &[ChangeHash]) -> Option<Moment> {
        let heads: Option<Vec<ChangeNo>> = heads.iter().map(|head| self.graph.number(head)).collect();
        Some(self.graph.moment(&heads?))
    }

    /// The note of a change, if a person sealed it.
    fn note(&self, number: ChangeNo) -> Option<ChangeNote> {
        let Scanned { hash, actor, seq, time_s, .. } = self.graph.taken(number).change;
        self.graph.is_by(number, Hand::Writer).then_some(ChangeNote { hash, actor, seq, time_s })
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
