//! Writing a change: the same bytes that Automerge 0.12 would write of the same operations.

use super::{MAGIC, RAW_CHANGE, operation::SPECS};
use crate::{
    content::{path::Root, scalar::Scalar},
    id::{ActorId, ChangeHash, sha256},
};

/// An operation's name anywhere: its number and its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpId {
    pub counter: u32,
    pub actor: ActorId,
}

/// An operation to be written. `maker` made the map or the text.
#[derive(Debug, Clone)]
pub enum NewOp<'a> {
    /// Sets or clears a cell, superseding these.
    Write { root: Root, maker: ActorId, key: &'a str, value: Option<&'a Scalar>, preds: Vec<OpId> },
    /// Puts a character after an element, or at the head.
    Insert { maker: ActorId, after: Option<OpId>, character: char },
    /// Removes an element.
    Remove { maker: ActorId, element: OpId },
}

/// What precedes the operations.
pub struct Head<'a> {
    pub deps: &'a [ChangeHash],
    pub actor: ActorId,
    pub seq: u64,
    pub start_op: u64,
    pub time_s: i64,
}

/// The chunk of a change. `deps` are sorted.
pub fn change(head: &Head<'_>, ops: &[NewOp<'_>]) -> Vec<u8> {
    let mut others: Vec<ActorId> = ops.iter().flat_map(NewOp::actors).filter(|actor| *actor != head.actor).collect();
    others.sort_unstable();
    others.dedup();
    let columns = columns(ops, &|actor| {
        if actor == head.actor { 0 } else { 1 + others.partition_point(|other| *other < actor) as u64 }
    });
    chunk(&content(head, &others, &columns))
}

/// What the chunk of a change holds: the head, the other actors, and the columns in their order, empty ones left out.
pub fn content(head: &Head<'_>, others: &[ActorId], columns: &[impl AsRef<[u8]>; SPECS.len()]) -> Vec<u8> {
    let mut content = Vec::new();
    unsigned(head.deps.len() as u64, &mut content);
    head.deps.iter().for_each(|dep| content.extend_from_slice(dep.as_bytes()));
    put_actor(&head.actor, &mut content);
    unsigned(head.seq, &mut content);
    unsigned(head.start_op, &mut content);
    signed(head.time_s, &mut content);
    unsigned(0, &mut content);
    unsigned(others.len() as u64, &mut content);
    others.iter().for_each(|actor| put_actor(actor, &mut content));
    let described =
        || SPECS.into_iter().zip(columns.iter().map(AsRef::as_ref)).filter(|(_, column)| !column.is_empty());
    unsigned(described().count() as u64, &mut content);
    for (spec, column) in described() {
        unsigned(u64::from(spec), &mut content);
        unsigned(column.len() as u64, &mut content);
    }
    described().for_each(|(_, column)| content.extend_from_slice(column));
    content
}

/// Puts the magic, checksum, kind and length before the content of a change.
pub fn chunk(content: &[u8]) -> Vec<u8> {
    let mut head = vec![RAW_CHANGE];
    unsigned(content.len() as u64, &mut head);
    let hash = sha256(&[&head, content]);
    [&MAGIC[..], &hash[..4], &head, content].concat()
}

fn put_actor(actor: &ActorId, out: &mut Vec<u8>) {
    unsigned(actor.as_bytes().len() as u64, out);
    out.extend_from_slice(actor.as_bytes());
}

impl NewOp<'_> {
    fn maker(&self) -> ActorId {
        match self {
            Self::Write { maker, .. } | Self::Insert { maker, .. } | Self::Remove { maker, .. } => *maker,
        }
    }

    /// The counter of the operation that made the map or the text.
    fn made(&self) -> u64 {
        match self {
            Self::Write { root, .. } => *root as u64 + 1,
            Self::Insert { .. } | Self::Remove { .. } => super::TEXT_OP,
        }
    }

    fn preds(&self) -> &[OpId] {
        match self {
            Self::Write { preds, .. } => preds,
            Self::Insert { .. } => &[],
            Self::Remove { element, .. } => std::slice::from_ref(element),
        }
    }

    /// The key as an element: the head is number 0 of nobody.
    fn element(&self) -> Option<Option<OpId>> {
        match self {
            Self::Write { .. } => None,
            Self::Insert { after, .. } => Some(*after),
            Self::Remove { element, .. } => Some(Some(*element)),
        }
    }

    fn actors(&self) -> impl Iterator<Item = ActorId> {
        let element = self.element().flatten().map(|element| element.actor);
        [self.maker()].into_iter().chain(element).chain(self.preds().iter().map(|pred| pred.actor))
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Write { key, .. } => Some(key),
            Self::Insert { .. } | Self::Remove { .. } => None,
        }
    }

    fn action(&self) -> u64 {
        match self {
            Self::Write { value: Some(_), .. } | Self::Insert { .. } => super::PUT,
            Self::Write { value: None, .. } | Self::Remove { .. } => super::DELETE,
        }
    }

    /// Appends the value; answers its kind and length.
    fn put_value(&self, out: &mut Vec<u8>) -> u64 {
        let from = out.len();
        let kind = match self {
            Self::Write { value: Some(Scalar::Boolean(value)), .. } => 1 + u64::from(*value),
            Self::Write { value: Some(Scalar::Integer(value)), .. } => {
                signed(*value, out);
                4
            }
            Self::Write { value: Some(Scalar::Text(text)), .. } => {
                out.extend_from_slice(text.as_bytes());
                6
            }
            Self::Insert { character, .. } => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                6
            }
            Self::Write { value: None, .. } | Self::Remove { .. } => 0,
        };
        ((out.len() - from) as u64) << 4 | kind
    }
}

