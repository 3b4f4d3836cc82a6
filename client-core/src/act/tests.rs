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

#[test]
fn every_request_has_its_json() {
    let mut each = ActRequest::one_of_each(Some(EventId([7; 32])));
    each.push(ActRequest::Comment { text: "x".into(), staff_only: true });
    for request in &each {
        let json = serde_json::to_value(request).unwrap();
        assert_eq!(json["do"], request.name());
        assert_eq!(serde_json::from_value::<ActRequest>(json).unwrap(), *request);
    }
    insta::assert_json_snapshot!(each);
}

#[test]
fn what_is_absent_in_a_request_is_the_usual_and_what_is_unknown_is_refused() {
    let read = |json: &str| serde_json::from_str::<ActRequest>(json);
    assert_eq!(read(r#"{"do":"accept"}"#).unwrap(), ActRequest::Accept { case: None });
    assert_eq!(read(r#"{"do":"collected"}"#).unwrap(), ActRequest::Collected { papers: vec![] });
    let comment = ActRequest::Comment { text: "x".into(), staff_only: false };
    assert_eq!(read(r#"{"do":"comment","text":"x"}"#).unwrap(), comment);
    for wrong in [r#"{"do":"erase"}"#, r#"{"do":"refuse"}"#, r#"{"do":"accept","reason":"x"}"#, "{}"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_may_be_done_is_what_is_then_done() {
    let (_disk, mut device, dossier) = device();
    assert_eq!(device.show(&dossier).unwrap().may, ["submit", "paid", "comment"]);
    device.submit(&dossier, &Submission::default()).unwrap();
    let may = device.show(&dossier).unwrap().may;
    assert_eq!(may, ["submit", "paid", "withdraw", "comment"]);
    for request in ActRequest::one_of_each(None) {
        let (_disk, mut other, twin) = self::device();
        other.submit(&twin, &Submission::default()).unwrap();
        let name = request.name();
        assert_eq!(other.act(&twin, request).is_ok(), may.contains(&name), "{name}");
    }
}
