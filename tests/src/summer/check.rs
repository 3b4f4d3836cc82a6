//! What was promised, compared with what is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use dossier::{
    catalogue::Catalogue,
    deadline::{self, Pause, local},
    id::{Digest, DossierId},
    procedure::Channel,
    view::{DossierView, HistoryKind},
};

use super::{Expected, Played, Report, Summer, crew::Member};
use crate::Server;

/// Compares everything.
pub fn all(server: &Server, summer: &Summer, played: Played, begun: Instant) -> Report {
    let Played { mut crew, running } = played;
    assert_eq!(running.len(), summer.postal + summer.online);
    let mut head = crew.head();
    head.sync(&crew.network, false);

    let mut due_dates = 0;
    for (id, dossier) in &running {
        let view = head.device.show(id).expect("the head's device has every dossier").view;
        states_are_right(&view, &dossier.expected);
        due_dates += due_date_is_right(&view, &dossier.expected);
    }
    let theirs: BTreeSet<(DossierId, Digest)> = running.keys().flat_map(|id| history(&mut head, id)).collect();
    let items = everything_acknowledged_is_there(&mut crew, &theirs);

    let before = server.rows();
    resend_everything(&crew);
    assert_eq!(kept(&server.rows()), kept(&before), "a full re-send stores nothing");

    let (mut syncs, mut lost_answers) = (0, 0);
    for member in crew.members() {
        syncs += member.syncs;
        lost_answers += member.lost_answers;
    }
    let is_open = |status: u8| ![3, 8, 9, 10].contains(&status);
    Report {
        dossiers: running.len(),
        open: running.values().filter(|dossier| is_open(dossier.expected.status)).count(),
        syncs,
        lost_answers,
        items,
        due_dates,
        evidence: server.evidence(),
        took: begun.elapsed(),
    }
}

fn states_are_right(view: &DossierView, expected: &Expected) {
    let id = view.dossier;
    assert_eq!(view.status.business, Some(expected.status), "status of {id}");
    assert_eq!(view.procedure.as_deref(), Some(expected.procedure.as_str()), "procedure of {id}");
    assert_eq!(view.channel, Some(expected.channel), "channel of {id}");
    assert_eq!(view.accepted_at.as_ref().map(|at| at.ms), expected.accepted_ms, "acceptance of {id}");
    assert!(view.conflicts.is_empty() && view.disputed.is_empty() && view.missing_events.is_empty(), "{id}");
    assert!(view.events.iter().all(|event| event.deed.ineffective.is_none()), "every act of {id} took effect");
    assert_eq!(view.code.is_some(), expected.accepted_ms.is_some(), "an accepted dossier has its code: {id}");
}

/// The due date follows from when the generator's officer accepted, not from what the view says of it.
fn due_date_is_right(view: &DossierView, expected: &Expected) -> usize {
    let Some(accepted_ms) = expected.accepted_ms else {
        assert_eq!(view.due_at, None, "{} is due though nobody accepted it", view.dossier);
        return 0;
    };
    let catalogue = Catalogue::shipped();
    let procedure = catalogue.procedure_of(&expected.procedure).expect("a shipped procedure");
    let accepted_at = local(accepted_ms);
    let version = procedure.version_on(accepted_at.date()).expect("a version in force");
    let channel = Channel::try_from(expected.channel).expect("a channel");
    let term = version.offering(channel, &version.cases[0]).expect("an open channel").term.expect("a term");
    let pauses: Vec<Pause> =
        expected.pauses.iter().map(|(from, to)| Pause { from: local(*from), to: to.map(local) }).collect();
    let due = deadline::due(accepted_at, term, &pauses, catalogue.calendar()).expect("a due date");
    // Time that the applicant owes or takes stands still too; only supplement requests are planned with dates here.
    let wanted = format!("{}+07:00", due.at.strftime("%Y-%m-%dT%H:%M:%S"));
    if ![6, 7].contains(&expected.status)
        && !view.events.iter().any(|event| event.deed.act.as_ref().is_some_and(|act| act.name() == "payment_asked"))
    {
        assert_eq!(view.due_at.as_deref(), Some(wanted.as_str()), "due date of {}", view.dossier);
        return 1;
    }
    0
}

/// Every change and event of a dossier that the Centre has, by name.
fn history(member: &mut Member, id: &DossierId) -> Vec<(DossierId, Digest)> {
    let entries = member.device.history(id).expect("a history");
    let name = |kind: HistoryKind| match kind {
        HistoryKind::Change { change, .. } => Digest(change.0),
        HistoryKind::Event(event) => Digest(event.event.0),
    };
    entries.into_iter().filter(|entry| entry.received).map(|entry| (*id, name(entry.kind))).collect()
}

/// What any device holds a receipt for is at the Centre, once; answers how many items that is.
fn everything_acknowledged_is_there(crew: &mut super::crew::Crew, theirs: &BTreeSet<(DossierId, Digest)>) -> usize {
    let mut by_device: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, member) in crew.members().enumerate() {
        assert_eq!(member.device.outbox().expect("an outbox"), [], "nothing waits");
        let cards = member.device.list(&client_core::ListQuery::default()).expect("a list");
        for card in cards.cards {
            for item in history(member, &card.dossier) {
                assert!(theirs.contains(&item), "{item:?} was acknowledged and is gone");
            }
        }
        by_device.insert(number, member.accepted);
    }
    let acknowledged: usize = by_device.values().sum();
    // The Centre itself made one event for each code; everything else was somebody's.
    assert!(theirs.len() >= acknowledged, "{} items at the Centre, {acknowledged} acknowledged", theirs.len());
    acknowledged
}

/// Every request of the summer once more, byte by byte.
fn resend_everything(crew: &super::crew::Crew) {
    for request in crew.network.take_sent() {
        let answer = crew.network.resend(request).expect("the server answers");
        assert_eq!(answer.status, 200, "a replayed batch is answered with its receipts");
    }
}

/// The tables that hold what people made, with their sizes.
fn kept(rows: &[(String, u64)]) -> Vec<&(String, u64)> {
    rows.iter()
        .filter(|(table, _)| ["items", "dossiers", "blobs", "receipts", "feed"].contains(&table.as_str()))
        .collect()
}
