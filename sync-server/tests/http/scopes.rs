//! Who gets to see what.

use dossier::{
    certificate::Role,
    code::{Lease, next},
    event::{Act, Audience, Channel},
    wire::ScopeCursor,
};

use crate::world::{DAY_MS, Device, Paper, World};

/// A citizen's submitted dossier for unit 25747.
async fn submitted(world: &mut World) -> (Device, Paper) {
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let event = citizen.event(world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    citizen.sync(world, vec![paper.items(vec![change], &[&event])]).await;
    (citizen, paper)
}

fn copy(paper: &Paper, device: &Device) -> Paper {
    let mut mine = Paper::new(1, device);
    mine.id = paper.id;
    mine.content = dossier::content::Content::new(paper.id);
    mine
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_reaches_its_unit_and_no_other() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut elsewhere = world.staff(Role::Head, "25750").await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    let mut operator = world.staff(Role::Operator, "25747").await;
    let mut centre = world.staff(Role::Officer, "H29.16").await;
    let (_, paper) = submitted(&mut world).await;

    let seen = officer.sync(&world, vec![]).await;
    let feed = seen.scope("unit:25747").unwrap();
    assert_eq!(feed.dossiers.len(), 1);
    assert_eq!(feed.dossiers[0].enters, Some(true));
    assert_eq!(feed.dossiers[0].changes.len(), 1);
    // The author stands in the directory.
    let directory = seen.directory.as_ref().unwrap();
    let author = &directory.devices[feed.dossiers[0].changes[0].author as usize];
    assert_eq!(author.certificates, []);
    for other in [&mut elsewhere, &mut postal, &mut operator] {
        assert!(other.sync(&world, vec![]).await.feeds.is_empty());
        let path = format!("/v1/dossiers/{}", paper.id);
        assert_eq!(world.get(&path, other).send().await.unwrap().status(), 404);
    }
    assert_eq!(centre.sync(&world, vec![]).await.acts("centre", &paper.id), ["submitted"]);

    // The cursor goes on from there.
    let quiet = officer.sync(&world, vec![]).await;
    assert!(quiet.feeds.is_empty(), "{:?}", quiet.feeds);
    // A cursor that is damaged, of another scope or forged starts anew and loses nothing.
    let good = officer.cursors["unit:25747"].clone();
    let mut damaged = good.clone();
    damaged.cursor[3] ^= 1;
    let foreign = ScopeCursor { scope: "unit:25747".into(), cursor: centre.cursors["centre"].cursor.clone() };
    for bad in [damaged, foreign, ScopeCursor { scope: "unit:25747".into(), cursor: vec![] }] {
        officer.cursors.insert("unit:25747".into(), bad);
        assert_eq!(officer.sync(&world, vec![]).await.acts("unit:25747", &paper.id), ["submitted"]);
    }
    // Naming somebody else's scope opens nothing.
    elsewhere.cursors.insert("unit:25747".into(), good);
    assert!(elsewhere.sync(&world, vec![]).await.feeds.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafts_are_seen_by_the_branch_of_its_postal_workers_and_by_nobody_else() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    let mut citizen = world.stranger();
    let mut private = Paper::new(1, &citizen);
    let change = private.answer("child_name", "Lan");
    citizen.sync(&world, vec![private.items(vec![change], &[])]).await;
    assert!(officer.sync(&world, vec![]).await.feeds.is_empty());

    let mut collected = Paper::new(2, &postal);
    let change = collected.answer("child_name", "Hoa");
    postal.sync(&world, vec![collected.items(vec![change], &[])]).await;
    let seen = officer.sync(&world, vec![]).await;
    assert_eq!(seen.scope("unit:25747").unwrap().dossiers[0].dossier, collected.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_without_a_unit_waits_for_whoever_takes_it() {
    let mut world = World::new().await;
    let mut taker = world.staff(Role::Officer, "25747").await;
    let mut other = world.staff(Role::Officer, "25750").await;
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let event = citizen.event(&world, &paper, paper.submitted(None, Channel::Online), Audience::Parties);
    citizen.sync(&world, vec![paper.items(vec![change], &[&event])]).await;
    assert_eq!(other.sync(&world, vec![]).await.acts("unit:*", &paper.id), ["submitted"]);
    let seen = taker.sync(&world, vec![]).await;
    let mut mine = copy(&paper, &taker);
    mine.learn(seen.scope("unit:*").unwrap());
    let accepted = taker.event(&world, &mine, mine.accepted(), Audience::Parties);
    let answer = taker.sync(&world, vec![mine.items(vec![], &[&accepted])]).await;
    assert!(answer.acts("unit:25747", &paper.id).contains(&"code_issued".to_owned()));
    let gone = other.sync(&world, vec![]).await;
    assert_eq!(gone.scope("unit:*").unwrap().dossiers[0].enters, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_staff_only_remark_never_reaches_the_citizen() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut colleague = world.staff(Role::Officer, "25747").await;
    let (mut citizen, paper) = submitted(&mut world).await;
    let mut mine = copy(&paper, &officer);
    mine.learn(officer.sync(&world, vec![]).await.scope("unit:25747").unwrap());
    let note = Act::Commented { text: "Đã gọi điện".into() };
    let inside = officer.event(&world, &mine, note, Audience::Staff);
    let open = officer.event(&world, &mine, Act::Commented { text: "Chào anh".into() }, Audience::Parties);
    officer.sync(&world, vec![mine.items(vec![], &[&inside, &open])]).await;
    let told = citizen.sync(&world, vec![]).await;
    assert_eq!(told.acts(&citizen.scope(), &paper.id), ["commented"]);
    assert_eq!(colleague.sync(&world, vec![]).await.acts("unit:25747", &paper.id).len(), 3);
    // Also not when everything is sent anew, the citizen's own submission with it.
    citizen.cursors.clear();
    assert_eq!(citizen.sync(&world, vec![]).await.acts(&citizen.scope(), &paper.id), ["submitted", "commented"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acceptance_gets_its_code_once_and_in_the_same_round_trip() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let (mut citizen, paper) = submitted(&mut world).await;
    let mut mine = copy(&paper, &officer);
    mine.learn(officer.sync(&world, vec![]).await.scope("unit:25747").unwrap());
    let accepted = officer.event(&world, &mine, mine.accepted(), Audience::Parties);
    let answer = officer.sync(&world, vec![mine.items(vec![], &[&accepted])]).await;
    assert_eq!(answer.acts("unit:25747", &paper.id), ["code_issued"]);
    // A restart, another sweep, a re-send: still one code.
    world.stop().await;
    world.start().await;
    officer.sync(&world, vec![mine.items(vec![], &[&accepted])]).await;
    let told = citizen.sync(&world, vec![]).await;
    assert_eq!(told.acts(&citizen.scope(), &paper.id), ["accepted", "code_issued"]);
    let shown = world.get(&format!("/v1/dossiers/{}", paper.id), &officer).send().await.unwrap();
    let shown: serde_json::Value = shown.json().await.unwrap();
    let code = shown["code"].as_str().unwrap();
    assert_eq!(code, "H29.25747-261121-0001");
    // By its code, too.
    assert_eq!(world.get(&format!("/v1/dossiers/{code}"), &officer).send().await.unwrap().status(), 200);

    // The Centre's own events form one chain over all dossiers.
    let mut second = Paper::new(2, &citizen);
    let change = second.answer("child_name", "Hoa");
    let event = citizen.event(&world, &second, second.submitted(Some("25747"), Channel::Online), Audience::Parties);
    citizen.sync(&world, vec![second.items(vec![change], &[&event])]).await;
    let mut mine = Paper::new(2, &officer);
    mine.learn(officer.sync(&world, vec![]).await.scope("unit:25747").unwrap());
    let accepted = officer.event(&world, &mine, mine.accepted(), Audience::Parties);
    let answer = officer.sync(&world, vec![mine.items(vec![], &[&accepted])]).await;
    let feed = answer.scope("unit:25747").unwrap();
    let issued = feed.dossiers[0].events[0].event.verify(&second.id).unwrap();
    assert_eq!(issued.body().counter, 2);
    assert!(issued.body().previous.is_some());
    assert!(matches!(&issued.body().act, Act::CodeIssued { code, .. } if code == "H29.25747-261121-0002"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_joins_an_accepted_dossier_adds_to_it_and_sees_nothing() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let (mut citizen, mut paper) = submitted(&mut world).await;
    let mut mine = copy(&paper, &officer);
    mine.learn(officer.sync(&world, vec![]).await.scope("unit:25747").unwrap());
    let accepted = officer.event(&world, &mine, mine.accepted(), Audience::Parties);
    officer.sync(&world, vec![mine.items(vec![], &[&accepted])]).await;

    let mut stranger = world.stranger();
    let mut theirs = copy(&paper, &stranger);
    let change = theirs.answer("child_name", "Hoa");
    let answer = stranger.sync(&world, vec![theirs.items(vec![change], &[])]).await;
    assert!(answer.receipts[0].holds(0));
    assert!(answer.feeds.is_empty());
    assert!(stranger.sync(&world, vec![]).await.feeds.is_empty());
    // The officer sees what they added; the citizen's late edit arrives as well.
    let late = paper.answer("child_name", "Lan Anh");
    citizen.sync(&world, vec![paper.items(vec![late], &[])]).await;
    let seen = officer.sync(&world, vec![]).await;
    assert_eq!(seen.scope("unit:25747").unwrap().dossiers[0].changes.len(), 2);
    let shown = world.get(&format!("/v1/dossiers/{}", paper.id), &officer).send().await.unwrap();
    let shown: serde_json::Value = shown.json().await.unwrap();
    assert_eq!(shown["conflicts"].as_array().unwrap().len(), 1, "{shown}");
    assert!(shown["pending_amendment"].is_object(), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desks_get_leases_for_near_days_and_no_serial_twice() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut colleague = world.staff(Role::Officer, "25747").await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    let dates = ["2026-11-21", "2026-11-28", "2026-11-21", "2026-11-29", "2026-11-20", "never"];
    let ask = async |device: &mut Device| {
        let mut batch = device.batch(&world, vec![]);
        batch.hello.leases = dates.map(str::to_owned).to_vec();
        let answer = device.send(&world, &batch).await;
        let signed = answer.end().leases.clone();
        signed
            .iter()
            .map(|lease| {
                lease.signature.verify(&world.centre, dossier::envelope::Namespace::Lease, &lease.body).unwrap();
                Lease::from_cbor(&lease.body).unwrap()
            })
            .collect::<Vec<_>>()
    };
    let first = ask(&mut officer).await;
    let days: Vec<String> = first.iter().map(|lease| lease.date().to_string()).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-28"]);
    assert_eq!(next(&first[0], first[0].date(), 0).unwrap().code.as_str(), "H29.25747-261121-0001");
    assert_eq!(first[0].block(), (1, 20));
    let second = ask(&mut colleague).await;
    assert!(!first[0].overlaps(&second[0]));
    assert!(ask(&mut postal).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_left_between_receipt_and_admission_is_admitted_at_start() {
    use dossier::{envelope::encode, state::Received, wire::SignedReceipt};
    use sync_server::storage::{Group, ItemKind, ItemRow, ItemState};

    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    world.kill().await;
    // The crash: committed and receipted, not admitted.
    let mut citizen = world.stranger();
    let paper = Paper::new(1, &citizen);
    let event = citizen.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    let received = Received { at_ms: crate::world::NOW_MS, clock_offset_ms: 0 };
    let item = ItemRow {
        dossier: paper.id,
        position: 0,
        hash: dossier::id::Digest(event.id().0),
        kind: ItemKind::Event { counter: 1, staff_only: false },
        bytes: encode(event.signed()),
        author: citizen.key.device(),
        received,
        state: ItemState::Received,
    };
    let unsigned = Signed0::seal(&citizen.key);
    let group = Group {
        device: citizen.key.public(),
        batch: dossier::id::BatchId([1; 16]),
        parcel_hash: dossier::id::Digest([1; 32]),
        items: vec![item],
        receipt: SignedReceipt(unsigned),
        receipt_number: 1,
        now_ms: received.at_ms,
    };
    let _receipt = world.storage.commit(&group).await.unwrap().release();
    assert_eq!(world.storage.counts().await.unwrap().awaiting, 1);
    world.start().await;
    // The sweep runs beside the first requests; the next sync of anybody sees its work once it is done.
    for _ in 0..200 {
        let seen = officer.sync(&world, vec![]).await;
        if seen.acts("unit:25747", &paper.id) == ["submitted"] {
            return;
        }
        world.pass(DAY_MS / 1000);
    }
    unreachable!("the sweep did not come");
}

struct Signed0;

impl Signed0 {
    fn seal(key: &dossier::envelope::SigningKey) -> dossier::envelope::Signed {
        dossier::envelope::Signed::seal(key, dossier::envelope::Namespace::Receipt, &1u8)
    }
}
