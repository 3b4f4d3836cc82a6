//! The document itself: applying, reading with all its voices, sealing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use automerge::{
    Automerge, Change, LoadOptions, ROOT, ReadDoc, TextEncoding,
    transaction::{CommitOptions, Transactable},
};

use super::{
    chunk::{self, Scanned},
    genesis,
    path::{ContentPath, Root},
    scalar::Scalar,
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
    /// Automerge would not take it.
    #[error("the change cannot be applied")]
    NotApplicable,
    /// A stored snapshot could not be read; it is a cache and can be rebuilt from the changes.
    #[error("the snapshot cannot be read")]
    BadSnapshot,
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
    /// Different values; the first is the one that Automerge shows.
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
#[derive(Clone)]
pub struct Content {
    dossier: DossierId,
    doc: Automerge,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({}, {:?})", self.dossier, self.heads())
    }
}

/// Text positions count code points on every platform.
const ENCODING: TextEncoding = TextEncoding::UnicodeCodePoint;

fn change_of(scanned: &Scanned) -> Result<Change, ContentFault> {
    Change::from_bytes(scanned.bytes().to_vec()).map_err(|_| ContentFault::NotApplicable)
}

fn to_automerge(heads: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    heads.iter().map(|head| automerge::ChangeHash(head.0)).collect()
}

impl Content {
    /// The empty dossier of that id.
    #[must_use]
    pub fn new(dossier: DossierId) -> Self {
        let mut doc = Automerge::new_with_encoding(ENCODING);
        let skeleton = change_of(&genesis::skeleton(&dossier)).expect("our own bytes");
        doc.apply_changes([skeleton]).expect("the skeleton has no dependencies");
        Self { dossier, doc }
    }

    /// Opens a snapshot that this program saved (never one from outside).
    pub fn load(dossier: DossierId, snapshot: &[u8]) -> Result<Self, ContentFault> {
        let doc = Automerge::load_with_options(snapshot, LoadOptions::new().text_encoding(ENCODING))
            .map_err(|_| ContentFault::BadSnapshot)?;
        let skeleton = genesis::skeleton(&dossier).hash;
        if doc.get_change_meta_by_hash(&automerge::ChangeHash(skeleton.0)).is_none() {
            return Err(ContentFault::BadSnapshot);
        }
        Ok(Self { dossier, doc })
    }

