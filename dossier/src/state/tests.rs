use proptest::prelude::*;

use super::*;
use crate::{
    certificate::Role,
    envelope::SigningKey,
    event::{ActingFor, Audience, EventBody},
    id::DossierId,
};

struct Flat;

impl Territory for Flat {
    fn is_within(&self, unit: &str, ancestor: &str) -> bool {
        unit == ancestor || ancestor == "centre"
    }
}

const DOSSIER: DossierId = DossierId([1; 16]);
const NOW: i64 = 1_795_000_000_000;
const HOUR: i64 = 3_600_000;

/// A person with a device, who keeps the device's chain.
struct Person {
    key: SigningKey,
    certificate: Option<Certificate>,
    made: u64,
    last: Option<EventId>,
}

impl Person {
    fn citizen(seed: u8) -> Self {
        Self { key: SigningKey::derive_from_seed(&[seed; 32]), certificate: None, made: 0, last: None }
    }

    fn staff(seed: u8, role: Role, unit: &str) -> Self {
        let mut person = Self::citizen(seed);
        person.certificate = Some(Certificate {
            centre: SigningKey::derive_from_seed(&[255; 32]).public(),
            device_key: person.key.public(),
            name: format!("Nhân viên {seed}"),
            role,
            unit: unit.into(),
            from_ms: NOW - 1000 * HOUR,
            until_ms: NOW + 1000 * HOUR,
        });
        person
    }

    /// Does something knowing exactly `seen`, `hours` after the start.
    fn does(&mut self, act: Act, seen: &[&Recorded], hours: i64) -> Recorded {
        self.does_on(act, seen, hours, vec![ChangeHash([1; 32])])
    }

    fn does_on(&mut self, act: Act, seen: &[&Recorded], hours: i64, heads: Vec<ChangeHash>) -> Recorded {
        self.made += 1;
        let mut seen: Vec<EventId> = seen.iter().map(|record| record.event.id()).collect();
        seen.sort_unstable();
        let audience = if matches!(act, Act::Commented { .. }) { Audience::Staff } else { Audience::Parties };
        let event = EventBody {
            dossier: DOSSIER,
            act,
            // Here every remark is an internal one.
            audience,
            author: self.key.public(),
            acting: self
                .certificate
                .as_ref()
                .map(|certificate| ActingFor { role: certificate.role, unit: certificate.unit.clone() }),
            heads,
            seen,
            at_ms: NOW + hours * HOUR,
            counter: self.made,
            previous: self.last,
        }
        .sign(&self.key);
        self.last = Some(event.id());
        Recorded { event, certificate: self.certificate.clone(), received: None }
    }
}

fn submitted(channel: Channel) -> Act {
    Act::Submitted {
        channel,
        unit: Some("25747".into()),
        provisional_code: "T-ABCDEF-261121-1-X".into(),
        procedure: "1.001193".into(),
        catalogue: "2026.11.1".into(),
    }
}

fn accepted() -> Act {
    Act::Accepted { code: None, procedure_version: "2026".into(), catalogue: "2026.11.1".into(), case: "normal".into() }
}

fn refused() -> Act {
    Act::Refused { reason: "Không thuộc thẩm quyền".into() }
}

fn asked() -> Act {
    Act::Asked { reason: "Thiếu giấy chứng sinh".into(), items: vec!["birth_certificate".into()] }
}

fn ids(records: &[&Recorded]) -> Vec<EventId> {
    let mut ids: Vec<EventId> = records.iter().map(|record| record.event.id()).collect();
    ids.sort_unstable();
    ids
}

fn ineffective(state: &State, record: &Recorded) -> Option<Ineffective> {
    state.entry(&record.event.id()).unwrap().ineffective
}

#[test]
fn the_ordinary_way_from_submission_to_return() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = officer.does(accepted(), &[&s], 1);
    let r = officer.does(Act::Routed { unit: None }, &[&a], 2);
    let d = officer.does(Act::Decided { result: "Giấy khai sinh số 12".into() }, &[&r], 3);
    let t = officer.does(Act::Returned { to: "Người nộp".into() }, &[&d], 9);
    let state = fold(&[t.clone(), d, r, a.clone(), s], &Flat);
    assert_eq!(state.status, Some(Status::Returned));
    assert_eq!(state.channel, Some(Channel::Online));
    assert_eq!(state.unit.as_deref(), Some("25747"));
    assert_eq!(state.acceptance.as_ref().unwrap().event, a.event.id());
    // The result was there before it was handed over: the time of status 9 takes precedence.
    assert_eq!(state.finished_at.unwrap().ms, NOW + 3 * HOUR);
    assert_eq!(state.aliases, ["T-ABCDEF-261121-1-X"]);
    assert!(state.entries.iter().all(|entry| entry.ineffective.is_none()));
}

