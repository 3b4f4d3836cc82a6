use std::cell::RefCell;

use dossier::{
    certificate::Role,
    content::{ContentPath, Root},
    fault::Code,
    id::DossierId,
};
use proptest::prelude::*;

use super::*;
use crate::{
    Device, Proceed, Submission,
    act::ActRequest,
    card::effective,
    centre::{Centre, Fate, Line, body_of},
    ledger::Read as _,
    ports::{FixedClock, SeededEntropy},
    record::{EventRecord, ProofRecord},
    store::{MemoryDisk, MemoryStore},
    transport::Transport,
};

const NOW: i64 = 1_795_000_000_000;

fn device(seed: u64) -> (MemoryDisk, Device) {
    let store = MemoryStore::new();
    let disk = store.disk();
    (disk, Device::init(store, FixedClock::at(NOW), SeededEntropy::new(seed), "http://centre").unwrap())
}

fn reopen(disk: &MemoryDisk, seed: u64) -> Device {
    Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(seed)).unwrap()
}

fn sync(device: &mut Device, transport: &dyn Transport) -> SyncReport {
    device.sync(transport, &mut |_| Proceed::Go)
}

fn good(device: &mut Device, transport: &dyn Transport) -> SyncReport {
    let report = sync(device, transport);
    assert_eq!(report.fault, None, "{report:?}");
    report
}

fn filled(device: &mut Device, id: Option<DossierId>) -> DossierId {
    let dossier = device.new_dossier("1.001193", id).unwrap().dossier;
    let fields: Vec<_> = device.procedure("1.001193").unwrap().fields;
    let name = name_field(device);
    assert!(fields.iter().any(|field| field.id == name));
    device.set(&dossier, &[(&name, "Nguyễn Thị Hòa")]).unwrap();
    dossier
}

/// A plain text field of the form that everybody sets.
fn name_field(device: &Device) -> String {
    let fields = device.procedure("1.001193").unwrap().fields;
    let plain = |field: &&dossier::form::Field| {
        field.kind == dossier::form::FieldKind::Text && field.repeated.is_none() && field.visible_when.is_none()
    };
    fields.iter().find(plain).unwrap().id.clone()
}

fn centre() -> RefCell<Centre> {
    RefCell::new(Centre::new(1, NOW + 5_000))
}

#[test]
fn what_was_typed_reaches_the_centre_in_one_round_trip_and_only_a_receipt_empties_the_outbox() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let ids: Vec<DossierId> = (0..20).map(|_| filled(&mut device, None)).collect();
    let report = good(&mut device, &Line::to(&centre));
    assert_eq!((report.round_trips, report.accepted, report.pending), (1, 20, 0));
    assert_eq!(centre.borrow().items(), 20);
    for id in ids {
        assert_eq!(device.show(&id).unwrap().unsent, 0);
    }
    let quiet = good(&mut device, &Line::to(&centre));
    assert_eq!((quiet.round_trips, quiet.accepted, quiet.received), (1, 0, 0));
}

#[test]
fn a_thousand_dossiers_are_one_request() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    for _ in 0..1_000 {
        device.new_dossier("1.001193", None).unwrap();
    }
    let report = good(&mut device, &Line::to(&centre));
    assert_eq!((report.round_trips, report.accepted, report.pending), (1, 1_000, 0));
}

#[test]
fn offline_keeps_everything() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    filled(&mut device, None);
    let report = sync(&mut device, &Line::with(&centre, [Fate::Offline]));
    assert_eq!(report.fault.unwrap().code, Code::Offline);
    assert_eq!((report.round_trips, report.pending), (0, 1));
    assert_eq!(good(&mut device, &Line::to(&centre)).accepted, 1);
}

