//! What hostile or damaged requests get: a stable code, and nothing changed.

use std::io::Write;

use dossier::{
    certificate::{Certificate, Role},
    content::{Content, ContentPath, Edit, Root, chunk},
    envelope::{Namespace, Signed},
    event::{Act, ActingFor, Audience, Channel},
    id::PublicKey,
};

use crate::world::{DAY_MS, MEDIA, NOW_MS, Paper, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_or_cut_batch_changes_nothing() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let change = paper.answer("child_name", "Lan");
    let batch = device.batch(&world, vec![paper.items(vec![change], &[])]);
    let whole = batch.sign(&device.key).bytes();
    let squeeze = |bytes: &[u8]| zstd::stream::encode_all(bytes, 3).unwrap();
    let mut codes = std::collections::BTreeSet::new();
    for position in (0..whole.len()).step_by(37) {
        let mut altered = whole.clone();
        altered[position] ^= 1;
        codes.insert(world.post(squeeze(&altered)).await.code().to_owned());
        codes.insert(world.post(squeeze(&whole[..position])).await.code().to_owned());
    }
    let squeezed = squeeze(&whole);
    codes.insert(world.post(squeezed[..squeezed.len() - 3].to_vec()).await.code().to_owned());
    codes.insert(world.post(vec![]).await.code().to_owned());
    let known = ["BAD_SIGNATURE", "DAMAGED", "PROTOCOL_UNKNOWN"];
    assert!(codes.iter().all(|code| known.contains(&code.as_str())), "{codes:?}");
    assert!(codes.contains("BAD_SIGNATURE") && codes.contains("DAMAGED"), "{codes:?}");
    assert_eq!(world.storage.counts().await.unwrap().changes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_for_another_centre_or_of_another_protocol_is_refused() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut batch = device.batch(&world, vec![]);
    batch.hello.centre = Some(PublicKey([9; 32]));
    let refused = device.send(&world, &batch).await;
    assert_eq!((refused.status, refused.code()), (421, "WRONG_CENTRE"));
    let mut newer = device.batch(&world, vec![]);
    newer.hello.protocol = 9;
    let refused = device.send(&world, &newer).await;
    assert_eq!((refused.status, refused.code()), (400, "PROTOCOL_UNKNOWN"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_and_oversized_bodies_are_refused_unopened() {
    let world = World::new().await;
    let bomb = zstd::stream::encode_all(&vec![0; 128 << 20][..], 3).unwrap();
    let refused = world.post(bomb).await;
    assert_eq!((refused.status, refused.code()), (413, "OVER_LIMIT"));
    let refused = world.http.post(format!("{}/v1/sync", world.url)).header("content-type", MEDIA);
    // Noise behind the length of a parcel that could be: it is waited for until the limit of what travels.
    let mut state = 1u64;
    let mut noise: Vec<u8> = (0..17 << 17)
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .collect();
    noise[..4].copy_from_slice(&(32u32 << 20).to_be_bytes());
    let mut plain = zstd::stream::write::Encoder::new(Vec::new(), -7).unwrap();
    plain.write_all(&noise).unwrap();
    let large = plain.finish().unwrap();
    assert!(large.len() > 16 << 20, "{}", large.len());
    // The server may answer and hang up before all of it is sent; either way nothing is taken.
    if let Ok(response) = refused.body(large).send().await {
        assert_eq!(response.status(), 413);
    }
    let wrong_type = world.http.post(format!("{}/v1/sync", world.url)).body("x").send().await.unwrap();
    assert_eq!(wrong_type.status(), 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forks_gaps_and_theft_of_an_actor_are_named_beside_honest_items() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut honest = Paper::new(1, &device);
    let first = honest.answer("child_name", "Lan");
    device.sync(&world, vec![honest.items(vec![first.clone()], &[])]).await;

    // A restored copy of the device writes another change under the same number.
    let mut copy = Paper::new(1, &device);
    let fork = copy.answer("child_name", "Hoa");
    // Another device writes as that actor; and a change whose ancestor never arrives.
    let skipped = honest.answer("father_name", "Nam");
    let gap = honest.answer("mother_name", "Mai");
    let mut fresh = Paper::new(2, &device);
    let fine = fresh.answer("child_name", "Cúc");
    let answer = device
        .sync(&world, vec![honest.items(vec![fork, gap.clone(), b"noise".to_vec()], &[]), fresh.items(vec![fine], &[])])
        .await;
    let expected = [(0, "ACTOR_FORK"), (1, "DEPENDENCY_MISSING"), (2, "CHANGE_REFUSED")];
    assert_eq!(answer.exceptions(), expected.map(|(item, code)| (item, code.to_owned())));
    assert!(answer.receipts[0].holds(3));

    let mut thief = world.stranger();
    let stolen = thief.sync(&world, vec![honest.items(vec![first, skipped.clone()], &[])]).await;
    assert_eq!(stolen.exceptions(), [(1, "ACTOR_TAKEN".to_owned())]);
    assert_eq!(stolen.receipts[0].known, 1);

    // With the missing one before it, the rest passes.
    let healed = device.sync(&world, vec![honest.items(vec![skipped, gap], &[])]).await;
    assert_eq!(healed.exceptions(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_other_devices_and_forged_authority_have_no_effect() {
    let mut world = World::new().await;
    let mut citizen = world.stranger();
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let submitted = citizen.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    paper.seen = vec![submitted.id()];
    // Somebody else's event in my batch.
    let smuggled = officer.event(&world, &paper, paper.accepted(), Audience::Parties);
    // An event that claims an office which the device does not hold.
    citizen.acting = Some(ActingFor { role: Role::Officer, unit: "25747".into() });
    let forged = citizen.event(&world, &paper, paper.accepted(), Audience::Parties);
    let items = paper.items(vec![change], &[&submitted, &smuggled, &forged]);
    let answer = citizen.sync(&world, vec![items]).await;
    assert_eq!(answer.exceptions(), [(2, "EVENT_REFUSED".to_owned())]);
    officer.sync(&world, vec![]).await;
    let shown = world.get(&format!("/v1/dossiers/{}", paper.id), &officer).send().await.unwrap();
    let shown: serde_json::Value = shown.json().await.unwrap();
    assert_eq!(shown["status"]["business"], 1, "{shown}");
    let forged = shown["events"].as_array().unwrap().iter().find(|event| event["act"]["kind"] == "accepted");
    assert_eq!(forged.unwrap()["ineffective"], "outdated_authority");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_another_key_signed_or_that_ran_out_opens_nothing() {
    let mut world = World::new().await;
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let submitted = citizen.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    citizen.sync(&world, vec![paper.items(vec![change], &[&submitted])]).await;

    // Forged: somebody put a certificate of their own making into the database of devices.
    let mut forger = world.stranger();
    let token = world.invite(Role::Officer, "25747").await;
    let certificate = Certificate {
        centre: world.centre,
        device_key: forger.key.public(),
        name: "x".into(),
        role: Role::Head,
        unit: "25747".into(),
        from_ms: 0,
        until_ms: i64::MAX,
    };
    let forged = Signed::seal(&forger.key, Namespace::Certificate, &certificate);
    let hash = dossier::id::Digest(dossier::id::sha256(&[&token]));
    world.storage.enrol(&hash, &forger.key.public(), &forged, NOW_MS).await.unwrap();
    let answer = forger.sync(&world, vec![]).await;
    assert!(answer.scope("unit:25747").is_none());
    let path = format!("/v1/dossiers/{}", paper.id);
    assert_eq!(world.get(&path, &forger).send().await.unwrap().status(), 404);

    // Expired: the unit's queue closes with the certificate.
    let mut officer = world.staff(Role::Officer, "25747").await;
    officer.sync(&world, vec![]).await;
    assert_eq!(world.get(&path, &officer).send().await.unwrap().status(), 200);
    world.pass(366 * DAY_MS);
    officer.cursors.clear();
    let answer = officer.sync(&world, vec![]).await;
    assert!(answer.feeds.iter().all(|feed| feed.cursor.scope == officer.scope()), "{:?}", answer.feeds);
    assert_eq!(world.get(&path, &officer).send().await.unwrap().status(), 404);
    let list = world.get("/v1/dossiers", &officer).send().await.unwrap();
    assert_eq!(list.status(), 403);
    let fault: serde_json::Value = list.json().await.unwrap();
    assert_eq!(fault["code"], "CERTIFICATE_REFUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_passes_the_scan_and_not_the_decoder_is_kept_aside_and_its_author_told() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let good = paper.answer("child_name", "Lan");
    let (poison, hash) = poison(&good);
    let submitted = device.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    let answer = device.sync(&world, vec![paper.items(vec![good, poison], &[&submitted])]).await;
    // Receipted: the deposit is proved, whatever the decoder makes of it.
    assert_eq!(answer.exceptions(), []);
    assert!(answer.receipts[0].holds(1));
    assert_eq!(world.storage.counts().await.unwrap().quarantined, 1);
    let told = device.sync(&world, vec![]).await;
    let notices = &told.end().notices;
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].item.0, notices[0].code.as_str()), (hash, "QUARANTINED"));
    // The rest of the dossier is untouched.
    let seen = officer.sync(&world, vec![]).await;
    let feed = seen.scope("unit:25747").unwrap();
    assert_eq!(feed.dossiers[0].changes.len(), 1);
    assert_eq!(seen.acts("unit:25747", &paper.id), ["submitted"]);
}

/// A second change of the same actor that is sound by itself and names an object that does not exist.
fn poison(good: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let scanned = chunk::scan(good).unwrap();
    // A document with another skeleton: its objects are not those of the dossier.
    let mut other = Content::new(dossier::id::DossierId([3; 16]));
    let mut write = |value: &str| {
        let path = ContentPath::new(Root::Answers, "child_name").unwrap();
        other.seal(&scanned.actor, &[Edit { path, value: Some(value.into()) }], 0).unwrap().unwrap().change
    };
    write("one");
    let foreign = write("two").into_bytes();
    // Its one dependency is exchanged for a change that the Centre holds, and the checksum is made to fit again.
    let dep = chunk::scan(&foreign).unwrap().deps[0];
    let at = foreign.windows(32).position(|window| window == dep.0).unwrap();
    let mut bytes = foreign;
    bytes[at..at + 32].copy_from_slice(&scanned.hash.0);
    let hash = dossier::id::sha256(&[&bytes[8..]]);
    bytes[4..8].copy_from_slice(&hash[..4]);
    assert_eq!(chunk::scan(&bytes).unwrap().start_op, scanned.last_op() + 1);
    (bytes, hash)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_remarks_can_be_internal() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let paper = Paper::new(1, &officer);
    let remark = Act::Commented { text: "x".into() };
    let mut hidden = officer.event(&world, &paper, remark, Audience::Staff).body().clone();
    hidden.act = Act::Adopted;
    let signed = dossier::event::SignedEvent(Signed::seal(&officer.key, Namespace::Event, &hidden));
    let mut items = paper.items(vec![], &[]);
    items.events = vec![signed];
    assert_eq!(officer.sync(&world, vec![items]).await.exceptions(), [(0, "EVENT_REFUSED".to_owned())]);
}
