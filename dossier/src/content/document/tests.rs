use proptest::prelude::*;

use super::*;

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
    two.make_texts(["why"]).unwrap();
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
fn a_snapshot_reads_back_and_another_dossiers_does_not() {
    let mut one = Content::new(dossier());
    one.seal(&ActorId([1; 16]), &[answer("name", "Lan"), words("why", "x")], 1).unwrap();
    let read = Content::load(dossier(), &one.save()).unwrap();
    assert_eq!(read.cells(), one.cells());
    let other = "019a2b3c-4d5e-7f60-8123-456789abcdee".parse().unwrap();
    assert_eq!(Content::load(other, &one.save()).err(), Some(ContentFault::BadSnapshot));
    assert_eq!(Content::load(dossier(), b"nonsense").err(), Some(ContentFault::BadSnapshot));
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
