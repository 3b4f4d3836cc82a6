//! Changes that are sound alone and do not fit where they stand, or claim to be another's.

use std::time::Duration;

use dossier::{
    content::genesis,
    id::DossierId,
    wire::{Batch, DossierItems},
};

use super::{
    Bomb, Thrown, at_centre, bomb,
    change::{Head, write_row},
};
use crate::{
    centre::Room,
    honest::{self, DOSSIER, Who, change_of, hello, items},
    mutate::{leb128, signed_leb128},
};

/// Orphans in one batch: as many items as a batch may have.
const ORPHANS: u32 = 100_000;

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 14] = [
    bomb(
        "typing after a character that never was",
        "an element of the author's own that was no insertion",
        "QUARANTINED",
        || one(insert_at_missing()),
    ),
    bomb("removing characters that never were", "a run of 1,000 elements", "QUARANTINED", || one(remove_missing())),
    bomb("removing 2³¹ characters downwards", "a run below the first element", "CHANGE_REFUSED", || {
        one(remove_downwards())
    }),
    bomb("writing over what never stood", "a predecessor that said nothing", "QUARANTINED", || {
        one(Head { columns: write_row(b"child_name", 1), ..Head::new() })
    }),
    bomb(
        "typing in a text that was not made",
        "the text's maker named, the text not in the past",
        "QUARANTINED",
        || one(text_not_in_past()),
    ),
    bomb("speaking for the skeleton", "its actor", "CHANGE_REFUSED", || {
        one(Head {
            actor: genesis::skeleton_actor(&DOSSIER).0.to_vec(),
            others: vec![],
            columns: write_row_of(0),
            ..Head::new()
        })
    }),
    bomb("a forged actor", "another device's, right after its last change", "ACTOR_TAKEN", forged_actor),
    bomb("a forged sequence", "the actor's number 9 after 0", "DEPENDENCY_MISSING", || {
        one(Head { seq: leb128(9), columns: write_row(b"child_name", 0), ..Head::new() })
    }),
    bomb("a number twice", "the same actor and number with other words", "ACTOR_FORK", fork),
    bomb("operation numbers that jump", "start_op 77 on the skeleton", "CHANGE_REFUSED", || {
        one(Head { start_op: vec![77], columns: write_row(b"child_name", 0), ..Head::new() })
    }),
    bomb("no ground", "no dependency at all", "CHANGE_REFUSED", || {
        one(Head { deps: vec![], start_op: vec![1], columns: write_row(b"child_name", 0), ..Head::new() })
    }),
    bomb("a ring of changes", "two that name each other, as far as hashes allow", "DEPENDENCY_MISSING", ring),
    bomb("the 65th text", "one more than a dossier may have", "OVER_LIMIT", texts),
    Bomb {
        // A whole lawful batch: its time is bounded by the item, 50 µs each; its bytes by the parcel that is at hand.
        most_time: Duration::from_millis(ORPHANS as u64 / 20),
        most_bytes: 64 << 20,
        ..bomb("10⁵ orphans", "changes of 100 dossiers on ground that never comes", "DEPENDENCY_MISSING", orphans)
    },
];

fn of(changes: Vec<Vec<u8>>) -> DossierItems {
    items(DOSSIER, &["note"], changes, &[])
}

fn one(head: Head) -> Thrown {
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![of(vec![change_of(&head.content())])] };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

/// A change on the text of the field `note`, which is its second actor.
fn on_text(columns: Vec<(u64, Vec<u8>)>) -> Head {
    Head {
        deps: vec![genesis::text(&DOSSIER, "note").hash],
        start_op: vec![6],
        others: vec![genesis::text_actor(&DOSSIER, "note")],
        columns,
        ..Head::new()
    }
}