#[test]
fn a_supplement_pauses_the_clock_and_returns_to_where_it_was_asked() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = officer.does(accepted(), &[&s], 1);
    let q = officer.does(asked(), &[&a], 2);
    let paused = fold(&[s.clone(), a.clone(), q.clone()], &Flat);
    assert_eq!(paused.status, Some(Status::SupplementAsked));
    assert_eq!(paused.pauses.len(), 1);
    assert_eq!(paused.pauses[0].until, None);
    let given = citizen.does(Act::Supplemented, &[&q], 50);
    let state = fold(&[given, q, a, s], &Flat);
    assert_eq!(state.status, Some(Status::Accepted));
    assert_eq!(state.pauses[0].until.unwrap().ms, NOW + 50 * HOUR);
    assert_eq!(state.supplement_requests, 1);
}

#[test]
fn a_refused_withdrawal_goes_back_to_where_it_was() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let w = citizen.does(Act::WithdrawalAsked { reason: "Đổi ý".into() }, &[&s], 1);
    let no = Act::WithdrawalAnswered { granted: false, reason: "Đã có kết quả".into() };
    let n = officer.does(no, &[&w], 2);
    assert_eq!(fold(&[s.clone(), w.clone(), n], &Flat).status, Some(Status::Registered));
    let yes = Act::WithdrawalAnswered { granted: true, reason: "Theo đề nghị".into() };
    let y = Person::staff(2, Role::Officer, "25747").does(yes, &[&w], 2);
    assert_eq!(fold(&[s, w, y], &Flat).status, Some(Status::Stopped));
}

#[test]
fn two_officers_who_did_not_know_of_each_other_make_a_dispute_until_the_head_settles_it() {
    let mut citizen = Person::citizen(1);
    let mut one = Person::staff(2, Role::Officer, "25747");
    let mut two = Person::staff(3, Role::Officer, "25747");
    let mut head = Person::staff(4, Role::Head, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = one.does(accepted(), &[&s], 1);
    let r = two.does(refused(), &[&s], 1);
    let disputed = fold(&[s.clone(), a.clone(), r.clone()], &Flat);
    assert_eq!(disputed.disputed, ids(&[&a, &r]));
    assert_eq!(disputed.status, Some(Status::Registered));
    assert_eq!(disputed.acceptance, None);
    // Going on as if nothing were the matter takes no effect.
    let d = two.does(Act::Decided { result: "x".into() }, &[&a, &r], 2);
    let ignored = fold(&[s.clone(), a.clone(), r.clone(), d.clone()], &Flat);
    assert_eq!(ineffective(&ignored, &d), Some(Ineffective::Disputed));
    // An officer may not settle; the head may.
    let settle = Act::Settled { stands: a.event.id(), reason: "Đúng thẩm quyền".into() };
    let o = one.does(settle.clone(), &[&a, &r], 3);
    let h = head.does(settle, &[&a, &r], 3);
    let tried = fold(&[s.clone(), a.clone(), r.clone(), o.clone()], &Flat);
    assert_eq!(ineffective(&tried, &o), Some(Ineffective::NotInRole));
    let state = fold(&[h, r.clone(), a.clone(), s], &Flat);
    assert!(state.disputed.is_empty());
    assert_eq!(state.status, Some(Status::Accepted));
    assert_eq!(state.acceptance.as_ref().unwrap().event, a.event.id());
    assert_eq!(ineffective(&state, &r), Some(Ineffective::DidNotStand));
    assert_eq!(ineffective(&state, &a), None);
}

#[test]
fn an_act_unknown_to_the_settlement_opens_the_dispute_again() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let r = Person::staff(3, Role::Officer, "25747").does(refused(), &[&s], 1);
    let late = Person::staff(5, Role::Officer, "25747").does(asked(), &[&s], 1);
    let settle = Act::Settled { stands: a.event.id(), reason: "Đúng".into() };
    let h = Person::staff(4, Role::Head, "25747").does(settle, &[&a, &r], 3);
    let state = fold(&[late.clone(), h.clone(), r, a, s], &Flat);
    assert_eq!(state.disputed, ids(&[&late, &h]));
}

