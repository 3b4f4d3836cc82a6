use proptest::prelude::*;

use super::*;
use crate::content::chunk::{
    self,
    write::{Head, NewOp, OpId},
};

fn dossier() -> DossierId {
    "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
}

fn answer(key: &str, value: &str) -> Edit {
    Edit { path: ContentPath::new(Root::Answers, key).unwrap(), value: Some(Scalar::from(value)) }
}

fn words(key: &str, value: &str) -> Edit {
    Edit { path: ContentPath::new(Root::Texts, key).unwrap(), value: Some(Scalar::from(value)) }
}

fn cell<'a>(cells: &'a BTreeMap<ContentPath, FieldState>, path: &str) -> &'a FieldState {
    &cells[&path.parse::<ContentPath>().unwrap()]
}

#[test]
fn two_phones_start_one_dossier_and_disagree_on_one_field() {
    let mut citizen = Content::new(dossier());
    let mut postal = Content::new(dossier());
    let a = citizen.seal(&ActorId([1; 16]), &[answer("name", "Lan"), answer("phone", "0901")], 10).unwrap().unwrap();
    let b = postal.seal(&ActorId([2; 16]), &[answer("phone", "0902"), answer("ward", "25747")], 20).unwrap().unwrap();
    citizen.apply(std::slice::from_ref(&b.change)).unwrap();
    postal.apply(std::slice::from_ref(&a.change)).unwrap();
    assert_eq!(citizen.heads(), postal.heads());
    let cells = citizen.cells();
    assert_eq!(cells, postal.cells());
    assert!(!cell(&cells, "answers/name").is_conflict());
    let phone = cell(&cells, "answers/phone");
    let mut said: Vec<_> = phone.versions.iter().map(|v| (v.value.to_string(), v.actor, v.time_s)).collect();
    said.sort();
    assert_eq!(said, [("0901".into(), ActorId([1; 16]), 10), ("0902".into(), ActorId([2; 16]), 20)]);
    // Setting it again settles it.
    citizen.seal(&ActorId([1; 16]), &[answer("phone", "0902")], 30).unwrap().unwrap();
    assert!(!cell(&citizen.cells(), "answers/phone").is_conflict());
}

#[test]
fn the_same_value_from_two_people_is_no_conflict() {
    let mut one = Content::new(dossier());
    let mut two = Content::new(dossier());
    one.seal(&ActorId([1; 16]), &[answer("name", "Lan")], 10).unwrap();
    let b = two.seal(&ActorId([2; 16]), &[answer("name", "Lan")], 20).unwrap().unwrap();
    one.apply(&[b.change]).unwrap();
    assert!(!cell(&one.cells(), "answers/name").is_conflict());
}

#[test]
fn long_texts_are_spliced_not_replaced() {
    let mut one = Content::new(dossier());
    let first = one.seal(&ActorId([1; 16]), &[words("why", "Mất giấy tờ do mưa bão")], 1).unwrap().unwrap();
    assert_eq!(first.texts, ["why"]);
    let mut two = Content::new(dossier());
    two.make_texts(["why"]);
    two.apply(&[first.change]).unwrap();
    one.seal(&ActorId([1; 16]), &[words("why", "Mất hết giấy tờ do mưa bão")], 2).unwrap();
    let b = two.seal(&ActorId([2; 16]), &[words("why", "Mất giấy tờ do mưa bão lớn")], 3).unwrap().unwrap();
    assert!(b.texts.is_empty());
    one.apply(&[b.change]).unwrap();
    assert_eq!(cell(&one.cells(), "texts/why").versions[0].value, Scalar::from("Mất hết giấy tờ do mưa bão lớn"));
}

#[test]
fn what_changes_nothing_makes_no_change() {
    let mut one = Content::new(dossier());
    one.seal(&ActorId([1; 16]), &[answer("name", "Lan")], 1).unwrap().unwrap();
    assert!(one.seal(&ActorId([1; 16]), &[answer("name", "Lan")], 2).unwrap().is_none());
    assert!(one.seal(&ActorId([1; 16]), &[], 2).unwrap().is_none());
}

#[test]
fn a_change_whose_past_is_missing_waits() {
    let mut one = Content::new(dossier());
    let a = one.seal(&ActorId([1; 16]), &[answer("name", "Lan")], 1).unwrap().unwrap();
    let b = one.seal(&ActorId([1; 16]), &[answer("name", "Lan Anh")], 2).unwrap().unwrap();
    let mut two = Content::new(dossier());
    assert_eq!(two.apply(std::slice::from_ref(&b.change)), Err(ContentFault::Missing(vec![a.change.hash])));
    two.apply(&[b.change, a.change]).unwrap();
    assert_eq!(two.heads(), one.heads());
}

