use std::cell::RefCell;

use crate::{
    Device, NewFile, Proceed, Submission,
    centre::{Centre, Fate, Line},
    ports::{FixedClock, SeededEntropy},
    store::MemoryStore,
};

const NOW: i64 = 1_795_000_000_000;

#[test]
fn the_numbers_follow_the_work_and_the_last_whole_answer() {
    let centre = RefCell::new(Centre::new(1, NOW + 3_600_000));
    let store = MemoryStore::new();
    let (disk, clock) = (store.disk(), FixedClock::at(NOW));
    let mut device = Device::init(store, clock.clone(), SeededEntropy::new(1), "http://centre").unwrap();
    let nothing = device.summary().unwrap();
    assert_eq!(
        (nothing.dossiers, nothing.unsent_items, nothing.last_contact_ms, nothing.clock_off_ms),
        (0, 0, None, None)
    );
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let other = device.new_dossier("1.001193", None).unwrap().dossier;
    let file = NewFile { name: "a.jpg", media: None, size_bytes: None };
    device.attach(&dossier, "to-khai", &file, &mut &b"0123456789"[..]).unwrap();
    device.submit(&other, &Submission::default()).unwrap();
    let working = device.summary().unwrap();
    assert_eq!((working.dossiers, working.drafts), (2, 1));
    assert_eq!((working.unsent_items, working.unsent_files, working.unsent_bytes), (3, 1, 10));
    assert!(device.proof(&other).unwrap().receipts.is_empty());
    device.sync(&Line::with(&centre, [Fate::CutAfter(1)]), &mut |_| Proceed::Go);
    assert_eq!(device.summary().unwrap().last_contact_ms, None, "an answer that broke off is no whole answer");
    clock.advance(1_000);
    device.sync(&Line::to(&centre), &mut |_| Proceed::Go);
    let sent = device.summary().unwrap();
    assert_eq!((sent.unsent_items, sent.unsent_files), (0, 1), "files travel apart");
    assert_eq!((sent.last_contact_ms, sent.clock_off_ms), (Some(NOW + 1_000), Some(3_599_000)));
    drop(device);
    let mut device = Device::open(disk.open().unwrap(), clock, SeededEntropy::new(2)).unwrap();
    assert_eq!(device.summary().unwrap(), sent);
}

#[test]
fn the_proof_of_a_dossier_names_what_the_centre_signed_for_of_it() {
    let centre = RefCell::new(Centre::new(1, NOW));
    let clock = FixedClock::at(NOW);
    let mut device = Device::init(MemoryStore::new(), clock, SeededEntropy::new(1), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let event = device.submit(&dossier, &Submission::default()).unwrap().event;
    device.sync(&Line::to(&centre), &mut |_| Proceed::Go);
    let proof = device.proof(&dossier).unwrap();
    assert_eq!((proof.centre, proof.event), (Some(centre.borrow().key.public()), Some(event)));
    let items: Vec<_> =
        proof.receipts.iter().map(|receipt| (receipt.number, receipt.items, receipt.received_ms)).collect();
    assert_eq!(items, [(1, 2, NOW)]);
    device.set(&dossier, &[("child_name", "Hòa")]).unwrap();
    let note = crate::ActRequest::Comment { text: "x".into(), staff_only: false };
    let last = device.act(&dossier, note).unwrap().event;
    device.sync(&Line::to(&centre), &mut |_| Proceed::Go);
    let proof = device.proof(&dossier).unwrap();
    assert_eq!(proof.receipts.iter().map(|receipt| receipt.items).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(proof.event, Some(last));
}
