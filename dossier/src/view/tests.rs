use super::*;
use crate::{
    certificate::Certificate,
    content::{Edit, chunk::Scanned},
    deadline::unix_ms,
    envelope::SigningKey,
    event::{Act, ActingFor, Audience, Channel, EventBody},
    id::EventId,
};

fn dossier() -> DossierId {
    "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::derive_from_seed(&[seed; 32])
}

fn officer_certificate() -> Certificate {
    Certificate {
        centre: key(255).public(),
        device_key: key(2).public(),
        name: "Lê Thị Bình".into(),
        role: Role::Officer,
        unit: "25747".into(),
        from_ms: 0,
        until_ms: i64::MAX,
    }
}

fn event(
    author: u8,
    act: Act,
    at: &str,
    counter: u64,
    previous: Option<EventId>,
    seen: &[EventId],
    heads: Vec<ChangeHash>,
) -> Recorded {
    let certificate = (author == 2).then(officer_certificate);
    let at_ms = unix_ms(at.parse().unwrap());
    let mut seen = seen.to_vec();
    seen.sort_unstable();
    let event = EventBody {
        dossier: dossier(),
        act,
        audience: Audience::Parties,
        author: key(author).public(),
        acting: certificate.as_ref().map(|c| ActingFor { role: c.role, unit: c.unit.clone() }),
        heads,
        seen,
        at_ms,
        counter,
        previous,
    }
    .sign(&key(author));
    Recorded { event, certificate, received: Some(Received { at_ms: at_ms + 1000, clock_offset_ms: 0 }) }
}

fn submit(procedure: &str) -> Act {
    Act::Submitted {
        channel: Channel::Online,
        unit: Some("25747".into()),
        provisional_code: "T-ABCDEF-261120-1-X".into(),
        procedure: procedure.into(),
        catalogue: Catalogue::shipped().version().into(),
    }
}

fn accept(version: &str) -> Act {
    Act::Accepted {
        code: Some("H29.25747-261120-0001".into()),
        procedure_version: version.into(),
        catalogue: Catalogue::shipped().version().into(),
        case: String::new(),
    }
}

fn answer(key: &str, value: &str) -> Edit {
    Edit { path: ContentPath::new(Root::Answers, key).unwrap(), value: Some(Scalar::from(value)) }
}

fn sources<'a>(
    content: &'a Content,
    records: &'a [Recorded],
    authors: &'a BTreeMap<ActorId, Author>,
    received: &'a BTreeMap<ChangeHash, Received>,
    arrived: &'a BTreeSet<BlobId>,
) -> Sources<'a> {
    Sources {
        dossier: dossier(),
        content,
        records,
        authors,
        received,
        arrived,
        catalogue: Catalogue::shipped(),
        provisional_code: None,
    }
}

fn authors() -> BTreeMap<ActorId, Author> {
    [(1, "Trần Văn An"), (2, "Nguyễn Thị Hòa")]
        .into_iter()
        .map(|(n, name)| {
            let device = key(n).device();
            (ActorId([n; 16]), Author { device, name: Some(name.into()), role: None, unit: None })
        })
        .collect()
}

/// A building permit accepted on a day of the calendar's test vectors, in each of its versions.
fn due_of_permit(accepted: &str, pauses: &[(&str, &str)]) -> String {
    let content = Content::new(dossier());
    let s = event(1, submit("1.009994"), "2024-01-01T08:00:00", 1, None, &[], vec![]);
    let mut records = vec![s];
    let mut last = None;
    let mut counter = 0;
    let mut step = |records: &mut Vec<Recorded>, act: Act, at: &str| {
        counter += 1;
        let seen = State::frontier(records, Audience::Parties);
        let record = event(2, act, at, counter, last, &seen, vec![]);
        last = Some(record.event.id());
        records.push(record);
    };
    step(&mut records, accept(""), accepted);
    for (from, to) in pauses {
        step(&mut records, Act::Asked { reason: "Thiếu bản vẽ".into(), items: vec![] }, from);
        step(&mut records, Act::Supplemented, to);
    }
    let (authors, received, arrived) = (authors(), BTreeMap::new(), BTreeSet::new());
    compose(&sources(&content, &records, &authors, &received, &arrived)).due_at.unwrap()
}

/// Invariant 4, by the law in force on the day of acceptance: 15 working days to mid-2026, 7 from then on.
#[test]
fn the_due_date_follows_the_version_in_force_at_acceptance() {
    assert!(due_of_permit("2026-11-20T09:00:00", &[]).starts_with("2026-12-02T"), "the vector of §4.3");
    assert!(due_of_permit("2026-06-30T09:00:00", &[]).starts_with("2026-07-21T"));
    assert!(due_of_permit("2026-07-01T09:00:00", &[]).starts_with("2026-07-10T"));
}