    /// The document as bytes: a cache, to be rebuilt from the changes at any time.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.doc.save_nocompress()
    }

    /// The dossier.
    #[must_use]
    pub fn dossier(&self) -> DossierId {
        self.dossier
    }

    /// The latest changes, sorted: the name of this version.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self.doc.get_heads().into_iter().map(|head| ChangeHash(head.0)).collect();
        heads.sort_unstable();
        heads
    }

    /// Whether this change is in the document.
    #[must_use]
    pub fn contains(&self, change: &ChangeHash) -> bool {
        self.doc.get_change_meta_by_hash(&automerge::ChangeHash(change.0)).is_some()
    }

    /// Whether all of these changes are in the document.
    #[must_use]
    pub fn contains_all(&self, heads: &[ChangeHash]) -> bool {
        heads.iter().all(|head| self.contains(head))
    }

    /// How many changes an actor has made here.
    #[must_use]
    pub fn seq_of(&self, actor: &ActorId) -> u64 {
        self.doc
            .get_changes_meta(&[])
            .into_iter()
            .filter(|meta| meta.actor.to_bytes() == actor.as_bytes())
            .map(|meta| meta.seq)
            .max()
            .unwrap_or(0)
    }

    /// Makes the text objects of these fields, if they are not there yet.
    pub fn make_texts<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) -> Result<(), ContentFault> {
        let missing: Vec<_> = fields
            .into_iter()
            .map(|field| genesis::text(&self.dossier, field))
            .filter(|text| !self.contains(&text.hash))
            .map(|text| change_of(&text))
            .collect::<Result<_, _>>()?;
        self.doc.apply_changes(missing).map_err(|_| ContentFault::NotApplicable)
    }

    /// Applies changes that passed the scan, in any order. All or nothing: on a fault the document is as it was.
    ///
    /// Beyond what the scan can see of one change, this holds changes against each other: nothing missing, operation
    /// numbers that continue the dependencies', nobody speaking for the skeleton.
    pub fn apply(&mut self, changes: &[Scanned]) -> Result<(), ContentFault> {
        let fresh: Vec<&Scanned> = changes.iter().filter(|change| !self.contains(&change.hash)).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        self.check_steps(&fresh)?;
        let decoded = fresh.iter().map(|change| change_of(change)).collect::<Result<Vec<_>, _>>()?;
        let mut next = self.doc.clone();
        next.apply_changes(decoded).map_err(|_| ContentFault::NotApplicable)?;
        self.doc = next;
        if fresh.iter().all(|change| self.contains(&change.hash)) { Ok(()) } else { Err(ContentFault::NotApplicable) }
    }

    fn check_steps(&self, fresh: &[&Scanned]) -> Result<(), ContentFault> {
        let skeleton = genesis::skeleton_actor(&self.dossier);
        let texts: HashSet<ActorId> =
            self.keys(Root::Texts).iter().map(|field| genesis::text_actor(&self.dossier, field)).collect();
        let among: BTreeMap<ChangeHash, u64> = fresh.iter().map(|change| (change.hash, change.last_op())).collect();
        let mut missing = Vec::new();
        for change in fresh {
            if change.actor == skeleton || texts.contains(&change.actor) {
                return Err(ContentFault::Impostor);
            }
            let mut highest = 0;
            for dep in &change.deps {
                let last = among.get(dep).copied().or_else(|| {
                    self.doc.get_change_meta_by_hash(&automerge::ChangeHash(dep.0)).map(|meta| meta.max_op)
                });
                match last {
                    Some(last) => highest = highest.max(last),
                    None => missing.push(*dep),
                }
            }
            if missing.is_empty() && change.start_op != highest + 1 {
                return Err(ContentFault::OutOfStep);
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(ContentFault::Missing(missing)) }
    }

    fn map(&self, root: Root) -> automerge::ObjId {
        let (_, id) = self.doc.get(ROOT, root.key()).ok().flatten().expect("every document has the skeleton");
        id
    }

    fn keys(&self, root: Root) -> Vec<String> {
        self.doc.keys(self.map(root)).collect()
    }

    /// Every cell with all its values, at the current version.
    #[must_use]
    pub fn cells(&self) -> BTreeMap<ContentPath, FieldState> {
        self.cells_at(None)
    }

    /// Every cell as it was at a version; cells of a version that is not wholly here are left out.
    #[must_use]
    pub fn cells_at_version(&self, heads: &[ChangeHash]) -> BTreeMap<ContentPath, FieldState> {
        if self.contains_all(heads) { self.cells_at(Some(&to_automerge(heads))) } else { BTreeMap::new() }
    }

    fn cells_at(&self, heads: Option<&[automerge::ChangeHash]>) -> BTreeMap<ContentPath, FieldState> {
        let mut cells = BTreeMap::new();
        for root in [Root::Procedure, Root::Answers, Root::Components] {
            let map = self.map(root);
            let keys: Vec<String> = match heads {
                Some(heads) => self.doc.keys_at(&map, heads).collect(),
                None => self.doc.keys(&map).collect(),
            };
            for key in keys {
                let Ok(path) = ContentPath::new(root, key) else { continue };
                if let Some(state) = self.cell(&map, path.key(), heads) {
                    cells.insert(path, state);
                }
            }
        }
        for (path, text) in self.texts(heads) {
            let version = self.text_version(text);
            cells.insert(path, FieldState { versions: vec![version] });
        }
        cells
    }

    fn cell(&self, map: &automerge::ObjId, key: &str, heads: Option<&[automerge::ChangeHash]>) -> Option<FieldState> {
        let all = match heads {
            Some(heads) => self.doc.get_all_at(map, key, heads),
            None => self.doc.get_all(map, key),
        }
        .ok()?;
        let contested = all.len() > 1;
        let mut versions: Vec<Version> = Vec::with_capacity(all.len());
        // The last is the one that Automerge shows.
        for (value, id) in all.into_iter().rev() {
            let Some(value) = Scalar::from_automerge(&value) else { continue };
            if versions.iter().any(|known| known.value == value) {
                continue;
            }
            let Some(meta) = self.doc.hash_for_opid(&id).and_then(|hash| self.doc.get_change_meta_by_hash(&hash))
            else {
                continue;
            };
            let base = if contested { self.scalar_at(map, key, &meta.deps) } else { None };
            versions.push(Version {
                value,
                change: ChangeHash(meta.hash.0),
                actor: ActorId::from_slice(meta.actor.to_bytes()).ok()?,
                time_s: meta.timestamp,
                base,
            });
        }
        if versions.is_empty() { None } else { Some(FieldState { versions }) }
    }

    fn scalar_at(&self, map: &automerge::ObjId, key: &str, heads: &[automerge::ChangeHash]) -> Option<Scalar> {
        let (value, _) = self.doc.get_at(map, key, heads).ok()??;
        Scalar::from_automerge(&value)
    }

    fn texts(&self, heads: Option<&[automerge::ChangeHash]>) -> Vec<(ContentPath, String)> {
        let map = self.map(Root::Texts);
        self.keys(Root::Texts)
            .into_iter()
            .filter_map(|key| {
                let (_, id) = self.doc.get(&map, key.as_str()).ok()??;
                let text = match heads {
                    Some(heads) => self.doc.text_at(&id, heads).ok()?,
                    None => self.doc.text(&id).ok()?,
                };
                if text.is_empty() { None } else { Some((ContentPath::new(Root::Texts, key).ok()?, text)) }
            })
            .collect()
    }

    /// A text has many hands; what stands for it is the latest version of the whole document.
    fn text_version(&self, text: String) -> Version {
        let heads = self.heads();
        let meta = heads.first().and_then(|head| self.doc.get_change_meta_by_hash(&automerge::ChangeHash(head.0)));
        Version {
            value: Scalar::Text(text),
            change: heads.first().copied().unwrap_or(ChangeHash([0; 32])),
            actor: meta
                .as_ref()
                .and_then(|meta| ActorId::from_slice(meta.actor.to_bytes()).ok())
                .unwrap_or(ActorId([0; 16])),
            time_s: meta.map_or(0, |meta| meta.timestamp),
            base: None,
        }
    }

    /// Turns edits into one change by `actor` on the current version, and applies it. `None` if they change nothing.
    ///
    /// `time_s` is the device's wall clock in Unix seconds. Setting a cell in conflict settles it, whatever the value.
    pub fn seal(&mut self, actor: &ActorId, edits: &[Edit], time_s: i64) -> Result<Option<SealedChange>, ContentFault> {
        let text_fields: Vec<&str> =
            edits.iter().filter(|edit| edit.path.root() == Root::Texts).map(|edit| edit.path.key()).collect();
        let known: HashSet<String> = self.keys(Root::Texts).into_iter().collect();
        let mut next = self.clone();
        next.make_texts(text_fields.iter().copied())?;
        next.doc.set_actor(automerge::ActorId::from(actor.as_bytes()));
        let maps = Root::ALL.map(|root| next.map(root));
        let mut tx = next.doc.transaction();
        let fault = |_| ContentFault::NotApplicable;
        for edit in edits {
            let root = edit.path.root();
            let map = &maps[root as usize];
            let key = edit.path.key();
            if root == Root::Texts {
                let (_, text) = tx.get(map, key).map_err(fault)?.ok_or(ContentFault::NotApplicable)?;
                let words = match &edit.value {
                    Some(value) => value.to_string(),
                    None => String::new(),
                };
                tx.update_text(&text, words).map_err(fault)?;
                continue;
            }
            let current = tx.get_all(map, key).map_err(fault)?;
            let stands = match current.as_slice() {
                [] => None,
                [(value, _)] => Some(Scalar::from_automerge(value)),
                _ => Some(None),
            };
            match &edit.value {
                Some(value) if stands != Some(Some(value.clone())) => {
                    tx.put(map, key, automerge::ScalarValue::from(value)).map_err(fault)?;
                }
                None if stands.is_some() => tx.delete(map, key).map_err(fault)?,
                _ => {}
            }
        }
        if tx.pending_ops() == 0 {
            tx.rollback();
            return Ok(None);
        }
        tx.commit_with(CommitOptions::default().with_time(time_s));
        let change = next.doc.get_last_local_change().ok_or(ContentFault::NotApplicable)?;
        let change = chunk::scan(change.raw_bytes()).map_err(|_| ContentFault::NotApplicable)?;
        *self = next;
        let texts =
            text_fields.into_iter().filter(|field| !known.contains(*field)).map(str::to_owned).collect::<BTreeSet<_>>();
        Ok(Some(SealedChange { change, texts: texts.into_iter().collect() }))
    }

    /// Cells in which a value of these actors did not stand: they had said it, others had said otherwise without knowing
    /// of it, and somebody else settled the matter in favour of another value. What the actors wrote since, having seen
    /// the outcome, counts as taking note of it.
    #[must_use]
    pub fn overruled(&self, actors: &BTreeSet<ActorId>) -> Vec<ContentPath> {
        let mut last: BTreeMap<ActorId, (u64, automerge::ChangeHash)> = BTreeMap::new();
        for meta in self.doc.get_changes_meta(&[]) {
            let Some(actor) = ActorId::from_slice(meta.actor.to_bytes()).ok() else { continue };
            if actors.contains(&actor) && last.get(&actor).is_none_or(|(seq, _)| *seq < meta.seq) {
                last.insert(actor, (meta.seq, meta.hash));
            }
        }
        if last.is_empty() {
            return Vec::new();
        }
        let mut heads: Vec<automerge::ChangeHash> = last.into_values().map(|(_, hash)| hash).collect();
        heads.sort_unstable();
        let mut latest = self.doc.get_heads();
        latest.sort_unstable();
        // Whoever wrote last has seen everything.
        if heads == latest {
            return Vec::new();
        }
        let now = self.cells();
        let said = self.cells_at(Some(&heads)).into_iter().filter_map(|(path, state)| {
            let own = state.versions.into_iter().find(|version| actors.contains(&version.actor))?;
            Some((path, own))
        });
        said.filter(|(path, own)| {
            let Some([stands]) = now.get(path).map(|state| state.versions.as_slice()) else { return false };
            if path.root() == Root::Texts || stands.value == own.value || actors.contains(&stands.actor) {
                return false;
            }
            self.settled_against(path, own, stands)
        })
        .map(|(path, _)| path)
        .collect()
    }

    /// Whether the value that stands won a conflict with another one: it was written without knowledge of the other and
    /// left standing, or written by somebody who saw both.
    fn settled_against(&self, path: &ContentPath, other: &Version, stands: &Version) -> bool {
        let hash = automerge::ChangeHash(stands.change.0);
        let Some(meta) = self.doc.get_change_meta_by_hash(&hash) else { return false };
        let unknown = self.doc.get_changes_meta(&meta.deps).iter().any(|later| later.hash.0 == other.change.0);
        let before = self.cell(&self.map(path.root()), path.key(), Some(&meta.deps));
        unknown
            || before.is_some_and(|before| {
                before.is_conflict() && before.versions.iter().any(|version| version.value == other.value)
            })
    }

    /// Every change that a person sealed, in causal order and the same on every device: of changes that did not know of
    /// each other, the one whose author's clock showed less comes first. The skeleton and the making of texts are
    /// nobody's.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeNote> {
        let mut notes = self.notes();
        let mut parents: BTreeMap<ChangeHash, usize> = BTreeMap::new();
        let mut children: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
        for (hash, (_, deps)) in &notes {
            let among = deps.iter().filter(|dep| notes.contains_key(dep));
            parents.insert(*hash, among.clone().count());
            among.for_each(|dep| children.entry(*dep).or_default().push(*hash));
        }
        let mut ready: BTreeSet<(i64, ChangeHash)> = notes
            .values()
            .filter(|(note, _)| parents.get(&note.hash) == Some(&0))
            .map(|(note, _)| (note.time_s, note.hash))
            .collect();
        let mut ordered = Vec::with_capacity(notes.len());
        while let Some((_, hash)) = ready.pop_first() {
            for child in children.remove(&hash).unwrap_or_default() {
                let left = parents.entry(child).and_modify(|left| *left -= 1).or_default();
                if *left == 0
                    && let Some((note, _)) = notes.get(&child)
                {
                    ready.insert((note.time_s, child));
                }
            }
            ordered.extend(notes.remove(&hash).map(|(note, _)| note));
        }
        ordered
    }

    fn notes(&self) -> BTreeMap<ChangeHash, (ChangeNote, Vec<ChangeHash>)> {
        let skeleton = genesis::skeleton_actor(&self.dossier);
        let texts: HashSet<ActorId> =
            self.keys(Root::Texts).iter().map(|field| genesis::text_actor(&self.dossier, field)).collect();
        self.doc
            .get_changes_meta(&[])
            .into_iter()
            .filter_map(|meta| {
                let actor = ActorId::from_slice(meta.actor.to_bytes()).ok()?;
                let ours = actor == skeleton || texts.contains(&actor);
                let note = ChangeNote { hash: ChangeHash(meta.hash.0), actor, seq: meta.seq, time_s: meta.timestamp };
                let deps = meta.deps.iter().map(|dep| ChangeHash(dep.0)).collect();
                (!ours).then_some((note.hash, (note, deps)))
            })
            .collect()
    }

    /// What one change set or cleared, in order: for history.
    #[must_use]
    pub fn edits_of(&self, change: &ChangeHash) -> Vec<Edit> {
        let Some(change) = self.doc.get_change_by_hash(&automerge::ChangeHash(change.0)) else { return Vec::new() };
        let mut edits = Vec::new();
        for op in change.decode().operations {
            let automerge::legacy::ObjectId::Id(object) = &op.obj else { continue };
            let root = usize::try_from(object.counter() - 1).ok().and_then(|index| Root::ALL.get(index).copied());
            match (&op.key, root) {
                (automerge::legacy::Key::Map(key), Some(root)) => {
                    let Ok(path) = ContentPath::new(root, key.as_str()) else { continue };
                    let value =
                        op.primitive_value().map(|value| automerge::Value::Scalar(std::borrow::Cow::Owned(value)));
                    edits.push(Edit { path, value: value.and_then(|value| Scalar::from_automerge(&value)) });
                }
                _ => self.note_text_edit(object, &mut edits),
            }
        }
        edits
    }

    /// A splice is told once per text, with the text's present words.
    fn note_text_edit(&self, object: &automerge::legacy::OpId, edits: &mut Vec<Edit>) {
        let Some(field) = self
            .keys(Root::Texts)
            .into_iter()
            .find(|field| genesis::text_actor(&self.dossier, field).as_bytes() == object.actor().to_bytes())
        else {
            return;
        };
        let Ok(path) = ContentPath::new(Root::Texts, field) else { return };
        if edits.iter().any(|edit| edit.path == path) {
            return;
        }
        let value = self.texts(None).into_iter().find(|(known, _)| *known == path).map(|(_, text)| Scalar::Text(text));
        edits.push(Edit { path, value });
    }
}

#[cfg(test)]
mod tests;
