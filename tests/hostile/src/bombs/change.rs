//! Changes, as they are read alone.

use dossier::{
    content::{chunk, genesis},
    id::{ActorId, ChangeHash},
};
use sync_server::exchange::group::{ReadGroup, ReadItem};

use super::{Bomb, Thrown, bomb};
use crate::{
    honest::{self, DOSSIER, Who, change_of},
    mutate::{leb128, signed_leb128},
};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 25] = [
    bomb("compressed change of 256 MiB", "a chunk of type 2 with a deflate stream", "CHANGE_REFUSED", || {
        throw(compressed())
    }),
    bomb("113 bytes of three million nulls", "columns of one run of nulls each", "CHANGE_REFUSED", || {
        throw(change_of(&nulls(3_000_000)))
    }),
    bomb("a run of 2⁶³", "an action that repeats so often", "CHANGE_REFUSED", || throw(change_of(&run(i64::MAX)))),
    bomb("nulls of 2⁶⁴−1", "a run of nulls that long", "CHANGE_REFUSED", || throw(change_of(&nulls(u64::MAX)))),
    bomb("a literal run of −2⁶³", "the most values that a literal can say", "CHANGE_REFUSED", || {
        throw(change_of(&run(i64::MIN)))
    }),
    bomb("200,001 operations", "a run of one write", "CHANGE_REFUSED", || throw(change_of(&run(200_001)))),
    bomb("start_op 2³²−1", "the first operation's number", "CHANGE_REFUSED", || {
        throw(change_of(&Head { start_op: leb128(u64::from(u32::MAX)), ..Head::new() }.content()))
    }),
    bomb("start_op 2⁶⁴−1", "the first operation's number", "CHANGE_REFUSED", || {
        throw(change_of(&Head { start_op: leb128(u64::MAX), ..Head::new() }.content()))
    }),
    bomb("sequence 2⁶³", "a forged number", "CHANGE_REFUSED", || {
        throw(change_of(&Head { seq: leb128(1 << 63), ..Head::new() }.content()))
    }),
    bomb("sequence 0", "a forged number", "CHANGE_REFUSED", || {
        throw(change_of(&Head { seq: vec![0], ..Head::new() }.content()))
    }),
    bomb("a number of eleven bytes", "LEB128 beyond 64 bits", "CHANGE_REFUSED", || {
        throw(change_of(&Head { seq: [vec![0xff; 10], vec![1]].concat(), ..Head::new() }.content()))
    }),
    bomb("a number that never ends", "a megabyte of continued LEB128", "CHANGE_REFUSED", || {
        throw(change_of(&Head { seq: vec![0x80; 1_000_000], ..Head::new() }.content()))
    }),
    bomb("257 dependencies", "all different", "CHANGE_REFUSED", || {
        throw(change_of(&Head { deps: (0..257u16).map(numbered).collect(), ..Head::new() }.content()))
    }),
    bomb("2⁶⁴−1 dependencies", "a count that is not true", "CHANGE_REFUSED", || {
        throw(change_of(&[leb128(u64::MAX), vec![0; 64]].concat()))
    }),
    bomb("a dependency twice", "the same hash", "CHANGE_REFUSED", || {
        throw(change_of(&Head { deps: vec![numbered(1), numbered(1)], ..Head::new() }.content()))
    }),
    bomb("257 other actors", "all different", "CHANGE_REFUSED", || {
        throw(change_of(&Head { others: (0..257u16).map(actor).collect(), ..Head::new() }.content()))
    }),
    bomb("an actor of 1 MB", "its length is true", "CHANGE_REFUSED", || {
        throw(change_of(&Head { actor: vec![7; 1_000_000], ..Head::new() }.content()))
    }),
    bomb("a key that is not UTF-8", "a surrogate half", "CHANGE_REFUSED", || {
        throw(change_of(&write(&[0xed, 0xa0, 0x80])))
    }),
    bomb("a key of 65 kB", "more than a key may have", "CHANGE_REFUSED", || {
        throw(change_of(&write(&vec![b'a'; 65_537])))
    }),
    bomb("a key of controls", "a path that would not be shown", "CHANGE_REFUSED", || {
        throw(change_of(&write(b"a\0../b")))
    }),
    bomb("1 MiB and a byte", "an honest head and zeroes", "CHANGE_REFUSED", || {
        throw(change_of(&vec![0; chunk::MAX_CHANGE_BYTES]))
    }),
    bomb("a checksum that does not fit", "an honest change with another", "CHANGE_REFUSED", || throw(wrong_checksum())),
    bomb("columns twice", "the action's column two times", "CHANGE_REFUSED", || {
        throw(change_of(&Head { columns: vec![(0x42, vec![0x7f, 1]), (0x42, vec![0x7f, 1])], ..Head::new() }.content()))
    }),
    bomb("a column that nobody knows", "number 0x7f1", "CHANGE_REFUSED", || {
        throw(change_of(&Head { columns: vec![(0x7f1, vec![0x7f, 1])], ..Head::new() }.content()))
    }),
    bomb("a whole document", "a chunk of type 0", "CHANGE_REFUSED", || throw(document())),
];

