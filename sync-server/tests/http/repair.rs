//! Digests and repair, as any client sees them.

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
    id::{Digest, DossierId},
    wire::{
        Batch,
        repair::{Comparison, Doubt, Elements, Found, Repair, Sum, Wants, element},
    },
};

use crate::world::{Answer, Device, Paper, World};

/// A citizen's submitted dossier for unit 25747, and the sum of its items.
async fn submitted(world: &mut World, number: u8) -> (Device, Paper, Sum, Digest) {
    let mut citizen = world.stranger();
    let mut paper = Paper::new(number, &citizen);
    let change = paper.answer("child_name", "Lan");
    let hash = dossier::content::chunk::scan(&change).unwrap().hash;
    let event = citizen.event(world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    let items = Sum::default().with_item(&hash.0).with_item(&event.id().0);
    citizen.sync(world, vec![paper.items(vec![change], &[&event])]).await;
    (citizen, paper, items, Digest(hash.0))
}

/// A sync that says this of repairs; with the batch that said it.
async fn asking(device: &mut Device, world: &World, ask: impl FnOnce(&Batch) -> Repair) -> (Answer, Batch) {
    let mut batch = device.batch(world, vec![]);
    batch.hello.repair = Some(ask(&batch));
    (device.send(world, &batch).await, batch)
}

fn wants(scope: &str, bits: u8, found: Found, doubts: Vec<Doubt>) -> Repair {
    let wants = Wants { scope: scope.to_owned(), bits, ranges: found.wanted, doubts };
    Repair { compare: vec![], want: vec![wants] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_named_and_told_whole() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let (_, first, first_items, _) = submitted(&mut world, 1).await;
    let (_, second, second_items, _) = submitted(&mut world, 2).await;
    let told = officer.sync(&world, vec![]).await;
    let sum = element(&first.id, first_items).plus(element(&second.id, second_items));
    assert_eq!(told.scope("unit:25747").unwrap().digest, Some(sum.told()));
    // Nothing new, nothing said.
    assert!(officer.sync(&world, vec![]).await.feeds.is_empty());

    // The officer's device lost the second, and has something of its own that nobody knows.
    let alone = DossierId([9; 16]);
    let held = Elements::of([(first.id, first_items), (alone, Sum::default())]);
    let compare =
        |batch: &Batch| Repair { compare: vec![held.compare("unit:25747", &batch.hello.batch)], want: vec![] };
    let (answer, batch) = asking(&mut officer, &world, compare).await;
    let [differences] = &answer.differences[..] else { panic!("{answer:?}") };
    let found = held.against(differences, &batch.hello.batch).unwrap();
    assert_eq!(found.only_here, [alone]);
    let (answer, _) = asking(&mut officer, &world, |_| wants("unit:25747", differences.bits, found, vec![])).await;
    let [whole] = &answer.wholes[..] else { panic!("{answer:?}") };
    let [dossier] = &whole.dossiers[..] else { panic!("{whole:?}") };
    assert_eq!((dossier.dossier, dossier.enters), (second.id, Some(true)));
    assert_eq!((dossier.changes.len(), dossier.events.len()), (1, 1));
    assert_eq!(answer.directory.unwrap().devices.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repair_opens_no_scope_but_ones_own() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut elsewhere = world.staff(Role::Officer, "25750").await;
    let (citizen, paper, _, item) = submitted(&mut world, 1).await;
    officer.sync(&world, vec![]).await;
    elsewhere.sync(&world, vec![]).await;
    let none = Elements::default();
    for scope in ["unit:25747", "centre", &citizen.scope(), "nowhere"] {
        let compare = |batch: &Batch| Repair { compare: vec![none.compare(scope, &batch.hello.batch)], want: vec![] };
        let (answer, _) = asking(&mut elsewhere, &world, compare).await;
        assert_eq!(answer.differences, [], "{scope}");
        // Every name there is in a range of all.
        let found = Elements::of([(paper.id, Sum::default())]);
        let salt = dossier::id::BatchId([1; 16]);
        let listed = found.differences(&none.compare(scope, &salt), &salt).unwrap();
        let found = none.against(&listed, &salt).unwrap();
        let (answer, _) = asking(&mut elsewhere, &world, |_| wants(scope, listed.bits, found, vec![])).await;
        assert_eq!(answer.wholes, [], "{scope}");
    }
    // That a dossier exists is told only to whoever shows an item of it.
    let own = elsewhere.scope();
    for (item, told) in [(Digest([7; 32]), vec![]), (item, vec![(paper.id, Some(false))])] {
        let doubts = vec![Doubt { dossier: paper.id, item }];
        let (answer, _) = asking(&mut elsewhere, &world, |_| wants(&own, 0, Found::default(), doubts)).await;
        let whole: Vec<_> = answer.wholes[0].dossiers.iter().map(|of| (of.dossier, of.enters)).collect();
        assert_eq!(whole, told);
        assert!(answer.wholes[0].dossiers.iter().all(|of| of.changes.is_empty() && of.events.is_empty()));
    }
    // Of a dossier that is in the scope it is not said that it left.
    let (scope, doubts) = ("unit:25747", vec![Doubt { dossier: paper.id, item }]);
    let (answer, _) = asking(&mut officer, &world, |_| wants(scope, 0, Found::default(), doubts)).await;
    assert_eq!(answer.wholes[0].dossiers, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let senseless = Comparison { scope: "unit:25747".into(), bits: 200, prints: vec![] };
    let ask = |_: &Batch| Repair { compare: vec![senseless.clone()], want: vec![] };
    let (answer, _) = asking(&mut officer, &world, ask).await;
    assert_eq!((answer.status, answer.fault.unwrap()["code"].as_str()), (400, Some("DAMAGED")));
}
