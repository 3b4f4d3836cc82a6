//! Our engine held against Automerge itself: the same changes, the same document.

use automerge::{
    Automerge, ROOT, ReadDoc, TextEncoding, Value,
    transaction::{CommitOptions, Transactable},
};
use proptest::prelude::*;

use super::*;
use crate::content::{
    chunk::{self, scan},
    wording::{Splice, letters, splices},
};

fn dossier() -> DossierId {
    "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
}

const FIELDS: [&str; 2] = ["why", "wish"];

/// A person with two engines.
struct Person {
    actor: ActorId,
    ours: Content,
    theirs: Automerge,
}

fn library_actor(actor: ActorId) -> automerge::ActorId {
    automerge::ActorId::from(actor.as_bytes())
}

fn library_heads(heads: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    heads.iter().map(|head| automerge::ChangeHash(head.0)).collect()
}

impl Person {
    fn new(actor: u8) -> Self {
        let mut theirs = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        let change = automerge::Change::from_bytes(genesis::skeleton(&dossier()).into_bytes()).unwrap();
        theirs.apply_changes([change]).unwrap();
        // Both orders of bytes and of minting occur.
        let actor = ActorId([actor.wrapping_mul(87); 16]);
        theirs.set_actor(library_actor(actor));
        Self { actor, ours: Content::new(dossier()), theirs }
    }

    fn make_text(&mut self, field: &str) {
        self.ours.make_texts([field]);
        let text = automerge::Change::from_bytes(genesis::text(&dossier(), field).into_bytes()).unwrap();
        self.theirs.apply_changes([text]).unwrap();
    }

    fn hear(&mut self, changes: &[Scanned]) {
        for field in FIELDS {
            self.make_text(field);
        }
        self.ours.apply(changes).unwrap();
        let library = changes.iter().map(|change| automerge::Change::from_bytes(change.bytes().to_vec()).unwrap());
        self.theirs.apply_changes(library.collect::<Vec<_>>()).unwrap();
    }

    fn text(&self, field: &str) -> automerge::ObjId {
        let (_, texts) = self.theirs.get(ROOT, "texts").unwrap().unwrap();
        self.theirs.get(texts, field).unwrap().unwrap().1
    }

    /// The same edits by Automerge, on a copy: the bytes of its change.
    fn library_seal(&self, edits: &[Edit], time_s: i64) -> Option<(Automerge, Vec<u8>)> {
        let mut doc = self.theirs.fork();
        doc.set_actor(library_actor(self.actor));
        let maps = Root::ALL.map(|root| doc.get(ROOT, root.key()).unwrap().unwrap().1);
        let mut tx = doc.transaction();
        // Of several edits of a cell the last counts, and cells come in the order of their paths.
        let last: BTreeMap<_, &Edit> = edits.iter().map(|edit| (&edit.path, edit)).collect();
        for edit in last.into_values() {
            let (map, key) = (&maps[edit.path.root() as usize], edit.path.key());
            if edit.path.root() == Root::Texts {
                let text = self.text(key);
                let (old, new) =
                    (tx.text(&text).unwrap(), edit.value.as_ref().map_or(String::new(), Scalar::to_string));
                let (old, new) = (letters(&old), letters(&new));
                let width = |letters: &[&str]| letters.iter().map(|letter| letter.chars().count()).sum::<usize>();
                let mut shift = 0isize;
                for Splice { old: gone, new: typed } in splices(&old, &new) {
                    let at = width(&old[..gone.start]).checked_add_signed(shift).unwrap();
                    let (removed, words) = (width(&old[gone]), new[typed].concat());
                    shift += words.chars().count() as isize - removed as isize;
                    tx.splice_text(&text, at, removed as isize, &words).unwrap();
                }
                continue;
            }
            match &edit.value {
                Some(Scalar::Boolean(value)) => tx.put(map, key, *value).unwrap(),
                Some(Scalar::Integer(value)) => tx.put(map, key, *value).unwrap(),
                Some(Scalar::Text(value)) => tx.put(map, key, value.as_str()).unwrap(),
                None if tx.get_all(map, key).unwrap().is_empty() => {}
                None => tx.delete(map, key).unwrap(),
            }
        }
        if tx.pending_ops() == 0 {
            tx.rollback();
            return None;
        }
        tx.commit_with(CommitOptions::default().with_time(time_s));
        let bytes = doc.get_last_local_change().unwrap().raw_bytes().to_vec();
        Some((doc, bytes))
    }

