use std::cell::RefCell;

use dossier::{certificate::Role, event::Act};

use super::*;
use crate::{
    ActRequest, ListQuery, Proceed, Submission,
    centre::{Centre, Fate, Line},
    ports::{FixedClock, SeededEntropy},
    store::{MemoryDisk, MemoryStore},
};

const NOW: i64 = 1_795_000_000_000;

fn device(seed: u64) -> (MemoryDisk, Device, DossierId) {
    let store = MemoryStore::new();
    let disk = store.disk();
    let mut device = Device::init(store, FixedClock::at(NOW), SeededEntropy::new(seed), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    (disk, device, dossier)
}

fn reopen(disk: &MemoryDisk) -> Device {
    Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(50)).unwrap()
}

fn remark(device: &mut Device, dossier: &DossierId, text: &str) -> EventId {
    device.act(dossier, ActRequest::Comment { text: text.into(), staff_only: false }).unwrap().event
}

fn reason(fault: &Fault) -> (Code, &str) {
    (fault.code, fault.details["reason"].as_str())
}

#[test]
fn a_submission_that_never_left_is_a_draft_again_with_what_was_typed() {
    let (disk, mut device, dossier) = device(1);
    device.set(&dossier, &[("child_name", "Nguyễn Thị Hòa")]).unwrap();
    let event = device.submit(&dossier, &Submission::default()).unwrap().event;
    assert_eq!(device.list(&ListQuery { status: Some(1), ..ListQuery::default() }).unwrap().total, 1);
    drop(device);
    let mut device = reopen(&disk);
    assert_eq!(device.search("khai sinh").unwrap()[0].status, Some(1));
    let commits = disk.commits();
    assert_eq!(device.undo(&[event, event]).unwrap(), 1);
    assert_eq!(disk.commits(), commits + 1);
    assert_eq!(device.search("khai sinh").unwrap()[0].status, None, "the index follows");
    drop(device);
    let mut device = reopen(&disk);
    let shown = device.show(&dossier).unwrap();
    assert_eq!((shown.view.status.business, shown.unsent), (None, 1), "the sealed change stays");
    assert_eq!(shown.view.answers["child_name"].to_string(), "Nguyễn Thị Hòa");
    let again = device.submit(&dossier, &Submission::default()).unwrap().event;
    let records = device.recorded(&dossier).unwrap();
    assert_eq!(records.iter().map(|record| record.event.id()).collect::<Vec<_>>(), [again]);
    assert_eq!((records[0].event.body().counter, records[0].event.body().previous), (1, None));
}

#[test]
fn all_of_them_or_none_and_only_from_the_end() {
    let (disk, mut device, dossier) = device(1);
    let other = device.new_dossier("1.001193", None).unwrap().dossier;
    let events =
        [remark(&mut device, &dossier, "một"), remark(&mut device, &other, "hai"), remark(&mut device, &dossier, "ba")];
    let before = disk.dump();
    for wrong in [&events[..1], &events[..2], &[events[0], events[2]], &[EventId([7; 32])]] {
        assert_eq!(reason(&device.undo(wrong).unwrap_err()), (Code::StepRefused, "not_latest"));
    }
    disk.fill_up(Some(1));
    assert_eq!(device.undo(&events[1..]).unwrap_err().code, Code::DiskFull);
    disk.fill_up(None);
    assert_eq!(disk.dump(), before);
    assert_eq!(device.undo(&[]).unwrap(), 0);
    assert_eq!(device.undo(&events[1..]).unwrap(), 2, "over two dossiers");
    assert_eq!((device.chain.next(), device.chain.previous()), (2, Some(events[0])));
    assert_eq!(device.undo(&events[2..]).unwrap_err().code, Code::StepRefused, "gone is gone");
    assert_eq!(device.undo(&events[..1]).unwrap(), 1);
}

#[test]
fn what_a_request_ever_carried_may_have_arrived() {
    let centre = RefCell::new(Centre::new(1, NOW));
    let (disk, mut device, dossier) = device(1);
    let first = remark(&mut device, &dossier, "một");
    let report = device.sync(&Line::with(&centre, [Fate::Offline]), &mut |_| Proceed::Go);
    assert_eq!(report.fault.unwrap().code, Code::Offline);
    assert_eq!(reason(&device.undo(&[first]).unwrap_err()), (Code::StepRefused, "already_sent"));
    drop(device);
    let mut device = reopen(&disk);
    assert_eq!(reason(&device.undo(&[first]).unwrap_err()), (Code::StepRefused, "already_sent"));
    let second = remark(&mut device, &dossier, "hai");
    assert_eq!(reason(&device.undo(&[first, second]).unwrap_err()), (Code::StepRefused, "already_sent"));
    assert_eq!(device.undo(&[second]).unwrap(), 1);
    let third = remark(&mut device, &dossier, "ba");
    assert_eq!(device.sync(&Line::to(&centre), &mut |_| Proceed::Go).fault, None);
    assert_eq!(reason(&device.undo(&[third]).unwrap_err()), (Code::StepRefused, "already_sent"));
    let told: Vec<_> =
        device.recorded(&dossier).unwrap().into_iter().map(|record| record.event.body().act.clone()).collect();
    assert!(told.iter().all(|act| matches!(act, Act::Commented { text } if text != "hai")), "{told:?}");
}

#[test]
fn a_request_that_could_not_be_noted_is_not_made() {
    let (disk, mut device, dossier) = device(1);
    let event = remark(&mut device, &dossier, "một");
    disk.fill_up(Some(1));
    assert_eq!(device.sync_begin().unwrap_err().code, Code::DiskFull);
    disk.fill_up(None);
    assert_eq!(device.undo(&[event]).unwrap(), 1);
}

#[test]
fn the_official_code_of_an_acceptance_taken_back_is_given_again() {
    let centre = RefCell::new(Centre::new(1, NOW));
    let good = |device: &mut Device| {
        assert_eq!(device.sync(&Line::to(&centre), &mut |_| Proceed::Go).fault, None);
    };
    let (_a, mut citizen, dossier) = device(1);
    let (disk, mut officer, _) = device(2);
    let invitation = centre.borrow_mut().invite(7, Role::Officer, "25747");
    officer.enrol(&invitation).unwrap();
    good(&mut officer);
    let direct = Submission { unit: Some("25747".into()), ..Submission::default() };
    citizen.submit(&dossier, &direct).unwrap();
    good(&mut citizen);
    good(&mut officer);
    let accepted = officer.act(&dossier, ActRequest::Accept { case: None }).unwrap();
    let code = accepted.code.unwrap();
    officer.undo(&[accepted.event]).unwrap();
    let shown = officer.show(&dossier).unwrap();
    assert_eq!((shown.view.status.business, shown.view.code), (Some(1), None));
    drop(officer);
    let mut officer = reopen(&disk);
    let again = officer.act(&dossier, ActRequest::Accept { case: None }).unwrap();
    assert_eq!(again.code, Some(code));
}
