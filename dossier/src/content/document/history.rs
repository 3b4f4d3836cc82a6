//! History: who said what, in what order.

use super::{
    BTreeMap, BTreeSet, ChangeHash, ChangeNo, ChangeNote, Content, ContentPath, Edit, Hand, Moment, Root, Scalar,
};
use crate::content::chunk::operation::Operation;

impl Content {
    /// Every change that a person sealed, in causal order and the same on every device: of changes that did not know of
    /// each other, the one whose author's clock showed less comes first. The skeleton and the making of texts are
    /// nobody's.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeNote> {
        let notes: BTreeMap<ChangeNo, ChangeNote> =
            (0..).zip(self.graph.all()).filter_map(|(number, _)| Some((number, self.note(number)?))).collect();
        let mut waits_for: BTreeMap<ChangeNo, usize> = BTreeMap::new();
        let mut effects: BTreeMap<ChangeNo, Vec<ChangeNo>> = BTreeMap::new();
        let mut ready: BTreeSet<(i64, ChangeHash, ChangeNo)> = BTreeSet::new();
        for (number, note) in &notes {
            let causes: Vec<ChangeNo> =
                self.graph.taken(*number).deps().iter().copied().filter(|dep| notes.contains_key(dep)).collect();
            if causes.is_empty() {
                ready.insert((note.time_s, note.hash, *number));
            }
            waits_for.insert(*number, causes.len());
            causes.into_iter().for_each(|cause| effects.entry(cause).or_default().push(*number));
        }
        let mut ordered = Vec::with_capacity(notes.len());
        while let Some((_, _, number)) = ready.pop_first() {
            ordered.extend(notes.get(&number).cloned());
            for effect in effects.remove(&number).unwrap_or_default() {
                let left = waits_for.entry(effect).and_modify(|left| *left -= 1).or_default();
                if *left == 0
                    && let Some(note) = notes.get(&effect)
                {
                    ready.insert((note.time_s, note.hash, effect));
                }
            }
        }
        ordered
    }

    /// What one change set or cleared, in order: for history. A text is told once, with its present words.
    #[must_use]
    pub fn edits_of(&self, change: &ChangeHash) -> Vec<Edit> {
        let Some(number) = self.graph.number(change).filter(|number| self.graph.is_by(*number, Hand::Writer)) else {
            return Vec::new();
        };
        let change = &self.graph.taken(number).change;
        let Ok(mut operations) = change.operations() else { return Vec::new() };
        let (mut edits, mut told) = (Vec::new(), BTreeSet::new());
        while let Ok(Some((_, operation))) = operations.next() {
            match operation {
                Operation::Write { root, key, value, .. } => {
                    let Ok(path) = ContentPath::new(root, key) else { continue };
                    edits.push(Edit { value: value.map(Scalar::from).or_else(|| self.left_by(number, &path)), path });
                }
                Operation::Insert { text, .. } | Operation::Remove { text, .. } => {
                    let text = self.texts.get(&change.actors()[text as usize]);
                    let Some(text) = text.filter(|text| told.insert(text.made)) else { continue };
                    let Ok(path) = ContentPath::new(Root::Texts, &text.field) else { continue };
                    let words = text.words(&Moment::Now, &self.graph);
                    edits.push(Edit { path, value: (!words.is_empty()).then_some(Scalar::Text(words)) });
                }
            }
        }
        edits
    }

    /// What stood in a cell after a change that cleared it: nothing, or a value of a conflict that it settled.
    fn left_by(&self, number: ChangeNo, path: &ContentPath) -> Option<Scalar> {
        let cell = self.cells[path.root() as usize].get(path.key())?;
        let after = self.graph.moment(&[number]);
        cell.standing(&after, &self.graph).first().map(|said| said.value.clone())
    }
}