#[test]
fn two_officers_who_do_the_same_to_the_same_version_agree() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let b = Person::staff(3, Role::Officer, "25747").does(accepted(), &[&s], 2);
    let state = fold(&[s.clone(), a, b], &Flat);
    assert_eq!((state.status, state.disputed.len()), (Some(Status::Accepted), 0));
    // At two points, each for its own unit, they do not.
    let unrouted = Person::citizen(1).does(
        Act::Submitted {
            channel: Channel::Online,
            unit: None,
            provisional_code: String::new(),
            procedure: "1.001193".into(),
            catalogue: String::new(),
        },
        &[],
        0,
    );
    let here = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&unrouted], 1);
    let there = Person::staff(3, Role::Officer, "25750").does(accepted(), &[&unrouted], 2);
    let state = fold(&[unrouted, here.clone(), there.clone()], &Flat);
    assert_eq!(state.disputed, ids(&[&here, &there]));
}

#[test]
fn a_postal_worker_never_decides_and_a_stranger_unit_neither() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    for act in [accepted(), refused(), asked(), Act::Stopped { reason: "x".into() }, Act::Adopted] {
        let p = Person::staff(2, Role::Postal, "25747").does(act.clone(), &[&s], 1);
        let o = Person::staff(3, Role::Officer, "25750").does(act.clone(), &[&s], 1);
        let c = citizen.does(act, &[&s], 1);
        let state = fold(&[s.clone(), p.clone(), o.clone(), c.clone()], &Flat);
        assert_eq!(state.status, Some(Status::Registered));
        assert_eq!(ineffective(&state, &p), Some(Ineffective::NotInRole));
        assert_eq!(ineffective(&state, &o), Some(Ineffective::NotInUnit));
        assert_eq!(ineffective(&state, &c), Some(Ineffective::NotInRole));
    }
}

#[test]
fn authority_is_proved_and_valid_at_the_time() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let late = officer.does(accepted(), &[&s], 2000);
    assert_eq!(ineffective(&fold(&[s.clone(), late.clone()], &Flat), &late), Some(Ineffective::OutdatedAuthority));
    let mut bare = Person::staff(3, Role::Officer, "25747").does(accepted(), &[&s], 1);
    bare.certificate = None;
    assert_eq!(ineffective(&fold(&[s.clone(), bare.clone()], &Flat), &bare), Some(Ineffective::OutdatedAuthority));
    // A clock set back into the certificate's validity does not help once the Centre has seen the clock.
    let mut cheat = officer.does(accepted(), &[&s], 1);
    cheat.received = Some(Received { at_ms: NOW + 3000 * HOUR, clock_offset_ms: 2500 * HOUR });
    assert_eq!(ineffective(&fold(&[s, cheat.clone()], &Flat), &cheat), Some(Ineffective::OutdatedAuthority));
}

#[test]
fn a_missing_reason_and_an_illegal_step_take_no_effect_and_stay_in_the_record() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let r = officer.does(Act::Refused { reason: "  ".into() }, &[&s], 1);
    let d = officer.does(Act::Decided { result: "x".into() }, &[&r], 2);
    let state = fold(&[s, r.clone(), d.clone()], &Flat);
    assert_eq!(ineffective(&state, &r), Some(Ineffective::ReasonMissing));
    assert_eq!(ineffective(&state, &d), Some(Ineffective::IllegalStep));
    assert_eq!(state.entries.len(), 3);
}

#[test]
fn a_withdrawal_that_crossed_a_decision_was_overtaken() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = officer.does(accepted(), &[&s], 1);
    let w = citizen.does(Act::WithdrawalAsked { reason: "Đổi ý".into() }, &[&a], 2);
    let d = officer.does(Act::Decided { result: "x".into() }, &[&a], 2);
    let state = fold(&[s.clone(), a.clone(), w.clone(), d], &Flat);
    assert_eq!(state.status, Some(Status::Decided));
    assert_eq!(ineffective(&state, &w), Some(Ineffective::Overtaken));
    // One that crossed a step after which it is still lawful follows it.
    let r = Person::staff(3, Role::Officer, "25747").does(Act::Routed { unit: None }, &[&a], 2);
    assert_eq!(fold(&[s, a, w, r], &Flat).status, Some(Status::WithdrawalAsked));
}