#[test]
fn a_forged_leap_of_operation_numbers_is_refused() {
    // A change made on an unrelated dossier's longer past has numbers that do not follow from what it depends on.
    let mut one = Content::new(dossier());
    one.seal(&ActorId([1; 16]), &[answer("a", "1"), answer("b", "2")], 1).unwrap();
    let b = one.seal(&ActorId([1; 16]), &[answer("c", "3")], 2).unwrap().unwrap().change;
    let mut leap = b;
    leap.deps = vec![genesis::skeleton(&dossier()).hash];
    assert_eq!(Content::new(dossier()).apply(&[leap]), Err(ContentFault::OutOfStep));
}

#[test]
fn history_tells_what_each_change_said() {
    let mut one = Content::new(dossier());
    let edits = [answer("name", "Lan"), words("why", "mất")];
    let sealed = one.seal(&ActorId([1; 16]), &edits, 1).unwrap().unwrap();
    assert_eq!(one.edits_of(&sealed.change.hash), edits);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Invariant 3 for content: whatever the order in which changes arrive, the document is the same, and every value
    /// that nobody overwrote knowingly is still there.
    #[test]
    fn any_order_of_arrival_gives_the_same_document(
        writes in proptest::collection::vec((0usize..3, 0usize..4, 0u8..5, any::<bool>()), 1..24),
        order in any::<prop::sample::Index>(),
    ) {
        let mut phones: Vec<Content> = (0..3).map(|_| Content::new(dossier())).collect();
        let mut all: Vec<Scanned> = Vec::new();
        for (n, (phone, field, value, meets)) in writes.into_iter().enumerate() {
            if meets {
                phones[phone].apply(&all).unwrap();
            }
            let edit = answer(&format!("f{field}"), &value.to_string());
            if let Some(sealed) = phones[phone].seal(&ActorId([phone as u8 + 1; 16]), &[edit], n as i64).unwrap() {
                all.push(sealed.change);
            }
        }
        let mut shuffled = all.clone();
        let middle = order.index(shuffled.len().max(1));
        let middle = middle.min(all.len());
        shuffled.rotate_left(middle);
        shuffled.reverse();
        let mut forwards = Content::new(dossier());
        for change in &all {
            forwards.apply(std::slice::from_ref(change)).unwrap();
        }
        let mut backwards = Content::new(dossier());
        backwards.apply(&shuffled).unwrap();
        backwards.apply(&shuffled).unwrap();
        prop_assert_eq!(forwards.cells(), backwards.cells());
        prop_assert_eq!(forwards.heads(), backwards.heads());
        prop_assert_eq!(forwards.changes(), backwards.changes());
        prop_assert_eq!(forwards.changes().len(), all.len());
        for phone in &mut phones {
            phone.apply(&all).unwrap();
            prop_assert_eq!(phone.cells(), forwards.cells());
        }
    }
}

fn says(content: &mut Content, by: u8, edits: &[Edit], time_s: i64) -> Scanned {
    content.seal(&ActorId([by; 16]), edits, time_s).unwrap().unwrap().change
}

#[test]
fn a_value_that_did_not_stand_is_told_to_those_who_said_it() {
    let (mine, theirs) = (BTreeSet::from([ActorId([1; 16])]), BTreeSet::from([ActorId([2; 16])]));
    let (mut a, mut b) = (Content::new(dossier()), Content::new(dossier()));
    let of_a = says(&mut a, 1, &[answer("name", "Hòa")], 10);
    let of_b = says(&mut b, 2, &[answer("name", "Bình"), answer("ward", "25747")], 20);
    a.apply(&[of_b]).unwrap();
    b.apply(&[of_a]).unwrap();
    assert_eq!(a.overruled(&mine), [], "a conflict that lasts has no loser");
    let (mut c, mut d) = (a.clone(), b.clone());
    let settled = says(&mut b, 2, &[answer("name", "Bình")], 30);
    a.apply(&[settled]).unwrap();
    let third = says(&mut d, 2, &[answer("name", "An")], 30);
    c.apply(&[third]).unwrap();
    assert_eq!(c.overruled(&mine).len(), 1, "a third value overrules both");
    assert_eq!(a.overruled(&mine).iter().map(ContentPath::key).collect::<Vec<_>>(), ["name"]);
    assert_eq!(a.overruled(&theirs), []);
    says(&mut a, 1, &[answer("ward", "25750")], 40);
    assert_eq!(a.overruled(&mine), [], "who wrote since has seen it");
}

