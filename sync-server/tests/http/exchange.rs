//! Sending: enrolment, receipts, replays.

use std::io::Write;

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
    id::DossierId,
    wire::{Frame, FrameFault, read_frames},
};

use crate::world::{DAY_MS, MEDIA, Paper, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_taken_up_once_and_again_only_by_the_same_device() {
    let mut world = World::new().await;
    let token = world.invite(Role::Officer, "25747").await;
    let mut device = world.stranger();
    let mut batch = device.batch(&world, vec![]);
    batch.hello.invitation = Some(token.clone());
    let first = device.send(&world, &batch).await.welcome.unwrap();
    // The answer was lost on the way: the same again.
    assert_eq!(device.send(&world, &batch).await.welcome, Some(first.clone()));
    let mut later = device.batch(&world, vec![]);
    later.hello.invitation = Some(token.clone());
    assert_eq!(device.send(&world, &later).await.welcome, Some(first));

    let mut thief = world.stranger();
    let mut paper = Paper::new(1, &thief);
    let change = paper.answer("child_name", "Lan");
    let mut batch = thief.batch(&world, vec![paper.items(vec![change], &[])]);
    batch.hello.invitation = Some(token);
    let refused = thief.send(&world, &batch).await;
    assert_eq!((refused.status, refused.code()), (403, "INVITATION_REFUSED"));
    // Nothing was processed; without the invitation the same items pass.
    assert_eq!(world.storage.counts().await.unwrap().changes, 0);
    batch.hello.invitation = None;
    assert!(thief.send(&world, &batch).await.receipts[0].holds(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_or_unknown_invitation_is_refused() {
    let mut world = World::new().await;
    let token = world.invite(Role::Postal, "25747").await;
    world.pass(15 * DAY_MS);
    let mut device = world.stranger();
    for token in [token, vec![7; 16], vec![]] {
        let mut batch = device.batch(&world, vec![]);
        batch.hello.invitation = Some(token);
        assert_eq!(device.send(&world, &batch).await.code(), "INVITATION_REFUSED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_names_every_item_and_receipts_form_a_chain() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let changes = vec![paper.answer("child_name", "Lan"), paper.answer("child_name", "Lan Anh")];
    let event = device.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    let first = device.sync(&world, vec![paper.items(changes.clone(), &[&event])]).await;
    let receipt = &first.receipts[0];
    assert_eq!((receipt.first, receipt.count, receipt.known, receipt.number), (0, 3, 0, 1));
    assert!((0..3).all(|item| receipt.holds(item)));
    assert_eq!(receipt.previous, None);
    assert_eq!(receipt.device, device.key.device());

    // Sent again in another batch: everything is known, and nothing changes.
    let again = device.sync(&world, vec![paper.items(changes, &[&event])]).await;
    let second = &again.receipts[0];
    assert_eq!((second.count, second.known, second.number), (3, 3, 2));
    assert_eq!(second.previous, Some(first.signed[0].hash()));
    let counts = world.storage.counts().await.unwrap();
    assert_eq!((counts.changes, counts.events, counts.awaiting), (2, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replayed_batch_gets_its_receipt_and_a_reused_id_is_refused() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let change = paper.answer("child_name", "Lan");
    let batch = device.batch(&world, vec![paper.items(vec![change.clone()], &[])]);
    let first = device.send(&world, &batch).await;
    let replayed = device.send(&world, &batch).await;
    assert_eq!(replayed.signed, first.signed);
    assert_eq!(world.storage.counts().await.unwrap().receipts, 1);

    let mut other = batch.clone();
    let more = paper.answer("child_name", "Lan Anh");
    other.dossiers = vec![paper.items(vec![change, more], &[])];
    let refused = device.send(&world, &other).await;
    assert_eq!((refused.status, refused.code()), (409, "BATCH_REUSED"));
    assert_eq!(world.storage.counts().await.unwrap().changes, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_batch_sent_twice_at_once_is_taken_once() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let change = paper.answer("child_name", "Lan");
    let batch = device.batch(&world, vec![paper.items(vec![change], &[])]);
    let body = device.body(&batch);
    let (one, two) = tokio::join!(world.post(body.clone()), world.post(body.clone()));
    assert!(one.receipts[0].holds(0) && two.receipts[0].holds(0));
    assert_eq!(world.storage.counts().await.unwrap().changes, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_dossiers_are_one_request_with_a_receipt_for_each_group() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let items = (0..600u16).map(|number| {
        let mut paper = Paper::new(1, &device);
        let [high, low] = number.to_be_bytes();
        paper.id = DossierId::mint(crate::world::NOW_MS, &[9, 0, 0, 0, 0, 0, 0, 0, high, low]);
        paper.content = dossier::content::Content::new(paper.id);
        let change = paper.answer("child_name", "Lan");
        paper.items(vec![change], &[])
    });
    let items: Vec<_> = items.collect();
    let answer = device.sync(&world, items).await;
    let covered: Vec<(u32, u32)> = answer.receipts.iter().map(|receipt| (receipt.first, receipt.count)).collect();
    assert_eq!(covered, [(0, 256), (256, 256), (512, 88)]);
    let counts = world.storage.counts().await.unwrap();
    assert_eq!((counts.dossiers, counts.awaiting), (600, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_ten_years_off_is_measured_and_nothing_is_refused() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let change = paper.answer("child_name", "Lan");
    let mut batch = device.batch(&world, vec![paper.items(vec![change], &[])]);
    batch.hello.now_ms -= 3650 * DAY_MS;
    let answer = device.send(&world, &batch).await;
    assert_eq!(answer.receipts[0].received.clock_offset_ms, 3650 * DAY_MS);
    assert!(answer.receipts[0].holds(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_keeps_what_it_acknowledged() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut paper = Paper::new(1, &device);
    let change = paper.answer("child_name", "Lan");
    let batch = device.batch(&world, vec![paper.items(vec![change], &[])]);
    let first = device.send(&world, &batch).await;
    world.stop().await;
    world.start().await;
    assert_eq!(device.send(&world, &batch).await.signed, first.signed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_days_work_is_receipted_and_whoever_asks_next_is_told_all_of_it() {
    const DAY: u8 = 80;
    let mut world = World::new().await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let items = (0..DAY).map(|number| {
        let mut paper = Paper::new(number, &postal);
        let change = paper.answer("child_name", "Lan");
        paper.items(vec![change], &[])
    });
    let items = items.collect();
    let answer = postal.sync(&world, items).await;
    assert_eq!(answer.receipts.iter().map(|receipt| receipt.count).sum::<u32>(), u32::from(DAY));
    let told = officer.sync(&world, vec![]).await;
    assert_eq!(told.scope("unit:25747").unwrap().dossiers.len(), usize::from(DAY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parcel_is_kept_and_receipted_while_the_next_is_on_its_way_and_stays_when_the_line_breaks() {
    let mut world = World::new().await;
    let mut device = world.stranger();
    let mut papers: Vec<Paper> = (1..=3).map(|number| Paper::new(number, &device)).collect();
    let items: Vec<_> = papers
        .iter_mut()
        .map(|paper| (paper.answer("child_name", "Lan"), paper))
        .map(|(change, paper)| paper.items(vec![change], &[]))
        .collect();
    let batch = device.batch(&world, items);
    let signed = batch.sign_in_parcels(&device.key, 1);
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    let (line, pieces) = tokio::sync::mpsc::unbounded_channel::<Result<Vec<u8>, std::io::Error>>();
    let body =
        futures::stream::unfold(pieces, |mut pieces| async move { pieces.recv().await.map(|piece| (piece, pieces)) });
    let request = world.http.post(format!("{}/v1/sync", world.url)).header("content-type", MEDIA);
    let mut parcels = signed.pieces();
    let mut next = || {
        encoder.write_all(parcels.next().unwrap()).unwrap();
        encoder.flush().unwrap();
        line.send(Ok(std::mem::take(encoder.get_mut()))).unwrap();
    };
    next();
    let mut answer = request.body(reqwest::Body::wrap_stream(body)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut opened = zstd::stream::write::Decoder::new(Vec::new()).unwrap();
    let mut receipts = async |count: usize, opened: &mut zstd::stream::write::Decoder<'_, Vec<u8>>| {
        loop {
            let mut read = Vec::new();
            let cut = read_frames(opened.get_ref(), |frame| {
                if let Frame::Receipt(receipt) = frame {
                    read.push(receipt.verify(&world.centre).unwrap());
                }
                Ok::<(), FrameFault>(())
            });
            assert_eq!(cut, Err(FrameFault::CutOff));
            if read.len() == count {
                return read;
            }
            opened.write_all(&answer.chunk().await.unwrap().unwrap()).unwrap();
            opened.flush().unwrap();
        }
    };
    // The first is signed for though the second was not even sent.
    assert_eq!(receipts(1, &mut opened).await[0].parcel_hash, signed.names()[0].hash);
    assert_eq!(world.storage.counts().await.unwrap().changes, 1);
    next();
    assert_eq!(receipts(2, &mut opened).await[1].parcel_hash, signed.names()[1].hash);
    // The third never comes.
    line.send(Err(std::io::ErrorKind::ConnectionReset.into())).unwrap();
    drop(answer);
    assert_eq!(world.storage.counts().await.unwrap().changes, 2);

    // The same batch again, whole: two parcels have their receipts, the third gets one.
    let again = device.send(&world, &batch).await;
    assert_eq!(again.status, 409, "the same id under other parcels");
    let whole = zstd::stream::encode_all(&signed.bytes()[..], 3).unwrap();
    let answer = world.post(whole).await;
    assert_eq!((answer.status, answer.receipts.len()), (200, 3));
    assert!((0..3).all(|item| answer.receipts.iter().any(|receipt| receipt.holds(item))));
    assert_eq!(world.storage.counts().await.unwrap().changes, 3);
}