fn columns(ops: &[NewOp<'_>], place: &dyn Fn(ActorId) -> u64) -> [Vec<u8>; SPECS.len()] {
    let mut values = Vec::new();
    let metas: Vec<u64> = ops.iter().map(|op| op.put_value(&mut values)).collect();
    let number = |value: &u64, out: &mut Vec<u8>| unsigned(*value, out);
    let elements = || ops.iter().map(NewOp::element);
    let preds = || ops.iter().flat_map(NewOp::preds);
    let counter = |id: Option<OpId>| id.map_or(0, |id| i64::from(id.counter));
    [
        runs(ops.iter().map(|op| Some(place(op.maker()))), number),
        runs(ops.iter().map(|op| Some(op.made())), number),
        unless_null(
            runs(elements().map(|key| key.flatten().map(|id| place(id.actor))), number),
            elements().all(|key| key.flatten().is_none()),
        ),
        unless_null(steps(elements().map(|key| key.map(counter))), elements().all(|key| key.is_none())),
        unless_null(
            runs(ops.iter().map(NewOp::key), |key: &&str, out| {
                unsigned(key.len() as u64, out);
                out.extend_from_slice(key.as_bytes());
            }),
            ops.iter().all(|op| op.key().is_none()),
        ),
        flags(ops.iter().map(|op| matches!(op, NewOp::Insert { .. }))),
        runs(ops.iter().map(|op| Some(op.action())), number),
        runs(metas.into_iter().map(Some), number),
        values,
        runs(ops.iter().map(|op| Some(op.preds().len() as u64)), number),
        runs(preds().map(|pred| Some(place(pred.actor))), number),
        steps(preds().map(|pred| Some(i64::from(pred.counter)))),
    ]
}

/// A column of which every row may be null is left out if every row is.
fn unless_null(column: Vec<u8>, all_null: bool) -> Vec<u8> {
    if all_null { Vec::new() } else { column }
}

/// Run-length encoding: two or more of a value are a run, values that differ are written one by one after their number.
fn runs<T: PartialEq>(rows: impl Iterator<Item = Option<T>>, put: impl Fn(&T, &mut Vec<u8>)) -> Vec<u8> {
    let (mut out, mut literal) = (Vec::new(), Vec::new());
    let flush = |literal: &mut Vec<T>, out: &mut Vec<u8>| {
        if !literal.is_empty() {
            signed(-(literal.len() as i64), out);
            literal.drain(..).for_each(|value| put(&value, out));
        }
    };
    let mut rows = rows.peekable();
    while let Some(row) = rows.next() {
        let mut count = 1;
        while rows.next_if_eq(&row).is_some() {
            count += 1;
        }
        match row {
            Some(value) if count == 1 => literal.push(value),
            Some(value) => {
                flush(&mut literal, &mut out);
                signed(count, &mut out);
                put(&value, &mut out);
            }
            None => {
                flush(&mut literal, &mut out);
                signed(0, &mut out);
                unsigned(count.unsigned_abs(), &mut out);
            }
        }
    }
    flush(&mut literal, &mut out);
    out
}

fn steps(rows: impl Iterator<Item = Option<i64>>) -> Vec<u8> {
    let mut at = 0;
    let steps = rows.map(|row| {
        row.map(|value| {
            let step = value - at;
            at = value;
            step
        })
    });
    runs(steps, |step, out| signed(*step, out))
}

/// Lengths of alternating runs, the first of no.
fn flags(rows: impl Iterator<Item = bool>) -> Vec<u8> {
    let (mut out, mut value, mut count) = (Vec::new(), false, 0);
    for row in rows {
        if row != value {
            unsigned(count, &mut out);
            (value, count) = (row, 0);
        }
        count += 1;
    }
    unsigned(count, &mut out);
    out
}

/// Appends an unsigned LEB128 number.
pub fn unsigned(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Appends a signed LEB128 number.
pub fn signed(mut value: i64, out: &mut Vec<u8>) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0) {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
