//! Work that goes on between a request and its answer.

use std::cell::RefCell;

use dossier::{
    certificate::Role,
    fault::Code,
    id::{BlobId, DossierId},
    wire::ArrivedBlob,
};

use crate::{
    ActRequest, Device, Errand, ErrandReport, ListQuery, NewFile, Proceed, Request, Response, Space, Stage, Submission,
    SyncReport, TransportFault,
    centre::{Centre, Line, body_of},
    ledger::Read,
    ports::{FixedClock, SeededEntropy},
    record::{BlobRecord, FileRecord, OutboxRecord, UploadRecord},
    store::{MemoryDisk, MemoryStore},
    transport::Method,
};

const NOW: i64 = 1_795_000_000_000;
const PAPER: &str = "to-khai";

fn device(seed: u64) -> (MemoryDisk, Device) {
    let store = MemoryStore::new();
    let disk = store.disk();
    (disk, Device::init(store, FixedClock::at(NOW), SeededEntropy::new(seed), "http://centre").unwrap())
}

fn centre() -> RefCell<Centre> {
    RefCell::new(Centre::new(1, NOW))
}

fn started(device: &mut Device) -> DossierId {
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    device.set(&dossier, &[("child_name", "Nguyễn Thị Hòa")]).unwrap();
    dossier
}

fn sync(device: &mut Device, centre: &RefCell<Centre>) {
    assert_eq!(device.sync(&Line::to(centre), &mut |_| Proceed::Go).fault, None);
}

fn attach(device: &mut Device, dossier: &DossierId, content: &[u8]) -> BlobId {
    let file = NewFile { name: "a.jpg", media: None, size_bytes: None };
    device.attach(dossier, PAPER, &file, &mut &content[..]).unwrap().blob
}

/// The next request, which there must be.
fn asked(device: &mut Device, errand: &mut Errand) -> Request {
    device.errand_next(errand).unwrap().unwrap()
}

fn ok(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Response, TransportFault> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body })
}

fn answer(centre: &RefCell<Centre>, request: &Request) -> Result<Response, TransportFault> {
    ok(200, &[], body_of(&centre.borrow_mut().answer(&request.body).unwrap()))
}

/// Takes an errand of a sync to its end.
fn finish(device: &mut Device, errand: &mut Errand, centre: &RefCell<Centre>) -> SyncReport {
    while let Some(request) = device.errand_next(errand).unwrap() {
        device.errand_take(errand, answer(centre, &request)).unwrap();
    }
    match errand.report() {
        ErrandReport::Sync(report) => report,
        other => panic!("{other:?} is no sync"),
    }
}

fn fault_of(errand: &Errand) -> Option<Code> {
    match errand.report() {
        ErrandReport::Sync(report) => report.fault,
        ErrandReport::Upload(report) => report.fault,
        ErrandReport::Fetch(report) => report.fault,
    }
    .map(|fault| fault.code)
}

/// A device that holds a dossier of somebody else's, which can leave; and a token for attachments.
fn reader(centre: &RefCell<Centre>) -> (Device, MemoryDisk, Device, DossierId) {
    let (_, mut author) = device(1);
    let (disk, mut reader) = device(2);
    let dossier = started(&mut author);
    sync(&mut author, centre);
    sync(&mut reader, centre);
    (author, disk, reader, dossier)
}

#[test]
fn what_is_done_while_an_exchange_is_under_way_waits_for_the_next() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let (edited, acted) = (started(&mut device), started(&mut device));
    let mut errand = device.errand_sync();
    let request = asked(&mut device, &mut errand);
    assert_eq!(asked(&mut device, &mut errand), request, "asked again, the same request");
    device.set(&edited, &[("child_name", "Trần Văn Sau")]).unwrap();
    let event = device.submit(&acted, &Submission::default()).unwrap().event;
    let new = started(&mut device);
    let page = attach(&mut device, &new, b"trang");
    device.errand_take(&mut errand, answer(&centre, &request)).unwrap();
    let report = finish(&mut device, &mut errand, &centre);
    assert_eq!((report.round_trips, report.accepted, report.fault), (1, 2, None));
    assert_eq!(report.pending, 1, "the act; what is typed is not sealed yet");
    let proof = |device: &Device, dossier: &DossierId| device.proof(dossier).unwrap();
    assert_eq!(proof(&device, &acted).event, None, "no receipt speaks of what the request did not carry");
    assert!(proof(&device, &new).receipts.is_empty());
    assert_eq!(device.show(&edited).unwrap().view.answers["child_name"].to_string(), "Trần Văn Sau");
    assert!(!centre.borrow().holds(&acted, &event.0));
    let mut next = device.errand_sync();
    let report = finish(&mut device, &mut next, &centre);
    assert_eq!((report.accepted, report.pending), (3, 0));
    assert!(centre.borrow().holds(&acted, &event.0));
    assert_eq!(proof(&device, &acted).event, Some(event));
    assert_eq!(device.files_to_bring().unwrap(), [(new, page)]);
}

