//! Sealing: edits become one change.

use super::{ActorId, BTreeMap, BTreeSet, Content, ContentFault, Edit, Hand, Moment, Root, Scalar, SealedChange};
use crate::content::{
    chunk::{
        self,
        write::{Head, NewOp, OpId},
    },
    text::{Element, Text},
    wording::{Splice, begins_letter, letters, splices},
};

impl Content {
    /// Turns edits into one change by `actor` on the current version, and applies it. `None` if they change nothing. Of
    /// several edits of a cell the last counts.
    ///
    /// `time_s` is the device's wall clock in Unix seconds. Setting a cell in conflict settles it, whatever the value.
    pub fn seal(&mut self, actor: &ActorId, edits: &[Edit], time_s: i64) -> Result<Option<SealedChange>, ContentFault> {
        // In the order of their paths: neighbours in a batch then name their fields alike, and compress to a fraction.
        let last: BTreeMap<_, &Edit> = edits.iter().map(|edit| (&edit.path, edit)).collect();
        let edits: Vec<&Edit> = last.into_values().collect();
        let fields = edits.iter().filter(|edit| edit.path.root() == Root::Texts).map(|edit| edit.path.key());
        let made: BTreeSet<&str> =
            fields.filter(|field| !self.texts.values().any(|text| text.field == *field)).collect();
        // Texts are made only if something is sealed.
        let mut with_texts = None;
        if !made.is_empty() {
            let mut next = self.clone();
            next.make_texts(made.iter().copied());
            with_texts = Some(next);
        }
        let next = with_texts.as_mut().unwrap_or(self);
        let Some(change) = next.written_by(actor, &edits, time_s)? else { return Ok(None) };
        next.apply(std::slice::from_ref(&change))?;
        if let Some(next) = with_texts {
            *self = next;
        }
        Ok(Some(SealedChange { change, texts: made.into_iter().map(str::to_owned).collect() }))
    }

    fn written_by(
        &self,
        actor: &ActorId,
        edits: &[&Edit],
        time_s: i64,
    ) -> Result<Option<chunk::Scanned>, ContentFault> {
        let start_op = self.graph.last_op() + 1;
        let mut ops = Vec::new();
        for edit in edits {
            let text =
                self.texts.iter().find(|(_, text)| edit.path.root() == Root::Texts && text.field == edit.path.key());
            match text {
                Some((maker, text)) => {
                    let words = edit.value.as_ref().map(Scalar::to_string).unwrap_or_default();
                    self.type_words(text, *maker, &words, (actor, start_op), &mut ops);
                }
                None => ops.extend(self.write(edit)),
            }
        }
        if ops.is_empty() {
            return Ok(None);
        }
        let author = self.graph.author(actor, Hand::Writer);
        let last = author.and_then(|author| self.graph.change_of(author, self.graph.seq_of(author)));
        let last = last.map(|last| &self.graph.taken(last).change);
        let mut deps = self.heads();
        // As Automerge does, a change names its author's last one even where others have built on it since.
        deps.extend(last.map(|last| last.hash).filter(|hash| !deps.contains(hash)));
        deps.sort_unstable();
        let seq = last.map_or(0, |last| last.seq) + 1;
        let head = Head { deps: &deps, actor: *actor, seq, start_op, time_s };
        let sealed = chunk::scan(&chunk::write::change(&head, &ops)).or_else(|_| {
            // Removals that are scattered too evenly take no bytes, as a change must for each; out of order they do.
            let mut removals: Vec<&mut NewOp<'_>> =
                ops.iter_mut().filter(|op| matches!(op, NewOp::Remove { .. })).collect();
            for pair in removals.chunks_exact_mut(2) {
                let [one, two] = pair else { continue };
                std::mem::swap(*one, *two);
            }
            chunk::scan(&chunk::write::change(&head, &ops))
        });
        sealed.map(Some).map_err(|_| ContentFault::TooMuch)
    }

    /// The operation that an edit of a cell needs, if any.
    fn write<'a>(&self, edit: &'a Edit) -> Option<NewOp<'a>> {
        let root = edit.path.root();
        let key = edit.path.key();
        let cell = self.cells[root as usize].get(key);
        let standing = cell.map(|cell| cell.standing(&Moment::Now, &self.graph)).unwrap_or_default();
        let is_so = match (standing.as_slice(), &edit.value) {
            ([], None) => true,
            ([only], Some(value)) => only.value == *value,
            _ => false,
        };
        let mut preds: Vec<OpId> =
            standing.iter().map(|said| self.op_id(Element { author: said.author, counter: said.counter })).collect();
        preds.sort_unstable();
        let maker = self.skeleton().actor;
        (!is_so).then_some(NewOp::Write { root, maker, key, value: edit.value.as_ref(), preds })
    }

    fn op_id(&self, element: Element) -> OpId {
        OpId { counter: element.counter, actor: self.graph.actor(element.author) }
    }

    /// The operations that turn a text's words into others.
    fn type_words(
        &self,
        text: &Text,
        maker: ActorId,
        words: &str,
        (actor, start_op): (&ActorId, u64),
        ops: &mut Vec<NewOp<'_>>,
    ) {
        let elements = text.elements(&Moment::Now, &self.graph);
        let old: String = elements.iter().map(|(_, characters)| *characters).collect();
        // Where letters begin, by byte and by element.
        let (mut starts, mut byte, mut before) = (Vec::new(), 0, None);
        for (place, (_, characters)) in elements.iter().enumerate() {
            if characters.chars().next().is_some_and(|first| begins_letter(before, first)) {
                starts.push((byte, place));
            }
            before = characters.chars().next_back();
            byte += characters.len();
        }
        starts.push((byte, elements.len()));
        let old_letters: Vec<&str> = starts.windows(2).map(|pair| &old[pair[0].0..pair[1].0]).collect();
        let new_letters = letters(words);
        for Splice { old, new } in splices(&old_letters, &new_letters) {
            let (from, to) = (starts[old.start].1, starts[old.end].1);
            let mut after = from.checked_sub(1).map(|place| self.op_id(elements[place].0));
            for character in new_letters[new].iter().flat_map(|letter| letter.chars()) {
                ops.push(NewOp::Insert { maker, after, character });
                let counter = u32::try_from(start_op + ops.len() as u64 - 1).unwrap_or(u32::MAX);
                after = Some(OpId { counter, actor: *actor });
            }
            ops.extend(
                elements[from..to].iter().map(|(element, _)| NewOp::Remove { maker, element: self.op_id(*element) }),
            );
        }
    }
}