#[test]
fn two_devices_that_never_met_see_both_values_of_one_field() {
    let centre = centre();
    let (_a, mut one) = device(1);
    let (_b, mut other) = device(2);
    let dossier = filled(&mut one, None);
    let field = name_field(&one);
    other.new_dossier("1.001193", Some(dossier)).unwrap();
    other.set(&dossier, &[(&field, "Nguyễn Thị Hoà Bình")]).unwrap();
    good(&mut one, &Line::to(&centre));
    good(&mut other, &Line::to(&centre));
    good(&mut one, &Line::to(&centre));
    for device in [&mut one, &mut other] {
        let conflicts = device.conflicts().unwrap();
        assert_eq!(conflicts.len(), 1);
        let contested = &conflicts[0].conflicts;
        assert_eq!(contested.len(), 1, "{contested:?}");
        assert_eq!((contested[0].field.as_str(), contested[0].values.len()), (field.as_str(), 2));
        assert!(contested[0].values.iter().all(|voice| voice.device.is_some() && !voice.by.is_empty()));
    }
    assert_eq!(
        one.folder(&dossier).unwrap().content.heads(),
        other.folder(&dossier).unwrap().content.heads(),
        "both hold one version"
    );
}

#[test]
fn typing_that_is_under_way_is_sealed_before_somebody_elses_changes_come() {
    let centre = centre();
    let (_a, mut one) = device(1);
    let (_b, mut other) = device(2);
    let dossier = filled(&mut one, None);
    good(&mut one, &Line::to(&centre));
    good(&mut other, &Line::to(&centre));
    let field = name_field(&one);
    other.set(&dossier, &[(&field, "Trần Văn Khác")]).unwrap();
    good(&mut other, &Line::to(&centre));
    let exchange = one.sync_begin().unwrap();
    one.set(&dossier, &[(&field, "Gõ Trong Lúc Chờ")]).unwrap();
    let frames = centre.borrow_mut().answer(&exchange.body).unwrap();
    one.sync_receive(&exchange, &body_of(&frames)).unwrap();
    let shown = one.show(&dossier).unwrap();
    assert_eq!(shown.view.conflicts.len(), 1);
    assert_eq!((shown.unsealed.len(), shown.unsent), (0, 1));
}

#[test]
fn an_enrolled_officer_accepts_with_a_leased_code_that_is_never_used_twice() {
    let centre = centre();
    let (_a, mut citizen) = device(1);
    let (disk, mut officer) = device(2);
    let invitation = centre.borrow_mut().invite(7, Role::Officer, "25747");
    officer.enrol(&invitation).unwrap();
    let first = good(&mut officer, &Line::to(&centre));
    assert!(first.enrolled);
    assert_eq!(officer.identity().certificate.unwrap().role, Role::Officer);
    good(&mut officer, &Line::to(&centre));
    let mut codes = Vec::new();
    for _ in 0..3 {
        let dossier = filled(&mut citizen, None);
        let submitted = submit_anyhow(&mut citizen, &dossier);
        assert!(submitted, "the act is lawful");
        good(&mut citizen, &Line::to(&centre));
        good(&mut officer, &Line::to(&centre));
        let done = officer.act(&dossier, ActRequest::Accept { case: None }).unwrap();
        codes.push(done.code.unwrap());
        drop(officer);
        officer = reopen(&disk, 40 + codes.len() as u64);
        let twice = officer.act(&dossier, ActRequest::Accept { case: None }).unwrap_err();
        assert_eq!((twice.code, twice.details["reason"].as_str()), (Code::StepRefused, "illegal_step"));
    }
    assert_eq!(codes, ["H29.16-261118-0001", "H29.16-261118-0002", "H29.16-261118-0003"]);
    good(&mut officer, &Line::to(&centre));
    good(&mut citizen, &Line::to(&centre));
    assert_eq!(citizen.list(&crate::ListQuery { status: Some(2), ..Default::default() }).unwrap().total, 3);
}

