use dossier::{
    content::{Content, ContentPath, Edit, Root, Scalar},
    envelope::{Namespace, Signed, SigningKey},
    event::{Act, EventBody, SignedEvent},
    id::EventId,
    wire::DossierItems,
};

use super::*;

const RECEIVED: Received = Received { at_ms: 1_795_000_000_000, clock_offset_ms: 0 };

fn key(number: u8) -> SigningKey {
    SigningKey::derive_from_seed(&[number; 32])
}

fn id() -> DossierId {
    DossierId([2; 16])
}

fn rules() -> Rules {
    Rules::with_text_fields(BTreeSet::from(["request".to_owned()]))
}

/// A writer of the dossier.
struct Pen {
    content: Content,
    actor: ActorId,
}

impl Pen {
    fn new(actor: u8) -> Self {
        Self { content: Content::new(id()), actor: ActorId([actor; 16]) }
    }

    fn write(&mut self, value: &str) -> Vec<u8> {
        self.put(Root::Answers, "name", value)
    }

    fn put(&mut self, root: Root, field: &str, value: &str) -> Vec<u8> {
        let edit = Edit { path: ContentPath::new(root, field).unwrap(), value: Some(Scalar::from(value)) };
        self.content.seal(&self.actor, &[edit], 5).unwrap().unwrap().change.into_bytes()
    }
}

fn event(key: &SigningKey, counter: u64, heads: Vec<ChangeHash>, seen: Vec<EventId>) -> SignedEvent {
    let body = EventBody {
        dossier: id(),
        act: Act::Commented { text: "x".into() },
        audience: Audience::Parties,
        author: key.public(),
        acting: None,
        heads,
        seen,
        at_ms: 1,
        counter,
        previous: (counter > 1).then_some(EventId([1; 32])),
    };
    body.sign(key).signed().clone()
}

fn items(texts: &[&str], changes: Vec<Vec<u8>>, events: Vec<SignedEvent>) -> DossierItems {
    DossierItems {
        dossier: id(),
        texts: texts.iter().map(|field| (*field).to_owned()).collect(),
        changes: changes.into_iter().map(Into::into).collect(),
        events,
    }
}

fn judged(all: &[DossierItems], facts: &Facts, rules: &Rules) -> Judgement {
    let device = key(1).device();
    judge(&ReadGroup::read(all, 0, &device, &key(200).device()), facts, rules, &device, RECEIVED)
}

fn codes(judgement: &Judgement) -> Vec<(u32, &str)> {
    judgement.exceptions.iter().map(|exception| (exception.item, exception.code.as_str())).collect()
}

/// What the database knows after a judgement was committed.
fn after(judgement: &Judgement, mut facts: Facts) -> Facts {
    for item in &judgement.new {
        let of = facts.dossiers.entry(item.dossier).or_default();
        match &item.kind {
            ItemKind::Text { .. } => {
                of.known.insert(item.hash, None);
                of.texts += 1;
            }
            ItemKind::Change { actor, seq, last_op } => {
                of.known.insert(item.hash, Some(*last_op));
                of.changes += 1;
                let hash = ChangeHash(item.hash.0);
                of.actors.insert(*actor, ActorFacts { device: item.author, seq: *seq, hash });
            }
            ItemKind::Event { .. } => {
                of.known.insert(item.hash, None);
                of.events += 1;
            }
        }
    }
    facts
}

#[test]
fn honest_items_are_new_and_then_known() {
    let mut pen = Pen::new(1);
    let changes = vec![pen.write("a"), pen.write("b")];
    let said = event(&key(1), 1, pen.content.heads(), vec![]);
    let all = [items(&[], changes, vec![said])];
    let first = judged(&all, &Facts::default(), &rules());
    assert_eq!((first.new.len(), first.known, codes(&first)), (3, 0, vec![]));
    assert!(first.new.iter().all(|item| item.state == ItemState::Received && item.author == key(1).device()));
    let second = judged(&all, &after(&first, Facts::default()), &rules());
    assert_eq!((second.new.len(), second.known, codes(&second)), (0, 3, vec![]));
    // Twice in one batch is once.
    let twice = judged(&[all[0].clone(), all[0].clone()], &Facts::default(), &rules());
    assert_eq!((twice.new.len(), twice.known), (3, 3));
}

