use super::*;
use crate::{
    Device, Submission,
    ports::{FixedClock, SeededEntropy},
    store::{MemoryDisk, MemoryStore},
};

fn device() -> (MemoryDisk, Device, DossierId) {
    let store = MemoryStore::new();
    let disk = store.disk();
    let clock = FixedClock::at(1_795_000_000_000);
    let mut device = Device::init(store, clock, SeededEntropy::new(1), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    (disk, device, dossier)
}

#[test]
fn what_the_rules_do_not_allow_leaves_nothing_behind() {
    let (disk, mut device, dossier) = device();
    let before = disk.dump();
    let mut refused = |request| {
        let fault = device.act(&dossier, request).unwrap_err();
        (fault.code, fault.details.get("reason").cloned().unwrap_or_default())
    };
    let reason = |text: &str| text.to_owned();
    assert_eq!(refused(ActRequest::Accept { case: None }), (Code::NotAllowed, reason("not_in_role")));
    assert_eq!(refused(ActRequest::Supplement), (Code::StepRefused, reason("illegal_step")));
    assert_eq!(refused(ActRequest::Withdraw { reason: "  ".into() }), (Code::ReasonMissing, reason("reason_missing")));
    let note = ActRequest::Comment { text: "x".into(), staff_only: true };
    assert_eq!(refused(note), (Code::NotAllowed, reason("not_staff")));
    let long = ActRequest::Comment { text: "x".repeat(MAX_TEXT_BYTES + 1), staff_only: false };
    assert_eq!(refused(long).0, Code::OverLimit);
    assert_eq!(disk.dump(), before);
}

#[test]
fn an_act_is_one_commit_with_the_typing_sealed_in_it() {
    let (disk, mut device, dossier) = device();
    let before = disk.commits();
    let done = device.act(&dossier, ActRequest::Comment { text: "Ghi chú".into(), staff_only: false }).unwrap();
    assert_eq!(disk.commits(), before + 1);
    let shown = device.show(&dossier).unwrap();
    assert_eq!((done.heads, shown.unsent, shown.unsealed.len()), (shown.view.heads, 2, 0));
    disk.fill_up(Some(1));
    let fault = device.act(&dossier, ActRequest::Comment { text: "Hai".into(), staff_only: false }).unwrap_err();
    assert_eq!(fault.code, Code::DiskFull);
    disk.fill_up(None);
    device.act(&dossier, ActRequest::Comment { text: "Ba".into(), staff_only: false }).unwrap();
    let records = device.recorded(&dossier).unwrap();
    let mut counters: Vec<_> = records.iter().map(|record| record.event.body().counter).collect();
    counters.sort_unstable();
    assert_eq!(counters, [1, 2], "the act that was not saved took no number");
}

#[test]
fn a_closed_channel_is_refused_and_a_missing_answer_only_told() {
    let (_disk, mut device, dossier) = device();
    let submitted = device.submit(&dossier, &Submission::default()).unwrap();
    assert!(submitted.doubts.answers_missing.iter().any(|field| field == "child_name"), "{submitted:?}");
    let closed = device.catalogue.procedures().find_map(|procedure| {
        let version = procedure.versions.last()?;
        version.flags.presence_required.then(|| procedure.code.to_string())
    });
    let code = closed.expect("the catalogue has a procedure that asks for presence");
    let procedure = device.catalogue.procedure_of(&code).unwrap();
    let fault: Fault = device.check_channel(procedure, dossier::event::Channel::Postal).unwrap_err().into();
    assert_eq!((fault.code, fault.details["reason"].as_str()), (Code::ChannelRefused, "presence_required"));
}