/// Submits past the form, which other tests are about.
fn submit_anyhow(device: &mut Device, dossier: &DossierId) -> bool {
    let mut folder = device.folder(dossier).unwrap();
    let mut batch = crate::WriteBatch::new();
    device.seal(&mut folder, &mut batch).unwrap();
    let act = dossier::event::Act::Submitted {
        channel: dossier::event::Channel::Online,
        unit: Some("25747".into()),
        provisional_code: folder.record.provisional_code.clone().unwrap(),
        procedure: "1.001193".into(),
        catalogue: "x".into(),
    };
    device.perform(folder, act, dossier::event::Audience::Parties, batch).is_ok()
}

#[test]
fn a_receipt_that_another_centre_signed_marks_nothing() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    filled(&mut device, None);
    centre.borrow_mut().forge = true;
    let report = sync(&mut device, &Line::to(&centre));
    assert_eq!(report.fault.unwrap().code, Code::BadSignature);
    assert_eq!((report.accepted, report.pending), (0, 1));
    centre.borrow_mut().forge = false;
    assert_eq!(good(&mut device, &Line::to(&centre)).pending, 0);
}

#[test]
fn a_receipt_for_another_batch_marks_nothing() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    filled(&mut device, None);
    let old = device.sync_begin().unwrap();
    let frames = centre.borrow_mut().answer(&old.body).unwrap();
    let exchange = device.sync_begin().unwrap();
    let outcome = device.sync_receive(&exchange, &body_of(&frames)).unwrap();
    assert_eq!(outcome.fault.unwrap().code, Code::BadSignature);
    assert_eq!(device.outbox().unwrap().len(), 1);
}

#[test]
fn the_first_centre_is_the_only_one() {
    let (first, second) = (centre(), RefCell::new(Centre::new(2, NOW)));
    let (_disk, mut device) = device(1);
    good(&mut device, &Line::to(&first));
    assert_eq!(device.identity().centre, Some(first.borrow().key.public()));
    let dossier = filled(&mut device, None);
    // One that minds its manners says so itself; one that does not is found out by its receipt.
    assert_eq!(sync(&mut device, &Line::to(&second)).fault.unwrap().code, Code::WrongCentre);
    let exchange = device.sync_begin().unwrap();
    let mut stranger = Exchange { ..exchange.clone() };
    device.centre = None;
    let open = device.sync_begin().unwrap();
    device.centre = Some(first.borrow().key.public());
    let frames = second.borrow_mut().answer(&open.body).unwrap();
    stranger.parcels.clone_from(&open.parcels);
    let outcome = device.sync_receive(&open, &body_of(&frames)).unwrap();
    assert_eq!(outcome.fault.unwrap().code, Code::WrongCentre);
    assert_eq!(device.show(&dossier).unwrap().unsent, 1);
}

#[test]
fn a_certificate_of_a_wrong_centre_or_for_another_device_is_refused() {
    let (centre, other) = (centre(), Centre::new(2, NOW));
    let (_disk, mut device) = device(1);
    let invitation = centre.borrow_mut().invite(7, Role::Postal, "25747");
    device.enrol(&invitation).unwrap();
    let forged = other.certificate(device.identity().key, "X", Role::Head, "25747");
    let stolen = centre.borrow().certificate(other.key.public(), "X", Role::Head, "25747");
    for certificate in [forged, stolen] {
        let exchange = device.sync_begin().unwrap();
        let frames = [dossier::wire::Frame::Welcome(dossier::wire::Welcome { certificate })];
        let outcome = device.sync_receive(&exchange, &body_of(&frames)).unwrap();
        assert_eq!(outcome.fault.unwrap().code, Code::CertificateRefused);
        assert_eq!(device.identity().certificate, None);
    }
    assert!(good(&mut device, &Line::to(&centre)).enrolled);
}

#[test]
fn a_refused_invitation_does_not_block_the_next_sync() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let invitation = centre.borrow_mut().invite(7, Role::Postal, "25747");
    centre.borrow_mut().invitations.clear();
    device.enrol(&invitation).unwrap();
    assert_eq!(sync(&mut device, &Line::to(&centre)).fault.unwrap().code, Code::InvitationRefused);
    good(&mut device, &Line::to(&centre));
}