#[test]
fn an_act_made_meanwhile_can_be_taken_back_and_a_packed_one_cannot() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    let remark = |text: &str| ActRequest::Comment { text: text.into(), staff_only: false };
    let packed = device.act(&dossier, remark("một")).unwrap().event;
    let mut errand = device.errand_sync();
    let request = asked(&mut device, &mut errand);
    let later = device.act(&dossier, remark("hai")).unwrap().event;
    assert_eq!(device.undo(&[packed, later]).unwrap_err().details["reason"], "already_sent");
    assert_eq!(device.undo(&[later]).unwrap(), 1);
    device.errand_take(&mut errand, answer(&centre, &request)).unwrap();
    assert_eq!(finish(&mut device, &mut errand, &centre).pending, 0);
}

#[test]
fn an_errand_dropped_at_any_point_leaves_work_that_the_next_one_does() {
    let centre = centre();
    let (disk, mut device) = device(1);
    let dossier = started(&mut device);
    drop(device.errand_sync());
    let mut unsent = device.errand_sync();
    asked(&mut device, &mut unsent);
    drop(unsent);
    let mut unanswered = device.errand_sync();
    let request = asked(&mut device, &mut unanswered);
    answer(&centre, &request).unwrap();
    drop((unanswered, device));
    let mut device = Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(9)).unwrap();
    let mut errand = device.errand_sync();
    let report = finish(&mut device, &mut errand, &centre);
    assert_eq!((report.accepted, report.pending), (1, 0));
    assert_eq!(centre.borrow().items(), 1, "sent twice, held once");
    assert_eq!(device.show(&dossier).unwrap().unsent, 0);
}

#[test]
fn a_stop_takes_the_answer_under_way_and_asks_no_more() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    started(&mut device);
    let mut before = device.errand_sync();
    assert_eq!(before.progress().stage, Stage::Pack);
    before.stop();
    assert_eq!(device.errand_next(&mut before).unwrap(), None);
    let ErrandReport::Sync(report) = before.report() else { panic!("no sync") };
    assert_eq!((report.stopped, report.round_trips, report.fault), (true, 0, None));
    let mut errand = device.errand_sync();
    let request = asked(&mut device, &mut errand);
    errand.stop();
    device.errand_take(&mut errand, answer(&centre, &request)).unwrap();
    let report = finish(&mut device, &mut errand, &centre);
    assert_eq!((report.stopped, report.accepted, report.pending), (false, 1, 0), "there was nothing more to do");
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let centre = centre();
    let (disk, mut device) = device(1);
    started(&mut device);
    let mut errand = device.errand_sync();
    let request = asked(&mut device, &mut errand);
    device.errand_take(&mut errand, answer(&centre, &request)).unwrap();
    let before = (disk.dump(), errand.report());
    device.errand_take(&mut errand, answer(&centre, &request)).unwrap();
    device.errand_take(&mut errand, Err(TransportFault::Offline)).unwrap();
    assert_eq!((disk.dump(), errand.report()), before);
}

#[test]
fn two_exchanges_at_once_count_every_item_once() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    let (mut one, mut other) = (device.errand_sync(), device.errand_sync());
    let first = asked(&mut device, &mut one);
    let second = asked(&mut device, &mut other);
    let late = answer(&centre, &first);
    device.errand_take(&mut other, answer(&centre, &second)).unwrap();
    assert_eq!(finish(&mut device, &mut other, &centre).fault, None);
    device.errand_take(&mut one, late).unwrap();
    assert_eq!(finish(&mut device, &mut one, &centre).fault, None);
    assert_eq!(device.show(&dossier).unwrap().unsent, 0);
    assert_eq!(centre.borrow().items(), 1);
    sync(&mut device, &centre);
}