    /// Whether an edit says a value that stands already, in conflict with others.
    fn stands_beside_others(&self, edit: &Edit) -> bool {
        let Some(cell) = self.ours.cells[edit.path.root() as usize].get(edit.path.key()) else { return false };
        let standing = cell.standing(&Moment::Now, &self.ours.graph);
        standing.len() > 1 && standing.iter().any(|said| Some(&said.value) == edit.value.as_ref())
    }

    /// Seals with both engines: they must write the same bytes.
    fn seal(&mut self, edits: &[Edit], time_s: i64) -> Option<Scanned> {
        for edit in edits.iter().filter(|edit| edit.path.root() == Root::Texts) {
            self.make_text(edit.path.key());
        }
        let settles = edits.iter().any(|edit| self.stands_beside_others(edit));
        let library = self.library_seal(edits, time_s);
        if settles {
            // Automerge clears the others, which does not tell who settled it; we say the value again. Both are taken.
            let (doc, bytes) = library.unwrap();
            self.ours.clone().apply(&[scan(&bytes).unwrap()]).unwrap();
            if time_s % 2 == 0 {
                self.theirs = doc;
                let change = scan(&bytes).unwrap();
                self.ours.apply(std::slice::from_ref(&change)).unwrap();
                return Some(change);
            }
            let sealed = self.ours.seal(&self.actor, edits, time_s).unwrap().unwrap().change;
            let change = automerge::Change::from_bytes(sealed.bytes().to_vec()).unwrap();
            assert_eq!(change.hash().0, sealed.hash.0);
            self.theirs.apply_changes([change]).unwrap();
            return Some(sealed);
        }
        let sealed = self.ours.seal(&self.actor, edits, time_s).unwrap();
        let ours = sealed.map(|sealed| sealed.change);
        assert_eq!(ours.as_ref().map(Scanned::bytes), library.as_ref().map(|(_, bytes)| bytes.as_slice()));
        if let Some((doc, _)) = library {
            self.theirs = doc;
        }
        ours
    }

    /// What Automerge alone splices, which need not be what our own comparison of words would.
    fn splice(&mut self, field: &str, at: usize, removed: usize, words: &str, time_s: i64) -> Option<Scanned> {
        self.make_text(field);
        let text = self.text(field);
        let length = self.theirs.text(&text).unwrap().chars().count();
        let at = at.min(length);
        let mut tx = self.theirs.transaction();
        tx.splice_text(&text, at, removed.min(length - at) as isize, words).unwrap();
        if tx.pending_ops() == 0 {
            tx.rollback();
            return None;
        }
        tx.commit_with(CommitOptions::default().with_time(time_s));
        let change = scan(self.theirs.get_last_local_change().unwrap().raw_bytes()).unwrap();
        self.ours.apply(std::slice::from_ref(&change)).unwrap();
        Some(change)
    }