/// What stands in a change, part by part.
#[derive(Clone)]
pub(super) struct Head {
    pub deps: Vec<ChangeHash>,
    pub actor: Vec<u8>,
    pub seq: Vec<u8>,
    pub start_op: Vec<u8>,
    pub others: Vec<ActorId>,
    pub columns: Vec<(u64, Vec<u8>)>,
}

impl Head {
    /// A change right on the skeleton that says nothing.
    pub fn new() -> Self {
        Self {
            deps: vec![genesis::skeleton(&DOSSIER).hash],
            actor: vec![0x77; 16],
            seq: vec![1],
            start_op: vec![5],
            others: vec![genesis::skeleton_actor(&DOSSIER)],
            columns: vec![],
        }
    }

    /// Its bytes.
    pub fn content(&self) -> Vec<u8> {
        let mut out = leb128(self.deps.len() as u64);
        self.deps.iter().for_each(|dep| out.extend_from_slice(&dep.0));
        out.extend(leb128(self.actor.len() as u64));
        out.extend_from_slice(&self.actor);
        out.extend_from_slice(&self.seq);
        out.extend_from_slice(&self.start_op);
        // The time, and no message.
        out.extend_from_slice(&[0, 0]);
        out.extend(leb128(self.others.len() as u64));
        for other in &self.others {
            out.push(16);
            out.extend_from_slice(&other.0);
        }
        out.extend(leb128(self.columns.len() as u64));
        for (spec, column) in &self.columns {
            out.extend(leb128(*spec));
            out.extend(leb128(column.len() as u64));
        }
        self.columns.iter().for_each(|(_, column)| out.extend_from_slice(column));
        out
    }
}

fn throw(bytes: Vec<u8>) -> Thrown {
    Box::new(move || {
        let items = honest::items(DOSSIER, &[], vec![bytes], &[]);
        let device = honest::key(Who::Stranger).device();
        let read = ReadGroup::read(&[items], 0, &device, &honest::key(Who::Centre).device());
        match &read.dossiers[0].items[0] {
            ReadItem::Refused(refusal) => refusal.code.as_str().to_owned(),
            _ => "taken".to_owned(),
        }
    })
}

/// A row that writes a key in the answers, which are the skeleton's second operation.
pub(super) fn write_row(key: &[u8], preds: u8) -> Vec<(u64, Vec<u8>)> {
    let key = [&[0x7f][..], &leb128(key.len() as u64), key].concat();
    let mut columns = vec![
        (0x01, vec![0x7f, 1]),
        (0x02, vec![0x7f, 2]),
        (0x15, key),
        (0x34, vec![1]),
        (0x42, vec![0x7f, 1]),
        (0x56, vec![0x7f, 2]),
        (0x70, vec![0x7f, preds]),
    ];
    if preds > 0 {
        columns.extend([(0x71, vec![0x7f, 0]), (0x73, vec![0x7f, 1])]);
    }
    columns
}

fn write(key: &[u8]) -> Vec<u8> {
    Head { columns: write_row(key, 0), ..Head::new() }.content()
}

fn run(count: i64) -> Vec<u8> {
    let many = |value: u8| [signed_leb128(count), vec![value]].concat();
    let columns = vec![
        (0x01, many(1)),
        (0x02, many(2)),
        (0x15, [signed_leb128(count), vec![1, b'a']].concat()),
        (0x34, leb128(count.unsigned_abs())),
        (0x42, many(1)),
        (0x56, many(2)),
        (0x70, many(0)),
    ];
    Head { columns, ..Head::new() }.content()
}

fn nulls(count: u64) -> Vec<u8> {
    let many = || [vec![0], leb128(count)].concat();
    let columns = [0x01, 0x02, 0x15, 0x42, 0x56, 0x70].map(|spec| (spec, many())).to_vec();
    Head { columns, ..Head::new() }.content()
}

fn numbered(number: u16) -> ChangeHash {
    let mut hash = [0; 32];
    hash[..2].copy_from_slice(&number.to_be_bytes());
    ChangeHash(hash)
}

fn actor(number: u16) -> ActorId {
    let mut actor = [0; 16];
    actor[..2].copy_from_slice(&number.to_be_bytes());
    ActorId(actor)
}

/// A chunk of any type, its checksum and length as they must be.
fn chunk_of(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(leb128(content.len() as u64));
    hashed.extend_from_slice(content);
    let hash = dossier::id::sha256(&[&hashed]);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &hashed].concat()
}

/// What 256 MiB of zeroes look like once deflated: 260 kB, nearly all of it one back-reference after another.
fn compressed() -> Vec<u8> {
    let begin = [0xed, 0xc1, 0x01, 0x01, 0x00, 0x00, 0x00];
    let stream: Vec<u8> = begin.into_iter().chain(std::iter::repeat_n(0x80, 260_000)).collect();
    chunk_of(2, &stream)
}

fn document() -> Vec<u8> {
    chunk_of(0, &honest::content_of(honest::written().changes[0].bytes()))
}

fn wrong_checksum() -> Vec<u8> {
    let mut bytes = honest::written().changes[0].bytes().to_vec();
    bytes[4] ^= 1;
    bytes
}
