//! Batches: what is in the frame.

use dossier::{
    envelope::{self, Namespace, Signed},
    id::{BatchId, DossierId, PublicKey},
    wire::{Batch, Hello, ScopeCursor},
};

use super::{Bomb, Thrown, answered, at_centre, bomb};
use crate::{
    centre::{Room, code_of},
    honest::{self, Who, compress, hello, key},
    mutate::cbor_head,
};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 19] = [
    bomb("nested 60,000 deep", "arrays of one array, outside of any signature", "DAMAGED", || throw(&[0x81; 60_000])),
    bomb("nested deep under a signature", "the same as a signed body", "DAMAGED", || signed(vec![0x81; 60_000])),
    bomb("nested without lengths", "indefinite arrays", "DAMAGED", || signed(vec![0x9f; 60_000])),
    bomb("nested tags", "tags of tags", "DAMAGED", || signed(vec![0xc1; 60_000])),
    bomb("2⁶⁴−1 dossiers", "an array's head that says so", "DAMAGED", || signed(dossiers_declared())),
    bomb("a string of 2⁶³ bytes", "a byte string's head that says so", "DAMAGED", || throw(&string_declared())),
    bomb("a number in more bytes than it needs", "protocol 1 in nine bytes", "DAMAGED", || signed(long_number())),
    bomb("bytes after the batch", "an honest batch and a zero", "DAMAGED", || throw(&tail())),
    bomb("another's signature", "an honest batch signed by somebody else", "BAD_SIGNATURE", || {
        at_centre(
            Room::new(),
            honest::compress(&envelope::encode(&honest::whole_batch(Who::Stranger).sign(&key(Who::Postal)))),
        )
    }),
    bomb("an event's signature", "an honest batch signed as an event", "BAD_SIGNATURE", other_namespace),
    bomb("a protocol to come", "protocol 2", "PROTOCOL_UNKNOWN", || batch(|hello| hello.protocol = 2)),
    bomb("meant for another Centre", "another key in the hello", "WRONG_CENTRE", || {
        batch(|hello| hello.centre = Some(PublicKey([8; 32])))
    }),
    bomb("17 cursors", "one more than scopes", "OVER_LIMIT", || batch(|hello| hello.cursors = cursors(17))),
    bomb("20,001 dossiers", "all empty", "OVER_LIMIT", many_dossiers),
    bomb("100,001 items", "texts of one dossier, all empty names", "OVER_LIMIT", many_items),
    bomb("an invitation of 1 MiB", "a token of zeroes", "OVER_LIMIT", || {
        batch(|hello| hello.invitation = Some(vec![0; 1 << 20]))
    }),
    bomb("an invitation of nobody", "a token that was never given out", "INVITATION_REFUSED", || {
        batch(|hello| hello.invitation = Some(vec![7; 16]))
    }),
    bomb("a batch id twice", "other bytes under a known id", "BATCH_REUSED", reused),
    bomb(
        "cursors of other scopes",
        "a cursor of the Centre under another name, a forged one, an endless one",
        "taken",
        foreign_cursors,
    ),
];

fn throw(bytes: &[u8]) -> Thrown {
    at_centre(Room::new(), compress_whole(bytes))
}

/// Compressed, but not so well that the ratio would refuse it first.
fn compress_whole(bytes: &[u8]) -> Vec<u8> {
    compress(bytes)
}

fn signed(body: Vec<u8>) -> Thrown {
    let signature = key(Who::Stranger).sign(Namespace::Batch, &body);
    throw(&envelope::encode(&Signed { body, signature }))
}

fn plain() -> Batch {
    Batch { hello: hello(Who::Stranger, 1), dossiers: vec![] }
}

fn batch(change: impl FnOnce(&mut Hello)) -> Thrown {
    let mut batch = plain();
    change(&mut batch.hello);
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn dossiers_declared() -> Vec<u8> {
    let mut body = envelope::encode(&plain());
    // The last byte is the head of the empty list of dossiers.
    body.pop();
    body.extend(cbor_head(0x80, u64::MAX));
    body
}

fn string_declared() -> Vec<u8> {
    [&[0x82][..], &cbor_head(0x40, 1 << 63), &[0; 64]].concat()
}

fn long_number() -> Vec<u8> {
    let body = envelope::encode(&plain());
    // Two heads of arrays, then the protocol.
    [&body[..2], &[0x1b, 0, 0, 0, 0, 0, 0, 0, 1], &body[3..]].concat()
}

fn tail() -> Vec<u8> {
    let mut bytes = envelope::encode(&plain().sign(&key(Who::Stranger)));
    bytes.push(0);
    bytes
}

fn other_namespace() -> Thrown {
    let body = envelope::encode(&plain());
    let signature = key(Who::Stranger).sign(Namespace::Event, &body);
    throw(&envelope::encode(&Signed { body, signature }))
}

fn cursors(count: u8) -> Vec<ScopeCursor> {
    (0..count).map(|n| ScopeCursor { scope: format!("unit:{n}"), cursor: vec![n; 40] }).collect()
}

fn many_dossiers() -> Thrown {
    let mut batch = plain();
    let id = |n: u32| {
        // Alike in all but their last bytes, as whoever floods a table of hashes would choose them.
        let mut id = [0; 16];
        id[12..].copy_from_slice(&n.to_be_bytes());
        DossierId(id)
    };
    batch.dossiers = (0..20_001).map(|n| honest::items(id(n), &[], vec![], &[])).collect();
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn many_items() -> Thrown {
    let mut batch = plain();
    batch.dossiers = vec![honest::items(honest::DOSSIER, &vec![""; 100_001], vec![], &[])];
    // Half noise, so that it is not refused for how well it compresses.
    at_centre(Room::new(), honest::seal(&noisy(batch), Who::Stranger))
}

fn noisy(mut batch: Batch) -> Batch {
    let noise: Vec<u8> = (0..8000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    batch.hello.cursors = vec![ScopeCursor { scope: String::new(), cursor: noise }];
    batch
}

fn reused() -> Thrown {
    let room = Room::new();
    room.post(honest::seal(&honest::whole_batch(Who::Stranger), Who::Stranger)).expect("an honest batch");
    let mut other = honest::whole_batch(Who::Stranger);
    other.hello.now_ms += 1;
    at_centre(room, honest::seal(&other, Who::Stranger))
}

/// They count as none: the answer comes as to somebody who never asked before, and says nothing of other scopes.
fn foreign_cursors() -> Thrown {
    let room = Room::new();
    let mut batch = plain();
    batch.hello.batch = BatchId([3; 16]);
    let stolen = room.exchange.centre.cursor("centre", sync_server::centre::Position(9));
    batch.hello.cursors = vec![
        ScopeCursor { scope: "unit:25747".into(), ..stolen.clone() },
        stolen,
        ScopeCursor { scope: "x".repeat(100_000), cursor: vec![0xff; 100_000] },
    ];
    let body = compress(&envelope::encode(&noisy_end(batch).sign(&key(Who::Stranger))));
    Box::new(move || match room.post(body) {
        Ok(frames) => answered(&room, &frames),
        Err(fault) => code_of(fault).as_str().to_owned(),
    })
}

fn noisy_end(mut batch: Batch) -> Batch {
    let noise = noisy(plain()).hello.cursors;
    batch.hello.cursors.extend(noise);
    batch
}