#[test]
fn a_forked_actor_is_written_again_under_a_fresh_one_in_the_same_sync() {
    let centre = centre();
    let (disk, mut device) = device(1);
    let dossier = filled(&mut device, None);
    good(&mut device, &Line::to(&centre));
    // The same store twice: a phone and its clone go on from one backup.
    let backup = MemoryStore::new();
    let twin = backup.disk();
    disk.dump().iter().for_each(|(space, key, value)| twin.damage(*space, key, value));
    drop(backup);
    let field = name_field(&device);
    device.set(&dossier, &[(&field, "Bản Gốc")]).unwrap();
    good(&mut device, &Line::to(&centre));
    let mut clone = reopen(&twin, 77);
    clone.set(&dossier, &[(&field, "Bản Sao")]).unwrap();
    clone.act(&dossier, ActRequest::Comment { text: "ghi chú".into(), staff_only: false }).unwrap();
    let report = good(&mut clone, &Line::to(&centre));
    assert_eq!(report.refused, []);
    assert_eq!(report.pending, 0);
    assert_eq!(report.round_trips, 2);
    let shown = clone.show(&dossier).unwrap();
    assert_eq!(shown.view.answers[&field].to_string(), "Bản Sao");
    let kept: Vec<_> = clone.store.records::<crate::record::ChangeRecord>(dossier.as_bytes()).unwrap();
    let superseded = kept.iter().filter(|(_, record)| record.standing == crate::record::Standing::Superseded).count();
    assert_eq!(superseded, 1, "the old change stays as evidence");
    // A reader sees both.
    let (_c, mut reader) = self::device(3);
    good(&mut reader, &Line::to(&centre));
    assert_eq!(reader.show(&dossier).unwrap().view.conflicts[0].values.len(), 2);
}

#[test]
fn a_centre_that_lost_something_gets_all_of_the_dossier_again() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let dossier = filled(&mut device, None);
    good(&mut device, &Line::to(&centre));
    centre.borrow_mut().forget_changes();
    let field = name_field(&device);
    device.set(&dossier, &[(&field, "Lần Hai")]).unwrap();
    let report = good(&mut device, &Line::to(&centre));
    assert_eq!((report.round_trips, report.pending, report.refused.len()), (2, 0, 0));
    assert_eq!(centre.borrow().items(), 2);
}

#[test]
fn an_item_that_is_refused_for_good_stays_visible_and_is_not_sent_for_ever() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    let dossier = filled(&mut device, None);
    centre.borrow_mut().refuse_next.push_back("CHANGE_REFUSED");
    let report = good(&mut device, &Line::to(&centre));
    assert_eq!((report.refused.len(), report.pending), (1, 1));
    assert_eq!((report.refused[0].dossier, report.refused[0].code.as_str()), (dossier, "CHANGE_REFUSED"));
    assert_eq!(device.outbox().unwrap()[0].refused.as_deref(), Some("CHANGE_REFUSED"));
    assert_eq!(device.list(&crate::ListQuery::default()).unwrap().cards[0].refused, 1);
    assert_eq!(device.sync_begin().unwrap().items(), 0);
}

#[test]
fn a_missing_dependency_that_stays_missing_ends_as_a_refusal() {
    let centre = centre();
    let (_disk, mut device) = device(1);
    filled(&mut device, None);
    centre.borrow_mut().refuse_next.extend(["DEPENDENCY_MISSING"; 50]);
    let report = good(&mut device, &Line::to(&centre));
    assert!(report.round_trips <= 4, "{report:?}");
    assert_eq!(report.refused.last().unwrap().code, "DEPENDENCY_MISSING");
}