#[test]
fn a_late_refusal_of_what_another_receipt_holds_is_no_refusal() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    let mut slow = device.errand_sync();
    let request = asked(&mut device, &mut slow);
    centre.borrow_mut().refuse_next.push_back("DEPENDENCY_MISSING");
    let refusal = answer(&centre, &request);
    sync(&mut device, &centre);
    // The dossier's work is all held, so it may leave; only then does the refusal come.
    centre.borrow_mut().leaving = vec![dossier];
    sync(&mut device, &centre);
    assert_eq!(device.show(&dossier).unwrap_err().code, Code::UnknownDossier);
    device.errand_take(&mut slow, refusal).unwrap();
    let report = finish(&mut device, &mut slow, &centre);
    assert_eq!((report.refused.len(), report.pending, report.fault), (0, 0, None));
    assert_eq!(device.store.keys::<OutboxRecord>(&[]).unwrap().len(), 0);
    sync(&mut device, &centre);
}

#[test]
fn an_invitation_kept_meanwhile_outlives_the_refusal_of_another() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let stale = centre.borrow_mut().invite(7, Role::Postal, "25747");
    centre.borrow_mut().invitations.clear();
    device.enrol(&stale).unwrap();
    let mut errand = device.errand_sync();
    asked(&mut device, &mut errand);
    let fresh = centre.borrow_mut().invite(8, Role::Postal, "25747");
    device.enrol(&fresh).unwrap();
    device.errand_take(&mut errand, ok(409, &[], br#"{"code":"INVITATION_REFUSED"}"#.to_vec())).unwrap();
    assert_eq!(device.errand_next(&mut errand).unwrap(), None);
    assert_eq!(fault_of(&errand), Some(Code::InvitationRefused));
    assert!(device.identity().invitation_waiting);
    let mut errand = device.errand_sync();
    assert!(finish(&mut device, &mut errand, &centre).enrolled);
}

#[test]
fn a_store_that_fails_ends_the_errand_and_says_so_twice() {
    let (disk, mut device) = device(1);
    started(&mut device);
    disk.fill_up(Some(1));
    let mut errand = device.errand_sync();
    assert_eq!(device.errand_next(&mut errand).unwrap_err().code, Code::DiskFull);
    assert_eq!(fault_of(&errand), Some(Code::DiskFull));
    assert_eq!(device.errand_next(&mut errand).unwrap(), None);
    disk.fill_up(None);
    let centre = centre();
    let mut again = device.errand_sync();
    assert_eq!(finish(&mut device, &mut again, &centre).accepted, 1);
}

/// Begins bringing the first of two pages: the request for its first part is under way.
fn part_under_way(device: &mut Device) -> Errand {
    device.token = Some("token".into());
    let mut errand = device.errand_upload();
    assert_eq!(asked(device, &mut errand).method, Method::Post);
    device.errand_take(&mut errand, ok(201, &[("location", "/v1/uploads/1")], vec![])).unwrap();
    assert_eq!(asked(device, &mut errand).method, Method::Patch);
    errand
}

fn bring_the_rest(device: &mut Device, errand: &mut Errand) -> crate::UploadReport {
    while let Some(request) = device.errand_next(errand).unwrap() {
        let reply = match request.method {
            Method::Post => ok(201, &[("location", "/v1/uploads/2")], vec![]),
            _ => ok(204, &[], vec![]),
        };
        device.errand_take(errand, reply).unwrap();
    }
    match errand.report() {
        ErrandReport::Upload(report) => report,
        other => panic!("{other:?} is no upload"),
    }
}

#[test]
fn typing_and_attaching_while_a_part_is_under_way_disturb_nothing() {
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    attach(&mut device, &dossier, b"0123");
    let mut errand = part_under_way(&mut device);
    device.set(&dossier, &[("child_name", "Sau")]).unwrap();
    device.submit(&dossier, &Submission::default()).unwrap();
    attach(&mut device, &dossier, b"456789");
    let new = started(&mut device);
    device.errand_take(&mut errand, ok(204, &[("upload-offset", "4")], vec![])).unwrap();
    let report = bring_the_rest(&mut device, &mut errand);
    assert_eq!((report.uploaded, report.sent_bytes, report.pending, report.fault), (1, 4, 1, None));
    let shown = device.show(&dossier).unwrap();
    assert_eq!((shown.attachments.arrived, shown.attachments.total), (1, 2));
    assert_eq!(shown.view.answers["child_name"].to_string(), "Sau");
    assert_eq!(device.list(&ListQuery::default()).unwrap().total, 2);
    assert!(device.show(&new).is_ok());
}

#[test]
fn a_page_taken_out_while_its_part_is_under_way_is_passed_over() {
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    attach(&mut device, &dossier, b"0123");
    attach(&mut device, &dossier, b"4567");
    let first = device.files_to_bring().unwrap()[0].1;
    let mut errand = part_under_way(&mut device);
    device.detach(&dossier, PAPER, &first).unwrap();
    device.errand_take(&mut errand, ok(204, &[("upload-offset", "4")], vec![])).unwrap();
    let report = bring_the_rest(&mut device, &mut errand);
    assert_eq!((report.uploaded, report.pending, report.fault), (1, 0, None));
    assert_eq!(device.store.keys::<FileRecord>(&[]).unwrap().len(), 1);
    assert_eq!(device.store.keys::<UploadRecord>(&[]).unwrap().len(), 0);
    assert_eq!(device.store.keys::<BlobRecord>(&[]).unwrap().len(), 1);
}

#[test]
fn a_dossier_that_leaves_during_an_upload_takes_its_pages_along() {
    let centre = centre();
    let (disk, mut device) = device(1);
    for content in [b"0123", b"4567"] {
        let dossier = started(&mut device);
        attach(&mut device, &dossier, content);
    }
    sync(&mut device, &centre);
    let (dossier, gone) = device.files_to_bring().unwrap()[0];
    let mut errand = part_under_way(&mut device);
    // Another device brought the page meanwhile, and the dossier went to another unit.
    centre.borrow_mut().arrived = vec![(dossier, ArrivedBlob { blob: gone, size_bytes: 4 })];
    sync(&mut device, &centre);
    centre.borrow_mut().leaving = vec![dossier];
    sync(&mut device, &centre);
    assert_eq!(device.show(&dossier).unwrap_err().code, Code::UnknownDossier);
    let before = disk.dump();
    device.errand_take(&mut errand, ok(204, &[("upload-offset", "4")], vec![])).unwrap();
    assert_eq!(disk.dump(), before, "nothing of it comes back");
    let report = bring_the_rest(&mut device, &mut errand);
    assert_eq!((report.uploaded, report.pending, report.fault), (1, 0, None));
}

#[test]
fn an_upload_dropped_between_parts_goes_on_where_the_server_is() {
    let (_disk, mut device) = device(1);
    let dossier = started(&mut device);
    attach(&mut device, &dossier, b"0123");
    drop(part_under_way(&mut device));
    let mut errand = device.errand_upload();
    let head = asked(&mut device, &mut errand);
    assert_eq!((head.method, head.path.as_str()), (Method::Head, "/v1/uploads/1"));
    device.errand_take(&mut errand, ok(200, &[("upload-offset", "3")], vec![])).unwrap();
    assert_eq!(asked(&mut device, &mut errand).body, b"3");
    assert_eq!(errand.progress().done, 3);
    device.errand_take(&mut errand, ok(204, &[], vec![])).unwrap();
    let report = bring_the_rest(&mut device, &mut errand);
    assert_eq!((report.uploaded, report.sent_bytes), (1, 1));
}

/// A fetch of ten bytes whose first five are here and whose rest is under way.
fn range_under_way(device: &mut Device, dossier: &DossierId, blob: &BlobId) -> Errand {
    device.token = Some("token".into());
    let mut errand = device.errand_fetch(dossier, blob);
    asked(device, &mut errand);
    device.errand_take(&mut errand, ok(206, &[("content-range", "bytes 0-4/10")], b"01234".to_vec())).unwrap();
    assert_eq!((errand.progress().done, errand.progress().total), (5, 10));
    let request = asked(device, &mut errand);
    assert!(request.headers.iter().any(|(name, value)| name == "range" && value.starts_with("bytes=5-")));
    errand
}

fn rest() -> Result<Response, TransportFault> {
    ok(206, &[("content-range", "bytes 5-9/10")], b"56789".to_vec())
}

#[test]
fn a_fetch_goes_on_beside_other_work_and_two_of_one_page_agree() {
    let centre = centre();
    let (_author, _disk, mut reader, dossier) = reader(&centre);
    let blob = BlobId::of(b"0123456789");
    let mut slow = range_under_way(&mut reader, &dossier, &blob);
    reader.set(&dossier, &[("child_name", "Sau")]).unwrap();
    reader.act(&dossier, ActRequest::Comment { text: "x".into(), staff_only: false }).unwrap();
    let mut quick = reader.errand_fetch(&dossier, &blob);
    asked(&mut reader, &mut quick);
    reader.errand_take(&mut quick, ok(206, &[("content-range", "bytes 5-7/10")], b"567".to_vec())).unwrap();
    reader.errand_take(&mut slow, rest()).unwrap();
    let request = asked(&mut reader, &mut slow);
    assert!(request.headers.iter().any(|(_, value)| value.starts_with("bytes=8-")), "{request:?}");
    reader.errand_take(&mut slow, ok(206, &[("content-range", "bytes 8-9/10")], b"89".to_vec())).unwrap();
    assert_eq!(reader.errand_next(&mut slow).unwrap(), None);
    assert_eq!(reader.errand_next(&mut quick).unwrap(), None);
    for errand in [slow, quick] {
        let ErrandReport::Fetch(report) = errand.report() else { panic!("no fetch") };
        assert_eq!((report.bytes, report.whole, report.fault), (10, true, None));
    }
    let mut out = Vec::new();
    reader.read_blob(&blob, &mut out).unwrap();
    assert_eq!(out, b"0123456789");
    assert_eq!(reader.show(&dossier).unwrap().view.answers["child_name"].to_string(), "Sau");
}

#[test]
fn a_dossier_that_leaves_during_a_fetch_leaves_nothing_behind() {
    let centre = centre();
    let (_author, disk, mut reader, dossier) = reader(&centre);
    let blob = BlobId::of(b"0123456789");
    centre.borrow_mut().arrived = vec![(dossier, ArrivedBlob { blob, size_bytes: 10 })];
    sync(&mut reader, &centre);
    let mut errand = range_under_way(&mut reader, &dossier, &blob);
    centre.borrow_mut().leaving = vec![dossier];
    sync(&mut reader, &centre);
    let before = disk.dump();
    reader.errand_take(&mut errand, rest()).unwrap();
    assert_eq!(reader.errand_next(&mut errand).unwrap(), None);
    assert_eq!(fault_of(&errand), Some(Code::UnknownDossier));
    assert_eq!(disk.dump(), before);
    assert!(before.iter().all(|(space, ..)| !matches!(space, Space::Blobs | Space::Chunks)));
}

#[test]
fn a_fetch_dropped_midway_keeps_what_came() {
    let centre = centre();
    let (_author, _disk, mut reader, dossier) = reader(&centre);
    let blob = BlobId::of(b"0123456789");
    drop(range_under_way(&mut reader, &dossier, &blob));
    let mut errand = reader.errand_fetch(&dossier, &blob);
    assert_eq!(errand.progress().done, 5);
    asked(&mut reader, &mut errand);
    reader.errand_take(&mut errand, rest()).unwrap();
    assert_eq!(reader.errand_next(&mut errand).unwrap(), None);
    assert_eq!(fault_of(&errand), None);
    assert_eq!(reader.read_blob(&blob, &mut Vec::new()).unwrap(), 10);
}

#[test]
fn a_report_is_told_as_what_it_is() {
    let (_disk, device) = device(1);
    let told = |errand: Errand| serde_json::to_value(errand.report()).unwrap();
    assert_eq!(told(device.errand_sync())["round_trips"], 0);
    assert_eq!(told(device.errand_upload())["uploaded"], 0);
    let fetch = device.errand_fetch(&DossierId([1; 16]), &BlobId([2; 32]));
    assert_eq!(told(fetch)["bytes"], 0);
}

#[test]
fn after_a_request_that_never_arrived_less_is_sent_at_once_until_all_got_through() {
    let (_disk, mut device) = device(1);
    let centre = centre();
    started(&mut device);
    let whole = device.request_bytes;
    let mut errand = device.errand_sync();
    asked(&mut device, &mut errand);
    let broken = TransportFault::CutOff { status: None, received: Vec::new() };
    device.errand_take(&mut errand, Err(broken)).unwrap();
    assert!(device.request_bytes < whole);
    sync(&mut device, &centre);
    assert_eq!(device.request_bytes, whole);
}