#[test]
fn a_value_that_somebody_changed_knowing_it_was_not_overruled() {
    let mut content = Content::new(dossier());
    says(&mut content, 1, &[answer("name", "Hòa")], 10);
    says(&mut content, 2, &[answer("name", "Bình")], 20);
    assert_eq!(content.overruled(&BTreeSet::from([ActorId([1; 16])])), []);
}

/// A change that nobody's engine would write, on the given past.
fn crafted(content: &Content, deps: &[ChangeHash], actor: u8, seq: u64, ops: &[NewOp<'_>]) -> Scanned {
    let past = deps.iter().filter_map(|dep| content.graph.number(dep));
    let last = past.map(|dep| content.graph.taken(dep).change.last_op()).max().unwrap_or(0);
    let head = Head { deps, actor: ActorId([actor; 16]), seq, start_op: last + 1, time_s: 0 };
    chunk::scan(&chunk::write::change(&head, ops)).unwrap()
}

fn id(counter: u32, actor: u8) -> OpId {
    OpId { counter, actor: ActorId([actor; 16]) }
}

#[test]
fn a_change_may_speak_only_of_what_its_author_saw() {
    let mut content = Content::new(dossier());
    content.make_texts(["why"]);
    let text = genesis::text(&dossier(), "why");
    let skeleton = genesis::skeleton(&dossier());
    let first = says(&mut content, 1, &[answer("name", "Lan"), words("why", "ab")], 1);
    let heads = content.heads();
    let (lan, map, why) = (id(6, 1), skeleton.actor, text.actor);
    let value = Scalar::Boolean(true);
    let put = |maker: ActorId, key: &'static str, preds: Vec<OpId>| NewOp::Write {
        root: Root::Answers,
        maker,
        key,
        value: Some(&value),
        preds,
    };
    let clear =
        |key: &'static str, preds: Vec<OpId>| NewOp::Write { root: Root::Answers, maker: map, key, value: None, preds };
    let insert = |maker: ActorId, after: Option<OpId>| NewOp::Insert { maker, after, character: 'x' };
    let remove = |element: OpId| NewOp::Remove { maker: why, element };
    let refused = |ops: &[NewOp<'_>], misfit: Misfit| {
        let mut copy = content.clone();
        let change = crafted(&content, &heads, 2, 1, ops);
        assert_eq!(copy.apply(&[change]), Err(ContentFault::NotApplicable(misfit)), "{ops:?}");
        assert_eq!((copy.heads(), copy.cells()), (content.heads(), content.cells()));
    };
    // Values that stand and are not named, that never were, that are named twice over or in another cell.
    refused(&[put(map, "name", vec![])], Misfit::Predecessors);
    refused(&[put(map, "name", vec![id(5, 1)])], Misfit::Predecessors);
    refused(&[put(map, "name", vec![id(6, 3)])], Misfit::Predecessors);
    refused(&[put(map, "name", vec![lan, lan])], Misfit::Predecessors);
    refused(&[put(map, "ward", vec![lan])], Misfit::Predecessors);
    refused(&[clear("ward", vec![])], Misfit::Predecessors);
    // Objects of somebody's own making, characters that nobody typed, a cell as a character.
    refused(&[put(ActorId([3; 16]), "ward", vec![])], Misfit::Object);
    refused(&[put(why, "ward", vec![])], Misfit::Object);
    refused(&[insert(map, None)], Misfit::Object);
    refused(&[insert(ActorId([3; 16]), None)], Misfit::Object);
    refused(&[insert(why, Some(id(6, 1)))], Misfit::Element);
    refused(&[insert(why, Some(id(7, 3)))], Misfit::Element);
    refused(&[remove(id(6, 1))], Misfit::Element);
    refused(&[remove(id(7, 1)), remove(id(8, 1)), remove(id(9, 1))], Misfit::Element);
    refused(&[put(map, "ward", vec![]), put(map, "ward", vec![])], Misfit::Twice);
    // One bad operation keeps the good ones out.
    refused(&[put(map, "ward", vec![]), insert(why, Some(id(8, 3)))], Misfit::Element);
    // The same with a sound past is taken.
    let sound = [put(map, "name", vec![lan]), insert(why, Some(id(8, 1))), remove(id(7, 1))];
    let change = crafted(&content, &heads, 2, 1, &sound);
    let mut copy = content.clone();
    copy.apply(&[change]).unwrap();
    assert_eq!(cell(&copy.cells(), "texts/why").versions[0].value, Scalar::from("bx"));
    // What is here and was not in its past counts as not there, so that order of arrival decides nothing.
    let apart = crafted(&content, &[text.hash], 3, 1, &["a", "b", "c", "d"].map(|key| put(map, key, vec![])));
    let mut both = content.clone();
    both.apply(std::slice::from_ref(&apart)).unwrap();
    for ops in [[put(map, "name", vec![lan])], [insert(why, Some(id(8, 1)))], [remove(id(7, 1))]] {
        let change = crafted(&both, &[apart.hash], 2, 1, &ops);
        assert!(matches!(both.clone().apply(&[change]), Err(ContentFault::NotApplicable(_))), "{ops:?}");
    }
    let unseen = crafted(&content, &[skeleton.hash], 2, 1, &[insert(why, None)]);
    assert_eq!(content.clone().apply(&[unseen]), Err(ContentFault::NotApplicable(Misfit::Object)));
    // A number that is taken, one too high, one whose forerunner is not in the past.
    let ward = [put(map, "ward", vec![])];
    for (deps, actor, seq) in [(&heads[..], 1, 1), (&heads, 1, 3), (&heads, 2, 2), (&[skeleton.hash], 1, 2)] {
        let change = crafted(&content, deps, actor, seq, &ward);
        assert_eq!(content.clone().apply(&[change]), Err(ContentFault::NotApplicable(Misfit::Sequence)));
    }
    // Under the skeleton's name, and a text's.
    for actor in [map, why] {
        let head = Head { deps: &heads, actor, seq: 2, start_op: first.last_op() + 1, time_s: 0 };
        let change = chunk::scan(&chunk::write::change(&head, &ward)).map(|change| content.clone().apply(&[change]));
        assert!(matches!(change, Ok(Err(ContentFault::Impostor)) | Err(_)));
    }
}

