//! Batches: what is in the frame.

use dossier::{
    envelope::{self, Namespace},
    id::{BatchId, DossierId, PublicKey, ScopeDigest},
    wire::{Batch, DossierItems, Hello, ScopeCursor, columns},
};

use super::{Bomb, Thrown, answered, at_centre, bomb};
use crate::{
    centre::{Room, code_of},
    honest::{self, Who, compress, framed, hello, key, parcel},
    mutate::{cbor_head, leb128},
};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 21] = [
    bomb("nested 60,000 deep", "arrays of one array in place of a parcel", "DAMAGED", || {
        throw(&framed(&[0x81; 60_000]))
    }),
    bomb("nested deep in an act", "the same as what an event is about", "DAMAGED", nested_act),
    bomb("nested without lengths", "indefinite arrays", "DAMAGED", || throw(&framed(&[0x9f; 60_000]))),
    bomb("nested tags", "tags of tags", "DAMAGED", || throw(&framed(&[0xc1; 60_000]))),
    bomb("2⁶⁴−1 dossiers", "columns that say so", "OVER_LIMIT", || signed(&streams(&[(0, &leb128(u64::MAX))]))),
    bomb("columns without an end", "streams longer than what is there", "DAMAGED", || signed(&leb128(1 << 40))),
    bomb("10⁵ dossiers of nothing", "a number, and no ids", "OVER_LIMIT", || {
        signed(&streams(&[(0, &leb128(100_000))]))
    }),
    bomb("a string of 2⁶³ bytes", "a byte string's head that says so", "DAMAGED", || throw(&string_declared())),
    bomb("a number in more bytes than it needs", "protocol 1 in nine bytes, signed so", "BAD_SIGNATURE", long_number),
    bomb("bytes after the batch", "an honest batch and a zero", "DAMAGED", || throw(&tail())),
    bomb("another's signature", "an honest batch signed by somebody else", "BAD_SIGNATURE", || {
        at_centre(Room::new(), honest::compress(&honest::whole_batch(Who::Stranger).sign(&key(Who::Postal)).bytes()))
    }),
    bomb("an event's signature", "an honest batch signed as an event", "BAD_SIGNATURE", other_namespace),
    bomb("a protocol to come", "protocol 2", "PROTOCOL_UNKNOWN", || batch(|hello| hello.protocol = 2)),
    bomb("meant for another Centre", "another key in the hello", "WRONG_CENTRE", || {
        batch(|hello| hello.centre = Some(PublicKey([8; 32])))
    }),
    bomb("17 cursors", "one more than scopes", "OVER_LIMIT", || batch(|hello| hello.cursors = cursors(17))),
    bomb("257 dossiers in a parcel", "all empty", "OVER_LIMIT", many_dossiers),
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

/// Columns under an honest hello. They are read before the signature can be checked, which is over what they say.
fn signed(columns: &[u8]) -> Thrown {
    throw(&parcel(&hello(Who::Stranger, 1), columns, key(Who::Stranger).sign(Namespace::Parcel, b"")))
}

/// How many streams columns have.
const STREAMS: usize = 26;

/// Columns of which these streams hold something.
fn streams(filled: &[(usize, &[u8])]) -> Vec<u8> {
    let of = |stream: usize| filled.iter().find(|(at, _)| *at == stream).map_or(&[][..], |(_, bytes)| bytes);
    let lengths = (0..STREAMS).flat_map(|stream| leb128(of(stream).len() as u64));
    lengths.chain((0..STREAMS).flat_map(|stream| of(stream).to_vec())).collect()
}

/// One dossier with one event: the place of its author and its capacity is that of a new one, then comes its act.
fn nested_act() -> Thrown {
    let act = [&[0xf6][..], &[0x81; 60_000]].concat();
    signed(&streams(&[(0, &[1, 0, 0, 1]), (5, &act), (6, &[1, 0, 0]), (10, &[1; 16]), (12, &[2; 32]), (13, &[0; 64])]))
}

fn plain() -> Batch {
    Batch { hello: hello(Who::Stranger, 1), dossiers: vec![] }
}

fn batch(change: impl FnOnce(&mut Hello)) -> Thrown {
    let mut batch = plain();
    change(&mut batch.hello);
    at_centre(Room::new(), honest::seal(&batch, Who::Stranger))
}

fn string_declared() -> Vec<u8> {
    framed(&[&[0x83][..], &cbor_head(0x40, 1 << 63), &[0; 64]].concat())
}

fn long_number() -> Thrown {
    let long = |bytes: &[u8]| [&bytes[..2], &[0x1b, 0, 0, 0, 0, 0, 0, 0, 1], &bytes[3..]].concat();
    // Two heads of arrays, then the protocol: in what is signed and in what travels.
    let body = long(&envelope::encode(&(hello(Who::Stranger, 1), Vec::<DossierItems>::new())));
    let travels = parcel(&hello(Who::Stranger, 1), &[], key(Who::Stranger).sign(Namespace::Parcel, &body));
    throw(&framed(&long(&travels[4..])))
}

fn tail() -> Vec<u8> {
    let mut bytes = plain().sign(&key(Who::Stranger)).bytes();
    bytes.push(0);
    bytes
}

fn other_namespace() -> Thrown {
    let hello = hello(Who::Stranger, 1);
    let body = envelope::encode(&(&hello, Vec::<DossierItems>::new()));
    throw(&parcel(&hello, &[], key(Who::Stranger).sign(Namespace::Event, &body)))
}

fn cursors(count: u8) -> Vec<ScopeCursor> {
    (0..count).map(|n| ScopeCursor { scope: format!("unit:{n}"), cursor: vec![n; 40] }).collect()
}

fn many_dossiers() -> Thrown {
    let id = |n: u32| {
        // Alike in all but their last bytes, as whoever floods a table of hashes would choose them.
        let mut id = [0; 16];
        id[12..].copy_from_slice(&n.to_be_bytes());
        DossierId(id)
    };
    let hello = hello(Who::Stranger, 1);
    let dossiers: Vec<_> = (0..257).map(|n| honest::items(id(n), &[], vec![], &[])).collect();
    let items = |dossier: &DossierItems| columns::Items {
        dossier: dossier.dossier,
        texts: &[],
        changes: vec![],
        events: vec![],
    };
    let columns = columns::write(&dossiers.iter().map(items).collect::<Vec<_>>());
    let signature = key(Who::Stranger).sign(Namespace::Parcel, &envelope::encode(&(&hello, dossiers)));
    throw(&parcel(&hello, &columns, signature))
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
    let stolen =
        room.exchange.centre.cursor("centre", sync_server::centre::Position { seq: 9, digest: ScopeDigest([0; 8]) });
    batch.hello.cursors = vec![
        ScopeCursor { scope: "unit:25747".into(), ..stolen.clone() },
        stolen,
        ScopeCursor { scope: "x".repeat(100_000), cursor: vec![0xff; 100_000] },
    ];
    let body = compress(&noisy_end(batch).sign(&key(Who::Stranger)).bytes());
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