#[test]
fn a_text_is_made_before_what_is_written_in_it() {
    let mut pen = Pen::new(1);
    let change = pen.put(Root::Texts, "request", "Kính gửi");
    let with = judged(&[items(&["request"], vec![change.clone()], vec![])], &Facts::default(), &rules());
    assert_eq!((with.new.len(), codes(&with)), (2, vec![]));
    let without = judged(&[items(&[], vec![change.clone()], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&without), [(0, "DEPENDENCY_MISSING")]);
    // The database keeps a text without a number of operations.
    let known = after(&judged(&[items(&["request"], vec![], vec![])], &Facts::default(), &rules()), Facts::default());
    assert_eq!(codes(&judged(&[items(&[], vec![change], vec![])], &known, &rules())), []);
}

#[test]
fn a_text_with_an_impossible_name_is_refused() {
    let judgement = judged(&[items(&["", "a\u{7}b"], vec![], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&judgement), [(0, "CHANGE_REFUSED"), (1, "CHANGE_REFUSED")]);
}

#[test]
fn missing_dependencies_are_named() {
    let mut pen = Pen::new(1);
    pen.write("a");
    let missing = pen.content.heads()[0];
    // Another writer, so that only the dependency is missing and not this actor's own line.
    let mut other = Pen { content: pen.content.clone(), actor: ActorId([2; 16]) };
    let change = other.write("b");
    let judgement = judged(&[items(&[], vec![change], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&judgement), [(0, "DEPENDENCY_MISSING")]);
    assert_eq!(judgement.exceptions[0].detail, missing.to_string());
}

#[test]
fn an_event_waits_for_the_version_it_names_and_not_for_the_events_it_saw() {
    let mut pen = Pen::new(1);
    let change = pen.write("a");
    let heads = pen.content.heads();
    let early = event(&key(1), 1, heads.clone(), vec![]);
    let alone = judged(&[items(&[], vec![], vec![early.clone()])], &Facts::default(), &rules());
    assert_eq!(codes(&alone), [(0, "DEPENDENCY_MISSING")]);
    assert_eq!(alone.exceptions[0].detail, heads[0].to_string());
    let together = judged(&[items(&[], vec![change], vec![early])], &Facts::default(), &rules());
    assert_eq!(codes(&together), []);
    let unseen = event(&key(1), 1, vec![genesis::skeleton(&id()).hash], vec![EventId([7; 32])]);
    assert_eq!(codes(&judged(&[items(&[], vec![], vec![unseen])], &Facts::default(), &rules())), []);
}

#[test]
fn what_rests_on_an_exception_waits_and_others_do_not() {
    let mut pen = Pen::new(1);
    let (_lost, second, third) = (pen.write("a"), pen.write("b"), pen.write("c"));
    let honest = Pen::new(2).write("d");
    let judgement = judged(&[items(&[], vec![second, third, honest], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&judgement), [(0, "DEPENDENCY_MISSING"), (1, "DEPENDENCY_MISSING")]);
    assert_eq!(judgement.new.len(), 1);
}

#[test]
fn one_place_in_an_actors_line_is_taken_once() {
    let known = after(
        &judged(&[items(&[], vec![Pen::new(1).write("a")], vec![])], &Facts::default(), &rules()),
        Facts::default(),
    );
    let fork = Pen::new(1).write("b");
    assert_eq!(codes(&judged(&[items(&[], vec![fork.clone()], vec![])], &known, &rules())), [(0, "ACTOR_FORK")]);
    // Also within one batch.
    let both = items(&[], vec![Pen::new(1).write("a"), fork], vec![]);
    assert_eq!(codes(&judged(&[both], &Facts::default(), &rules())), [(1, "ACTOR_FORK")]);
}

#[test]
fn an_actor_belongs_to_the_device_that_first_wrote_as_it() {
    let mut pen = Pen::new(1);
    let first = pen.write("a");
    let mut known = after(&judged(&[items(&[], vec![first], vec![])], &Facts::default(), &rules()), Facts::default());
    for of in known.dossiers.values_mut() {
        of.actors.values_mut().for_each(|actor| actor.device = key(9).device());
    }
    let next = pen.write("b");
    assert_eq!(codes(&judged(&[items(&[], vec![next], vec![])], &known, &rules())), [(0, "ACTOR_TAKEN")]);
}

#[test]
fn nobody_writes_as_the_skeleton_or_as_a_texts_maker() {
    let forged = |actor: ActorId| Pen { content: Content::new(id()), actor }.write("a");
    let skeleton = forged_as(genesis::skeleton_actor(&id()));
    let of_catalogue = forged(genesis::text_actor(&id(), "request"));
    let judgement = judged(&[items(&[], vec![skeleton, of_catalogue], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&judgement), [(0, "CHANGE_REFUSED"), (1, "CHANGE_REFUSED")]);
    // A text that no form knows: whoever comes first, but never both.
    let squatter = forged(genesis::text_actor(&id(), "other"));
    let known =
        after(&judged(&[items(&[], vec![squatter.clone()], vec![])], &Facts::default(), &rules()), Facts::default());
    assert_eq!(codes(&judged(&[items(&["other"], vec![], vec![])], &known, &rules())), [(0, "CHANGE_REFUSED")]);
    let made_first = judged(&[items(&["other"], vec![squatter], vec![])], &Facts::default(), &rules());
    assert_eq!(codes(&made_first), [(1, "CHANGE_REFUSED")]);
}

/// A change in the name of another actor: the pen's own, with the actor's bytes exchanged and the checksum made to fit.
fn forged_as(actor: ActorId) -> Vec<u8> {
    let mine = ActorId([0x5a; 16]);
    let mut bytes = Pen { content: Content::new(id()), actor: mine }.write("a");
    let at = bytes.windows(16).position(|window| window == mine.0).unwrap();
    bytes[at..at + 16].copy_from_slice(&actor.0);
    let hash = dossier::id::sha256(&[&bytes[8..]]);
    bytes[4..8].copy_from_slice(&hash[..4]);
    bytes
}

#[test]
fn operation_numbers_continue_the_dependencies() {
    let mut pen = Pen::new(1);
    let first = pen.write("a");
    let mut known = after(&judged(&[items(&[], vec![first], vec![])], &Facts::default(), &rules()), Facts::default());
    let next = pen.write("b");
    assert_eq!(codes(&judged(&[items(&[], vec![next.clone()], vec![])], &known, &rules())), []);
    for of in known.dossiers.values_mut() {
        of.known.values_mut().for_each(|last| *last = last.map(|last| last + 1));
    }
    assert_eq!(codes(&judged(&[items(&[], vec![next], vec![])], &known, &rules())), [(0, "CHANGE_REFUSED")]);
}

#[test]
fn damaged_items_and_events_of_others_are_refused_alone() {
    let mut altered = Pen::new(1).write("a");
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let skeleton = vec![genesis::skeleton(&id()).hash];
    let others = event(&key(2), 1, skeleton.clone(), vec![]);
    let mut forged = event(&key(1), 1, skeleton.clone(), vec![]);
    forged.0.body[10] ^= 1;
    let wrong = {
        let mut body = event(&key(1), 1, skeleton.clone(), vec![]).verify(&id()).unwrap().body().clone();
        body.dossier = DossierId([9; 16]);
        SignedEvent(Signed::seal(&key(1), Namespace::Event, &body))
    };
    let honest = event(&key(1), 1, skeleton, vec![]);
    let judgement =
        judged(&[items(&[], vec![altered, vec![]], vec![others, forged, wrong, honest])], &Facts::default(), &rules());
    assert_eq!(
        codes(&judgement),
        [
            (0, "CHANGE_REFUSED"),
            (1, "CHANGE_REFUSED"),
            (2, "EVENT_REFUSED"),
            (3, "EVENT_REFUSED"),
            (4, "EVENT_REFUSED")
        ]
    );
    assert_eq!(judgement.new.len(), 1);
}

#[test]
fn one_dossier_holds_only_so_much() {
    let tight = Rules { changes: 1, events: 1, texts: 1, text_fields: BTreeSet::new() };
    let skeleton = vec![genesis::skeleton(&id()).hash];
    let mut pen = Pen::new(1);
    let changes = vec![pen.write("a"), pen.write("b")];
    let events = vec![event(&key(1), 1, skeleton.clone(), vec![]), event(&key(1), 2, skeleton, vec![])];
    let judgement = judged(&[items(&["a", "b"], changes, events)], &Facts::default(), &tight);
    assert_eq!(codes(&judgement), [(1, "OVER_LIMIT"), (3, "OVER_LIMIT"), (5, "OVER_LIMIT")]);
}

#[test]
fn items_of_a_later_group_keep_their_numbers() {
    let device = key(1).device();
    let group = ReadGroup::read(&[items(&[], vec![b"x".to_vec()], vec![])], 40, &device, &key(200).device());
    let judgement = judge(&group, &Facts::default(), &rules(), &device, RECEIVED);
    assert_eq!(codes(&judgement), [(40, "CHANGE_REFUSED")]);
}