#[test]
fn each_change_is_taken_or_refused_by_itself() {
    let mut one = Content::new(dossier());
    let a = says(&mut one, 1, &[answer("name", "Lan")], 1);
    let b = says(&mut one, 1, &[answer("name", "Lan Anh")], 2);
    let maker = genesis::skeleton(&dossier()).actor;
    let op = NewOp::Write { root: Root::Answers, maker, key: "name", value: None, preds: vec![] };
    let bad = crafted(&one, &[a.hash], 2, 1, &[op]);
    let mut two = Content::new(dossier());
    let refused = two.take(&[b.clone(), bad.clone(), a.clone(), a.clone()]);
    assert_eq!(refused, [(bad.hash, ContentFault::NotApplicable(Misfit::Predecessors))]);
    assert_eq!(two.heads(), one.heads());
    assert_eq!(Content::new(dossier()).apply(&[b, bad, a]), Err(ContentFault::NotApplicable(Misfit::Predecessors)));
}

#[test]
fn a_long_text_with_every_second_letter_gone_can_still_be_cleared() {
    let mut one = Content::new(dossier());
    let long = "ab".repeat(6_000);
    says(&mut one, 1, &[words("why", &long)], 1);
    let text = genesis::text(&dossier(), "why").actor;
    for part in 0..2 {
        let ops: Vec<NewOp<'_>> =
            (0..3_000).map(|n| NewOp::Remove { maker: text, element: id(6 + part * 6_000 + 2 * n, 1) }).collect();
        let change = crafted(&one, &one.heads(), 2, u64::from(part) + 1, &ops);
        one.apply(&[change]).unwrap();
    }
    assert_eq!(cell(&one.cells(), "texts/why").versions[0].value, Scalar::from("b".repeat(6_000).as_str()));
    says(&mut one, 1, &[words("why", "")], 3);
    assert!(one.cells().is_empty());
}

#[test]
fn words_typed_backwards_and_everywhere_take_no_longer_than_in_order() {
    // Each letter before all others, and a concurrent writer below them: a walk from letter to letter would be quadratic.
    let mut content = Content::new(dossier());
    content.make_texts(["why"]);
    let text = genesis::text(&dossier(), "why");
    let backwards: Vec<NewOp<'_>> =
        (0..40_000).map(|_| NewOp::Insert { maker: text.actor, after: None, character: 'x' }).collect();
    let start = content.heads();
    let later = crafted(&content, &start, 1, 1, &backwards);
    content.apply(&[later]).unwrap();
    let earlier = crafted(&content, &start, 2, 1, &backwards);
    content.apply(&[earlier]).unwrap();
    let cells = content.cells();
    assert_eq!(cell(&cells, "texts/why").versions[0].value.to_string().len(), 80_000);
}
