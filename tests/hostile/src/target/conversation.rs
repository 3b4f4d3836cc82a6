//! Whole requests to a Centre: the gate, the judge, the commit, the admission, the feed, the end.

use dossier::{
    envelope::{Namespace, Signed},
    event::SignedEvent,
    fault::Code,
    id::DossierId,
    wire::{Batch, Frame},
};

use super::{Target, Verdict};
use crate::{
    centre::{Room, code_of, exceptions},
    honest::{self, DOSSIER, Who},
};

/// Requests after which a Centre is made anew, so that what an input costs does not depend on all before it.
const REQUESTS: u32 = 64;

/// A Centre that begins anew now and then.
struct Renewed {
    room: Room,
    requests: u32,
}

impl Renewed {
    fn new() -> Self {
        Self { room: Room::new(), requests: 0 }
    }

    fn post(&mut self, body: Vec<u8>) -> Result<Vec<Frame>, Code> {
        if self.requests >= REQUESTS {
            *self = Self::new();
        }
        self.requests += 1;
        let answer = self.room.post(body).map_err(code_of);
        assert_ne!(answer.as_ref().err(), Some(&Code::Internal), "a stranger's bytes are no fault of the server");
        if let Ok(frames) = &answer {
            assert!(matches!(frames.last(), Some(Frame::End(_))), "an answer has an end");
        }
        answer
    }

    fn verdict(&mut self, body: Vec<u8>) -> Verdict {
        match self.post(body) {
            Ok(frames) => {
                // The same batch under another id, or other bytes under this one, would be refused from now on.
                self.requests = REQUESTS;
                let refused = exceptions(&frames, &self.room.exchange.centre.public());
                if refused.is_some_and(|refused| refused.is_empty()) { Verdict::Accepted } else { Verdict::Deep }
            }
            Err(_) => Verdict::Refused,
        }
    }
}

/// A compressed request.
pub fn request() -> Target {
    let mut centre = Renewed::new();
    let honest = honest::seal(&honest::whole_batch(Who::Stranger), Who::Stranger);
    Target::bytes(vec![honest], move |input| centre.verdict(input.to_vec()))
}

/// A batch, signed by its device and compressed.
pub fn batch() -> Target {
    let mut centre = Renewed::new();
    let key = honest::key(Who::Stranger);
    let honest = vec![honest::whole_batch(Who::Stranger).sign(&key).bytes()];
    Target::bytes(honest, move |input| centre.verdict(honest::compress(&honest::signed_again(input, &key))))
}

/// A piece that says its length in two bytes, and the rest.
fn piece(input: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = input.split_first_chunk::<2>() else { return (input, &[]) };
    rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()))
}

/// Pieces with their lengths.
pub(super) fn pieces(all: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in all {
        out.extend_from_slice(&u16::try_from(piece.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(piece);
    }
    out
}

/// A change, an event and a text's field of a stranger's making, each as sound outside as it can be made.
pub(super) struct Crafted {
    pub change: Vec<u8>,
    pub event: SignedEvent,
    pub text: String,
}

impl Crafted {
    /// Reads pieces: what stands in a change, the body of an event, a field.
    pub fn read(input: &[u8]) -> Self {
        let (content, rest) = piece(input);
        let (body, rest) = piece(rest);
        let (text, _) = piece(rest);
        let signature = honest::key(Who::Stranger).sign(Namespace::Event, body);
        Self {
            change: honest::change_of(content),
            event: SignedEvent(Signed { body: body.to_vec(), signature }),
            text: String::from_utf8_lossy(text).into_owned(),
        }
    }

    /// What honest ones are made of.
    pub fn honest() -> Vec<Vec<u8>> {
        let acts = honest::acts();
        let changes = honest::written().changes.iter().cycle();
        acts.into_iter()
            .zip(changes)
            .zip(1..)
            .map(|((act, change), counter)| {
                let event = honest::event(Who::Stranger, act, counter);
                pieces(&[&honest::content_of(change.bytes()), &event.signed().0.body, b"another_text"])
            })
            .collect()
    }
}

/// Crafted items behind honest ones: whatever they are, the honest ones are held.
pub fn items() -> Target {
    let mut centre = Renewed::new();
    let mut number = 0u64;
    Target::bytes(Crafted::honest(), move |input| {
        let crafted = Crafted::read(input);
        number += 1;
        let remark = honest::event(Who::Stranger, honest::submitted(), 1);
        let mut of = honest::items(DOSSIER, &honest::TEXTS, honest::whole_changes(), &[&remark]);
        of.texts.push(crafted.text);
        of.changes.push(crafted.change.into());
        of.events.push(crafted.event);
        let crafted = [
            (of.texts.len() - 1) as u32,
            (of.texts.len() + of.changes.len() - 1) as u32,
            (of.texts.len() + of.changes.len() + of.events.len() - 1) as u32,
        ];
        let mut id = [0xd0; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        let other = DossierId(id);
        let apart = honest::items(other, &["note"], vec![], &[]);
        let batch = Batch { hello: honest::hello(Who::Stranger, number), dossiers: vec![of, apart] };
        let answer = centre.post(honest::seal(&batch, Who::Stranger)).expect("the batch itself is honest");
        let refused = exceptions(&answer, &centre.room.exchange.centre.public()).expect("there is a receipt");
        let honest_refused = refused.iter().find(|(item, _)| !crafted.contains(item));
        assert_eq!(honest_refused, None, "what is honest is held, whatever stands beside it");
        match refused.len() {
            0 => Verdict::Accepted,
            3 => Verdict::Refused,
            _ => Verdict::Deep,
        }
    })
}