#[test]
fn a_dossier_that_leaves_goes_unless_it_holds_unsent_work() {
    let centre = centre();
    let (_a, mut author) = device(1);
    let (disk, mut reader) = device(2);
    let (gone, worked_on) = (filled(&mut author, None), filled(&mut author, None));
    good(&mut author, &Line::to(&centre));
    good(&mut reader, &Line::to(&centre));
    assert_eq!(reader.list(&crate::ListQuery::default()).unwrap().total, 2);
    let field = name_field(&reader);
    let exchange = reader.sync_begin().unwrap();
    reader.set(&worked_on, &[(&field, "Chưa gửi")]).unwrap();
    centre.borrow_mut().leaving = vec![gone, worked_on];
    let frames = centre.borrow_mut().answer(&exchange.body).unwrap();
    let outcome = reader.sync_receive(&exchange, &body_of(&frames)).unwrap();
    assert_eq!((outcome.removed, outcome.kept), (vec![gone], vec![worked_on]));
    assert_eq!(reader.show(&gone).unwrap_err().code, Code::UnknownDossier);
    assert_eq!(reader.list(&crate::ListQuery::default()).unwrap().total, 1);
    assert!(disk.dump().iter().all(|(space, key, _)| {
        matches!(space, crate::Space::Memberships | crate::Space::Chain | crate::Space::Proofs)
            || !key.starts_with(gone.as_bytes())
    }));
    assert_eq!(reader.show(&worked_on).unwrap().view.answers[&field].to_string(), "Chưa gửi");
}

#[test]
fn bytes_that_are_no_answer_are_called_damaged_and_change_nothing() {
    let (disk, mut device) = device(1);
    filled(&mut device, None);
    let exchange = device.sync_begin().unwrap();
    let before = disk.dump();
    let bomb = zstd::stream::encode_all(std::io::repeat(0).take(80 << 20), 19).unwrap();
    use std::io::Read as _;
    for (body, code) in [
        (b"<html>proxy login</html>".to_vec(), Code::Damaged),
        (bomb, Code::Damaged),
        (Vec::new(), Code::CutOff),
        (body_of(&[]), Code::CutOff),
    ] {
        let outcome = device.sync_receive(&exchange, &body).unwrap();
        assert_eq!(outcome.fault.unwrap().code, code, "{} bytes", body.len());
    }
    assert_eq!(disk.dump(), before);
}

#[test]
fn a_clock_ten_years_off_is_told_and_costs_nothing() {
    let centre = centre();
    centre.borrow_mut().now_ms = NOW + 3650 * 86_400_000;
    let (_disk, mut device) = device(1);
    let dossier = filled(&mut device, None);
    assert!(submit_anyhow(&mut device, &dossier));
    let report = good(&mut device, &Line::to(&centre));
    assert_eq!(report.clock_off_ms, Some(3650 * 86_400_000));
    assert_eq!(report.pending, 0);
    assert_eq!(device.show(&dossier).unwrap().view.status.business, Some(1));
}

#[test]
fn a_postal_worker_whose_clock_fell_back_still_collects() {
    let centre = centre();
    let store = MemoryStore::new();
    let clock = FixedClock::at(NOW);
    let mut device = Device::init(store, clock.clone(), SeededEntropy::new(1), "http://centre").unwrap();
    let invitation = centre.borrow_mut().invite(7, Role::Postal, "25747");
    device.enrol(&invitation).unwrap();
    good(&mut device, &Line::to(&centre));
    clock.set(NOW - 3650 * 86_400_000);
    let dossier = filled(&mut device, None);
    device.act(&dossier, ActRequest::Collected { papers: vec![] }).unwrap();
    assert_eq!(good(&mut device, &Line::to(&centre)).pending, 0);
}