/// Found by the full lockdown summer: the desk decides while the payment is still on the postal worker's phone.
#[test]
fn a_payment_that_crossed_the_decision_does_not_take_the_decision_back() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = officer.does(accepted(), &[&s], 1);
    let r = officer.does(Act::Routed { unit: None }, &[&a], 2);
    let o = officer.does(Act::PaymentAsked { amount_dong: 50_000, reason: "Lệ phí".into() }, &[&r], 3);
    let p = citizen.does(Act::Paid { amount_dong: 50_000, reference: "UNC 1".into() }, &[&o], 4);
    let d = officer.does(Act::Decided { result: "x".into() }, &[&o], 5);
    let state = fold(&[s.clone(), a.clone(), r.clone(), o.clone(), p.clone(), d.clone()], &Flat);
    assert_eq!(state.status, Some(Status::Decided));
    assert_eq!(ineffective(&state, &p), None);
    let t = officer.does(Act::Returned { to: "x".into() }, &[&p, &d], 6);
    assert_eq!(fold(&[s, a, r, o, p, d, t], &Flat).status, Some(Status::Returned));
}

#[test]
fn what_a_party_does_on_one_side_settles_no_dispute() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let r = Person::staff(3, Role::Officer, "25747").does(refused(), &[&s], 1);
    // The citizen has seen the acceptance only.
    let w = citizen.does(Act::WithdrawalAsked { reason: "Đổi ý".into() }, &[&a], 2);
    let state = fold(&[s, a.clone(), r.clone(), w], &Flat);
    assert_eq!(state.disputed, ids(&[&a, &r]));
}

#[test]
fn a_late_edit_is_pending_until_it_is_adopted() {
    let mut citizen = Person::citizen(1);
    let mut officer = Person::staff(2, Role::Officer, "25747");
    let (one, two) = (vec![ChangeHash([1; 32])], vec![ChangeHash([2; 32])]);
    let s = citizen.does_on(submitted(Channel::Online), &[], 0, one.clone());
    let a = officer.does_on(accepted(), &[&s], 1, one.clone());
    let state = fold(&[s.clone(), a.clone()], &Flat);
    assert!(!state.has_pending_amendment(&one));
    assert!(state.has_pending_amendment(&two));
    let adopted = officer.does_on(Act::Adopted, &[&a], 2, two.clone());
    let state = fold(&[s, a, adopted], &Flat);
    assert!(!state.has_pending_amendment(&two));
    assert_eq!(state.status, Some(Status::Accepted));
}