    /// Every cell and text, every conflict and its winner, at a version.
    fn agree(&self, heads: &[ChangeHash]) {
        let at = library_heads(heads);
        let mut theirs: BTreeMap<String, Vec<(Scalar, ChangeHash)>> = BTreeMap::new();
        for root in [Root::Procedure, Root::Answers, Root::Components] {
            let (_, map) = self.theirs.get(ROOT, root.key()).unwrap().unwrap();
            for key in self.theirs.keys_at(&map, &at) {
                let all = self.theirs.get_all_at(&map, key.as_str(), &at).unwrap();
                let mut versions: Vec<(Scalar, ChangeHash)> = Vec::new();
                for (value, id) in all.into_iter().rev() {
                    let value = scalar(&value);
                    if versions.iter().all(|(known, _)| *known != value) {
                        versions.push((value, ChangeHash(self.theirs.hash_for_opid(&id).unwrap().0)));
                    }
                }
                theirs.insert(format!("{}/{key}", root.key()), versions);
            }
        }
        let cells = self.ours.cells_at_version(heads);
        let (texts, cells): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(path, _)| path.root() == Root::Texts);
        let cells: BTreeMap<String, Vec<(Scalar, ChangeHash)>> = cells
            .into_iter()
            .map(|(path, state)| {
                (path.to_string(), state.versions.into_iter().map(|version| (version.value, version.change)).collect())
            })
            .collect();
        assert_eq!(cells, theirs);
        let texts: BTreeMap<String, Scalar> =
            texts.into_iter().map(|(path, state)| (path.key().to_owned(), state.versions[0].value.clone())).collect();
        let (_, map) = self.theirs.get(ROOT, "texts").unwrap().unwrap();
        let library: BTreeMap<String, Scalar> = self
            .theirs
            .keys(&map)
            .map(|field| {
                let words = self.theirs.text_at(self.text(&field), &at).unwrap();
                (field, Scalar::Text(words))
            })
            .filter(|(_, words)| *words != Scalar::from(""))
            .collect();
        assert_eq!(texts, library);
    }
}

fn scalar(value: &Value<'_>) -> Scalar {
    let Value::Scalar(value) = value else { panic!("{value:?}") };
    match value.as_ref() {
        automerge::ScalarValue::Boolean(value) => Scalar::Boolean(*value),
        automerge::ScalarValue::Int(value) => Scalar::Integer(*value),
        automerge::ScalarValue::Str(value) => Scalar::Text(value.to_string()),
        other => panic!("{other:?}"),
    }
}

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// A person seals edits.
    Seal(usize, Vec<Edit>),
    /// A person splices a text with another tool.
    Splice(usize, usize, usize, usize, String),
    /// A person hears all that was said up to a moment (everything before it, so causes are there).
    Hear(usize, prop::sample::Index),
}