#[derive(Debug, Clone)]
enum Step {
    Set(usize, usize, u8),
    Act(usize, usize),
    Sync(usize, Fate),
    /// Something is typed and remarked while the request is under way.
    Slow(usize, usize, u8, Fate),
    /// The last act is taken back, if it may be.
    Undo(usize),
    Crash(usize),
    Refuse(&'static str),
    FailCommit(usize, u64),
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Fate::Fine),
        1 => Just(Fate::Offline),
        1 => Just(Fate::Lost),
        3 => (0usize..6).prop_map(Fate::CutAfter),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Altered),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..2, 0usize..2, any::<u8>()).prop_map(|(device, dossier, value)| Step::Set(device, dossier, value)),
        2 => (0usize..2, 0usize..2).prop_map(|(device, dossier)| Step::Act(device, dossier)),
        4 => (0usize..2, fates()).prop_map(|(device, fate)| Step::Sync(device, fate)),
        2 => (0usize..2, 0usize..2, any::<u8>(), fates()).prop_map(|(d, dossier, value, fate)| Step::Slow(d, dossier, value, fate)),
        2 => (0usize..2).prop_map(Step::Undo),
        1 => (0usize..2).prop_map(Step::Crash),
        1 => prop_oneof![Just("ACTOR_FORK"), Just("DEPENDENCY_MISSING"), Just("NOT_STORED")].prop_map(Step::Refuse),
        1 => (0usize..2, 1u64..4).prop_map(|(device, after)| Step::FailCommit(device, after)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens on the way: after a calm end both devices and the Centre hold the same, and the last word of
    /// each device on each dossier is among the values that show.
    #[test]
    fn nothing_acknowledged_is_lost_and_nothing_is_sent_as_two(steps in prop::collection::vec(step(), 1..30)) {
        let centre = centre();
        let stores = [device(1), device(2)];
        let disks = [stores[0].0.clone(), stores[1].0.clone()];
        let [(_, first), (_, second)] = stores;
        let mut devices = [Some(first), Some(second)];
        let field = name_field(devices[0].as_ref().unwrap());
        let dossiers = [DossierId::mint(NOW, &[1; 10]), DossierId::mint(NOW, &[2; 10])];
        for device in devices.iter_mut().flatten() {
            for dossier in dossiers {
                device.new_dossier("1.001193", Some(dossier)).unwrap();
            }
        }
        let (mut made, mut comments, mut seed) = (0, 0, 100);
        let mut remark = || {
            made += 1;
            ActRequest::Comment { text: format!("ghi chú {made}"), staff_only: false }
        };
        for step in steps {
            match step {
                Step::Set(device, dossier, value) => {
                    let text = format!("Người {value}");
                    let device = devices[device].as_mut().unwrap();
                    if device.set(&dossiers[dossier], &[(&field, &text)]).is_ok() {
                        prop_assert_eq!(device.show(&dossiers[dossier]).unwrap().view.answers[&field].to_string(), text);
                    }
                }
                Step::Act(device, dossier) => {
                    comments += u32::from(devices[device].as_mut().unwrap().act(&dossiers[dossier], remark()).is_ok());
                }
                Step::Sync(device, fate) => {
                    sync(devices[device].as_mut().unwrap(), &Line::with(&centre, [fate]));
                }
                Step::Slow(device, dossier, value, fate) => {
                    let line = Line::with(&centre, [fate]);
                    let (device, dossier) = (devices[device].as_mut().unwrap(), &dossiers[dossier]);
                    let mut errand = device.errand_sync();
                    let text = format!("Người chậm {value}");
                    while let Ok(Some(request)) = device.errand_next(&mut errand) {
                        let typed = device.set(dossier, &[(&field, &text)]).is_ok();
                        comments += u32::from(device.act(dossier, remark()).is_ok());
                        if device.errand_take(&mut errand, line.send(request)).is_ok() && typed {
                            let folder = device.folder(dossier).unwrap();
                            let path = ContentPath::new(Root::Answers, field.as_str()).unwrap();
                            let cells = folder.content.cells();
                            let mut voices = cells.get(&path).into_iter().flat_map(|cell| &cell.versions);
                            let typed = folder.journal.iter().any(|entry| entry.path == path.to_string());
                            let said = voices.any(|voice| voice.value.to_string() == text);
                            prop_assert!(typed || said, "{text} was typed while an answer was under way");
                        }
                    }
                }
                Step::Undo(device) => {
                    let device = devices[device].as_mut().unwrap();
                    if let Some(last) = device.chain.previous() {
                        comments -= u32::from(device.undo(&[last]).is_ok());
                    }
                }
                Step::Crash(device) => {
                    seed += 1;
                    devices[device] = None;
                    devices[device] = Some(reopen(&disks[device], seed));
                }
                Step::Refuse(code) => centre.borrow_mut().refuse_next.push_back(code),
                Step::FailCommit(device, after) => disks[device].fail_once(after),
            }
        }
        centre.borrow_mut().refuse_next.clear();
        let last: Vec<Vec<Option<String>>> = devices.iter().flatten().map(|device| {
            dossiers.iter().map(|dossier| {
                let folder = device.folder(dossier).unwrap();
                let path = ContentPath::new(Root::Answers, field.as_str()).unwrap();
                folder.journal.iter().find(|entry| entry.path == path.to_string())
                    .and_then(|entry| entry.value.as_ref().map(ToString::to_string))
            }).collect()
        }).collect();
        // The calm end. A commit that was still to fail fails in the first of these.
        for _ in 0..3 {
            for device in devices.iter_mut().flatten() {
                sync(device, &Line::to(&centre));
            }
        }
        for (number, dossier) in dossiers.iter().enumerate() {
            let mut versions = Vec::new();
            for (which, device) in devices.iter_mut().flatten().enumerate() {
                prop_assert_eq!(device.outbox().unwrap(), vec![]);
                let folder = device.folder(dossier).unwrap();
                prop_assert_eq!(folder.journal.len(), 0);
                let path = ContentPath::new(Root::Answers, field.as_str()).unwrap();
                if let Some(typed) = &last[which][number] {
                    let cells = folder.content.cells();
                    let said: Vec<String> = folder.content.changes().iter()
                        .flat_map(|change| folder.content.edits_of(&change.hash))
                        .filter(|edit| edit.path == path)
                        .filter_map(|edit| edit.value.map(|value| value.to_string()))
                        .collect();
                    prop_assert!(said.contains(typed), "{typed} was typed and is not in the document {said:?}");
                    prop_assert!(cells.contains_key(&path));
                }
                versions.push((folder.content.heads(), effective(&folder.content, &[])));
                for (key, _) in device.store.records::<ProofRecord>(dossier.as_bytes()).unwrap() {
                    let item = crate::outbox::ItemKey::read(&key).unwrap();
                    prop_assert!(centre.borrow().holds(dossier, &item.hash), "a proof without the item");
                }
                device.rebuild().unwrap();
                prop_assert_eq!(&device.folder(dossier).unwrap().content.heads(), &versions[which].0);
                prop_assert_eq!(device.outbox().unwrap(), vec![]);
            }
            prop_assert_eq!(&versions[0], &versions[1]);
        }
        // Every remark was made once: none is lost, none came twice under two names.
        let mut told: Vec<String> = Vec::new();
        let device = devices[0].as_ref().unwrap();
        for dossier in dossiers {
            for (_, record) in device.store.records::<EventRecord>(dossier.as_bytes()).unwrap() {
                let event = record.signed.verify(&dossier).unwrap();
                if record.standing == crate::record::Standing::Counts
                    && let dossier::event::Act::Commented { text } = &event.body().act
                {
                    told.push(text.clone());
                }
            }
        }
        told.sort();
        let count = told.len();
        told.dedup();
        prop_assert_eq!((told.len(), count), (comments as usize, comments as usize));
    }
}

#[test]
fn submission_defaults_are_those_of_a_citizen() {
    let (_disk, mut device) = device(1);
    let dossier = filled(&mut device, None);
    let submitted = device.submit(&dossier, &Submission::default()).unwrap();
    assert_eq!((submitted.channel, submitted.unit), (Some(dossier::event::Channel::Online), None));
    assert!(!submitted.doubts.answers_missing.is_empty());
}