fn insert_row() -> Vec<(u64, Vec<u8>)> {
    vec![
        (0x01, vec![0x7f, 1]),
        (0x02, vec![0x7f, 5]),
        (0x11, vec![0x7f, 0]),
        (0x13, vec![0x7f, 2]),
        (0x34, vec![0, 1]),
        (0x42, vec![0x7f, 1]),
        (0x56, vec![0x7f, 0x16]),
        (0x57, vec![b'a']),
        (0x70, vec![0x7f, 0]),
    ]
}

fn insert_at_missing() -> Head {
    on_text(insert_row())
}

fn text_not_in_past() -> Head {
    Head { deps: vec![genesis::skeleton(&DOSSIER).hash], start_op: vec![5], ..on_text(insert_row_at_head()) }
}

fn insert_row_at_head() -> Vec<(u64, Vec<u8>)> {
    let mut row = insert_row();
    row.retain(|(spec, _)| *spec != 0x11);
    row.iter_mut().filter(|(spec, _)| *spec == 0x13).for_each(|(_, column)| *column = vec![0x7f, 0]);
    row
}

fn removals(count: i64, first: i64, step: u8) -> Vec<(u64, Vec<u8>)> {
    let many = |value: u8| [signed_leb128(count), vec![value]].concat();
    let steps = [vec![0x7f], signed_leb128(first), signed_leb128(count - 1), vec![step]].concat();
    vec![
        (0x01, many(1)),
        (0x02, many(5)),
        (0x11, many(0)),
        (0x13, steps.clone()),
        (0x34, leb128(count.unsigned_abs())),
        (0x42, many(3)),
        (0x56, many(0)),
        (0x70, many(1)),
        (0x71, many(0)),
        (0x73, steps),
    ]
}

fn remove_missing() -> Head {
    on_text(removals(1_000, 1, 1))
}

fn remove_downwards() -> Head {
    on_text(removals(1 << 31, 4, 0x7f))
}

fn write_row_of(maker: u8) -> Vec<(u64, Vec<u8>)> {
    let mut row = write_row(b"child_name", 0);
    row[0].1 = vec![0x7f, maker];
    row
}

fn sound() -> Head {
    Head { columns: write_row(b"child_name", 0), ..Head::new() }
}

fn forged_actor() -> Thrown {
    let room = Room::new();
    let first = Batch { hello: hello(Who::Postal, 1), dossiers: vec![of(vec![change_of(&sound().content())])] };
    room.post(honest::seal(&first, Who::Postal)).expect("an honest batch");
    let next = Head { seq: vec![2], columns: write_row(b"father_name", 0), ..Head::new() };
    let second = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![of(vec![change_of(&next.content())])] };
    at_centre(room, honest::seal(&second, Who::Stranger))
}

fn fork() -> Thrown {
    let other = Head { columns: write_row(b"father_name", 0), ..Head::new() };
    let changes = vec![change_of(&sound().content()), change_of(&other.content())];
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![of(changes)] };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn ring() -> Thrown {
    let one = Head { deps: vec![honest::unknown_head()], ..sound() };
    let one = change_of(&one.content());
    let hash = dossier::content::chunk::scan(&one).expect("sound alone").hash;
    let other = Head { deps: vec![hash], actor: vec![0x78; 16], ..sound() };
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![of(vec![change_of(&other.content()), one])] };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn texts() -> Thrown {
    let fields: Vec<String> = (0..65).map(|n| format!("text_{n}")).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: vec![items(DOSSIER, &fields, vec![], &[])] };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn orphans() -> Thrown {
    let dossiers = (0..100u8).map(|n| {
        let id = DossierId([n; 16]);
        let changes = (0..ORPHANS / 100).map(|m| {
            let mut dep = [n; 32];
            dep[..4].copy_from_slice(&m.to_be_bytes());
            let others = vec![genesis::skeleton_actor(&id)];
            let head = Head { deps: vec![dossier::id::ChangeHash(dep)], others, ..sound() };
            change_of(&head.content())
        });
        items(id, &[], changes.collect(), &[])
    });
    let batch = Batch { hello: hello(Who::Stranger, 1), dossiers: dossiers.collect() };
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}