#[test]
fn a_supplement_gives_back_the_working_days_it_took() {
    let plain = due_of_permit("2026-09-07T09:00:00", &[]);
    assert!(plain.starts_with("2026-09-16T"));
    let paused = due_of_permit("2026-09-07T09:00:00", &[("2026-09-09T09:00:00", "2026-09-14T09:00:00")]);
    assert!(paused.starts_with("2026-09-21T"), "{paused}");
}

#[test]
fn door_to_door_as_the_officer_sees_it() {
    let mut citizen = Content::new(dossier());
    let mut postal = Content::new(dossier());
    let note = FileNote { bytes: 5, media: "image/jpeg".into(), page: 1 };
    let blob = BlobId::of(b"photo");
    let file =
        Edit { path: ContentPath::file("declaration", &blob).unwrap(), value: Some(Scalar::Text(note.to_text())) };
    let a = citizen.seal(&ActorId([1; 16]), &[answer("child_name", "Trần An"), file], 1_795_000_000).unwrap().unwrap();
    let b = postal.seal(&ActorId([2; 16]), &[answer("child_name", "Trần Ân")], 1_795_000_600).unwrap().unwrap();
    let mut desk = Content::new(dossier());
    desk.apply(&[a.change, b.change]).unwrap();
    let accepted_on = desk.heads();
    let s = event(1, submit("1.001193"), "2026-11-20T08:00:00", 1, None, &[], accepted_on.clone());
    let acceptance = event(2, accept(""), "2026-11-20T09:00:00", 1, None, &[s.event.id()], accepted_on);
    let records = [acceptance, s];
    let (authors, received) = (authors(), BTreeMap::new());
    let arrived = BTreeSet::from([blob]);
    let view = compose(&sources(&desk, &records, &authors, &received, &arrived));
    assert_eq!(view.code.as_deref(), Some("H29.25747-261120-0001"));
    assert_eq!(view.status.business, Some(2));
    assert_eq!(view.pending_amendment, None);
    assert_eq!(view.components[0].files.iter().filter(|file| file.arrived).count(), 1);
    let [conflict] = view.conflicts.as_slice() else { panic!("one conflict") };
    assert_eq!(conflict.field, "child_name");
    let mut said: Vec<_> = conflict.values.iter().map(|v| (v.value.to_string(), v.by.clone(), v.at.clone())).collect();
    said.sort();
    assert_eq!(said[0].0, "Trần An");
    assert_eq!(said[0].1, "Trần Văn An");
    assert_eq!(said[1].1, "Nguyễn Thị Hòa");
    assert!(said[0].2 < said[1].2);

    // The citizen's late edit.
    let late: Scanned = citizen
        .seal(&ActorId([1; 16]), &[answer("child_name", "Trần Thiên An")], 1_795_009_000)
        .unwrap()
        .unwrap()
        .change;
    desk.apply(&[late]).unwrap();
    let view = compose(&sources(&desk, &records, &authors, &received, &arrived));
    let amendment = view.pending_amendment.expect("the late edit is pending");
    let [field] = amendment.changes.as_slice() else { panic!("one field differs") };
    assert_eq!(field.field, "child_name");
    assert_eq!(field.now.len(), 2, "what the postal worker said still stands beside it");

    let told = history(&sources(&desk, &records, &authors, &received, &arrived));
    assert_eq!(told.iter().filter(|entry| matches!(entry.kind, HistoryKind::Change { .. })).count(), 3);
    assert_eq!(told.iter().filter(|entry| matches!(entry.kind, HistoryKind::Event(_))).count(), 2);
}

/// Invariant 10: a clock ten years off changes no order; the times are corrected and flagged, and the due date rests on
/// the corrected acceptance.
#[test]
fn a_clock_ten_years_off_moves_no_due_date() {
    let content = Content::new(dossier());
    let s = event(1, submit("1.009994"), "2026-11-20T08:00:00", 1, None, &[], vec![]);
    let mut off = event(2, accept(""), "2016-11-20T09:00:00", 1, None, &[s.event.id()], vec![]);
    let true_ms = unix_ms("2026-11-20T09:00:00".parse().unwrap());
    let clock_offset_ms = true_ms - off.event.body().at_ms;
    off.received = Some(Received { at_ms: true_ms + 1000, clock_offset_ms });
    let records = [s, off];
    let (authors, received, arrived) = (authors(), BTreeMap::new(), BTreeSet::new());
    let view = compose(&sources(&content, &records, &authors, &received, &arrived));
    assert!(view.due_at.unwrap().starts_with("2026-12-02T"));
    assert_eq!(view.accepted_at.unwrap().clock, crate::state::ClockFlag::Corrected);
}