/// Invariant 1: one dossier, one official code, many aliases.
#[test]
fn one_code_stands_and_the_others_stay_aliases() {
    let mut citizen = Person::citizen(1);
    let mut centre = Person::staff(9, Role::Centre, "centre");
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let b = Person::staff(3, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let issue = |code: &str, to: &Recorded| Act::CodeIssued { code: code.into(), acceptance: to.event.id() };
    let ca = centre.does(issue("H29.25747-261121-0001", &a), &[&a], 2);
    let cb = centre.does(issue("H29.25747-261121-0002", &b), &[&b], 2);
    let forged = Person::staff(5, Role::Head, "25747").does(issue("H29.25747-261121-9999", &a), &[&a], 2);
    let state = fold(&[s, a, b, ca, cb, forged], &Flat);
    let code = state.code.clone().unwrap();
    assert!(code.ends_with("0001") || code.ends_with("0002"));
    assert_eq!(state.aliases.len(), 2);
    assert!(!state.aliases.contains(&code));
    assert!(!state.aliases.iter().any(|alias| alias.ends_with("9999")));
}

/// Invariant 12: the channel is never absent once a dossier was submitted, and never changes.
#[test]
fn the_channel_is_that_of_the_submission() {
    let mut citizen = Person::citizen(1);
    let mut postal = Person::staff(2, Role::Postal, "25747");
    let c = postal.does(submitted(Channel::Postal), &[], 0);
    let s = citizen.does(submitted(Channel::Online), &[&c], 1);
    assert_eq!(fold(&[s, c], &Flat).channel, Some(Channel::Postal));
    // Of two that did not know of each other, the one with the papers counts, whichever way the hashes fall.
    for hour in 0..8 {
        let online = citizen.does(submitted(Channel::Online), &[], hour);
        let post = postal.does(submitted(Channel::Postal), &[], hour + 1);
        let state = fold(&[online, post], &Flat);
        assert_eq!(state.channel, Some(Channel::Postal));
        assert_eq!(state.submitted_at.unwrap().ms, NOW + hour * HOUR);
    }
    // A citizen cannot claim that the post brought it.
    let lie = citizen.does(submitted(Channel::Postal), &[], 0);
    assert_eq!(fold(std::slice::from_ref(&lie), &Flat).status, None);
    assert_eq!(ineffective(&fold(std::slice::from_ref(&lie), &Flat), &lie), Some(Ineffective::NotInRole));
}

#[test]
fn a_missing_event_is_visible() {
    let mut citizen = Person::citizen(1);
    let s = citizen.does(submitted(Channel::Online), &[], 0);
    let a = Person::staff(2, Role::Officer, "25747").does(accepted(), &[&s], 1);
    let state = fold(std::slice::from_ref(&a), &Flat);
    assert_eq!(state.missing, [s.event.id()]);
    assert_eq!(state.status, None);
}

/// The edges of the national list, each of them and no other.
#[test]
fn the_national_edges() {
    let edges: Vec<(u8, Vec<u8>)> = Status::ALL
        .into_iter()
        .map(|from| {
            (from.code(), Status::ALL.into_iter().filter(|to| from.may_become(*to)).map(Status::code).collect())
        })
        .collect();
    assert_eq!(
        edges,
        [
            (1, vec![2, 3, 5, 7]),
            (2, vec![4, 5, 7, 8, 9]),
            (3, vec![]),
            (4, vec![5, 6, 7, 8, 9]),
            (5, vec![1, 2, 4, 7, 8]),
            (6, vec![4, 7, 8, 9]),
            (7, vec![1, 2, 4, 5, 6, 8]),
            (8, vec![]),
            (9, vec![4, 10]),
            (10, vec![]),
        ]
    );
    assert_eq!(Status::from_code(5), Some(Status::SupplementAsked));
    assert_eq!((Status::from_code(0), Status::from_code(11)), (None, None));
}

/// Random histories of several people, some acts on all they could know, some on less.
fn history(choices: &[(u8, u8, u8)]) -> Vec<Recorded> {
    let mut people = [
        Person::citizen(1),
        Person::staff(2, Role::Postal, "25747"),
        Person::staff(3, Role::Officer, "25747"),
        Person::staff(4, Role::Officer, "25747"),
        Person::staff(5, Role::Head, "25747"),
        Person::staff(6, Role::Officer, "25750"),
    ];
    let mut all: Vec<Recorded> = Vec::new();
    for (n, (who, what, knows)) in choices.iter().enumerate() {
        let known = &all[..all.len() - (usize::from(*knows) % (all.len() + 1)).min(all.len())];
        let frontier = State::frontier(known, Audience::Parties);
        let seen: Vec<&Recorded> = known.iter().filter(|record| frontier.contains(&record.event.id())).collect();
        let stands = all.get(usize::from(*knows) % all.len().max(1)).map_or(EventId([0; 32]), |r| r.event.id());
        let act = match what % 14 {
            0 | 1 => submitted(if *who == 1 { Channel::Postal } else { Channel::Online }),
            2 | 3 => accepted(),
            4 => refused(),
            5 => asked(),
            6 => Act::Supplemented,
            7 => Act::Routed { unit: None },
            8 => Act::Decided { result: "x".into() },
            9 => Act::WithdrawalAsked { reason: "x".into() },
            10 => Act::WithdrawalAnswered { granted: knows % 2 == 0, reason: "x".into() },
            11 => Act::Settled { stands, reason: "x".into() },
            12 => Act::Adopted,
            _ => Act::Returned { to: "x".into() },
        };
        let record = people[usize::from(*who) % 6].does(act, &seen, n as i64);
        all.push(record);
    }
    all
}

/// Histories of people who work together, officers among them writing internal notes. Everybody knows at least what
/// they ever knew, as a device does.
fn history_with_notes(choices: &[(u8, u8, u8)]) -> Vec<Recorded> {
    let mut people = [
        Person::staff(3, Role::Officer, "25747"),
        Person::citizen(1),
        Person::staff(5, Role::Head, "25747"),
        Person::staff(2, Role::Postal, "25747"),
    ];
    let mut knew = [0; 4];
    let mut all: Vec<Recorded> = Vec::new();
    for (n, (who, what, late)) in choices.iter().enumerate() {
        let who = usize::from(*who) % people.len();
        let staff = people[who].certificate.as_ref().is_some_and(|own| own.role.is_official());
        let act = match what % 10 {
            0..=2 if staff => Act::Commented { text: "Đã gọi điện".into() },
            0 | 1 => submitted(Channel::Online),
            2 => Act::Supplemented,
            3 | 4 => accepted(),
            5 => asked(),
            6 => Act::Routed { unit: None },
            7 => Act::Decided { result: "x".into() },
            8 => Act::Adopted,
            _ => refused(),
        };
        let audience = if matches!(act, Act::Commented { .. }) { Audience::Staff } else { Audience::Parties };
        let known = all.len().saturating_sub(usize::from(*late) % 4).max(knew[who]);
        // Whoever is no staff is never told of notes.
        let known: Vec<Recorded> = all[..known]
            .iter()
            .filter(|record| staff || record.event.body().audience == Audience::Parties)
            .cloned()
            .collect();
        let frontier = State::frontier(&known, audience);
        let seen: Vec<&Recorded> = known.iter().filter(|record| frontier.contains(&record.event.id())).collect();
        let record = people[who].does(act, &seen, n as i64);
        all.push(record);
        knew[who] = all.len();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Who never hears of internal notes sees every act as those who do.
    #[test]
    fn notes_change_nothing_for_the_parties(choices in proptest::collection::vec(any::<(u8, u8, u8)>(), 0..24)) {
        let all = history_with_notes(&choices);
        let told: Vec<Recorded> =
            all.iter().filter(|record| record.event.body().audience == Audience::Parties).cloned().collect();
        let (staff, parties) = (fold(&all, &Flat), fold(&told, &Flat));
        prop_assert_eq!(&parties.missing, &Vec::new());
        prop_assert_eq!((parties.status, &parties.pinned, &parties.disputed), (staff.status, &staff.pinned, &staff.disputed));
        for entry in &parties.entries {
            prop_assert_eq!(Some(entry.ineffective), staff.entry(&entry.event).map(|entry| entry.ineffective));
        }
    }

    /// Invariants 1 and 3: order and repetition of arrival change nothing.
    #[test]
    fn the_state_is_a_function_of_the_set(
        choices in proptest::collection::vec(any::<(u8, u8, u8)>(), 0..24),
        keys in proptest::collection::vec(any::<u32>(), 48),
    ) {
        let all = history(&choices);
        let expected = fold(&all, &Flat);
        let mut shuffled: Vec<(u32, Recorded)> =
            all.iter().chain(&all).cloned().enumerate().map(|(n, record)| (keys[n], record)).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<Recorded> = shuffled.into_iter().map(|(_, record)| record).collect();
        prop_assert_eq!(&fold(&shuffled, &Flat), &expected);
        prop_assert_eq!(expected.entries.len(), all.len());
    }

    /// Invariant 2: whatever happens, only officers and heads of the unit move a dossier beyond registration, and what
    /// nobody lawfully decided is not decided.
    #[test]
    fn only_authority_decides(choices in proptest::collection::vec(any::<(u8, u8, u8)>(), 0..24)) {
        let all = history(&choices);
        let state = fold(&all, &Flat);
        for entry in state.entries.iter().filter(|entry| entry.ineffective.is_none()) {
            let record = all.iter().find(|record| record.event.id() == entry.event).unwrap();
            if is_official(&record.event.body().act) {
                let certificate = record.certificate.as_ref().unwrap();
                prop_assert!(matches!(certificate.role, Role::Officer | Role::Head));
                prop_assert!(state.unit.is_none() || certificate.unit == "25747" || state.unit.as_deref() == Some("25750"));
            }
        }
        if matches!(state.status, Some(Status::Accepted | Status::Decided | Status::Returned)) {
            prop_assert!(state.acceptance.is_some());
        }
        if state.status.is_some() && state.disputed.is_empty() {
            prop_assert!(state.channel.is_some());
        }
    }
}
