//! Events.

use dossier::{
    envelope::{Namespace, Signed},
    event::{Act, Audience, EventBody, SignedEvent},
    id::{ChangeHash, DossierId, EventId},
    wire::Batch,
};

use super::{Bomb, Thrown, at_centre, bomb};
use crate::{
    centre::Room,
    honest::{self, DOSSIER, Who, hello, items, key},
};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 12] = [
    bomb("an event of another dossier", "its body names another", "EVENT_REFUSED", || {
        change(|body| body.dossier = DossierId([9; 16]))
    }),
    bomb("an event of another device", "signed by its author, brought by another", "EVENT_REFUSED", || {
        throw(honest::event(Who::Postal, honest::submitted(), 1).signed().clone())
    }),
    bomb("an event's forged author", "another's key in the body", "EVENT_REFUSED", || {
        change(|body| body.author = key(Who::Postal).public())
    }),
    bomb("a chain that begins at 7", "a counter without a previous event", "EVENT_REFUSED", || {
        change(|body| body.counter = 7)
    }),
    bomb("a chain that begins at nought", "counter 0", "EVENT_REFUSED", || change(|body| body.counter = 0)),
    bomb("a chain at its end", "counter 2⁶⁴−1 with a previous event", "taken", || {
        change(|body| {
            body.counter = u64::MAX;
            body.previous = Some(EventId([1; 32]));
        })
    }),
    bomb("257 heads", "sorted, all unknown", "EVENT_REFUSED", || change(|body| body.heads = heads(257))),
    bomb("heads that nobody knows", "256 of them", "DEPENDENCY_MISSING", || change(|body| body.heads = heads(256))),
    bomb("a head twice", "the same hash", "EVENT_REFUSED", || change(|body| body.heads = vec![ChangeHash([1; 32]); 2])),
    bomb("a remark of 33 kB", "more than a text may have", "EVENT_REFUSED", || {
        change(|body| body.act = Act::Commented { text: "x".repeat(33 << 10) })
    }),
    bomb("an event of 65 kB", "a list of small things", "EVENT_REFUSED", || {
        change(|body| {
            body.act = Act::Asked {
                reason: "x".into(),
                items: (0..5_000u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect(),
            }
        })
    }),
    bomb("an acceptance for staff only", "an act that may not be hidden", "EVENT_REFUSED", || {
        change(|body| {
            body.act = Act::Adopted;
            body.audience = Audience::Staff;
        })
    }),
];

fn throw(event: SignedEvent) -> Thrown {
    let mut of = items(DOSSIER, &["note"], vec![], &[]);
    of.events.push(event);
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![of] };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn change(with: impl FnOnce(&mut EventBody)) -> Thrown {
    let mut body = honest::event(Who::Stranger, honest::submitted(), 1).body().clone();
    with(&mut body);
    throw(SignedEvent(Signed::seal(&key(Who::Stranger), Namespace::Event, &body)))
}

fn heads(count: u16) -> Vec<ChangeHash> {
    let hash = |n: u16| {
        let mut hash = [0xaa; 32];
        hash[..2].copy_from_slice(&n.to_be_bytes());
        ChangeHash(hash)
    };
    (0..count).map(hash).collect()
}