fn value() -> impl Strategy<Value = Option<Scalar>> {
    prop_oneof![
        2 => Just(None),
        1 => any::<bool>().prop_map(|value| Some(Scalar::Boolean(value))),
        2 => prop_oneof![-3i64..3, any::<i64>()].prop_map(|value| Some(Scalar::Integer(value))),
        4 => "(Lan|Hòa|Bình|)".prop_map(|value| Some(Scalar::Text(value))),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let cell = (0usize..3, 0usize..4, value()).prop_map(|(root, key, value)| {
        let key = ["name", "rows/1/ward", "cccd", "x"][key];
        Edit { path: ContentPath::new(Root::ALL[root], key).unwrap(), value }
    });
    let words = (0usize..2, "[ab ệ\u{323}👍🏽👩‍👧]{0,14}").prop_map(|(field, words)| Edit {
        path: ContentPath::new(Root::Texts, FIELDS[field]).unwrap(),
        value: (!words.is_empty()).then_some(Scalar::Text(words)),
    });
    prop_oneof![3 => cell, 2 => words]
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let distinct = |edits: Vec<Edit>| {
        let mut seen = BTreeSet::new();
        edits.into_iter().filter(|edit| seen.insert(edit.path.clone())).collect()
    };
    proptest::collection::vec(edit(), 1..6).prop_map(distinct)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0usize..4, edits()).prop_map(|(who, edits)| Step::Seal(who, edits)),
        2 => (0usize..4, 0usize..2, 0usize..12, 0usize..4, "[xyệ👍]{0,4}")
            .prop_map(|(who, field, at, removed, words)| Step::Splice(who, field, at, removed, words)),
        3 => (0usize..4, any::<prop::sample::Index>()).prop_map(|(who, upto)| Step::Hear(who, upto)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn both_engines_write_the_same_bytes_and_read_the_same_document(
        steps in proptest::collection::vec(step(), 1..28),
        versions in proptest::collection::vec(any::<prop::sample::Index>(), 4),
        order in proptest::collection::vec(any::<u32>(), 64),
    ) {
        let mut people: Vec<Person> = (1..=4).map(Person::new).collect();
        let (mut said, mut seen): (Vec<Scanned>, Vec<Vec<ChangeHash>>) = (Vec::new(), Vec::new());
        for (time_s, step) in (1_795_000_000..).zip(steps) {
            let (who, new) = match step {
                Step::Seal(who, edits) => (who, people[who].seal(&edits, time_s)),
                Step::Splice(who, field, at, removed, words) => {
                    (who, people[who].splice(FIELDS[field], at, removed, &words, time_s))
                }
                Step::Hear(who, upto) => {
                    people[who].hear(&said[..upto.index(said.len() + 1)]);
                    (who, None)
                }
            };
            said.extend(new);
            let person = &people[who];
            let heads = person.ours.heads();
            prop_assert_eq!(library_heads(&heads), { let mut heads = person.theirs.get_heads(); heads.sort(); heads });
            person.agree(&heads);
            seen.push(heads);
        }
        for person in &mut people {
            person.hear(&said);
            for version in &versions {
                person.agree(&seen[version.index(seen.len())]);
            }
        }
        // Whatever the order of arrival, one by one or together.
        let mut shuffled: Vec<&Scanned> = said.iter().collect();
        shuffled.sort_by_key(|change| order[said.iter().position(|one| one.hash == change.hash).unwrap() % 64]);
        let mut late = Content::new(dossier());
        late.make_texts(FIELDS);
        let shuffled: Vec<Scanned> = shuffled.into_iter().cloned().collect();
        prop_assert_eq!(late.clone().take(&shuffled), []);
        while late.heads() != people[0].ours.heads() {
            for change in &shuffled {
                match late.apply(std::slice::from_ref(change)) {
                    Ok(()) | Err(ContentFault::Missing(_)) => {}
                    Err(fault) => panic!("{fault}"),
                }
            }
        }
        for person in &people {
            prop_assert_eq!(person.ours.cells(), late.cells());
            prop_assert_eq!(person.ours.changes(), late.changes());
        }
        for heads in &seen {
            prop_assert_eq!(people[0].ours.cells_at_version(heads), late.cells_at_version(heads));
        }
    }

    /// A crafted change is taken by us only if Automerge takes it and then shows the same; a refused one leaves no trace.
    #[test]
    fn a_mutated_change_is_refused_or_means_the_same_to_both(
        first in edits(),
        second in edits(),
        mutations in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (mut one, mut two) = (Person::new(1), Person::new(2));
        let said: Vec<Scanned> = one.seal(&first, 1).into_iter().collect();
        two.hear(&said);
        one.hear(&[]);
        let Some(genuine) = two.seal(&second, 2) else { return Ok(()) };
        let mut content = genuine.bytes()[8..].to_vec();
        let head = if content[1] & 0x80 == 0 { 2 } else { 3 };
        content.drain(..head);
        for (at, value) in mutations {
            let at = at.index(content.len());
            content[at] = value;
        }
        let Ok(mutated) = scan(&chunk::write::chunk(&content)) else { return Ok(()) };
        let (cells, heads) = (one.ours.cells(), one.ours.heads());
        match one.ours.apply(std::slice::from_ref(&mutated)) {
            Err(_) => prop_assert_eq!((one.ours.cells(), one.ours.heads()), (cells, heads)),
            Ok(()) => {
                one.theirs.apply_changes([automerge::Change::from_bytes(mutated.bytes().to_vec()).unwrap()]).unwrap();
                one.agree(&one.ours.heads());
            }
        }
    }
}
